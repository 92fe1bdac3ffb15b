"""Texts of our own and what reposting does to them: six kinds, seeded, so that every run is alike."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data" / "reposts"
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
PUNCTUATION = str.maketrans("，。：；！？“”", ',.:;!?""')
FILLERS = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"


@dataclass(frozen=True, slots=True)
class Text:
    """One article: its title, the outlet, and its paragraphs."""

    title: str
    outlet: str
    paragraphs: tuple[str, ...]

    @property
    def body(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def html(self) -> str:
        return "".join(f"<p>{each}</p>" for each in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Repost:
    """What another outlet made of the text with this number."""

    of: int
    kind: str
    text: Text


def own_texts() -> list[Text]:
    """The texts in `tests/data/reposts`: invented news of invented places, each written by hand."""
    found = []
    for path in sorted(DATA.glob("*.txt")):
        for block in re.split(r"^# ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            head, *paragraphs = block.strip().split("\n")
            title, outlet = head.split(" | ")
            found.append(Text(title, outlet, tuple(paragraphs)))
    return found


def corpus_texts() -> list[Text]:
    """The bodies of the pages beside the checkout, where they are."""
    found = []
    for path in sorted(CORPUS.glob("*/expected.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        paragraphs = tuple(line for line in told["body"].split("\n") if line.strip())
        found.append(Text(told["title"], told["source"] or "", paragraphs))
    return found


def reposts(texts: Sequence[Text], *, rounds: int, seed: int = 7) -> Iterator[Repost]:
    """Repost every text in every way, `rounds` times."""
    dice = random.Random(seed)
    for _ in range(rounds):
        for number, text in enumerate(texts):
            for kind, make in KINDS.items():
                others = [each for at, each in enumerate(texts) if at != number]
                yield Repost(number, kind, make(text, dice, others))


Make = Callable[[Text, random.Random, Sequence[Text]], Text]


def byline(text: Text, dice: random.Random, _others: Sequence[Text]) -> Text:
    """Cut title, another byline, another editor."""
    name = "".join(dice.sample("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", 2))
    head = f"本报记者{name}报道　{text.paragraphs[0]}"
    editor = f"责任编辑：{name[::-1]}　校对：{name}"
    return Text(
        text.title[: max(4, len(text.title) // 2)], "转载台", (head, *text.paragraphs[1:], editor)
    )


def lead(text: Text, dice: random.Random, _others: Sequence[Text]) -> Text:
    """An editor's note above, the source and a copyright line below."""
    note = dice.choice(
        (
            "编者按：本文原载于兄弟媒体，所述之事值得一读，本刊略作编排后转发，供读者参考，文责由原作者自负。",
            "【导读】下面这篇报道来自一线，我们征得同意后刊出，也欢迎读者来信谈谈身边类似的见闻。",
        )
    )
    tail = f"（来源：{text.outlet}）版权归原作者所有，如涉及侵权请联系我们删除，联系电话见页尾。"
    return Text(f"转载：{text.title}", "转载台", (note, *text.paragraphs, tail))


def truncated(part: float) -> Make:
    """Only the first part, broken off where it happens to end."""

    def make(text: Text, _dice: random.Random, _others: Sequence[Text]) -> Text:
        cut = text.body[: int(len(text.body) * part)]
        return Text(text.title, "转载台", tuple(line for line in cut.split("\n") if line))

    return make


def edit5(text: Text, dice: random.Random, _others: Sequence[Text]) -> Text:
    """Other punctuation, one character in fifty replaced, one sentence dropped."""
    sentences = re.findall(r"[^。！？\n]+[。！？\n]?", text.body)
    if len(sentences) > 2:
        del sentences[dice.randrange(len(sentences))]
    chars = list("".join(sentences))
    for at in dice.sample(range(len(chars)), len(chars) // 50):
        chars[at] = dice.choice(FILLERS)
    return Text(text.title, "转载台", ("".join(chars).translate(PUNCTUATION),))


def boiler(text: Text, dice: random.Random, others: Sequence[Text]) -> Text:
    """The portal's navigation and recommended headlines left in the text."""
    menu = "首页 时政 国际 社会 法治 财经 体育 文化 图片 视频 专题 评论 登录 注册 设为首页 加入收藏 客户端下载"
    headlines = [each.title for each in dice.sample(list(others), min(12, len(others)))]
    foot = "关于我们 广告服务 联系方式 网站地图 互联网新闻信息服务许可证 举报电话 未经授权禁止转载"
    return Text(text.title, "转载台", (menu, *text.paragraphs, "相关推荐", *headlines, foot))


KINDS: dict[str, Make] = {
    "byline": byline,
    "lead": lead,
    "trunc60": truncated(0.6),
    "trunc30": truncated(1 / 3),
    "edit5": edit5,
    "boiler": boiler,
}
