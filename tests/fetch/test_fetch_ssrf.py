"""No connection to an address that is not public: every way of writing one, directly and by redirect.

Listeners on loopback count connections, and the sockets that the gateway asks the system for are
counted: a refused fetch makes neither, so that no test can reach a real address.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace

import pytest

from feedsvc.errors import AddressRefused, BadUrl, ConnectFailed, RedirectFailed
from feedsvc.fetch import gate
from feedsvc.fetch.answer import Answer
from feedsvc.fetch.client import FetchOptions
from feedsvc.fetch.exchange import Endpoint, FetchRequest
from feedsvc.fetch.gate import Gate
from feedsvc.fetch.handle import Errand
from feedsvc.fetch.inflate import Caps
from feedsvc.fetch.wire import Wire
from tests.fetch.fetching import LOOPBACK, STRICT, failure_of, fetcher_with
from tests.fetch.hostile import HostileServer, answer, redirect

pytestmark = pytest.mark.usefixtures("carrier")

# Ports on which a public address would be admitted, so that the address alone decides.
PORTS = (80, 443, 8080, 8443)

SPELLED = {
    "decimal": "2130706433",
    "octal": "0177.0.0.1",
    "octal, long": "017700000001",
    "hex": "0x7f.0.0.1",
    "hex, long": "0x7f000001",
    "short": "127.1",
    "shorter": "127.0.1",
    "a dot at the end": "127.0.0.1.",
    "zero": "0",
    "zeros": "0.0.0.0",
    "loopback": "127.0.0.1",
    "another loopback": "127.1.2.3",
    "localhost": "localhost",
    "localhost with a dot": "localhost.",
    "a name below localhost": "feeds.localhost",
    "full-width digits": "１２７．０．０．１",
    "full-width digits, ideographic dots": "１２７。０。０。１",
    "circled digits": "①②⑦.⓪.⓪.①",
    "ipv6 any": "[::]",
    "ipv6 loopback": "[::1]",
    "ipv6 loopback in full": "[0:0:0:0:0:0:0:1]",
    "v4-mapped": "[::ffff:127.0.0.1]",
    "v4-mapped in hex": "[::ffff:7f00:1]",
    "v4-mapped metadata": "[::ffff:169.254.169.254]",
    "v4-compatible": "[::127.0.0.1]",
    "NAT64": "[64:ff9b::127.0.0.1]",
    "local NAT64": "[64:ff9b:1::7f00:1]",
    "6to4": "[2002:7f00:1::1]",
    "Teredo": "[2001:0:7f00:1::1]",
    "ipv6 link-local": "[fe80::1]",
    "ipv6 site-local": "[fec0::1]",
    "ipv6 unique local": "[fd00:ec2::254]",
    "ipv6 multicast": "[ff02::1]",
    "ipv6 documentation": "[2001:db8::1]",
    "private": "10.0.0.1",
    "private, the middle one": "172.16.0.1",
    "private, the common one": "192.168.0.1",
    "carrier-grade NAT": "100.64.0.1",
    "metadata in carrier-grade NAT": "100.100.100.200",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "metadata in decimal": "2852039166",
    "benchmarks": "198.18.0.1",
    "metadata in protocol assignments": "192.0.0.192",
    "6to4 relay": "192.88.99.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "multicast": "224.0.0.1",
}
UNFETCHABLE = {
    "user name": "http://partner.example@127.0.0.1:8080/",
    "user name and password": "http://a:b@127.0.0.1:8080/",
    "backslash": "http://partner.example\\@127.0.0.1:8080/",
    "backslash for slash": "http:\\\\127.0.0.1:8080\\",
    "escaped host": "http://%31%32%37.0.0.1:8080/",
    "scope": "http://[fe80::1%25lo]:8080/",
    "file": "file:///etc/passwd",
    "file with a host": "file://127.0.0.1/etc/passwd",
    "gopher": "gopher://127.0.0.1:8080/_GET%20/",
    "ftp": "ftp://127.0.0.1:8080/a",
    "dict": "dict://127.0.0.1:8080/stat",
    "tftp": "tftp://127.0.0.1:8080/a",
    "ldap": "ldap://127.0.0.1:8080/",
    "unix": "unix:///var/run/docker.sock",
    "websocket": "ws://127.0.0.1:8080/",
}


class Sockets:
    """Counts the sockets that the gateway asks for in this thread or its own, and gives out `allowed` of them."""

    def __init__(self) -> None:
        self.allowed = 0
        self.asked = 0
        self._thread = threading.get_ident()

    def admit(self) -> None:
        here = threading.current_thread()
        if here.ident != self._thread and here.name != "fetch":
            return
        self.asked += 1
        if self.asked > self.allowed:
            raise OSError(errno.EMFILE, "a refused fetch asked for a socket")


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Sockets:
    """No socket beyond those allowed comes into being: a broken gate cannot reach anybody either."""
    counter = Sockets()

    def make(family: int, kind: int, protocol: int) -> socket.socket:
        counter.admit()
        return socket.socket(family, kind, protocol)

    monkeypatch.setattr(gate, "socket", SimpleNamespace(socket=make))
    return counter


@pytest.fixture(scope="module")
def listeners() -> Iterator[list[HostileServer]]:
    """Servers on loopback, both families, on ports of their own and on the public ports that are free."""
    with ExitStack() as up:
        found: list[HostileServer] = []
        for address in ("127.0.0.1", "::1"):
            for port in (0, *PORTS):
                with contextlib.suppress(OSError):
                    server = HostileServer({"/": answer(b"inside")}, address=address, port=port)
                    found.append(up.enter_context(server))
        yield found


def connections(listeners: list[HostileServer]) -> int:
    return sum(server.connections for server in listeners)


def own_port(listeners: list[HostileServer]) -> int:
    return listeners[0].port


@pytest.mark.parametrize("host", SPELLED.values(), ids=SPELLED)
def test_no_spelling_of_an_address_gets_through(
    host: str, listeners: list[HostileServer], sockets: Sockets
) -> None:
    with fetcher_with(STRICT) as fetcher:
        for url in (
            f"http://{host}/",
            f"https://{host}/",
            f"http://{host}:8080/",
            f"http://{host}:{own_port(listeners)}/",
        ):
            error = failure_of(fetcher, url)
            assert isinstance(error, AddressRefused)
            assert error.permanent
    assert sockets.asked == 0
    assert connections(listeners) == 0


@pytest.mark.parametrize("url", UNFETCHABLE.values(), ids=UNFETCHABLE)
def test_no_odd_url_gets_through(
    url: str, listeners: list[HostileServer], sockets: Sockets
) -> None:
    with fetcher_with(STRICT) as fetcher:
        assert isinstance(failure_of(fetcher, url), BadUrl)
    assert sockets.asked == 0
    assert connections(listeners) == 0


@pytest.mark.parametrize("status", [301, 307])
@pytest.mark.parametrize(
    "location",
    [f"http://{host}:8080/" for host in SPELLED.values() if host.isascii()]
    + [f"//{host}/" for host in ("127.0.0.1", "[::1]", "169.254.169.254")]
    + [url for url in UNFETCHABLE.values() if url.isascii()],
)
def test_no_redirect_from_an_admitted_server_leads_inside(
    location: str, status: int, listeners: list[HostileServer], sockets: Sockets
) -> None:
    sockets.allowed = 1
    with (
        HostileServer({"/": redirect(location, status)}) as public,
        fetcher_with(STRICT) as fetcher,
    ):
        admit = Endpoint(address="127.0.0.1", port=public.port)
        error = failure_of(fetcher, FetchRequest(url=public.url("/"), admit=admit))
        kind = RedirectFailed if location in UNFETCHABLE.values() else AddressRefused
        assert type(error) is kind
        assert public.connections == 1
    assert sockets.asked == 1
    assert connections(listeners) == 0


@pytest.mark.parametrize("host", ["１２７．０．０．１", "①②⑦.⓪.⓪.①"], ids=["full-width", "circled"])
def test_no_redirect_in_foreign_digits_leads_inside(
    host: str, listeners: list[HostileServer]
) -> None:
    location = f"http://{host}:8080/".encode().decode("latin-1")
    with HostileServer({"/": redirect(location)}) as public, fetcher_with(STRICT) as fetcher:
        admit = Endpoint(address="127.0.0.1", port=public.port)
        error = failure_of(fetcher, FetchRequest(url=public.url("/"), admit=admit))
        assert isinstance(error, AddressRefused)
    assert connections(listeners) == 0


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "198.18.0.1",
        "192.0.0.192",
        "240.0.0.1",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[2002:7f00:1::1]",
        "0.0.0.0",
    ],
)
def test_no_name_leads_inside(
    address: str, listeners: list[HostileServer], sockets: Sockets
) -> None:
    pinned = tuple(f"inside.example:{port}:{address}" for port in PORTS)
    with fetcher_with(replace(STRICT, resolve=pinned)) as fetcher:
        for url in ("http://inside.example/", "https://inside.example:8443/"):
            assert isinstance(failure_of(fetcher, url), AddressRefused)
    assert sockets.asked == 0
    assert connections(listeners) == 0


@pytest.mark.parametrize("port", [1, 22, 25, 6379, 8000, 11211, 65535])
def test_no_odd_port_of_a_public_address_is_tried(port: int, sockets: Sockets) -> None:
    pinned = (f"public.example:{port}:8.8.8.8",)
    with fetcher_with(replace(STRICT, resolve=pinned)) as fetcher:
        for scheme in ("http", "https"):
            error = failure_of(fetcher, f"{scheme}://public.example:{port}/")
            assert isinstance(error, AddressRefused)
    assert sockets.asked == 0


def test_a_public_address_on_a_public_port_would_be_connected_to(sockets: Sockets) -> None:
    """The tests above refuse for the right reason: here the gateway does ask for a socket."""
    with fetcher_with(replace(STRICT, resolve=("public.example:80:8.8.8.8",))) as fetcher:
        assert isinstance(failure_of(fetcher, "http://public.example/"), ConnectFailed)
    assert sockets.asked > 0


@pytest.mark.parametrize("bad_first", [True, False])
def test_a_name_with_one_bad_address_never_reaches_the_bad_one(bad_first: bool) -> None:
    with (
        HostileServer({"/": answer(b"good")}, address="127.0.0.2") as good,
        HostileServer({"/": answer(b"bad")}, address="127.0.0.1", port=good.port) as bad,
    ):
        addresses = ("127.0.0.1", "127.0.0.2") if bad_first else ("127.0.0.2", "127.0.0.1")
        options = replace(
            STRICT,
            allow_networks=(ip_network("127.0.0.2/32"),),
            resolve=(f"mixed.example:{good.port}:{','.join(addresses)}",),
        )
        request = FetchRequest(url=good.url("/", host="mixed.example"))
        with fetcher_with(options) as fetcher:
            if bad_first:
                assert isinstance(failure_of(fetcher, request), AddressRefused)
                assert good.connections == 0
            else:
                assert fetcher.fetch(request).body == b"good"
        assert bad.connections == 0


def test_a_name_whose_good_address_is_dead_is_refused_for_its_bad_one() -> None:
    with HostileServer({"/": answer(b"bad")}) as bad:
        options = replace(
            STRICT,
            allow_networks=(ip_network("127.0.0.2/32"),),
            resolve=(f"mixed.example:{bad.port}:127.0.0.2,127.0.0.1",),
        )
        with fetcher_with(options) as fetcher:
            error = failure_of(fetcher, bad.url("/", host="mixed.example"))
        assert isinstance(error, AddressRefused)
        assert bad.connections == 0


def test_proxies_in_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        HostileServer({"/": answer(b"proxy")}) as proxy,
        HostileServer({"/": answer(b"own")}) as own,
    ):
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with fetcher_with(LOOPBACK) as fetcher:
            assert fetcher.fetch(FetchRequest(url=own.url("/"))).body == b"own"
        with fetcher_with(STRICT) as fetcher:
            assert isinstance(failure_of(fetcher, own.url("/")), AddressRefused)
        assert proxy.connections == 0


def test_no_credentials_and_no_cookies_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    routes = {
        "/": answer(b"", 302, "Location: /b", "Set-Cookie: id=1"),
        "/b": answer(b"ok", 200, "Set-Cookie: id=2"),
    }
    with HostileServer(routes) as server, fetcher_with(LOOPBACK) as fetcher:
        for _ in range(2):
            fetcher.fetch(FetchRequest(url=server.url("/")))
        for asked in server.requests:
            assert not {"cookie", "authorization", "proxy-authorization"} & set(asked.headers)


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "gopher://127.0.0.1:8080/", "dict://127.0.0.1/"]
)
def test_the_library_itself_speaks_nothing_but_http(url: str, sockets: Sockets) -> None:
    caps = Caps(wire=1000, inflated=1000, ratio=2)
    errand = Errand(url=url, headers=(), seconds=5, connect_seconds=5, ca_file=None, ca_folder=None)
    wire = Wire((), None)
    outcome = wire.carry(
        errand,
        Gate((ip_network("127.0.0.0/8"),), None),
        answered := Answer(caps, conditional=False),
        threading.Event(),
    )
    wire.close()
    assert outcome is not None
    assert outcome[0] == 1
    assert not answered.body
    assert sockets.asked == 0


def test_the_refusal_says_where_the_url_leads_and_hides_its_query() -> None:
    options: FetchOptions = replace(STRICT, resolve=("inside.example:80:10.0.0.1",))
    with fetcher_with(options) as fetcher:
        error = failure_of(fetcher, "http://inside.example/feed?token=s3cret")
    assert str(error) == (
        "http://inside.example/feed?…: it leads to 10.0.0.1 port 80, "
        "which is not public and not allowed"
    )
