"""The xinhua family: #p-detail until 2020, #detail since; the date may be split over spans."""

from feedsvc.parse.pages.families.family import Family

XINHUA = Family(
    name="xinhua",
    marks=('id="p-detail"', "detailContent", 'class="header-time', 'class="h-title"'),
    body=("#p-detail", "#detail", "#content"),
    title=(".h-title", ".head-line", "h1", "#title", "h2"),
)
