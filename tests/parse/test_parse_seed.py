"""The page that the service starts from: a saved portal article that reposts another outlet's."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from feedsvc.domain.item import Dateline
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.pages.page import parse_page
from feedsvc.text.html import plain_text

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed"
PAGES = sorted(SEED.glob("*.txt"))
BEIJING = timezone(timedelta(hours=8))


@pytest.mark.shared
@pytest.mark.skipif(not PAGES, reason="the publishers' pages are not beside this checkout")
def test_the_saved_page_is_understood_to_the_field() -> None:
    parsed = parse_page(
        ParseJob(
            kind="page",
            body=PAGES[0].read_bytes(),
            url="http://www.partner.example/seed.txt",
            seen_at=datetime(2019, 12, 4, tzinfo=UTC),
        )
    )
    item = parsed.item
    assert item.title == (
        "星移斗转,浙江公安激发活力擦亮“金字招牌” "
        "全国公安机关全面开展创建“枫桥式公安派出所”活动巡礼之二"
    )
    assert item.published_at == datetime(2019, 8, 9, 10, 45, tzinfo=BEIJING)
    assert item.published_precision == "minute"
    assert item.attribution == "中国警察网"
    assert item.editors == ("朱明宇",)
    assert item.authors == ("王文硕", "谢佳")
    assert item.dateline == Dateline(place="北京", date="8月8日", agency="中国警察网")
    assert item.credit_line == "(中国警察网北京8月8日电)(王文硕 谢佳"
    text = plain_text(item.content_html).strip()
    assert text.startswith("这里是中国革命红船起航之地,")
    assert text.endswith("灼热的为民初心。")
    for foreign in (
        "欢迎访问",
        "网站公告",
        "发布时间",
        "责任编辑",
        "最新文章",
        "推荐文章",
        "王文硕",
    ):
        assert foreign not in text
    assert len(text.split("\n")) == item.content_html.count("<p>") == 37
    assert min(parsed.confidence.values()) >= 0.9
