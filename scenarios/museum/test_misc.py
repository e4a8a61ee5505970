"""Bugs of other stacks in ICMP, UDP and IP, those of IPv6 in their IPv4 form [RFC792][RFC1122]."""

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"
BROADCAST = "ff:ff:ff:ff:ff:ff"


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


@pytest.mark.parametrize("data", [bytes(32), bytes(33), b"", bytes(1472)],
                         ids=["32", "33", "none", "1472"])
@pytest.mark.parametrize("rx", ["pool", "flat"], ids=lambda rx: f"MB-MISC-01/{rx}")
def test_checksum_of_an_echo_of_zeros(bench, rx, data):
    """Everything in the reply is 0: its checksum is 0xffff [RFC1071], which the sum over the
    message confirms."""
    b = bench(rx=rx)
    b.to_host(IP(src=TESTER, dst=HOST) / ICMP(type=8, id=0, seq=0) / Raw(data))
    reply = b.wire.recv(timeout="1ms")
    message = bytes(reply)[34:34 + 8 + len(data)]
    assert message == b"\0\0\xff\xff" + bytes(4 + len(data))


@pytest.mark.parametrize("lite", [False, True], ids=["MB-MISC-06/udp", "MB-MISC-06/udplite"])
def test_checksum_of_zero(bench, lite):
    """0 means "none" for UDP over IPv4 alone: such a datagram is taken. UDP-Lite forbids it, as
    does IPv6: dropped and counted [RFC768][RFC3828 3.1]."""
    b = bench()
    socket = b.a.udp(7, lite=lite)
    octets = b"\x0f\xa0\x00\x07" + (b"\0\0" if lite else b"\0\x0c") + b"\0\0data"
    b.to_host(IP(src=TESTER, dst=HOST, proto=136 if lite else 17) / Raw(octets))
    got = socket.recv(timeout="1ms")
    assert (got is None) if lite else (got.data == b"data")
    assert b.drops() == ({"udplite_zero_checksum": 1} if lite else {})
    assert b.a.stats()["lwip"]["udp"]["chkerr"] == int(lite)
    b.works()


@pytest.mark.parametrize("what", ["closed port", "protocol", "option"])
@pytest.mark.parametrize("mac", [BROADCAST, "01:00:5e:00:00:01", "01:00:5e:7f:00:01"],
                         ids=["MB-MISC-07/broadcast", "MB-MISC-07/all-systems",
                              "MB-MISC-07/group"])
def test_link_layer_broadcast_causes_no_error(bench, mac, what):
    """A datagram to the host's own address, but in a frame to everybody, that a single frame would
    have answered with an ICMP error [RFC1122 3.2.2]."""
    b = bench()
    packet = {"closed port": IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=9) / b"x",
              "protocol": IP(src=TESTER, dst=HOST, proto=253) / b"x",
              "option": IP(src=TESTER, dst=HOST, options=b"\x07\x01\x04\x00") / UDP(dport=9)}[what]
    b.to_host(packet, dst=mac)
    b.works()
    b.to_host(packet)
    assert b.wire.recv(timeout="1ms")[ICMP].type in (3, 12)


@pytest.mark.parametrize("rate, burst", [(10, 10), (100, 5), (1000, 1)],
                         ids=["MB-MISC-08/10-per-s", "MB-MISC-08/100-per-s",
                              "MB-MISC-08/1000-per-s"])
