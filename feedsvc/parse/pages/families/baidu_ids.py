"""Pages with the Baidu news ids: time, outlet, author and editor in a block for its robots."""

from feedsvc.parse.pages.families.family import Family

BAIDU_IDS = Family(
    name="baidu-ids",
    marks=("pubtime_baidu",),
    body=(".left_zw", ".u-mainText", "#articleText", "#contentMain", ".article-content", "#content", ".content"),
)  # fmt: skip
