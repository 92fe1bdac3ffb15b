"""Floor 5: what the operator set, parsed once and frozen. Services, doors and the command line read it.

Order: config/default.toml < the file named by FEEDSVC_CONFIG < FEEDSVC_* in the environment. An
unknown key, an unreadable secret file or a value of the wrong kind refuses to start and is named.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from feedsvc import __version__
from feedsvc.domain.feed import Site
from feedsvc.errors import ConfigError
from feedsvc.fetch.client import FetchOptions
from feedsvc.ingest.archive import ArchiveOptions
from feedsvc.ingest.options import IngestOptions
from feedsvc.parse.pool import PoolOptions
from feedsvc.store.options import StoreOptions

CONFIG_FOLDER = Path(__file__).resolve().parent.parent / "config"
PREFIX = "FEEDSVC_"
SECRETS = frozenset({"database_url"})
LANGUAGES = ("zh", "en")
LOG_LEVELS = ("debug", "info", "warning", "error")
# Celery is the other engine of the design; it is refused until it is there.
EXECUTORS = ("threads",)

Network = IPv4Network | IPv6Network
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that was set, and the options of each gateway composed from it."""

    home: Path
    host: str
    port: int
    base_url: str
    language: str
    log_level: str
    executor: str
    poll_workers: int
    polls_at_once: int
    picture_workers: int
    publish_debounce: float
    search_feeds_per_minute: float
    publish_to: Path | None
    site: Site
    store: StoreOptions
    fetch: FetchOptions
    parsers: PoolOptions
    ingest: IngestOptions
    archive: ArchiveOptions
    origins: Mapping[str, str]
    plain: Mapping[str, Any]


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read all three layers; raises `ConfigError` naming the key and what to do."""
    defaults = _read_toml(CONFIG_FOLDER / "default.toml")
    plain = dict(defaults)
    origins = dict.fromkeys(defaults, "default")
    if named := environ.get(f"{PREFIX}CONFIG"):
        for key, value in _read_toml(Path(named)).items():
            known = _known(key, defaults, named)
            plain[known] = _same_kind(key, value, defaults[known])
            origins[known] = named
    for name, raw in _from_environment(environ).items():
        key = _known(name, defaults, "environment")
        plain[key] = _from_words(key, raw, defaults[key])
        origins[key] = "environment"
    return _compose(plain, origins)


def masked(settings: Settings) -> dict[str, Any]:
    """Return every setting by key, passwords hidden."""
    return {key: _mask(key, value) for key, value in settings.plain.items()}


def _compose(plain: Mapping[str, Any], origins: Mapping[str, str]) -> Settings:
    home = Path(plain["home"]).expanduser().absolute()
    host, port = plain["host"], plain["port"]
    _require(0 <= port <= 65535, "port", f"{port} is not a port number")
    base_url = _base_url(plain["base_url"] or f"http://{_bracketed(host)}:{port}")
    return Settings(
        home=home,
        host=host,
        port=port,
        base_url=base_url,
        language=_one_of("language", plain["language"], LANGUAGES),
        log_level=_one_of("log_level", plain["log_level"], LOG_LEVELS),
        executor=_one_of("executor", plain["executor"], EXECUTORS),
        poll_workers=_at_least("poll_workers", plain["poll_workers"], 1),
        polls_at_once=_at_least("polls_at_once", plain["polls_at_once"], 1),
        picture_workers=_at_least("picture_workers", plain["picture_workers"], 0),
        publish_debounce=_at_least("publish_debounce", plain["publish_debounce"], 0),
        search_feeds_per_minute=_at_least(
            "search_feeds_per_minute", plain["search_feeds_per_minute"], 0
        ),
        publish_to=_folder(plain["publish_to"]),
        site=Site(
            base_url=base_url,
            title=plain["site_title"],
            rights=plain["site_rights"],
            contact=plain["site_contact"],
            licence=_licence(plain["site_licence"]),
        ),
        store=StoreOptions(url=plain["database_url"] or f"sqlite:///{home / 'feedsvc.db'}"),
        fetch=FetchOptions(
            user_agent=f"feedsvc/{__version__} (+{base_url}/feeds/)",
            seconds=_at_least("fetch_seconds", plain["fetch_seconds"], 0.1),
            allow_networks=_networks(plain["allow_networks"]),
        ),
        parsers=_parsers(plain),
        ingest=_ingest(plain),
        archive=_archive(plain),
        origins=origins,
        plain=plain,
    )


def _parsers(plain: Mapping[str, Any]) -> PoolOptions:
    return PoolOptions(
        workers=_at_least("parse_workers", plain["parse_workers"], 1),
        seconds=_at_least("parse_seconds", plain["parse_seconds"], 0.1),
        memory_mb=_at_least("parse_memory_mb", plain["parse_memory_mb"], 128),
    )


def _ingest(plain: Mapping[str, Any]) -> IngestOptions:
    return IngestOptions(
        lease_seconds=_at_least("lease_seconds", plain["lease_seconds"], 1),
        domain_spacing=_at_least("domain_spacing", plain["domain_spacing"], 0),
        debounce=plain["publish_debounce"],
        workers=plain["poll_workers"],
        near_duplicates=_one_of("near_duplicates", plain["near_duplicates"], ("group", "off"))
        == "group",
    )


def _archive(plain: Mapping[str, Any]) -> ArchiveOptions:
    return ArchiveOptions(
        raw_keep_days=_at_least("raw_keep_days", plain["raw_keep_days"], 1),
        raw_max_gb=_at_least("raw_max_gb", plain["raw_max_gb"], 0),
        run_keep_days=_at_least("run_keep_days", plain["run_keep_days"], 1),
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"is not valid TOML ({error})") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Settings named in the environment, NAME_FILE replaced by what the file holds."""
    found: dict[str, str] = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name == f"{PREFIX}CONFIG":
            continue
        key = name.removeprefix(PREFIX).lower()
        if key.startswith("test_"):
            continue
        secret = key.removesuffix("_file")
        if secret != key and secret in SECRETS:
            found[secret] = _read_secret(name, value)
        else:
            found[key] = value
    return found


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(name, f"the secret file {path!r} cannot be read ({error})") from error


