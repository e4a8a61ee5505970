"""Whole paths: hosts behind two routers reach each other, and can see who is in between.

[RFC1812 5.3.1]: every hop takes one of the TTL, which is what traceroute lives on. [RFC791 3.1
Internet Timestamp]: and record route: each router writes itself down."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

from lockwire import IcmpError

A, C = "10.1.0.9", "10.3.0.9"
STAMPED = pytest.mark.sweep(exclude=["clock", "tick"],
                            reason="its time stamps are the routers' clocks")


class Path:
    """a - r1 - r2 - c, with all MACs known; `rates` of the three segments."""

    def __init__(self, net, rates=("100M", "100M", "100M"), **options):
        self.net = net
        one, two, three = self.lans = [net.segment(name, rate=rate, latency="50us")
                                       for name, rate in zip(("one", "two", "three"), rates)]
        self.a = net.host("a", one, ip=f"{A}/24", gw="10.1.0.1")
        self.r1 = net.host("r1", two, ip="10.2.0.1/24", gw="10.2.0.2", ip_forward=1, **options)
        r1_one = self.r1.netif(one, ip="10.1.0.1/24")
        self.r2 = net.host("r2", two, ip="10.2.0.2/24", gw="10.2.0.1", ip_forward=1, **options)
        r2_three = self.r2.netif(three, ip="10.3.0.1/24")
        self.c = net.host("c", three, ip=f"{C}/24", gw="10.3.0.1")
        for host, ip, mac in ((self.a, "10.1.0.1", r1_one.mac), (self.r1, A, self.a.mac),
                              (self.r1, "10.2.0.2", self.r2.mac),
                              (self.r2, "10.2.0.1", self.r1.mac),
                              (self.r2, C, self.c.mac), (self.c, "10.3.0.1", r2_three.mac)):
            host.arp_static(ip, mac)
        net.run(until="10ms")


@pytest.mark.exact_virtual
@pytest.mark.parametrize("size", [0, 56, 1472])
@pytest.mark.parametrize("rates", [("100M", "100M", "100M"), ("100M", "10M", "1G"),
                                   ("10M", "1G", "128k")],
                         ids="-".join)
def test_ping_across_two_routers(net, switched, size, rates):
    """[RFC1812 5.3.1]: three segments there and back; the answer has lost two hops on its way."""
    p = Path(net, rates)
    at = [net.now_ns]
    for rate in rates + rates[::-1]:
        at = switched(at, [42 + size], rate=rate)
    pong = p.a.ping(C, data=bytes(size), timeout="10s")
    assert (pong.rtt_ns, pong.ttl, pong.source, pong.data) == (at[0] - 10_000_000, 253, C,
                                                               bytes(size))
    for router in (p.r1, p.r2):
        assert router.stats()["mib2"]["ipforwdatagrams"] == 2
        assert router.stats()["drops"] == {}


@pytest.mark.exact_virtual
@pytest.mark.parametrize("ttl, hop", [(1, "10.1.0.1"), (2, "10.2.0.2"), (3, C)])
def test_traceroute(net, switched, ttl, hop):
    """[RFC1812 4.3.2.4]: each hop answers with the address of the interface the datagram came in
    by."""
    p = Path(net)
    at = [net.now_ns]
    if hop == C:
        assert p.a.ping(C, ttl=ttl).source == C
        return
    with pytest.raises(IcmpError) as told:
        p.a.ping(C, ttl=ttl)
    assert (told.value.type, told.value.code, told.value.source) == (11, 0, hop)
    for _ in range(ttl):
        at = switched(at, [60])
    for _ in range(ttl):
        at = switched(at, [70])
    assert net.now_ns == at[0]
    assert (p.r1, p.r2)[ttl - 1].stats()["drops"] == {"ip4_forward_ttl": 1}


def echo_with(net, p, options, ttl=64):
    """The datagram as c's raw socket sees it: an echo request of a with these options."""
    seen = p.c.raw(1)
    p.a.raw(1, hdrincl=True).send(bytes(IP(src=A, dst=C, id=5, ttl=ttl, options=options)
                                        / ICMP(type=8, id=1, seq=1) / Raw(b"route")), C)
    got = IP(seen.recv(timeout=1).data)
    return bytes(got), bytes(got)[20:got.ihl * 4]


def arrived(options, ttl=62):
    """What c has to see."""
    return bytes(IP(src=A, dst=C, id=5, ttl=ttl, options=options) / ICMP(type=8, id=1, seq=1)
                 / Raw(b"route"))


def packed(*addresses):
    """Addresses, four octets each."""
    return b"".join(bytes(int(part) for part in a.split(".")) for a in addresses)


@pytest.mark.parametrize("slots", [0, 1, 2, 3, 9])
def test_record_route(net, slots):
    """[RFC791 3.1]: each router writes the address it sends from, as long as there is room; the
    header checksum is right."""
    p = Path(net)
    free = b"\x07" + bytes([3 + 4 * slots, 4]) + bytes(4 * slots) + b"\x01"
    whole, options = echo_with(net, p, free)
    route = ["10.2.0.1", "10.3.0.1"][:slots]
    expected = b"\x07" + bytes([3 + 4 * slots, 4 + 4 * len(route)]) + packed(*route) \
        + bytes(4 * (slots - len(route))) + b"\x01"
    assert options == expected
    assert whole == arrived(expected)


