"""Redirects: a host takes the better gateway that its gateway names, and nobody else's word for it.

[RFC1122 3.2.2.2]: a host that gets a redirect MUST update its routes; one whose new gateway is not
on the link, or that does not come from the gateway in use, SHOULD be silently discarded.
[RFC1122 3.3.1.2]: one for a network is treated as one for the host. [RFC1122 3.3.1.4]: a gateway
that does not answer any more is not used.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from lockwire import shows

HOST, FAR = "10.0.0.1", "192.0.2.1"
MACS = {"10.0.0.254": "02:00:00:00:00:fe", "10.0.0.253": "02:00:00:00:00:fd",
        "10.0.0.252": "02:00:00:00:00:fc"}
FIRST, SECOND, THIRD = MACS


class Lan:
    """Host a, whose gateway is FIRST, and a tester who bears the addresses of three routers."""

    def __init__(self, net, static=True, **options):
        self.net = net
        self.lan = net.segment("lan", kind="hub")
        self.a = net.host("a", self.lan, ip=f"{HOST}/24", gw=FIRST, **options)
        self.wire = self.lan.port("routers", mac="02:00:00:00:00:f0")
        for ip, mac in MACS.items():
            if static:
                self.a.arp_static(ip, mac)
        self.socket = self.a.udp(5000)
        net.run(until="1ms")
        self.wire.clear()

    def way(self, dst=FAR, data=b"x"):
        """The MAC that a datagram to dst is sent to."""
        self.socket.send(data, dst, 9)
        frames = [p for p in self.wire.sniff(timeout="10ms") if UDP in p]
        assert {p[IP].dst for p in frames} == {dst}
        assert len({p.dst for p in frames}) == 1
        return frames[0].dst

    def quote(self, dst=FAR, **fields):
        """Header and 8 octets of a datagram that the host sent to dst."""
        sent = dict(src=HOST, dst=dst, id=1)
        sent.update(fields)
        return bytes(IP(**sent) / UDP(sport=5000, dport=9) / b"x")[:28]

    def redirect(self, to=SECOND, src=FIRST, code=1, quote=None, dst=HOST):
        """A redirect arrives; returns what the host has dropped so far."""
        self.wire.send(Ether(src=MACS[FIRST], dst=self.a.mac) / IP(src=src, dst=dst)
                       / ICMP(type=5, code=code, gw=to) / Raw(quote or self.quote()))
        self.net.run(for_="1ms")
        return self.a.stats()["drops"]


@pytest.fixture
def lan(net):
    """lan(**options): a Lan whose host has these options."""
    def make(static=True, **options):
        return Lan(net, static, **options)
    return make


@pytest.mark.parametrize("code", [0, 1, 2, 3], ids=["net", "host", "tos-net", "tos-host"])
def test_redirect_from_the_gateway_is_followed(lan, code):
    """[RFC1122 3.2.2.2]: for that destination and no other, from the next datagram on; it is no
    error of the socket's."""
    b = lan()
    assert b.way() == MACS[FIRST]
    with shows("RQ-1122-39"):
        assert b.redirect(code=code) == {}
        assert b.way() == MACS[SECOND]
        assert b.way("192.0.2.2") == MACS[FIRST]
        assert b.way("10.0.0.254") == MACS[FIRST]
    assert b.socket.recv(timeout="1s") is None
    assert b.a.stats()["mib2"]["icmpinredirects"] == 1


def test_fragments_take_the_new_way_too(lan):
    """[RFC1122 3.2.2.2]: all pieces of a large datagram."""
    b = lan()
    b.redirect()
    assert b.way(data=bytes(4000)) == MACS[SECOND]


def test_a_second_redirect_comes_from_the_new_gateway(lan):
    """[RFC1122 3.2.2.2]: the gateway in use is the one that was named last: the old one has no say
    in this any more."""
    b = lan()
    b.redirect(to=SECOND)
    with shows("RQ-1122-40"):
        assert b.redirect(to=THIRD, src=FIRST) == {"icmp_redirect_source": 1}
        assert b.way() == MACS[SECOND]
    with shows("RQ-1122-39"):
        assert b.redirect(to=THIRD, src=SECOND) == {"icmp_redirect_source": 1}
        assert b.way() == MACS[THIRD]
    assert b.redirect(to=FIRST, src=THIRD) == {"icmp_redirect_source": 1}
    assert b.way() == MACS[FIRST]


BAD = {
    "from-another-router": (dict(src=SECOND), "icmp_redirect_source"),
    "from-off-the-link": (dict(src="192.0.2.99"), "icmp_redirect_source"),
    "to-off-the-link": (dict(to="10.0.1.253"), "icmp_redirect_gateway"),
    "to-ourselves": (dict(to=HOST), "icmp_redirect_gateway"),
    "to-broadcast": (dict(to="10.0.0.255"), "icmp_redirect_gateway"),
    "to-group": (dict(to="224.0.0.1"), "icmp_redirect_gateway"),
    "to-zero": (dict(to="0.0.0.0"), "icmp_redirect_gateway"),
    "to-loopback": (dict(to="127.0.0.1"), "icmp_redirect_gateway"),
    "code-4": (dict(code=4), "icmp_bad_code"),
    "code-255": (dict(code=255), "icmp_bad_code"),
}


