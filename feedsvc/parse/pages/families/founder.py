"""Founder 翔宇: legal papers, party papers; the text stands between enpcontent comments."""

from feedsvc.parse.pages.families.family import Family

FOUNDER = Family(
    name="founder",
    marks=("<!--enpcontent", "enpproperty"),
    body=("#enpcontent",),
    title=("h1", ".article-title", ".f22", ".title", "#title", "h2"),
)

# The same house's electronic papers: a page has a day, its paper's, and no outlet of its own.
FOUNDER_PAPER = Family(
    name="founder-paper",
    marks=("<founder-content", "founder-title"),
    body=("founder-content",),
    title=("founder-title",),
    needs=frozenset({"date"}),
)