def _known(key: str, defaults: Mapping[str, Any], where: str) -> str:
    if key in defaults:
        return key
    spelled = f"{PREFIX}{key.upper()}" if where == "environment" else key
    near = difflib.get_close_matches(key, defaults, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "; see config/default.toml"
    raise ConfigError(spelled, f"unknown setting in {where}{hint}")


def _same_kind(key: str, value: object, default: object) -> Any:
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is type(default):
        return value
    raise ConfigError(key, f"must be {_kind_word(default)}, not {value!r}")


def _from_words(key: str, raw: str, default: object) -> Any:
    try:
        if isinstance(default, int):
            return int(raw)
        if isinstance(default, float):
            return float(raw)
    except ValueError as error:
        spelled = f"{PREFIX}{key.upper()}"
        raise ConfigError(spelled, f"must be {_kind_word(default)}, not {raw!r}") from error
    if isinstance(default, list):
        return [part.strip() for part in raw.split(",") if part.strip()]
    return raw


def _kind_word(default: object) -> str:
    words = {int: "a whole number", float: "a number", list: "a list", str: "text"}
    return words[type(default)]


def _networks(values: list[Any]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(value) for value in values)
    except ValueError as error:
        raise ConfigError("allow_networks", f"{error}; write networks as 10.1.0.0/16") from error


def _folder(path: str) -> Path | None:
    return Path(path).expanduser().absolute() if path else None


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    usable = (
        parts.scheme in {"http", "https"} and parts.netloc and not (parts.query or parts.fragment)
    )
    _require(bool(usable), "base_url", f"{url!r} is not an http(s) address")
    return url.rstrip("/")


def _licence(url: str) -> str:
    parts = urlsplit(url)
    usable = not url or (parts.scheme in {"http", "https"} and parts.netloc)
    _require(bool(usable), "site_licence", f"{url!r} is not an http(s) address")
    return url


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> str:
    _require(value in allowed, key, f"{value!r} is not one of {', '.join(allowed)}")
    return value


def _at_least(key: str, value: Number, least: float) -> Number:
    _require(value >= least, key, f"{value} is too small; the least is {least}")
    return value


def _require(holds: bool, key: str, complaint: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise ConfigError(key, complaint)


def _mask(key: str, value: Any) -> Any:
    if key not in SECRETS or not value:
        return value
    parts = urlsplit(value)
    if parts.password is None:
        return value
    return value.replace(f":{parts.password}@", ":***@")
