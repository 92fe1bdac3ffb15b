"""Gatekeepers before a list and its articles: blocked is said, and nobody knocks again and again."""

from collections.abc import Iterator

import pytest

from feedsvc.errors import Blocked
from tests.partner import Partner, partner_site
from tests.sources.reaching import LoopbackReach, article, collect_list, html, loopback_reach

RULES = {"list": {"items": "li"}}
CHALLENGE = "<html><script>document.cookie='k='+f(7);location.reload();</script></html>"


def listing(count: int) -> str:
    rows = "".join(f"<li><a href='/n/{n}.html'>第{n}条消息</a></li>" for n in range(count))
    return f"<html><body><ul>{rows}</ul></body></html>"


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        html(site, "/index.html", listing(4))
        for n in range(4):
            html(site, f"/n/{n}.html", article(f"云岭第{n}号消息"))
        yield site


@pytest.fixture
def reach() -> Iterator[LoopbackReach]:
    with loopback_reach() as running:
        yield running


@pytest.mark.parametrize("status", [200, 412, 521])
def test_a_challenge_instead_of_the_list_is_blocked(
    partner: Partner, reach: LoopbackReach, status: int
) -> None:
    html(partner, "/index.html", CHALLENGE, status)
    with pytest.raises(Blocked):
        collect_list(partner, reach, RULES)


@pytest.mark.parametrize("status", [200, 521])
def test_a_challenge_instead_of_the_first_article_is_blocked(
    partner: Partner, reach: LoopbackReach, status: int
) -> None:
    for n in range(4):
        html(partner, f"/n/{n}.html", CHALLENGE, status)
    with pytest.raises(Blocked):
        collect_list(partner, reach, RULES)
    assert [partner.count(f"/n/{n}.html") for n in range(4)] == [1, 0, 0, 0]


def test_what_was_let_through_before_a_challenge_is_kept(
    partner: Partner, reach: LoopbackReach
) -> None:
    html(partner, "/n/2.html", CHALLENGE)
    collected = collect_list(partner, reach, RULES)
    assert [item.title for item in collected.items] == ["云岭第0号消息", "云岭第1号消息"]
    assert [each.kind for each in collected.rejections] == ["blocked"]
    assert not collected.complete
    assert partner.count("/n/3.html") == 0


def test_a_list_without_a_challenge_is_read(partner: Partner, reach: LoopbackReach) -> None:
    collected = collect_list(partner, reach, RULES)
    assert len(collected.items) == 4
    assert collected.complete
