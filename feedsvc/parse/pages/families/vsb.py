"""博达 VSB, the system of most universities; its labels are often empty and its dates mere days."""

from feedsvc.parse.pages.families.family import Family

VSB = Family(
    name="vsb",
    marks=("vsb_content", "_newscontent_fromname", "v_news_content"),
    body=("#vsb_content", "#vsb_content_2", "#vsb_content_4", "#vsb_content_100", "#vsb_content_500", ".v_news_content"),
    title=("h1", ".arti_title", ".title", ".titlestyle", "h2", "h3"),
    needs=frozenset({"date"}),
)  # fmt: skip
