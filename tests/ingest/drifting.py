"""A partner that redesigns its site: articles that stay, in the layout before and after."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.partner import Partner

DRIFT = Path(__file__).resolve().parents[1] / "data" / "drift"
SHANGHAI = ZoneInfo("Asia/Shanghai")
OUTLET = "云岭晚报"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
PLACES = ("云岭镇", "河口镇", "松塬街道", "望川县", "江湾新区", "北坡乡", "竹溪镇", "南浦街道")
EVENTS = (
    "开通夜间便民窗口", "渡口恢复通航", "启动冬季防火巡查", "试行电动车集中充电", "社区食堂正式开张",
    "老旧小区加装电梯", "山路塌方抢通", "校园周边增设护学岗", "老街修缮工程完工", "图书馆延长开放时间",
    "反诈宣传走进集市", "果农领到第一笔保险", "夜间公交加密班次",
)  # fmt: skip
SENTENCES = (
    "工作人员表示，这项安排是在走访了三百多户居民之后定下来的，试行期间将继续听取意见。",
    "记者在现场看到，前来办事的群众秩序井然，平均等候时间比上个月缩短了一半。",
    "当地居民说，以前要绕行很远，现在出门几分钟就能办好，心里踏实多了。",
    "据介绍，相关费用由街道统筹，不向居民另行收取，每个季度公示一次明细。",
    "下一步，有关部门将根据运行情况调整时段和人手，并在年底前完成第一次评估。",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One article of a partner's `site`; a higher number is newer."""

    number: int
    site: int

    @property
    def title(self) -> str:
        return f"{PLACES[self.number % len(PLACES)]}{EVENTS[self.number % len(EVENTS)]}"

    @property
    def text(self) -> str:
        first = f"{self.title}，本报第{self.site}期消息，{self.number + 3}日上午由当地发布，{self.number * 17 + 41}人参与其中。"
        start = self.number % len(SENTENCES)
        return first + "".join(SENTENCES[start:] + SENTENCES[:start])

    @property
    def at(self) -> datetime:
        return datetime(2026, 10, 1, 8, 30, tzinfo=SHANGHAI) + timedelta(hours=7 * self.number)


def case(name: str) -> dict[str, Any]:
    return tomllib.loads((DRIFT / f"{name}.toml").read_text(encoding="utf-8"))


def show(
    partner: Partner,
    base: str,
    layout: Mapping[str, str],
    articles: Iterable[Told],
    head: int = 0,
) -> None:
    """Show the articles under `base` in a layout, the newest first, the first `head` rows apart."""
    newest = sorted(articles, key=lambda each: -each.number)
    apart = head if "head_row" in layout else 0
    rows = [fill(layout["row"], each) for each in newest[apart:]]
    top = [fill(layout["head_row"], each) for each in newest[:apart]]
    page = layout["list"].replace("{rows}", "\n".join(rows)).replace("{head}", "\n".join(top))
    partner.publish(f"{base}/index.html", page, *HTML)
    for each in newest:
        partner.publish(f"{base}/n/{each.number}.html", fill(layout["page"], each), *HTML)


def fill(template: str, told: Told) -> str:
    half = len(told.text) // 2
    values = {
        "title": told.title,
        "link": f"n/{told.number}.html",
        "date": f"{told.at:%Y-%m-%d}",
        "time": f"{told.at:%H:%M}",
        "outlet": OUTLET,
        "summary": told.text[:90],
        "body": f"<p>{told.text[:half]}</p><p>{told.text[half:]}</p>",
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template
