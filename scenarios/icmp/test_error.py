"""The ICMP errors that a host sends: what they quote, where from, and when.

[RFC1122 3.2.2], [RFC1812 4.3.2]: an error quotes at least the IP header and 8 octets, unchanged.
Unreachable [RFC792 Dest Unreachable], [RFC1122 3.2.2.1], time exceeded, parameter problem
[RFC1122 3.2.2.5]; all with TOS 0.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP, fragment
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum

from lockwire import shows, wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"
LATENCY_NS = 50_000
FILLING = 850  # octets of data that leave no room for anything in a heap of 1024


def error(a, wire, quote, src=HOST, ip_id=0, **icmp):
    """The frame of an error about `quote`, as it has to be, with Scapy's checksums."""
    packet = (Ether(src=a.mac, dst=wire.mac) / IP(src=src, dst=TESTER, id=ip_id, ttl=255, tos=0)
              / ICMP(**icmp) / Raw(quote))
    return bytes(packet).ljust(60, b"\0")


def framed(a, wire, ip):
    """To the host."""
    return Ether(src=wire.mac, dst=a.mac) / ip


def strange(proto=17, **ip):
    """An IP header of the tester with fields that are easily spoilt on the way."""
    return IP(src=TESTER, dst=ip.pop("dst", HOST), proto=proto, id=0xABCD, ttl=3, tos=0xB8,
              flags="DF", **ip)


@pytest.mark.exact_virtual
@pytest.mark.parametrize("size", [0, 1, 8, 100, 1472])
def test_closed_port_is_unreachable(bench, still_answers, size):
    """[RFC1122 3.2.2.1]: code 3; header and UDP header return as they came, and no octet more."""
    a, wire = bench()
    sent = framed(a, wire, strange() / UDP(sport=4000, dport=9) / Raw(bytes(size)))
    wire.send(sent)
    got = wire.recv_bytes(timeout=1)
    with shows("RQ-792-02"):
        assert got.data == error(a, wire, bytes(sent[IP])[:28], type=3, code=3)
    assert got.t_ns == 1_000_000 + 2 * wire_time(len(sent)) + 2 * wire_time(70) + 2 * LATENCY_NS
    stats = a.stats()
    assert stats["drops"] == {"udp_no_port": 1}
    assert (stats["lwip"]["icmp"]["xmit"], stats["mib2"]["udpnoports"]) == (1, 1)
    assert (stats["mib2"]["icmpoutmsgs"], stats["mib2"]["icmpoutdestunreachs"]) == (1, 1)
    still_answers(a, wire)


@pytest.mark.parametrize("proto", [0, 4, 41, 132, 254, 255])
@pytest.mark.parametrize("size", [0, 3, 8, 64])
def test_unknown_protocol_is_unreachable(bench, still_answers, proto, size):
    """[RFC1122 3.2.2.1]: code 2; where there are fewer than 8 octets, those that are."""
    a, wire = bench()
    sent = framed(a, wire, strange(proto) / Raw(bytes(range(1, size + 1))))
    wire.send(sent)
    quote = bytes(sent[IP])[:20 + min(size, 8)]
    assert wire.recv_bytes(timeout=1).data == error(a, wire, quote, type=3, code=2)
    assert a.stats()["drops"] == {"ip4_no_protocol": 1}
    assert a.stats()["mib2"]["ipinunknownprotos"] == 1
    still_answers(a, wire)


def test_quote_holds_all_options(bench):
    """[RFC792]: the internet header with its options is quoted, then 8 octets of data."""
    a, wire = bench()
    sent = framed(a, wire, strange(options=bytes([1] * 39) + b"\0") / UDP(dport=9) / Raw(bytes(50)))
    wire.send(sent)
    assert wire.recv_bytes(timeout=1).data == \
        error(a, wire, bytes(sent[IP])[:68], type=3, code=3)


def test_error_comes_from_the_address_that_was_used(net, bench):
    """[RFC1122 3.2.2]: the source is the address that the datagram went to, if that is ours."""
    a, wire = bench()
    other = net.segment("other")
    a.netif(other, ip="10.9.0.1/24")
    sent = framed(a, wire, strange(dst="10.9.0.1") / UDP(dport=9))
    wire.send(sent)
    assert wire.recv_bytes(timeout=1).data == \
        error(a, wire, bytes(sent[IP])[:28], src="10.9.0.1", type=3, code=3)