@pytest.mark.parametrize("fields, reason", BAD.values(), ids=BAD)
def test_illegal_redirect_is_discarded(lan, fields, reason):
    """[RFC1122 3.2.2.2]: silently, by its name, and nothing changes."""
    b = lan()
    assert b.way() == MACS[FIRST]
    with shows("RQ-1122-40"):
        assert b.redirect(**fields) == {reason: 1}
        assert b.way() == MACS[FIRST]
    assert b.socket.recv(timeout="1s") is None


QUOTES = {
    "neighbour": (dict(dst="10.0.0.9"), "icmp_redirect_destination"),
    "ourselves": (dict(dst=HOST), "icmp_redirect_destination"),
    "broadcast": (dict(dst="255.255.255.255"), "icmp_redirect_destination"),
    "subnet-broadcast": (dict(dst="10.0.0.255"), "icmp_redirect_destination"),
    "group": (dict(dst="239.1.2.3"), "icmp_redirect_destination"),
    "loopback": (dict(dst="127.0.0.1"), "icmp_redirect_destination"),
    "class-e": (dict(dst="240.0.0.1"), "icmp_redirect_destination"),
    "foreign-source": (dict(src="10.0.0.77"), "icmp_bad_quote"),
    "later-fragment": (dict(frag=3), "icmp_bad_quote"),
    "version": (dict(version=6), "icmp_bad_quote"),
}


@pytest.mark.parametrize("fields, reason", QUOTES.values(), ids=QUOTES)
def test_quote_that_needs_no_gateway(lan, fields, reason):
    """[RFC1122 3.2.2.2]: a datagram that we did not send, or that no gateway had a part in."""
    b = lan()
    assert b.redirect(quote=b.quote(**fields)) == {reason: 1}
    assert b.way() == MACS[FIRST]


@pytest.mark.parametrize("length", [0, 19, 20, 27])
def test_quote_that_is_too_short(lan, length):
    """[RFC1122 3.2.2]: less than header and 8 octets is no quote."""
    b = lan()
    assert b.redirect(quote=b.quote()[:length] or Raw()) == {"icmp_bad_quote": 1}
    assert b.way() == MACS[FIRST]


def test_quote_with_another_of_our_addresses(lan):
    """[RFC1122 3.2.2.2]: a redirect is sent to the source of what it is about."""
    b = lan()
    b.a.netif(b.net.segment("other"), ip="10.9.0.1/24")
    assert b.redirect(quote=b.quote(src="10.9.0.1")) == {"icmp_bad_quote": 1}
    assert b.redirect(dst="10.9.0.1", quote=b.quote(src="10.9.0.1")) == {"icmp_bad_quote": 1}
    assert b.way() == MACS[SECOND]


@pytest.mark.parametrize("options", [dict(ip_redirects=0), dict(ip_forward=1)],
                         ids=["switched-off", "router"])
def test_host_that_obeys_no_redirect(lan, options):
    """[RFC1812 5.2.7.2]: a router MUST NOT; a host may be told not to."""
    b = lan(**options)
    assert b.redirect() == {"icmp_redirect": 1}
    assert b.way() == MACS[FIRST]


@pytest.mark.parametrize("name, value", [("ip_redirects", 0), ("ip_forward", 1)])
def test_option_takes_effect_at_once(lan, name, value):
    """[RFC1122 3.2.2.2]: what was learnt is not used while the host shall not obey."""
    b = lan()
    before = b.a.options[name]
    b.redirect()
    assert b.way() == MACS[SECOND]
    b.a.options[name] = value
    assert b.way() == MACS[FIRST]
    b.a.options[name] = before
    assert b.way() == MACS[SECOND]


@pytest.mark.parametrize("maxage", [1, 600])
@pytest.mark.exact_ms
def test_route_ages(lan, maxage):
    """[RFC1122 3.3.1.3]: to the millisecond; a redirect that comes again makes it young."""
    b = lan(ip_redirect_maxage=maxage)
    assert b.a.options["ip_redirect_maxage"] == maxage
    b.net.run(until="1s")
    b.redirect()
    b.net.run(until=1.5)
    b.wire.send(Ether(src=MACS[SECOND], dst=b.a.mac) / IP(src=SECOND, dst=HOST)
                / ICMP(type=5, code=1, gw=THIRD) / Raw(b.quote()))
    end = 1_500_000_000 + maxage * 1_000_000_000
    learnt = b.net.snapshot()
    b.net.sleep_ns(end - 1 - b.net.now_ns)
    assert b.way() == MACS[THIRD]
    b.net.restore(learnt)
    b.net.sleep_ns(end - b.net.now_ns)
    assert b.way() == MACS[FIRST]


