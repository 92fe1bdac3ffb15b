"""TRS WCM: police sites, prosecutors, government portals, youth sites."""

from feedsvc.parse.pages.families.family import Family

TRS = Family(
    name="trs",
    marks=("TRS_Editor", "TRS_UEDITOR", "gettitle", "pub_time_report"),
    body=(".TRS_Editor", ".TRS_UEDITOR", "#fontzoom", "#zoomcon"),
    title=("gettitle", "h1", ".TRS_title", ".detail_tit", "#title", "h2"),
)  # fmt: skip
