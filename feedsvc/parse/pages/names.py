"""Names of people and outlets as pages print them: split, cleaned of staff codes and roles."""

from __future__ import annotations

import re

# The commonest family names (single, then compound): a pair of characters that begins with one
# is a person's name rather than a word, where only names can stand.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾萧肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍"
    "涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党"
    "宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈"
    "鞠匡惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支"
    "卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉"
    "银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
)
_COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "司徒",
    "东方",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "宇文",
    "长孙",
)
_NOBODY = frozenset(
    {
        "未知",
        "佚名",
        "无",
        "匿名",
        "网络",
        "暂无",
        "不详",
        "null",
        "none",
        "admin",
        "undefined",
        "管理员",
        "本站",
        "本网",
        "网站",
        "编辑",
        "小编",
        "name",
        "author",
        "editor",
        "root",
        "test",
    }
)

_ROLE = re.compile(
    r"^(?:本报|本网|本刊|本台|特约|首席|实习|见习|全媒体|融媒体|[\u4e00-\u9fff]{2,8}(?=记者|通讯员|编辑))*"
    r"(?:记者站|记者|通讯员|实习生|编辑|作者|撰文|撰稿|采写|执笔|摄影报道|摄影|图文|文字|统筹|文图)?[:：]?"
)
_TRAILING_ROLE = re.compile(r"(?:摄影报道|报道|摄影|摄|整合|整理|综合|编译|撰文|撰稿|发自.*)$")
_LONE_ROLE = frozenset({"文", "图", "摄"})
_STAFF_CODE = re.compile(r"[_\s]*[(（\[]?(?:[A-Z]{1,4}\d{1,6}|N\d+|\d{2,})[)）\]]?$")
_SPLIT = re.compile(r"[、，,;；/／&＆|｜\s]+|(?<=[\u4e00-\u9fff]{2})和(?=[\u4e00-\u9fff]{2})")
_HAN_NAME = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff〇]{1,6}(?:[·•・][\u3400-\u9fff]{1,10})*\Z"
)
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z.'-]{1,30}\Z")


def split_names(value: str) -> tuple[str, ...]:
    """The names in what follows a label, in order, each once; it ends at the first thing that is none.

    `王 硕` (a two-character name set wide) is one name; `本报记者`, `摄`, `_NF4425` are no part of one.
    """
    found: list[str] = []
    for piece in _joined(_SPLIT.split(value.strip(" 　:：()（）[]【】|"))):
        name = _bare(piece)
        if not name:
            continue
        if not ((_HAN_NAME.match(name) and len(name) > 1) or _LATIN_NAME.match(name)):
            break
        if name.lower() not in _NOBODY and name not in found:
            found.append(name)
    return tuple(found)


def is_person(name: str) -> bool:
    """Whether a Han name begins with a family name and has a person's length (2–4 characters)."""
    if name.endswith(("网", "报", "社", "刊", "频道", "客户端", "新闻", "在线")):
        return False
    if "·" in name or "•" in name or "・" in name:
        return _HAN_NAME.match(name) is not None
    if name.startswith(_COMPOUND):
        return 3 <= len(name) <= 4 and _HAN_NAME.match(name) is not None
    return 2 <= len(name) <= 3 and name[0] in _SURNAMES and _HAN_NAME.match(name) is not None


def _joined(pieces: list[str]) -> list[str]:
    """Pieces with lone characters put together in pairs."""
    joined: list[str] = []
    for piece in pieces:
        if piece in _LONE_ROLE:
            continue
        if len(piece) == 1 and joined and len(joined[-1]) == 1:
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    return joined


def _bare(piece: str) -> str:
    bare = _STAFF_CODE.sub("", piece)
    bare = bare.strip("()（）[]【】<>《》:：.。_-—")
    return _TRAILING_ROLE.sub("", _ROLE.sub("", bare))
