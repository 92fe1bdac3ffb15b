"""The guard: public addresses on four ports, everything else only by name."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.fetch.exchange import Endpoint
from feedsvc.fetch.guard import PUBLIC_PORTS, Network, admitted, read_address

CLOSED = {
    "0.0.0.0": "this host",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "100.64.0.1": "carrier-grade NAT",
    "100.100.100.200": "metadata",
    "100.127.255.255": "carrier-grade NAT",
    "169.254.0.1": "link-local",
    "169.254.169.254": "metadata",
    "192.0.0.9": "protocol assignments",
    "192.0.0.192": "metadata",
    "192.0.2.1": "documentation",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "198.18.0.1": "benchmarks",
    "198.19.255.255": "benchmarks",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::127.0.0.1": "v4-compatible",
    "::8.8.8.8": "v4-compatible",
    "::ffff:127.0.0.1": "v4-mapped",
    "::ffff:7f00:1": "v4-mapped",
    "::ffff:169.254.169.254": "v4-mapped",
    "::ffff:0:127.0.0.1": "v4-translated",
    "64:ff9b::7f00:1": "NAT64",
    "64:ff9b::8.8.8.8": "NAT64",
    "64:ff9b:1::7f00:1": "local NAT64",
    "100::1": "discard",
    "2001::1": "Teredo",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
    "2001:20::1": "ORCHID",
    "2001:db8::1": "documentation",
    "2002:7f00:1::1": "6to4",
    "2002:808:808::1": "6to4",
    "3fff::1": "documentation",
    "5f00::1": "segment routing",
    "fc00::1": "unique local",
    "fd00:ec2::254": "metadata",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local with a scope",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}
OPEN = ("8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111")
NOT_ADDRESSES = ("", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5", "[::1]")


def judge(
    address: str,
    port: int,
    networks: tuple[Network, ...] = (),
    endpoint: Endpoint | None = None,
) -> bool:
    return admitted(address, port, networks=networks, endpoint=endpoint)


@pytest.mark.parametrize("address", CLOSED)
def test_special_addresses_are_refused_on_every_port(address: str) -> None:
    assert not any(judge(address, port) for port in (*PUBLIC_PORTS, 25, 6379))


@pytest.mark.parametrize("address", OPEN)
def test_public_addresses_are_admitted_on_four_ports(address: str) -> None:
    asked = {*range(-1, 1100), *range(8000, 8500), 6379, 65_535, 65_536, 65_616}
    assert {port for port in asked if judge(address, port)} == {80, 443, 8080, 8443}


@pytest.mark.parametrize("text", NOT_ADDRESSES)
def test_what_is_no_numeric_address_is_refused(text: str) -> None:
    assert not judge(text, 80, (ip_network("0.0.0.0/0"), ip_network("::/0")))


def test_an_allowed_network_admits_its_addresses_on_every_port_and_no_others() -> None:
    networks = (ip_network("10.2.0.0/16"), ip_network("fd00::/8"))
    assert judge("10.2.3.4", 25, networks)
    assert judge("::ffff:10.2.3.4", 6379, networks)
    assert judge("fd12::1", 9000, networks)
    assert not judge("10.3.0.1", 80, networks)
    assert not judge("8.8.8.8", 25, networks)
    assert not judge("10.2.3.4", 0, networks)


def test_an_endpoint_admits_that_address_and_port_alone() -> None:
    endpoint = Endpoint(address="127.0.0.1", port=9000)
    assert judge("127.0.0.1", 9000, (), endpoint)
    assert judge("::ffff:127.0.0.1", 9000, (), endpoint)
    assert not judge("127.0.0.1", 9001, (), endpoint)
    assert not judge("127.0.0.2", 9000, (), endpoint)
    assert not judge("::1", 9000, (), endpoint)


def test_an_endpoint_that_is_no_address_admits_nothing() -> None:
    assert not judge("127.0.0.1", 80, (), Endpoint(address="localhost", port=80))


@settings(max_examples=150, deadline=None)
@given(number=st.integers(0, 2**32 - 1), port=st.sampled_from([80, 25]))
def test_an_ipv4_address_and_its_mapped_form_are_judged_alike(number: int, port: int) -> None:
    address = IPv4Address(number)
    assert judge(str(address), port) == judge(str(IPv6Address((0xFFFF << 32) | number)), port)


@settings(max_examples=150, deadline=None)
@given(number=st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.ip_addresses()))
def test_what_python_calls_not_global_is_never_admitted(
    number: IPv4Address | IPv6Address,
) -> None:
    unwrapped = read_address(str(number))
    assert unwrapped is not None
    if not unwrapped.is_global or unwrapped.is_multicast or unwrapped.is_reserved:
        assert not judge(str(number), 443)


def test_a_mapped_address_is_read_as_what_it_maps() -> None:
    assert read_address("::ffff:10.0.0.1") == IPv4Address("10.0.0.1")
