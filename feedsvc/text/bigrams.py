"""Words for the search index: pairs of Han characters, and words and numbers of other scripts.

Databases' own tokenisers find no two-character Chinese word (measured: 0 of 10). Every run of Han
characters gives its overlapping pairs and its last character, so that a search for one character,
as the beginning of a pair, finds all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from feedsvc.text.traditional import SIMPLIFIED

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{_HAN}]+)|([^\\W_{_HAN}]+)")
_QUOTED = re.compile(r"[\"“”「『]([^\"“”」』]*)[\"“”」』]|(\S+)")
# Both databases refuse a word of more than 2 kB; nobody looks for one of more than this.
LONGEST_WORD = 64
MOST_TERMS = 16


@dataclass(frozen=True, slots=True)
class Term:
    """One thing searched for, folded.

    `words` must all be in the index, and `beginnings` each begin a word there. `exact` says that
    nothing more is to be checked; otherwise the text must hold `text`.
    """

    text: str
    words: tuple[str, ...]
    beginnings: tuple[str, ...] = ()
    exact: bool = True


class _Folding(dict[int, str]):
    """One character for one character, so that places in the folded text are places in the text."""

    def __missing__(self, code: int) -> str:
        char = unicodedata.normalize("NFKC", chr(code)).casefold()
        char = char if len(char) == 1 else chr(code)
        self[code] = SIMPLIFIED.get(ord(char), char)
        return self[code]


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Bring text into the form that is compared: one width, one case, simplified; of equal length."""
    return text.translate(_FOLDING)


def words_of(*texts: str) -> set[str]:
    """Return the words that an index holds of these plain texts."""
    found: set[str] = set()
    for text in texts:
        for han, word in _RUN.findall(fold(text)):
            if word:
                found.add(word[:LONGEST_WORD])
            else:
                found.update(map("".join, pairwise(han)))
                found.add(han[-1])
    return found


def terms_of(query: str) -> list[Term]:
    """Read what people type: parts between blanks must all be found, what is quoted as it stands."""
    terms = []
    for quoted, part in _QUOTED.findall(query):
        term = _term(fold(quoted or part))
        if term is not None and term not in terms:
            terms.append(term)
    return terms[:MOST_TERMS]


def spans(text: str, terms: Iterable[Term]) -> list[tuple[int, int]]:
    """Find where the terms stand in a text: (start, end) in order, those that overlap as one."""
    folded = fold(text)
    found = sorted(
        (match.start(), match.end())
        for term in terms
        for match in re.finditer(re.escape(term.text), folded)
    )
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def holds(texts: Sequence[str], terms: Iterable[Term]) -> bool:
    """Whether one of the plain texts holds each term as it stands."""
    folded = [fold(text) for text in texts]
    return all(any(term.text in text for text in folded) for term in terms if not term.exact)


def _term(text: str) -> Term | None:
    runs = _RUN.findall(text)
    words: list[str] = []
    beginnings: list[str] = []
    for han, word in runs:
        if word:
            words.append(word[:LONGEST_WORD])
        elif len(han) == 1:
            beginnings.append(han)
        else:
            words.extend(map("".join, pairwise(han)))
    if not runs:
        return None
    whole = text[text.index(runs[0][0] or runs[0][1]) :].rstrip()
    exact = len(words) + len(beginnings) == 1
    return Term(whole, tuple(words), tuple(beginnings), exact)
