"""The labelled line of a page's header and foot: 发布时间 | 来源 | 作者 | 责任编辑, read from left to right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from feedsvc.parse.pages.names import split_names
from feedsvc.parse.pages.printed_date import PrintedDate, printed_dates

LabelKind = Literal[
    "published", "time", "updated", "attribution", "author", "editor", "desk", "other"
]

_COLON = r"\s*[:：]\s*"
# Longest first within a kind. A word that also occurs in running text needs its colon.
_LABELS: tuple[tuple[LabelKind, str], ...] = (
    (
        "published",
        rf"(?:发布|发表|发稿|刊发|刊登|上传|录入|添加|更稿)\s*(?:时间|日期)(?:{_COLON}|\s*)|(?:发布|发表|刊发)于(?:{_COLON})?|"
        rf"(?:发布|发表)\s*[:：]\s*(?=[\d０-９]{{4}})",
    ),
    (
        "updated",
        rf"(?:最后|最近)?(?:更新|修改)(?:时间|日期)(?:{_COLON}|\s*)|(?:最后|最近)更新(?:{_COLON})?|更新于(?:{_COLON})?|更新{_COLON}(?=\d)",
    ),
    ("time", rf"(?:时\s*间|日\s*期){_COLON}|\b(?:[Tt]ime|[Dd]ate)\s*:\s*"),
    (
        "attribution",
        rf"(?:文章|信息|新闻|稿件|内容|资料|图文)?(?:来\s*源于?|稿\s*源|信\s*源|出\s*处)(?:{_COLON}|\s*[|｜丨∣│┃/／]\s*)|"
        rf"(?:来自|转自|转载自|摘自|选自){_COLON}|\A来\s*源\s+|\b[Ss]ource\s*:\s*",
    ),
    (
        "editor",
        rf"\b[Ee]ditors?\s*:\s*|(?:(?:本文|本期|本版)?责任编辑|责\s*编)(?:{_COLON}|\s*[|｜丨∣│┃/／]\s*)|责任编辑\s+(?=[\u4e00-\u9fff])",
    ),
    (
        "desk",
        rf"(?:本文|本期|网络|网站|值班|文字|文稿|文案|新媒体|微信|融媒体|执行|见习|实习|初审|一审|选稿)?"
        rf"(?:编\s*辑|选稿)(?:{_COLON}|\s*[|｜丨∣│┃/／]\s*)|网\s*编{_COLON}",
    ),
    (
        "author",
        rf"(?:本文|文章|稿件)?作\s*者{_COLON}|\b[Aa]uthors?\s*:\s*|\A[文撰]\s*[/／|｜丨∣│┃]\s*|(?:撰文|撰稿人?|采写|执笔|文字){_COLON}|(?:撰文|撰稿|采写|执笔|作者|文字)\s*[/／|｜丨∣│┃]\s*|"
        rf"(?:本报|本网|本台|见习|实习|特约|首席|全媒体|融媒体)*(?:通讯员|记\s*者)(?:{_COLON}|\s*[|｜丨∣│┃]\s*)",
    ),
    (
        "other",
        r"(?:校\s*对|校\s*审|(?:图片|美术|视觉|视频|摄影|制图|设计)编辑|供\s*稿(?:单位|人)?|(?:二|三|终|复)审|审\s*核|审\s*签|签\s*发|监\s*制|主\s*编|总编辑|编\s*审|摄\s*影|策\s*划|栏\s*目|频\s*道|分\s*类|"
        r"关键[字词]|标\s*签|浏览(?:次数|量)?|阅读(?:次数|量|数)?|点击(?:次数|量|数)?|访问(?:次数|量)?|"
        r"人\s*气|评论数?|发布者|发布人|发布单位|发布机构|字\s*号|字体(?:大小)?|文\s*号|索引号|编\s*号|"
        r"浏览字号|视力保护色?|打\s*印|大\s*中\s*小|作者单位|原标题|原题)\s*[:：|｜丨]\s*?"
        r"|(?<![\w:：])(?:分享(?:到|至|给)?|手机看新闻|手机(?:查看|浏览)|字\s*号|字体|我要(?:评论|纠错|投稿|反馈)|"
        r"纠\s*错|举\s*报|打印|收藏|返回|关闭|参与互动|评论|责编邮箱|浏览|阅读|点击|T大|T小|微信|微博|"
        r"小字|大字|扫一扫|用手机|查看原图)",
    ),
)
# What the labels begin with: at any other character the long list of them need not be tried.
FIRST_OF_LABELS = (
    "一三上主举二人作供信修值全关内出分刊初制原参发图复大字审实小录微总我手打执扫摄摘撰收文新日时更最本来查标栏校"
    "浏添点特用监稿策签索纠终编网美融见视记设访评责资转返选通采阅频首ADESTadest"
)
_ANY = re.compile(
    f"(?=[{FIRST_OF_LABELS}])(?:"
    + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _LABELS)
    + ")"
)
_VALUE_END = re.compile(
    r"[|｜丨┃│【】\[\]<>]|(?<![-—·])《|\s{2,}|[（(](?=责|编|记|作)|[)）](?!\S*[(（])"
)
OUTLET_END = re.compile(
    r"(?:网|报|社|刊|台|频道|客户端|新闻|杂志|日报|晚报|在线|传媒|中心|公众号|号|局|厅|部|委|院|办公室)\Z"
)
_NOT_OUTLET = re.compile(
    r"^(?:分享|字号|字体|打印|浏览|评论|举报|纠错|收藏|关闭|返回)|[。！？；]|^\W*$|^\d+$|点击|下载|登录|注册|扫码|关注|https?:"
)
_ROLE_BRACKETS = re.compile(r"[(（](?:实习|见习|实习生|特约|值班)[^()（）]{0,4}[)）]")
# 来源：《某某报》 is the paper 某某报.
_QUOTED = re.compile(r"\A\s*《([^》]{2,20})》")
_EMPTY_BRACKETS = re.compile(r"[(（]\s*[)）]")
# What templates print where nobody filled the field in.
_NO_OUTLET = frozenset(
    {"未知", "佚名", "不详", "暂无", "无", "匿名", "null", "none", "undefined", "admin"}
)
# Without one of these a line holds no value that anybody asks for.
_MAY_LABEL = re.compile(r"[:：|｜丨∣│┃/／]|发布|发表|刊发|更新|来\s*源|编辑|\d{4}")
# A header line has a colon, a digit, or 来源 at its beginning.
_HINT = re.compile(r"[:：\d]|\A来")
LEAST_OUTLET, LONGEST_OUTLET = 4, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One labelled value of a line: its kind, the text after the label, and where the label starts."""

    kind: LabelKind
    value: str
    start: int


