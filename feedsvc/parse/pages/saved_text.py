"""A page saved as plain text: no markup, only printed lines.

Its form: masthead and notices, the headline, the header line (time | source), the text, the editor
line, and then whatever else the page shows.
"""

from __future__ import annotations

from feedsvc.parse.pages.body import Body, is_tail_line, trim
from feedsvc.parse.pages.labels import is_header_line
from feedsvc.parse.pages.lines import Line

# Header lines stand within so many lines from the top.
HEADER_ZONE = 60


def find_text_body(lines: list[Line]) -> Body:
    """The article's lines: from below the header line to above the editor line or the first list."""
    header = _header(lines)
    if header is None:
        # Nothing but a headline and a text: the first line is the headline.
        start = 1 if len(lines) > 1 else 0
        return trim(lines, Body(start=start, stop=_stop(lines, start), how="text", sure=0.5))
    start = header + 1
    return trim(lines, Body(start=start, stop=_stop(lines, start), how="text", sure=0.9))


def _header(lines: list[Line]) -> int | None:
    """The last of the first run of header lines."""
    found = None
    for index, line in enumerate(lines[:HEADER_ZONE]):
        if is_header_line(line.text):
            found = index
        elif found is not None:
            break
    return found


def _stop(lines: list[Line], start: int) -> int:
    return next(
        (at for at in range(start + 1, len(lines)) if is_tail_line(lines[at].text)), len(lines)
    )
