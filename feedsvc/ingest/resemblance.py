"""Whether a changed text is still our article, and whether its change is worth a revision now. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from feedsvc.domain.article import Article, Content
from feedsvc.text.html import plain_text

SHINGLE = 8
# A corrected article shares most of these with its earlier self, a strange text next to none.
LEAST_SHARED = 0.3
# A text that lost more than this lost its article, whatever title still stands above it.
LEAST_LEFT = 0.3
# Revisions that a partner may bring as fast as we poll; no newsroom corrects one article more often,
# but pages that print a counter or the time change at every request.
QUICK_REVISIONS = 24
WORDS_EVERY = timedelta(hours=1)
FIGURES_EVERY = timedelta(days=1)

_FIGURES = re.compile(r"[\d\s零一二三四五六七八九十百千万亿两〇:：.,，/-]+")
_WORDLESS = re.compile(r"[\W_]+")


def resembles(new: Content, old: Content) -> bool:
    """Whether a page that we look at again still holds the article that we have.

    It does when the texts share enough 8-character runs, or when the title stayed and the text
    did not shrink to a fraction. Otherwise the address was given to something else: a notice, a
    list, another article.
    """
    new_text, old_text = _bare(new.body_html), _bare(old.body_html)
    if _shared(new_text, old_text) >= LEAST_SHARED:
        return True
    same_title = _folded(new.title) == _folded(old.title)
    return same_title and len(new_text) >= LEAST_LEFT * len(old_text)


def is_restless(content: Content, article: Article, now: datetime) -> bool:
    """Whether the article changed so often that this change waits for a later poll.

    After `QUICK_REVISIONS` new words are taken once an hour, and a change of nothing but figures
    or markup (counters, clocks) once a day. A change that waits is not lost: it is seen again.
    """
    if article.revision <= QUICK_REVISIONS:
        return False
    told = _told(content) != _told(article.content)
    return now - article.updated_at < (WORDS_EVERY if told else FIGURES_EVERY)


def _told(content: Content) -> tuple[str, ...]:
    """What a reader is told, without figures."""
    told = (content.title, content.original_title, content.attribution, content.credit_line)
    people = (*content.authors, "", *content.editors)
    return (*(_FIGURES.sub("", each) for each in (*told, plain_text(content.body_html))), *people)


def _shared(new: str, old: str) -> float:
    """The share of the shorter text's runs that the longer one has too."""
    ours, theirs = _runs(old), _runs(new)
    fewest = min(len(ours), len(theirs))
    return len(ours & theirs) / fewest if fewest else 0.0


def _runs(text: str) -> set[str]:
    return {text[start : start + SHINGLE] for start in range(len(text) - SHINGLE + 1)}


def _bare(html: str) -> str:
    return _WORDLESS.sub("", plain_text(html))


def _folded(title: str) -> str:
    return _WORDLESS.sub("", title).casefold()