def test_two_options_at_once(net):
    """[RFC791 3.1]: a nop in front, an option nobody knows, then record route: only that
    changes."""
    p = Path(net)
    whole, options = echo_with(net, p, b"\x01\x5e\x04ab" + b"\x07\x0b\x04" + bytes(8))
    assert options == b"\x01\x5e\x04ab" + b"\x07\x0b\x0c" + packed("10.2.0.1", "10.3.0.1")
    assert whole == arrived(options)


@STAMPED
def test_time_stamps(net):
    """[RFC791 3.1 Internet Timestamp]: milliseconds of the router's clock, marked as not standard;
    here both routers forward within the 11th millisecond of their clocks."""
    p = Path(net)
    stamp = (0x80000000 | 10).to_bytes(4, "big")
    whole, options = echo_with(net, p, b"\x44\x0c\x05\x00" + bytes(8))
    assert options == b"\x44\x0c\x0d\x00" + stamp + stamp
    assert whole == arrived(options)


@pytest.mark.parametrize("overflow, after", [(0, 1), (7, 8), (15, 15)])
@STAMPED
def test_time_stamps_overflow(net, overflow, after):
    """[RFC791 3.1 Internet Timestamp]: no room at the second router: it counts itself; 15 stays 15,
    for more would wrap."""
    p = Path(net)
    whole, options = echo_with(net, p, b"\x44\x08\x05" + bytes([overflow << 4]) + bytes(4))
    assert options == b"\x44\x08\x09" + bytes([after << 4]) + (0x80000000 | 10).to_bytes(4, "big")
    assert whole == arrived(options)


@STAMPED
def test_time_stamps_with_addresses(net):
    """[RFC791 3.1 Internet Timestamp]: flag 1: address and stamp, in pairs."""
    p = Path(net)
    stamp = (0x80000000 | 10).to_bytes(4, "big")
    whole, options = echo_with(net, p, b"\x44\x14\x05\x01" + bytes(16))
    assert options == b"\x44\x14\x15\x01" + packed("10.2.0.1") + stamp + packed("10.3.0.1") + stamp
    assert whole == arrived(options)


@pytest.mark.parametrize("asked, stamped", [(("10.2.0.2", "192.0.2.1"), 1),
                                            (("10.3.0.1", "10.2.0.1"), 1),
                                            (("10.1.0.1", "10.2.0.2"), 2),
                                            (("192.0.2.1", "10.2.0.2"), 0)],
                         ids=["second", "second only", "both", "none"])
@STAMPED
def test_time_stamps_of_those_asked(net, asked, stamped):
    """[RFC791 3.1 Internet Timestamp]: flag 3: a router stamps only when its address, any of them,
    is next on the list."""
    p = Path(net)
    slots = [packed(a) + bytes(4) for a in asked]
    whole, options = echo_with(net, p, b"\x44\x14\x05\x03" + b"".join(slots))
    for i in range(stamped):
        slots[i] = packed(asked[i]) + (0x80000000 | 10).to_bytes(4, "big")
    assert options == b"\x44\x14" + bytes([5 + 8 * stamped]) + b"\x03" + b"".join(slots)
    assert whole == arrived(options)


@pytest.mark.exact_virtual
@pytest.mark.parametrize("ttl", [8, 9])
def test_loop_ends_when_the_time_to_live_does(net, switched, ttl):
    """[RFC1812 5.3.1]: two routers that each take the other for the way out pass a datagram to and
    fro; after TTL - 1 times its source hears of it, and the wire is quiet. [RFC1812 4.3.2]: the
    error comes from the interface that it leaves by."""
    p = Path(net, ip_forward_allow_tx_on_rx_netif=1)
    last = (p.r2, p.r1)[ttl % 2]
    with pytest.raises(IcmpError) as told:
        p.a.ping("192.0.2.1", ttl=ttl, timeout="1s")
    assert (told.value.type, told.value.code) == (11, 0)
    assert told.value.source == ("10.1.0.1" if last is p.r1 else "10.2.0.2")
    at = [10_000_000]
    for length in [60] * ttl + [70] * (1 if last is p.r1 else 2):
        at = switched(at, [length])
    assert net.now_ns == at[0]
    assert last.stats()["drops"] == {"ip4_forward_ttl": 1}
    net.run(for_="1s")
    forwarded = [h.stats()["mib2"]["ipforwdatagrams"] for h in (p.r1, p.r2)]
    errors_on = 0 if last is p.r1 else 1
    assert forwarded == [ttl // 2 + errors_on, (ttl - 1) // 2]


def test_fault_on_the_second_link(net):
    """[RFC1812 5]: lost between the routers is lost; the next ping crosses."""
    p = Path(net)
    p.lans[1].faults.drop(nth=1, match={"ip.proto": 1})
    assert p.a.ping(C, timeout="1s") is None
    assert p.a.ping(C, timeout="1s").ttl == 253