@pytest.mark.exact_ms
def test_errors_are_limited(bench, rate, burst):
    """1000 datagrams to a closed port within 100 ms: a burst, and then what the rate allows in that
    time, no more."""
    b = bench(icmp_error_rate=rate, icmp_error_burst=burst)
    frame = bytes(Ether(src=b.wire.mac, dst=b.a.mac) / IP(src=TESTER, dst=HOST)
                  / UDP(sport=4000, dport=9))
    start = b.net.now_ns
    for i in range(1000):
        b.net.sleep_ns(start + 100_000 * i - b.net.now_ns)
        b.wire.send(frame)
    b.net.run(for_="1ms")
    # the first, at millisecond 1, finds a full bucket; the last comes in millisecond 100
    errors = min(burst + 99 * rate // 1000, 1000)
    if rate == 1000:
        errors = 100  # one each millisecond, from 1 to 100
    heard = b.wire.sniff(timeout=0)
    assert [(p[ICMP].type, p[ICMP].code) for p in heard] == [(3, 3)] * errors
    assert b.drops() == {"udp_no_port": 1000, "icmp_error_limited": 1000 - errors}
    b.works()


@pytest.mark.parametrize("src, dst", [(HOST, HOST), ("10.9.0.1", HOST), (HOST, "10.0.0.255")],
                         ids=["itself", "other-interface", "broadcast"])
@pytest.mark.parametrize("packet", [TCP(sport=80, dport=80, flags="S"), UDP(sport=7, dport=7),
                                    ICMP(type=8)],
                         ids=["MB-MISC-10/syn", "MB-MISC-10/udp", "MB-MISC-10/echo"])
def test_own_address_as_source_comes_from_nobody(bench, src, dst, packet):
    """A "land" packet claims to be ours: dropped before any protocol sees it; no answer, nothing
    kept [RFC1122 3.2.1.3]."""
    b = bench()
    b.a.netif(b.net.segment("other"), ip="10.9.0.1/24")
    b.net.run(for_="1ms")
    b.wire.clear()
    socket = b.a.udp(7)
    before = b.in_use()
    b.to_host(IP(src=src, dst=dst) / packet / Raw(b"land"))
    b.net.run(for_="1ms")
    assert b.drops() == {"ip4_own_source": 1}
    assert b.in_use() == before
    assert socket.recv(timeout=0) is None
    b.works()


@pytest.mark.parametrize("mtu", [0, 1, 27, 28, 48, 55, 67, 68, 100],
                         ids=lambda n: f"MB-PMTU-01/{n}")
def test_forged_fragmentation_needed_changes_nothing(bench, mtu):
    """A stranger claims that our answer was too big for such an MTU: the next long answer leaves
    in as many pieces as before, one, with all its octets."""
    b = bench()
    echo = IP(src=TESTER, dst=HOST) / ICMP(type=8, id=1, seq=1)
    b.to_host(echo / Raw(b"12345678"))
    answer = b.wire.recv(timeout="1ms")[IP]
    b.to_host(IP(src=TESTER, dst=HOST) / ICMP(type=3, code=4, nexthopmtu=mtu)
              / Raw(bytes(answer)[:36]))
    data = bytes(i & 0xFF for i in range(1400))
    b.to_host(echo / Raw(data))
    got = b.wire.sniff(timeout="10ms", count=1000)
    assert [(p[IP].len, p[IP].frag, p[IP].flags.MF, p[ICMP].load) for p in got] == [
        (1428, 0, False, data)]
    b.works()


@pytest.mark.parametrize("options, room", [(0, 48), (20, 24), (40, 8)],
                         ids=["MB-PMTU-01/plain", "MB-PMTU-01/20-options",
                              "MB-PMTU-01/40-options"])
def test_smallest_mtu_still_moves_octets(net, options, room):
    """A router cuts for an MTU of 68: each piece carries octets, at worst the eight that fit behind
    the longest header; no more pieces than are needed."""
    near, far = net.segment("near"), net.segment("far")
    router = net.host("r", near, ip="10.1.0.1/24", ip_forward=1)
    router.netif(far, ip="10.2.0.1/24", mtu=68)
    here, there = near.port("here"), far.port("there")
    router.arp_static("10.2.0.9", there.mac)
    net.run(until="10ms")
    there.clear()
    area = (b"\x88\x04\x12\x34" * (options // 4))  # stream identifiers, which go along
    data = bytes(i & 0xFF for i in range(120))
    here.send(Ether(src=here.mac, dst=router.mac)
              / IP(src="10.1.0.9", dst="10.2.0.9", id=7, proto=253, options=area) / Raw(data))
    got = [p[IP] for p in there.sniff(timeout="10ms")]
    assert [p.len - 20 - options for p in got] == [
        min(room, 120 - at) for at in range(0, 120, room)]
    assert b"".join(bytes(p)[20 + options:p.len] for p in got) == data
