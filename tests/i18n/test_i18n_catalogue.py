"""The catalogues are complete: same keys, same placeholders, every key used, every used key there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import feedsvc
from feedsvc import errors
from feedsvc.i18n import catalogue
from feedsvc.i18n.catalogue import Language, choose_language, load_catalogue, translate, words_for

PACKAGE = Path(feedsvc.__file__).parent
KEY = r"(?:web|cli|date|error)\.[a-z0-9_.]+"
# A whole key in quotes, and the fixed beginning of a key that ends in a value.
LITERAL = re.compile(rf"""["']({KEY})["']""")
BEGINNING = re.compile(r"""["']((?:web|cli|date|error)\.(?:[a-z0-9_]+\.)?)\{""")


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def sources() -> str:
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def error_kinds() -> set[str]:
    found, waiting = set(), [errors.FeedsvcError]
    while waiting:
        one = waiting.pop()
        found.add(one.kind)
        waiting.extend(one.__subclasses__())
    return found


def test_both_languages_have_the_same_keys() -> None:
    assert set(load_catalogue("zh")) == set(load_catalogue("en"))


def test_both_languages_fill_in_the_same_values() -> None:
    for key, message in load_catalogue("zh").items():
        assert placeholders(message) == placeholders(load_catalogue("en")[key]), key


def test_no_message_is_empty_and_chinese_ones_are_chinese() -> None:
    for language in catalogue.LANGUAGES:
        for key, message in load_catalogue(language).items():
            assert message.strip(), key
    english = [
        key for key, text in load_catalogue("en").items() if re.search(r"[\u4e00-\u9fff]", text)
    ]
    # The link to the Chinese page is the one word that an English page says in Chinese.
    assert [key for key in english if not key.startswith("cli.")] == ["web.other_language"]


def test_every_error_kind_has_a_sentence_and_no_other_has() -> None:
    named = {key.removeprefix("error.") for key in load_catalogue("zh") if key.startswith("error.")}
    assert named == error_kinds()


def test_every_key_in_code_and_templates_exists() -> None:
    missing = set(LITERAL.findall(sources())) - set(load_catalogue("zh"))
    assert missing == set()


def test_no_key_is_unused() -> None:
    text = sources()
    used = set(LITERAL.findall(text))
    begun = tuple(set(BEGINNING.findall(text)))
    unused = {key for key in load_catalogue("zh") if key not in used and not key.startswith(begun)}
    assert unused == set()


def test_translate_fills_in_values_without_reading_them() -> None:
    assert translate("zh", "web.welcome", site="{0} {x.__class__}") == "欢迎访问{0} {x.__class__}"
    assert words_for("en")("web.welcome", site="A") == "Welcome to A"


def test_unknown_keys_and_missing_values_are_loud() -> None:
    with pytest.raises(KeyError):
        translate("zh", "web.no_such_key")
    with pytest.raises(KeyError):
        translate("zh", "web.welcome")


def test_a_key_in_two_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.en.toml").write_text('[web]\nhome = "x"\n', encoding="utf-8")
    (tmp_path / "b.en.toml").write_text('"web.home" = "y"\n', encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    load_catalogue.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"b\.en\.toml: web\.home"):
            load_catalogue("en")
    finally:
        load_catalogue.cache_clear()


@pytest.mark.parametrize(
    ("accept", "wanted", "language"),
    [
        (None, None, "zh"),
        ("", None, "zh"),
        ("en-US,en;q=0.9", None, "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", None, "zh"),
        ("en;q=0.5, zh-TW;q=0.6", None, "zh"),
        ("en, zh", None, "en"),
        ("fr, de;q=0.9, en;q=0.1", None, "en"),
        ("fr", None, "zh"),
        ("*", None, "zh"),
        ("en;q=0", None, "zh"),
        ("en;q=abc", None, "zh"),
        ("EN", None, "en"),
        ("zh", "en", "en"),
        ("en", "zh", "zh"),
        ("en", "xx", "en"),
        (None, "", "zh"),
    ],
)
def test_language_is_the_one_asked_for_then_the_browsers_then_chinese(
    accept: str | None, wanted: str | None, language: Language
) -> None:
    assert choose_language(accept, wanted) == language


def test_the_service_may_speak_english_by_default() -> None:
    assert choose_language("fr", None, "en") == "en"
    assert choose_language("zh", None, "en") == "zh"