OPTIONS = [(b"\x07", 20, "type-without-length"), (b"\x44\x00\x05\x00", 21, "length-0"),
           (b"\x44\x01\x05\x00", 21, "length-1"), (b"\x07\x0b\x04\x00", 21, "length-beyond-header"),
           (b"\x01\x01\x07\x03\x03\x00\x00\x00", 24, "route-pointer-too-small"),
           (b"\x07\x07\x05\x00\x00\x00\x00\x00", 22, "route-pointer-between-slots"),
           (b"\x44\x08\x05\x02\x00\x00\x00\x00", 23, "timestamp-flag-unknown"),
           (b"\x44\x08\x04\x00\x00\x00\x00\x00", 22, "timestamp-pointer-too-small"),
           (b"\x94\x03\x00\x00", 21, "router-alert-of-3"),
           (b"\x83\x03\x04\x89\x03\x04\x01\x01", 23, "second-source-route")]


@pytest.mark.parametrize("options, pointer", [o[:2] for o in OPTIONS], ids=[o[2] for o in OPTIONS])
def test_bad_option_is_a_parameter_problem(bench, still_answers, options, pointer):
    """[RFC1122 3.2.2.5]: the pointer names the octet that is wrong; the whole header is quoted.

    [RFC1122 3.2.1.8(c)] a second source route; [RFC2113 2.1] a router alert of another length."""
    a, wire = bench()
    lead = b"\x01" * (-len(options) % 4) if len(options) == 1 else b""
    area = lead + options
    header = IP(src=TESTER, dst=HOST, id=9, proto=1, ihl=5 + len(area) // 4,
                len=20 + len(area) + 8)
    raw = bytearray(bytes(header)[:20] + area)
    raw[10:12] = b"\0\0"
    raw[10:12] = checksum(bytes(raw)).to_bytes(2, "big")
    raw += bytes(ICMP(type=8))
    wire.send(Ether(src=wire.mac, dst=a.mac, type=0x0800) / Raw(bytes(raw)))
    got = wire.recv_bytes(timeout=1)
    with shows("RQ-792-06"):
        assert got.data == error(a, wire, bytes(raw), type=12, code=0, ptr=pointer + len(lead))
    assert a.stats()["drops"] == {"ip4_bad_option": 1}
    assert a.stats()["lwip"]["ip"]["opterr"] == 1
    still_answers(a, wire)


@pytest.mark.parametrize("option", [b"\x83\x07\x04\xc0\x00\x02\x01\x00",
                                    b"\x89\x07\x08\xc0\x00\x02\x01\x00"],
                         ids=["loose", "strict-at-end"])
def test_source_route_is_refused(bench, still_answers, option):
    """[RFC1122 3.3.5]: code 5, source route failed, though this host is its end."""
    a, wire = bench()
    sent = framed(a, wire, strange(options=option) / UDP(dport=9))
    wire.send(sent)
    assert wire.recv_bytes(timeout=1).data == \
        error(a, wire, bytes(sent[IP])[:36], type=3, code=5)
    assert a.stats()["drops"] == {"ip4_source_route": 1}
    still_answers(a, wire)


