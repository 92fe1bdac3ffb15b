"""load_settings: three layers, and one sentence that names the key for whatever cannot be used."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from feedsvc.errors import ConfigError
from feedsvc.settings import load_settings, masked


def test_defaults_stand_on_their_own() -> None:
    settings = load_settings({})
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.store.url == f"sqlite:///{Path('var').absolute() / 'feedsvc.db'}"
    assert set(settings.origins.values()) == {"default"}


def test_environment_goes_before_file_before_default(tmp_path: Path) -> None:
    named = tmp_path / "mine.toml"
    named.write_text('port = 9000\nsite_title = "法新网"\ndomain_spacing = 2\n', encoding="utf-8")
    settings = load_settings({"FEEDSVC_CONFIG": str(named), "FEEDSVC_PORT": "9001"})
    assert (settings.port, settings.site.title) == (9001, "法新网")
    assert settings.ingest.domain_spacing == 2.0
    assert settings.origins["port"] == "environment"
    assert settings.origins["site_title"] == str(named)


def test_lists_are_comma_separated_in_the_environment() -> None:
    settings = load_settings({"FEEDSVC_ALLOW_NETWORKS": "127.0.0.0/8, fd00::/8"})
    assert settings.fetch.allow_networks == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


def test_tests_own_names_are_left_alone() -> None:
    load_settings({"FEEDSVC_TEST_POSTGRES_URL": "postgresql://nobody@nowhere/none"})


@pytest.mark.parametrize(
    ("environ", "subject", "hint"),
    [
        ({"FEEDSVC_PROT": "1"}, "FEEDSVC_PROT", "did you mean 'port'"),
        ({"FEEDSVC_PORT": "eighty"}, "FEEDSVC_PORT", "whole number"),
        ({"FEEDSVC_PORT": "70000"}, "port", "not a port number"),
        ({"FEEDSVC_DOMAIN_SPACING": "-1"}, "domain_spacing", "too small"),
        ({"FEEDSVC_ALLOW_NETWORKS": "localhost"}, "allow_networks", "10.1.0.0/16"),
        ({"FEEDSVC_BASE_URL": "example.org"}, "base_url", "http(s)"),
        ({"FEEDSVC_LANGUAGE": "fr"}, "language", "zh, en"),
        ({"FEEDSVC_EXECUTOR": "celery"}, "executor", "threads"),
        ({"FEEDSVC_CONFIG": "/nowhere/at/all.toml"}, "/nowhere/at/all.toml", "cannot be read"),
        (
            {"FEEDSVC_DATABASE_URL_FILE": "/nowhere/secret"},
            "FEEDSVC_DATABASE_URL_FILE",
            "cannot be read",
        ),
    ],
)
def test_what_cannot_be_used_is_named(environ: dict[str, str], subject: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ)
    assert caught.value.subject == subject
    assert hint in caught.value.cause


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("port = ", "not valid TOML"),
        ("prot = 1", "did you mean"),
        ('port = "8000"', "must be a whole number"),
        ("port = true", "must be a whole number"),
    ],
)
def test_faults_in_the_file_are_named(tmp_path: Path, text: str, hint: str) -> None:
    named = tmp_path / "mine.toml"
    named.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings({"FEEDSVC_CONFIG": str(named)})
    assert hint in caught.value.cause


def test_secret_comes_from_its_file_and_is_masked_when_shown(tmp_path: Path) -> None:
    secret = tmp_path / "database-url"
    secret.write_text("postgresql+psycopg://feeds:hidden-word@db/feeds\n")
    settings = load_settings({"FEEDSVC_DATABASE_URL_FILE": str(secret)})
    assert settings.store.url.endswith("hidden-word@db/feeds")
    assert "hidden-word" not in str(masked(settings))
