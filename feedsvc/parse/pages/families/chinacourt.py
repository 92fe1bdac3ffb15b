"""Courts' sites: a bar-separated header, .detail_txt, .compile for the editor."""

from feedsvc.parse.pages.families.family import Family

CHINACOURT = Family(
    name="chinacourt",
    marks=("detail_txt", "detail_bigtitle"),
    body=(".detail_txt", ".txt_txt"),
    title=(".detail_bigtitle", ".title", "h1", "h2"),
)
