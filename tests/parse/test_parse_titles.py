"""Headlines: what `<title>` states of them, what stands before them, and how they are printed."""

from datetime import UTC, datetime

import pytest

from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.parse.dispatch import parse

H = "早市搬进旧厂房 四十七户摊贩有了家"
NAV = "".join(f"<a href='/{name}/'>{name}</a>" for name in ("首页", "时政", "社会", "法治", "教育"))
RELATED = "".join(
    f"<li><a href='/a/{number}.html'>{title}</a></li>"
    for number, title in enumerate(("云岭镇修通三条断头路", "东屿港新增一条近海航线 年内开通"))
)
TEXT = "".join(
    f"<p>第{number}天，云岭镇的早市照常开张，卖豆腐的老陶把摊位支在老槐树下，给新来的菜农让出半个位置。</p>"
    for number in range(1, 6)
)
TITLES = [

("云岭新闻网-"+H, f"<h1>云岭新闻网</h1><div>{NAV}</div><h2>{H}</h2>", H),
("云岭新闻网", f"<h1>云岭新闻网</h1><div>{NAV}</div><h2>{H}</h2>", H),
("云岭新闻网", f"<h1><a href='/'>云岭新闻网</a></h1><div>{NAV}</div><div class='t'>{H}</div>", H),
(H+"_要闻_云岭新闻网", f"<div>{NAV}</div><div class='t'>{H}</div>", H),
(H+"_要闻_云岭新闻网", f"<div>{NAV}</div><div class='crumb'>首页 > 要闻 > {H}</div><div class='t'>{H}</div>", H),
(H[:12]+"..._云岭新闻网", f"<div>{NAV}</div><h1>{H}</h1>", H),
("", f"<div>{NAV}</div><h1>{H}</h1>", H),
("", f"<div>{NAV}</div><p align=center><b>{H}</b></p>", H),
("正文", f"<div>{NAV}</div><div class='tt'>{H}</div>", H),
("新闻详情页", f"<div>{NAV}</div><h3>{H}</h3>", H),
(H+" - 云岭新闻网", f"<div>{NAV}</div><h4>民生</h4><h1>早市搬进旧厂房<br/>四十七户摊贩有了家</h1>", H),
(H+"-云岭新闻网", f"<div>{NAV}</div><h1>{H}</h1><h2>云岭镇集贸市场改造记</h2>", H),
(H+"--云岭频道--云岭网", f"<div>{NAV}</div><h3>云岭镇集贸市场改造记</h3><h1>{H}</h1>", H),
(H+"|早市|摊贩_云岭新闻", f"<div>{NAV}</div><h1>{H}</h1>", H),
(H+"（图）-云岭新闻网", f"<div>{NAV}</div><h1>{H}（图）</h1>", H+"（图）"),
("图文："+H+"_云岭", f"<div>{NAV}</div><h1>{H}</h1>", H),
(H.replace(" ","")+"_云岭新闻网", f"<div>{NAV}</div><h1>{H}</h1>", H),
(H, f"<div>{NAV}</div><div class='ad'><h2>热点推荐</h2></div><h1><font color=red>{H}</font></h1>", H),
(H+"_云岭网", f"<div>{NAV}</div><ul>{RELATED}</ul><h1>{H}</h1>", H),
("云岭网_"+H, f"<div>{NAV}</div><span style='font-size:24px'>{H}</span><br>", H),
("2026-2027赛季开幕：青禾队2-1胜 - 云岭体育", f"<div>{NAV}</div><h1>2026-2027赛季开幕：青禾队2-1胜</h1>", "2026-2027赛季开幕：青禾队2-1胜"),
("“老陶”豆腐：一块豆腐的三十年_云岭网", f"<div>{NAV}</div><h1>“老陶”豆腐：<br>一块豆腐的三十年</h1>", "“老陶”豆腐： 一块豆腐的三十年"),
]  # fmt: skip


@pytest.mark.parametrize(
    "related", ["", f"<div><h3>相关阅读</h3>{RELATED}</div>"], ids=["bare", "related"]
)
@pytest.mark.parametrize(("stated", "above", "title"), TITLES)
def test_the_printed_headline_is_found(stated: str, above: str, title: str, related: str) -> None:
    page = (
        f"<html><head><title>{stated}</title></head><body>{above}"
        f"<div>2026-06-15 08:18 来源：云岭日报</div><div>{TEXT}</div>{related}</body></html>"
    )
    parsed = parse(
        ParseJob(
            kind="page",
            body=page.encode(),
            url="http://www.partner.example/a/1.html",
            seen_at=datetime(2026, 11, 1, 4, 0, tzinfo=UTC),
        )
    )
    assert isinstance(parsed, ParsedPage)
    assert parsed.item.title == title
