"""Real services on a real partner, for tests of what polls keep and what is made of it later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedsvc.curate.registry import add_category, add_source
from feedsvc.domain.article import Article
from feedsvc.domain.feed import Category
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.source import Source
from feedsvc.services import Services, build_services
from feedsvc.settings import load_settings
from feedsvc.store import articles, feeds, responses, sources
from tests.databases import migrated_sqlite
from tests.partner import Partner, partner_site
from tests.running import service_in

HTML = ("Content-Type", "text/html; charset=gb2312")
RULES = {"list": {"items": "ul.news > li", "link": "a", "title": "a"}}
SENTENCES = "".join(
    f"<p>云岭镇派出所把夜间窗口延长到晚上九点，群众下班后也能办证，这是第{n}段。</p>"
    for n in range(4)
)


@dataclass
class Stage:
    partner: Partner
    services: Services

    def add(self, slug: str, path: str, **values: Any) -> None:
        source = Source(slug=slug, url=self.partner.url + path, category="gongan", **values)
        add_source(self.services.db, source, self.services.clock())

    def kept(self, slug: str) -> list[KeptResponse]:
        with self.services.db.read() as session:
            return responses.of_source(session, sources.get(session, slug).id)

    def source(self, slug: str) -> Source:
        with self.services.db.read() as session:
            return sources.get(session, slug)

    def articles(self) -> list[Article]:
        with self.services.db.read() as session:
            return articles.find(session, limit=10_000)

    def files(self) -> list[Path]:
        return sorted(self.services.settings.home.glob("raw/*/*"))


@contextmanager
def staged(home: Path, **settings: str) -> Iterator[Stage]:
    service = service_in(home, **settings)
    with partner_site() as partner:
        home.mkdir(parents=True, exist_ok=True)
        (home / "feedsvc.db").write_bytes(migrated_sqlite())
        services = build_services(load_settings(service.environment))
        with services.db.write() as session:
            feeds.ensure_builtin(session, services.clock())
        add_category(services.db, Category(slug="gongan", title="公安要闻"), services.clock())
        try:
            yield Stage(partner, services)
        finally:
            services.close()


def publish_list(partner: Partner, *numbers: int, path: str = "/list.html") -> bytes:
    """A list page and the article pages behind it, in GBK."""
    rows = "".join(f'<li><a href="/n/{n}.html">云岭夜间窗口第{n}天开放</a></li>' for n in numbers)
    listed = f"<html><body><ul class='news'>{rows}</ul></body></html>".encode("gbk")
    partner.publish(path, listed, HTML)
    for number in numbers:
        partner.publish(f"/n/{number}.html", page_of(number).encode("gbk"), HTML)
    return listed


def page_of(number: int) -> str:
    """An article page: headline, source line, text, a box that is not part of it, editor."""
    return (
        f"<html><body><h1>云岭夜间窗口第{number}天开放</h1><h2>云岭警务网：窗口亮到九点（{number}）</h2>"
        "<div class='info'>2026-08-08 09:30　来源：云岭警务网</div>"
        f"<div class='content'>{SENTENCES}<p>编号{number}。</p><p class='tip'>下载客户端看更多</p></div>"
        "<div class='who'>责任编辑：文静</div></body></html>"
    )
