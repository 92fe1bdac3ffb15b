"""Every saved page in eight disguises: UTF-8 or GB18030, labelled right, wrong or not at all, or with a stray byte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from feedsvc.text.charset import decode

PAGES = sorted((Path(__file__).parents[1] / "data" / "pages").glob("*.html"))
LABEL = re.compile(r"<meta[^>]*charset[^>]*>", re.IGNORECASE)
# Characters outside GB2312 (镕 喆), outside GBK (𠀀 㐀) and none of them Han (•), as real pages have them.
RARE = "朱镕、陶喆和𠀀㐀二人•"
WRONG = {"utf-8": ("gb2312", "gbk"), "gb18030": ("utf-8", "gb2312")}
STRAY = b"\xff"


def plain(path: Path) -> str:
    """A page's text without what it says of its charset, with the rare characters in it."""
    text = LABEL.sub("", decode(path.read_bytes()).text)
    return text.replace("</body>", f"<p>{RARE}</p></body>") if "</body>" in text else text + RARE


def labelled(text: str, label: str | None) -> str:
    return f'<meta charset="{label}">{text}' if label else text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_page_is_read_in_each_disguise(path: Path) -> None:
    text = plain(path)
    for codec, (wrong, other) in WRONG.items():
        right = "gbk" if codec == "gb18030" else codec
        for label in (right, wrong, other, None):
            told = labelled(text, label)
            assert decode(told.encode(codec)).text == told, (codec, label)
        for label in (right, None):
            told = labelled(text, label)
            half = len(told) // 2
            broken = told[:half].encode(codec) + STRAY + told[half:].encode(codec)
            assert decode(broken).text == f"{told[:half]}\ufffd{told[half:]}", (codec, label)


def test_there_are_as_many_pages_as_were_measured() -> None:
    assert len(PAGES) >= 49
