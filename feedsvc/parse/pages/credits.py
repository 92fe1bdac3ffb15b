"""Wire lines and bylines inside an article's text: `（某报北京8月8日电）（记者 甲 乙）` and their kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from feedsvc.domain.item import Dateline
from feedsvc.parse.pages.names import is_person, split_names

_HAN = r"\u3400-\u9fff"
_AGENCY = rf"[{_HAN}A-Za-z·\-—]{{1,14}}?(?:通讯社|日报社|社|网|报(?!社)|台|客户端|频道|新闻(?!网))"
_DATELINE = re.compile(
    rf"^(?P<agency>{_AGENCY}|本报|本网)?\s*(?P<place>[{_HAN}]{{2,10}}?)?\s*[/／]?\s*"
    r"(?P<date>(?:\d{4}年)?\d{1,2}月\d{1,2}日)\s*(?:专|快|综合外|综合)?(?:电|讯|消息)"
)
_FLASH = re.compile(rf"^{_AGENCY}(?:快)?(?:讯|消息|电)?\s*(?=[（(])")
_WHO = re.compile(r"\s*[（(](?P<who>(?:[^（()）]|[（(][^（()）]{1,20}[)）]){2,80})[)）]")
# A role in brackets of its own: 甲 （实习生） 乙.
_INNER = re.compile(r"[（(][^（()）]{1,20}[)）]")
_ROLE_FIRST = re.compile(
    rf"^(?:[{_HAN}]{{2,8}}|本报|本网)?(?:记\s*者|通讯员|实习生)|^(?:文|图|文图|图文|撰文|撰稿|采写)\s*[/／:：]"
)
# Bounds the search, which is quadratic in a line of nothing but brackets.
LONGEST_CREDIT = 300
_TRAILING = re.compile(r"(?:\s*[（(][^（()）]{2,60}[)）])*\s*[（(][^（()）]{2,60}[)）]?\s*\Z")
_GROUP = re.compile(r"[（(]([^（()）]*)[)）]?")
_BYLINE = re.compile(
    rf"^[□■◎○●◆▲△☆★\s]*[《“]?(?:[{_HAN}]{{2,10}}?)?[》”]?(?:记者|通讯员|作者)(?!站|会)\s*[:：]?\s*"
    rf"(?P<who>[{_HAN}·\s、，,]{{2,40}}?)"
    r"(?:\s*(?:文/图|文图|图/文|图文|摄影报道|采写|报道|综合报道|/?文))?\Z"
)
# 审核/甲 编辑/乙 behind the writers: those answer for the page and did not write it.
_NOT_WRITERS = re.compile(
    rf"(?<![{_HAN}])(?:责任编辑|总编辑|责编|编辑|编审|审核|审校|校对|初审|复审|终审|[一二三]审|监制|签发|美编|排版|剪辑|制图)"
    rf"(?:\s*[/／:：|｜]|\s).*?(?=(?<![{_HAN}])(?:文|图|文图|图文|撰文|撰稿|采写|摄影|[{_HAN}]{{0,6}}(?:记者|通讯员))\s*[/／:：|｜]|\Z)"
)
_NEXT_ROLE = re.compile(rf"\s(?:[{_HAN}]{{2,8}})?(?:记者|通讯员|实习生|实习记者)(?=[\s:：{_HAN}])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a wire line or byline says; `text` is as printed, `authors` the correspondents."""

    text: str = ""
    authors: tuple[str, ...] = ()
    dateline: Dateline | None = None


def closing_credit(line: str) -> Credit | None:
    """The credit at the end of an article's last line, or None.

    It is the run of brackets at its end from the first that is a wire line, names a role (记者) or
    lists two or more people; the last bracket may be unclosed. `line` without `credit.text` is the
    article's own text.
    """
    trailing = _TRAILING.search(line, max(0, len(line) - LONGEST_CREDIT))
    if trailing is None:
        return None
    groups = list(_GROUP.finditer(line, trailing.start()))
    for position, group in enumerate(groups):
        if not _is_credit(group[1].strip()):
            continue
        said = [each[1].strip() for each in groups[position:]]
        datelines = [found for each in said if (found := _dateline(each))]
        return Credit(
            text=line[group.start() :].strip(),
            authors=tuple(dict.fromkeys(name for each in said for name in _correspondents(each))),
            dateline=datelines[0] if datelines else None,
        )
    return None


def opening_credit(line: str) -> Credit | None:
    """The wire line that an article's first line begins with (新华社北京8月8日电（记者甲、乙）), or None."""
    found = _DATELINE.match(line)
    flash = None if found else _FLASH.match(line)
    start = found or flash
    if start is None:
        return None
    who = _WHO.match(line, start.end())
    authors: tuple[str, ...] = ()
    end = start.end()
    if who is not None and _ROLE_FIRST.match(who["who"].strip()):
        authors, end = _people(who["who"]), who.end()
    if not found and not authors:
        return None
    return Credit(text=line[:end], authors=authors, dateline=_dateline(line))


def byline(line: str) -> tuple[str, ...]:
    """The names of a line that is nothing but a byline (某某新闻记者 甲 乙), else nothing."""
    if "者" not in line and "通讯员" not in line:
        return ()
    found = _BYLINE.match(line)
    names = split_names(_NEXT_ROLE.sub(" ", f" {found['who']}")) if found else ()
    return names if all(is_person(name) for name in names) else ()


def _is_credit(said: str) -> bool:
    if said.endswith(("摄", "供图", "制图", "截图", "资料图")):
        # A photographer's credit belongs to the caption it ends.
        return False
    if _DATELINE.match(said) or _ROLE_FIRST.match(said):
        return True
    names = _names_only(said)
    return len(names) > 1


def _correspondents(said: str) -> tuple[str, ...]:
    wire = _DATELINE.match(said)
    if wire is not None:
        said = said[wire.end() :].strip(" ，,")
        return split_names(said) if _ROLE_FIRST.match(said) else ()
    return _people(said) if _ROLE_FIRST.match(said) else _names_only(said)


def _people(said: str) -> tuple[str, ...]:
    """The people in a bracket, their roles set aside."""
    writers = _NOT_WRITERS.sub(" ", _INNER.sub(" ", said))
    return split_names(_NEXT_ROLE.sub(" ", f" {writers}"))


def _names_only(said: str) -> tuple[str, ...]:
    names = split_names(said)
    whole = len("".join(names)) == len(re.sub(r"[\s、，,]", "", said))
    return names if names and whole and all(is_person(name) for name in names) else ()


def _dateline(said: str) -> Dateline | None:
    found = _DATELINE.match(said)
    if found is None:
        return None
    return Dateline(place=found["place"] or "", date=found["date"], agency=found["agency"] or "")