def read_labels(line: str) -> list[Labelled]:
    """All labels of a line with their values, each cut at the next label."""
    if not _MAY_LABEL.search(line):
        return []
    marks: list[re.Match[str]] = []
    for mark in _ANY.finditer(line):
        # 来源: 微信公众号 – the word right after a colon is the value, not the next label.
        begins_value = bool(marks) and not line[marks[-1].end() : mark.start()].strip()
        if not (begins_value and mark.lastgroup == "other" and mark[0][-1] not in ":： "):
            marks.append(mark)
    found = []
    for position, mark in enumerate(marks):
        end = marks[position + 1].start() if position + 1 < len(marks) else len(line)
        kind = mark.lastgroup
        if kind is not None:
            found.append(
                Labelled(kind=_kind(kind), value=line[mark.end() : end].strip(), start=mark.start())
            )
    return found


def _kind(name: str) -> LabelKind:
    return next(kind for kind, _ in _LABELS if kind == name)


def outlet(value: str) -> str:
    """The outlet named by the text after 来源, as printed; "" when there is none."""
    value = _QUOTED.sub(r"\1", value, count=1)
    cut = _VALUE_END.search(value)
    text = value[: cut.start()] if cut else value
    if cut and cut[0] in ")）" and not _balanced(text):
        text += cut[0]
    text = _EMPTY_BRACKETS.sub("", text)
    for printed in printed_dates(text):
        text = text[: printed.start]
        break
    words = text.strip(" :：-—·,，、;；.").split(" ")
    name = words[0]
    for word in words[1:]:
        # A second outlet beside the first, or a name set with a space in it.
        if not OUTLET_END.search(word) and not (word.isascii() and name.isascii()):
            break
        name = f"{name} {word}"
    name = name.strip(" :：-—·,，、;；.")
    name = name.removesuffix("记者") if len(name) > LEAST_OUTLET else name
    if name.lower() in _NO_OUTLET or _NOT_OUTLET.search(name):
        return ""
    if not name or len(name) > LONGEST_OUTLET:
        return ""
    return name


def _balanced(text: str) -> bool:
    return sum(map(text.count, "(（")) <= sum(map(text.count, ")）"))


def outlet_of(text: str) -> str:
    """The outlet in an element's text, with or without a label before it."""
    labelled = [label.value for label in read_labels(text) if label.kind == "attribution"]
    return outlet(labelled[0] if labelled else text)


def editors_of(text: str) -> tuple[str, ...]:
    """The editors in an element's text, with or without a label before them."""
    labels = [label for label in read_labels(text) if label.kind in {"editor", "desk"}]
    labelled = [label.value for label in sorted(labels, key=lambda label: label.kind == "desk")]
    return editors(labelled[0] if labelled else text)


def editors(value: str) -> tuple[str, ...]:
    """The names after 责任编辑, without staff codes and roles in brackets, cut at any other bracket."""
    bare = _ROLE_BRACKETS.sub("", _without_code_brackets(value)).lstrip(" [【(（<")
    return split_names(re.split(r"[()（）【】\[\]|｜]", bare, maxsplit=1)[0])


def _without_code_brackets(value: str) -> str:
    return re.sub(r"[(（\[][A-Za-z]{0,4}\d{1,8}[)）\]]", " ", value)


def is_header_line(line: str) -> bool:
    """Whether a line is a page's own remark on an article (time, source, editor), not its text."""
    if len(line) > 200 or not _HINT.search(line):
        return False
    labels = [each for each in read_labels(line) if each.kind not in {"other", "editor", "desk"}]
    dates = list(printed_dates(line))
    if labels and labels[0].start <= 2 and labels[0].kind != "author":
        return True
    kinds = {each.kind for each in labels}
    if dates and kinds & {"published", "time", "updated", "attribution"}:
        return "。" not in line
    return bool(dates) and _rest_is_short(line, dates)


def _rest_is_short(line: str, dates: list[PrintedDate]) -> bool:
    first = dates[0]
    return first.has_time and len(line) - (first.end - first.start) <= 30 and "，" not in line
