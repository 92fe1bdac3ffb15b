"""A partner without a feed for tests: a list page, and the article page behind each of its rows."""

from __future__ import annotations

from tests.partner import Partner

HTML = ("Content-Type", "text/html; charset=utf-8")
PROSE = "云岭镇派出所把夜间窗口延长到晚上九点，群众下班后也能办证。" * 6


def publish_list(
    partner: Partner, count: int, head: str = "", path: str = "/ga/index.html"
) -> None:
    """A list page of `count` rows and the article page behind each."""
    rows = ""
    for number in range(count):
        article = f"/ga/202608/t20260808_{4100 + number}.html"
        title = f"云岭镇第{number}次夜间窗口开放"
        rows += f"<li><a href='{article}'>{title}</a><span>2026-08-08</span></li>"
        partner.publish(
            article,
            f"<html><h1>{title}</h1><div>发布时间：2026-08-08 1{number % 10}:05　来源：云岭警务网</div>"
            f"<div class='text'><p>{PROSE}（{number}）</p></div></html>",
            HTML,
        )
    page = f"<html><head>{head}</head><body><ul class='news'>{rows}</ul></body></html>"
    partner.publish(path, page, HTML)
