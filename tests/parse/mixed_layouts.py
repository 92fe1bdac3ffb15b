"""List pages made at random of what real ones are made of: rows, dates, addresses, sidebars, class names."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from urllib.parse import urljoin

BASE = "http://www.partner.example/gn/index.html"
_PLACES = ("云岭", "江湾", "望川", "松塬", "临泽", "青禾", "白石", "澜溪", "梅岭", "桐溪")
_NEWS = (
    "{}镇派出所推出夜间办证窗口",
    "{}县法院巡回审判走进田间地头",
    "{}市公安局举办开放日活动 三百余名学生走近警营",
    "{}区检察院对一起污染河道案提起公益诉讼",
    "暴雨夜{}民警涉水转移十七户群众",
    "{}司法所：一杯茶里说开十年邻里结",
    "{}法院发布涉农民工工资典型案例",
    "{}街道把调解室搬进菜市场",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One article of a made page."""

    number: int
    title: str
    day: date


Print = Callable[[Told], str]

ADDRESSES: tuple[Print, ...] = (
    lambda a: f"./{a.day:%Y%m}/t{a.day:%Y%m%d}_{a.number}.html",
    lambda a: f"http://www.partner.example/gn/{a.day:%Y/%m-%d}/{a.number}.shtml",
    lambda a: f"info/1043/{a.number}.htm",
    lambda a: f"NewsView.asp?id={a.number % 9000}",
    lambda a: f"/art/{a.day.year}/{a.day.month}/{a.day.day}/art_12_{a.number}.html",
    lambda a: f"/detail/{a.number:032x}",
    lambda a: f"/index.php?m=content&amp;a=show&amp;id={a.number}",
)
DATES: tuple[Print, ...] = (
    lambda a: f"{a.day}",
    lambda a: f"({a.day})",
    lambda a: f"[{a.day:%m-%d}]",
    lambda a: f"{a.day.year}年{a.day.month}月{a.day.day}日",
    lambda a: f"{a.day:%Y/%m/%d}",
    lambda a: f"{a.day:%Y.%m.%d}",
)


@dataclass(frozen=True, slots=True)
class Mixed:
    """A made page and the rows that its list has: (link, title, day)."""

    markup: str
    rows: tuple[tuple[str, str, str], ...]


def mixed(seed: int) -> Mixed:
    """One page; the same number gives the same page."""
    dice = random.Random(seed)
    told = _told(dice, dice.choice([8, 12, 15, 20, 30]))
    address, day = dice.choice(ADDRESSES), dice.choice(DATES)
    made = dice.choice([_items, _table, _cards, _links, _definitions, _paragraphs])
    rows = made(told, address, day, dice)
    markup = _page(rows, _side(dice, address), dice)
    if dice.random() < 0.3:
        markup = _with_built_names(markup)
    return Mixed(
        markup=markup,
        rows=tuple(
            (urljoin(BASE, address(each).replace("&amp;", "&")), each.title, str(each.day))
            for each in told
        ),
    )


def _told(dice: random.Random, count: int) -> list[Told]:
    day, number = date(2026, 11, 1), dice.randrange(400_000, 900_000)
    found: list[Told] = []
    for place in range(count):
        title = dice.choice(_NEWS).format(dice.choice(_PLACES))
        found.append(Told(number - 17 * place, f"{title}（{place + 1}）", day))
        day -= timedelta(days=dice.choice([0, 0, 1, 2]))
    return found


def _items(told: Sequence[Told], address: Print, day: Print, dice: random.Random) -> str:
    first, tag = dice.random() < 0.4, dice.choice(["span", "em", "i", "font"])
    name = dice.choice([' class="list"', ' class="newsList"', ' id="list"', ' class="ul_01"', ""])
    rows = []
    for place, each in enumerate(told):
        link = f"<a href='{address(each)}'>{escape(each.title)}</a>"
        printed = f"<{tag}>{day(each)}</{tag}>"
        rows.append(f"<li>{printed + link if first else link + printed}</li>")
        if place % 5 == 4 and first:
            rows.append("<li class='line'></li>")
    return f"<ul{name}>{''.join(rows)}</ul>"


