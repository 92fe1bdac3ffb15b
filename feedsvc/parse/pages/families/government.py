"""Government portals: the national meta tags say title, time and outlet, minute included."""

from feedsvc.parse.pages.families.family import Family

GOVERNMENT = Family(
    name="government",
    marks=("ArticleTitle", "articletitle", "ARTICLETITLE", "UCAP-CONTENT"),
    body=(
        "#UCAP-CONTENT", "#ztdx", ".TRS_UEDITOR", ".TRS_Editor", "#zoom", ".pages_content",
        ".article-content", ".view", "#content",
    ),
    title=("h1", ".xl-title", ".pages-title", ".article-title", "h2"),
)  # fmt: skip
