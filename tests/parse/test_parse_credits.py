"""Bylines, labels, names and printed dates, line by line."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.domain.item import Dateline
from feedsvc.parse.pages.body import is_tail_line
from feedsvc.parse.pages.credits import byline, closing_credit, opening_credit
from feedsvc.parse.pages.labels import editors_of, is_header_line, outlet_of, read_labels
from feedsvc.parse.pages.lines import Line
from feedsvc.parse.pages.names import is_person, split_names
from feedsvc.parse.pages.notes import original_title
from feedsvc.parse.pages.printed_date import find_date, printed_dates

SEEN_AT = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "text", "authors", "dateline"),
    [
        ("完。(中国某网北京8月8日电)(王文硕 谢佳", "(中国某网北京8月8日电)(王文硕 谢佳", "王文硕 谢佳", "北京 8月8日 中国某网"),
        ("完。（某某日报社云州2019年8月8日专电）", "（某某日报社云州2019年8月8日专电）", "", "云州 2019年8月8日 某某日报社"),
        ("完。（记者 王大山 通讯员 李小川）", "（记者 王大山 通讯员 李小川）", "王大山 李小川", None),
        ("完。（本报记者王大山）", "（本报记者王大山）", "王大山", None),
        ("完。（王大山、李小川）", "（王大山、李小川）", "王大山 李小川", None),
        ("完。（文/王大山 图/李小川）", "（文/王大山 图/李小川）", "王大山 李小川", None),
        ("完。（文/王大山 图/李小川 审核/赵一山 编辑/钱二水）", "（文/王大山 图/李小川 审核/赵一山 编辑/钱二水）", "王大山 李小川", None),
        ("讲话全文（略）（记者王大山", "（记者王大山", "王大山", None),
    ],
)  # fmt: skip
def test_closing_credits(line: str, text: str, authors: str, dateline: str | None) -> None:
    credit = closing_credit(line)
    assert credit is not None
    assert credit.text == text
    assert credit.authors == tuple(authors.split())
    expected = None
    if dateline:
        place, date, agency = dateline.split()
        expected = Dateline(place=place, date=date, agency=agency)
    assert credit.dateline == expected


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("原标题：云州发布通报（图）", "云州发布通报（图）"),
        ("（原标题：云州发布通报（图））", "云州发布通报（图）"),
        ("（原标题：云州发布通报，真相来了）", "云州发布通报，真相来了"),
        ("原标题：《云州发布通报》", "云州发布通报"),
        ("原标题：《云州条例》今日施行", "《云州条例》今日施行"),
        ("正文。（原题：《云州条例》解读）", "《云州条例》解读"),
    ],
)
def test_the_former_headline_keeps_brackets_of_its_own(printed: str, title: str) -> None:
    assert original_title([Line(text=printed)]) == title


@pytest.mark.parametrize(
    "line",
    [
        "完。",
        "会议于8月8日举行（第三次）",
        "他笑了（王大山）",
        "票价五十元（学生半价）",
        "（资料来源：云州统计年鉴）",
        "见附图（左、右）",
        "",
    ],
)
def test_brackets_that_are_no_credit(line: str) -> None:
    assert closing_credit(line) is None


@pytest.mark.parametrize(
    ("line", "authors", "dateline"),
    [
        ("北岭社星洲5月19日电（记者唐晓棠、罗一鸣）列车…", "唐晓棠 罗一鸣", ("星洲", "5月19日", "北岭社")),
        ("北岭网5月19日讯（记者唐晓棠 整合） 假期…", "唐晓棠", ("", "5月19日", "北岭网")),
        ("本报星洲5月19日讯 列车…", "", ("星洲", "5月19日", "本报")),
        ("北岭报快讯（记者 唐晓棠）今日…", "唐晓棠", None),
    ],
)  # fmt: skip
def test_opening_wire_lines(line: str, authors: str, dateline: tuple[str, str, str] | None) -> None:
    credit = opening_credit(line)
    assert credit is not None
    assert credit.authors == tuple(authors.split())
    found = credit.dateline
    assert (found and (found.place, found.date, found.agency)) == dateline
    assert line.startswith(credit.text)


def test_a_date_that_opens_a_sentence_is_no_wire_line() -> None:
    assert opening_credit("5月19日，列车从星洲站驶出。") is None
    assert opening_credit("他在电视台（记者站）工作。") is None


@pytest.mark.parametrize(
    ("line", "names"),
    [("北岭新闻记者 段大川 廖小艳", "段大川 廖小艳"), ("《棱光》作者 周小纯", "周小纯"), ("记者走访了三个村庄", "")],
)  # fmt: skip
def test_lone_bylines(line: str, names: str) -> None:
    assert byline(line) == tuple(names.split())


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("王文硕 谢佳", "王文硕 谢佳"),
        ("王　硕、李 明", "王硕 李明"),
        ("张三_NF4425", "张三"),
        ("张大三(EN041)", "张大三"),
        ("本报记者 张大三", "张大三"),
        ("文强", "文强"),
        ("李小文 郑和平", "李小文 郑和平"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("佚名", ""),
        ("", ""),
        ("biaofeng", "biaofeng"),
        ("张大三 张大三", "张大三"),
        ("张大三，这是后面的一句话。", "张大三"),
    ],
)
def test_names(value: str, names: str) -> None:
    assert split_names(value) == tuple(names.split())


def test_persons() -> None:
    assert all(map(is_person, ("王硕", "欧阳修文", "谢佳", "阿卜杜拉·买买提")))
    assert not any(map(is_person, ("新华网", "财经", "王", "王文硕之友", "")))


@pytest.mark.parametrize(
    ("line", "outlet", "editors"),
    [
        ("发布时间:2019-08-09 10:45 | 来源:中国某网", "中国某网", ""),
        ("2019年06月15日08:18 来源：某民网-文化频道 分享到：", "某民网-文化频道", ""),
        ("时间：2019-01-01 稿源：某 网 编辑：张大三 字号", "某 网", "张大三"),
        ("来源：微信公众号“云州”", "微信公众号“云州”", ""),
        ("来源： 作者： 责任编辑：", "", ""),
        ("来源: 分享到 微信", "", ""),
        ("(责任编辑：霍大琦 SN123)", "", "霍大琦"),
        ("【责任编辑:尹世杰】【纠错】", "", "尹世杰"),
        ("责编：汤诗、丁涛）", "", "汤诗 丁涛"),
        ("来源于：云州办事处", "云州办事处", ""),
        ("来源：云州报 2018-12-28 19:55", "云州报", ""),
    ],
)
def test_labels(line: str, outlet: str, editors: str) -> None:
    labelled = {label.kind for label in read_labels(line)}
    assert (outlet_of(line) if "attribution" in labelled else "") == outlet
    assert (editors_of(line) if labelled & {"editor", "desk"} else ()) == tuple(editors.split())


@pytest.mark.parametrize(
    ("line", "is_header", "is_tail"),
    [
        ("发布时间:2019-08-09 10:45 | 来源:中国某网", True, False),
        ("2019-09-26 10:56:28 证券某报网", True, False),
        ("今天是:2019年12月04日 星期三 欢迎访问某网!", False, False),
        ("2019年8月9日，会议在云州举行。", False, False),
        ("责任编辑:朱明宇", False, True),
        ("最新文章", False, True),
        ("【纠错】【责任编辑：某某】", False, True),
        ("最新的消息让村民们松了一口气。", False, False),
        ("推荐他当村长的人很多。", False, False),
        ("分享到", False, True),
    ],
)
def test_lines_that_frame_an_article(line: str, *, is_header: bool, is_tail: bool) -> None:
    assert is_header_line(line) is is_header
    assert is_tail_line(line) is is_tail


@pytest.mark.parametrize(
    ("line", "digits"),
    [
        ("2019-08-09 10:45", "2019-08-09 10:45"),
        ("2019年08月09日08:18", "2019-08-09 08:18"),
        ("2019/8/9", "2019-08-09"),
        ("２０１９．８．９　１０：４５", "2019-08-09 10:45"),
        ("2023 11/ 17 20:52:15", "2023-11-17 20:52:15"),
        ("2019年8月9日 星期五 下午3:05", "2019-08-09 15:05"),
        ("电话2019-12345678", ""),
        ("12019-08-09", ""),
        ("2019-13-40", ""),
    ],
)
def test_printed_dates(line: str, digits: str) -> None:
    assert next((date.digits for date in printed_dates(f"前 {line} 后")), "") == digits


def test_a_day_that_does_not_exist_is_passed_over() -> None:
    line = "2019-02-30 08:00 2019-03-01 08:00"
    found = find_date(line, zone="Asia/Shanghai", seen_at=SEEN_AT)
    assert found is not None
    assert found.at == datetime(2019, 3, 1, 0, 0, tzinfo=UTC)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="（()）王李 、记者电8月日京网:：来源编辑2019-0a\u3000", max_size=60))
def test_every_line_has_an_answer(line: str) -> None:
    credit = closing_credit(line)
    if credit is not None:
        assert line.strip().endswith(credit.text)
    for label in read_labels(line):
        assert label.value in line
    assert all(name.strip() for name in split_names(line))
    outlet_of(line)
    editors_of(line)
    opening_credit(line)