def _table(told: Sequence[Told], address: Print, day: Print, dice: random.Random) -> str:
    name = dice.choice([' class="tb"', ' width="100%"', ' id="DataList1"'])
    rows = "".join(
        f"<tr><td>·<a href='{address(each)}'>{escape(each.title)}</a></td><td>{day(each)}</td></tr>"
        for each in told
    )
    return f"<table{name}>{rows}</table>"


def _cards(told: Sequence[Told], address: Print, day: Print, dice: random.Random) -> str:
    name, heading = dice.choice(["item", "news-item", "row"]), dice.choice(["h3", "h4", "strong"])
    rows = "".join(
        f"<div class='{name}'><a href='{address(each)}'><img src='/p/{each.number}.jpg'></a>"
        f"<div class='text'><{heading}><a href='{address(each)}'>{escape(each.title)}</a></{heading}>"
        f"<p>有关部门表示，将持续推进这项工作，让群众真正受益。</p>"
        f"<div class='told'><span>云岭发布</span><span class='when'>{day(each)}</span></div></div></div>"
        for each in told
    )
    return f"<div class='news_list'>{rows}</div>"


def _links(told: Sequence[Told], address: Print, day: Print, dice: random.Random) -> str:
    tag = dice.choice(["div", "p"])
    return "<div class='feed'>" + "".join(
        f"<a class='card' href='{address(each)}'><{tag} class='t'>{escape(each.title)}</{tag}>"
        f"<{tag} class='d'>{day(each)}</{tag}></a>"
        for each in told
    ) + "</div>"  # fmt: skip


def _definitions(told: Sequence[Told], address: Print, day: Print, dice: random.Random) -> str:
    name = dice.choice(["dllist", "main-list"])
    rows = "".join(
        f"<dl><dt><a href='{address(each)}'>{escape(each.title)}</a></dt><dd>{day(each)}</dd></dl>"
        for each in told
    )
    return f"<div class='{name}'>{rows}</div>"


def _paragraphs(told: Sequence[Told], address: Print, day: Print, dice: random.Random) -> str:
    mark = dice.choice(["·", "■ ", ""])
    rows = "".join(
        f"<p>{mark}<a href='{address(each)}'>{escape(each.title)}</a> <span>{day(each)}</span></p>"
        for each in told
    )
    return f"<div class='txt'>{rows}</div>"


def _side(dice: random.Random, address: Print) -> str:
    told = _told(dice, dice.choice([5, 8, 10]))
    rows = "".join(f"<li><a href='{address(each)}'>{escape(each.title)}</a></li>" for each in told)
    return dice.choice(
        [
            f"<div class='hot'><h3>热点新闻</h3><ul>{rows}</ul></div>",
            f"<div class='side-box'><div class='hd'>推荐阅读</div><ul class='list2'>{rows}</ul></div>",
            f"<div class='rightBox'><h4>点击排行</h4><ol>{rows}</ol></div>",
            f"<dl class='tj'><dt>相关专题</dt><dd><ul>{rows}</ul></dd></dl>",
            "",
        ]
    )


def _page(rows: str, side: str, dice: random.Random) -> str:
    sections = "".join(
        f"<a href='/{place}/index.html'>{name}</a>"
        for place, name in enumerate(["首页", "要闻动态", "公安工作", "法院在线", "检察之窗"])
    )
    crumb = dice.choice(
        ["<div class='position'>当前位置：首页 &gt; 国内</div>", "<h2>公安要闻</h2>", ""]
    )
    left = f"<div class='{dice.choice(['left', 'main', 'w700', 'content'])}'>{crumb}{rows}</div>"
    right = f"<div class='{dice.choice(['right', 'aside', 'w300', 'sidebar'])}'>{side}</div>"
    body = left + right if dice.random() < 0.7 else right + left
    foot = "<div class='footer'><a href='/about.html'>关于我们</a> 版权所有 云岭法治网</div>"
    return f"<html><body><div class='nav'>{sections}</div>{body}{foot}</body></html>"


def _with_built_names(markup: str) -> str:
    """The page as a build tool makes it: class names that say nothing and change with every build."""
    return re.sub(
        r" class=(['\"])(.*?)\1",
        lambda found: f" class='_{hashlib.blake2b(found[2].encode(), digest_size=4).hexdigest()}'",
        markup,
    )
