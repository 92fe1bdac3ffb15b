"""Articles of WeChat public accounts: the account is the outlet, the time stands in a script."""

from feedsvc.parse.pages.families.family import Family

WEIXIN = Family(
    name="weixin",
    marks=('id="js_content"',),
    body=("#js_content",),
    title=("#activity-name", ".rich_media_title"),
    attribution=("#js_name",),
    authors=("#js_author_name", ".rich_media_meta_text"),
    needs=frozenset({"date"}),
)