def test_cache_is_bounded(lan):
    """[RFC1122 3.3.1.3]: with room for two, the oldest of three makes way."""
    b = lan(ip_redirects=2)
    for last in (1, 2, 1, 3):
        gateway = SECOND if b.way(f"192.0.2.{last}") == MACS[FIRST] else FIRST
        b.redirect(to=gateway if gateway == SECOND else THIRD,
                   src=FIRST if gateway == SECOND else SECOND, quote=b.quote(f"192.0.2.{last}"))
    assert [b.way(f"192.0.2.{last}") for last in (1, 2, 3)] == [
        MACS[THIRD], MACS[FIRST], MACS[SECOND]]


CHANGES = {
    "address": dict(ip="10.0.0.2/24", gw=FIRST),
    "mask": dict(ip="10.0.0.1/25", gw=FIRST),
    "gateway": dict(ip="10.0.0.1/24", gw=THIRD),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_of_the_interface_forgets_the_route(lan, change):
    """[RFC1122 3.3.1.3]: it was learnt by another address, mask or gateway."""
    b = lan()
    b.redirect()
    b.a.interfaces[0].set(**change)
    b.a.arp_static(THIRD, MACS[THIRD])
    b.net.run(for_="1ms")
    b.wire.clear()
    with b.a.udp() as socket:
        socket.send(b"x", FAR, 9)
    frame = b.wire.recv(timeout="1ms")
    expected = change["gw"] if change["ip"] != "10.0.0.1/25" else None
    if expected is None:  # the gateway is no neighbour any more: the link asks for it all the same
        assert ARP in frame or frame.dst == MACS[FIRST]
    else:
        assert frame.dst == MACS[expected]


@pytest.mark.parametrize("how", ["interface", "cable"])
def test_interface_that_goes_down_forgets_the_route(lan, how):
    """[RFC1122 3.3.1.3]: and so does one whose cable is pulled."""
    b = lan()
    b.redirect()
    assert b.way() == MACS[SECOND]
    one = b.a.interfaces[0]
    for up in (False, True):
        if how == "cable":
            one.link(up=up)
        else:
            one.set(up=up)
        b.net.run(for_="10ms")
    for ip, mac in MACS.items():
        b.a.arp_static(ip, mac)
    b.wire.clear()
    assert b.way() == MACS[FIRST]


def test_dead_gateway_of_a_redirect_is_left(lan):
    """[RFC1122 3.3.1.4]: its ARP entry is gone, five questions were not answered: back to the
    default gateway."""
    b = lan(static=False)
    b.wire.send(Ether(src=MACS[FIRST], dst=b.a.mac)
                / ARP(op=2, hwsrc=MACS[FIRST], psrc=FIRST, hwdst=b.a.mac, pdst=HOST))
    b.net.run(for_="1ms")
    b.redirect()
    b.socket.send(b"lost", FAR, 9)
    asked = [p for p in b.wire.sniff(timeout="6s") if ARP in p]
    assert [p[ARP].pdst for p in asked] == [SECOND] * 5
    with shows("RQ-1122-54"):
        assert b.a.stats()["drops"] == {"arp_unresolved": 1}
        assert b.way() == MACS[FIRST]


def test_raw_socket_sees_redirects(lan):
    """[RFC1122 3.2.2]: whatever the stack makes of them."""
    b = lan()
    raw = b.a.raw(1)
    assert b.redirect() == {}
    assert b.redirect(src=THIRD) == {}  # what a raw socket took is not lost
    assert [raw.recv(timeout="1ms").addr for _ in range(2)] == [FIRST, THIRD]
    assert b.way() == MACS[SECOND]


def test_two_hosts_and_two_routers(net):
    """[RFC1122 3.2.2.2]: without a tester: the router that redirects is one of ours."""
    lan, far = net.segment("lan", kind="hub"), net.segment("far", kind="hub")
    a = net.host("a", lan, ip="10.0.0.1/24", gw="10.0.0.254")
    net.host("r1", lan, ip="10.0.0.254/24", gw="10.0.0.253", ip_forward=1,
             ip_forward_allow_tx_on_rx_netif=1)
    r2 = net.host("r2", lan, ip="10.0.0.253/24", ip_forward=1)
    r2.netif(far, ip="192.0.2.254/24")
    b = net.host("b", far, ip="192.0.2.1/24", gw="192.0.2.254")
    inbox = b.udp(9)
    tap = lan.port("tap")
    socket = a.udp(5000)
    socket.send(b"1", "192.0.2.1", 9)
    assert inbox.recv(timeout="1s").ttl == 255 - 2
    socket.send(b"2", "192.0.2.1", 9)
    with shows("RQ-1122-39"):
        assert inbox.recv(timeout="1s").ttl == 255 - 1
    assert sum(ICMP in p and p[ICMP].type == 5 for p in tap.sniff(timeout="10ms")) == 1