@pytest.mark.exact_ms
def test_reassembly_that_ends_without_a_piece_is_told(bench, still_answers):
    """[RFC1122 3.3.2]: time exceeded, code 1, after 60 s, quoting the first fragment as it came."""
    a, wire = bench()
    first, *_ = fragment(IP(src=TESTER, dst=HOST, id=5) / UDP(dport=9) / Raw(bytes(2000)), 1480)
    sent = framed(a, wire, first)
    wire.send(sent)
    came = 1_000_000 + 2 * wire_time(1514) + LATENCY_NS
    due = (came // 1_000_000 + 60_000) * 1_000_000  # the host's clock has whole milliseconds
    got = wire.recv_bytes(timeout="2min")
    assert got.t_ns == due + 2 * wire_time(70) + LATENCY_NS
    assert got.data == error(a, wire, bytes(first)[:28], type=11, code=1)
    stats = a.stats()
    assert stats["drops"] == {"ip4_reass_timeout": 1}
    assert (stats["mib2"]["ipreasmfails"], stats["mib2"]["icmpouttimeexcds"]) == (1, 1)
    still_answers(a, wire)


def test_reassembly_without_the_first_fragment_ends_in_silence(bench, still_answers):
    """[RFC792 Time Exceeded]: without fragment zero no time exceeded need be sent."""
    a, wire = bench()
    _, last = fragment(IP(src=TESTER, dst=HOST, id=5) / UDP(dport=9) / Raw(bytes(2000)), 1480)
    wire.send(framed(a, wire, last))
    assert len(wire.sniff(timeout="2min")) == 0
    assert a.stats()["drops"] == {"ip4_reass_timeout": 1}
    assert a.stats()["mib2"]["ipreasmfails"] == 1
    still_answers(a, wire)


def test_router_tells_of_a_time_to_live_that_ran_out(net, bench, still_answers):
    """[RFC1812 5.3.1]: type 11, code 0, from where it came in; nothing leaves the other."""
    a, wire = bench(ip_forward=1)
    other = net.segment("other")
    a.netif(other, ip="10.9.0.1/24")
    far = other.port("far")
    net.run(for_="1ms")
    far.clear()
    sent = framed(a, wire, IP(src=TESTER, dst="10.9.0.7", ttl=1, id=1) / UDP(dport=9) / b"far")
    wire.send(sent)
    assert wire.recv_bytes(timeout=1).data == \
        error(a, wire, bytes(sent[IP])[:28], type=11, code=0)
    assert far.pending == 0
    assert a.stats()["drops"] == {"ip4_forward_ttl": 1}
    still_answers(a, wire)


def test_router_tells_of_a_datagram_too_big_with_its_mtu(net, bench, still_answers):
    """[RFC1191 4]: type 3, code 4, with the next link's MTU in the low half of the second word."""
    a, wire = bench(ip_forward=1)
    a.netif(net.segment("other"), ip="10.9.0.1/24", mtu=576)
    sent = framed(a, wire, IP(src=TESTER, dst="10.9.0.7", flags="DF", id=1) / UDP(dport=9)
                  / Raw(bytes(576)))
    wire.send(sent)
    assert wire.recv_bytes(timeout=1).data == \
        error(a, wire, bytes(sent[IP])[:28], type=3, code=4, nexthopmtu=576)
    assert a.stats()["drops"] == {"ip4_forward_df": 1}
    still_answers(a, wire)


def test_error_without_a_route_to_the_source(net, bench):
    """[RFC1122 3.2.2]: when the only way back has no link, the error is given up, counted."""
    a, wire = bench()
    other = net.segment("other")
    b = a.netif(other, ip="10.9.0.1/24")
    far = other.port("far", mac="02:00:00:00:00:fd")
    net.run(for_="1ms")
    a.link(up=False)
    far.clear()
    far.send(Ether(dst=b.mac) / IP(src="192.0.2.1", dst="10.9.0.1") / UDP(dport=9))
    assert len(far.sniff(timeout="1s")) == 0
    assert a.stats()["drops"] == {"udp_no_port": 1, "icmp_error_no_route": 1}
    assert a.stats()["mib2"]["icmpouterrors"] == 1


def test_error_without_memory(net, bench, still_answers):
    """[RFC1122 3.2.2]: with the heap full the datagram is refused, and nothing leaks."""
    a, wire = bench(mem_size=1024)
    held = a.udp(5000)
    held.send(bytes(FILLING), "10.0.0.77", 9)  # waits for an address that nobody has
    net.run(for_="1ms")
    wire.clear()
    used = a.stats()["mem"]["used"]
    wire.send(framed(a, wire, strange() / UDP(dport=9)))
    net.run(for_="1ms")
    assert a.stats()["drops"] == {"udp_no_port": 1, "icmp_error_no_memory": 1}
    assert (a.stats()["lwip"]["icmp"]["memerr"], a.stats()["mem"]["used"]) == (1, used)
    net.run(for_="10s")  # ARP has given up
    wire.clear()
    assert a.stats()["drops"]["arp_unresolved"] == 1
    still_answers(a, wire)
