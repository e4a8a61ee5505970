"""RFC 1122's rules for IP, a scenario for each row of scripts/catalogue/rfc.tsv.

[RFC1122 3.2.1], [RFC1122 3.3]. Each says the rule once, from outside; the details have files of
their own here, in frag, igmp and netif. The program is harness/tests/apps/ip_view.c: what an
application sees and may say through lwIP's API."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import StackError, shows
from lockwire.paths import build_dir

HOST, TESTER, SECOND = "10.0.0.1", "10.0.0.254", "10.9.0.1"
PROGRAM = build_dir() / "apps" / "ip_view.so"
PING = ICMP(type=8, id=1, seq=2) / b"ping"


def ping_is(b, answered):
    """Whether what came back is one echo reply, or nothing."""
    replies = [p for p in b.wire.sniff(timeout="10ms")]
    assert [(p[IP].src, p[ICMP].type, p[ICMP].seq) for p in replies] == ([(HOST, 0, 2)] if answered
                                                                         else [])


def test_host_is_no_gateway(net, bench):
    """[RFC1122 3.1]: what is for others is not passed on, neither to its own link nor to the next;
    a host told to forward does."""
    b = bench()
    far = net.segment("far", latency="50us")
    b.a.netif(far, ip=f"{SECOND}/24")
    other = far.port("other", mac="02:00:00:00:00:0b")
    b.a.arp_static("10.9.0.7", other.mac)
    net.run(for_="1ms")
    other.clear()
    passed = IP(src=TESTER, dst="10.9.0.7") / UDP(sport=9, dport=9) / b"on, please"
    b.send(passed)
    net.run(for_="1ms")
    with shows("RQ-1122-11"):
        assert (other.pending, b.wire.pending) == (0, 0)
        assert b.a.stats()["drops"] == {"ip4_not_ours": 1}
    b.a.options["ip_forward"] = 1
    b.send(passed)
    assert other.recv(timeout="1ms")[IP].dst == "10.9.0.7"


@pytest.mark.parametrize("version", [0, 3, 5, 6, 15])
def test_other_version(bench, version):
    """[RFC1122 3.2.1.1]: silently discarded."""
    b = bench()
    sent = bytes(IP(src=TESTER, dst=HOST) / PING)
    b.send(b.spoilt(sent, 0, bytes([version << 4 | 5])))
    with shows("RQ-1122-12"):
        ping_is(b, False)
        assert b.a.stats()["drops"] == {"ip4_bad_version": 1}
    b.send(sent)
    ping_is(b, True)


@pytest.mark.parametrize("at", [1, 4, 6, 8, 9, 10, 12, 16, 19])
def test_header_with_a_flipped_bit(bench, at):
    """[RFC1122 3.2.1.2]: the checksum is verified; wherever the bit is (those of version and
    lengths are looked at before), no answer."""
    b = bench()
    sent = bytearray(bytes(IP(src=TESTER, dst=HOST) / PING))
    b.send(bytes(sent))
    ping_is(b, True)
    sent[at] ^= 0x01
    b.send(bytes(sent))
    with shows("RQ-1122-13"):
        ping_is(b, False)
        assert b.a.stats()["lwip"]["ip"]["chkerr"] == 1


def test_wrong_destination(bench):
    """[RFC1122 3.2.1.3]: silently discarded though the frame was for us."""
    b = bench()
    b.send(IP(src=TESTER, dst="10.0.0.77") / PING)
    with shows("RQ-1122-15"):
        ping_is(b, False)
        assert b.a.stats()["drops"] == {"ip4_not_ours": 1}
    b.send(IP(src=TESTER, dst=HOST) / PING)
    ping_is(b, True)


@pytest.mark.parametrize("src", ["10.0.0.255", "255.255.255.255", "224.1.1.1", "239.255.255.250",
                                 "127.0.0.1", "0.0.0.0", "240.0.0.1", HOST])
def test_impossible_source(bench, src):
    """[RFC1122 3.2.1.3], [RFC1122 4.1.3.6]: silently discarded, ping and datagram alike."""
    b = bench()
    b.send(IP(src=src, dst=HOST) / PING)
    b.send(b.datagram(src=src))
    b.send(IP(src=src, dst=HOST) / UDP(sport=9, dport=4444))
    b.net.run(for_="1ms")
    with shows("RQ-1122-16", "RQ-1122-71", "RQ-1122-35"):
        assert b.wire.pending == 0
        assert b.socket.recv(timeout=0) is None
        assert sum(b.a.stats()["drops"].values()) == 3
    b.still_works()


def test_loopback_never_leaves_nor_enters(bench):
    """[RFC1122 3.2.1.3(g)]: a datagram to 127.0.0.1 comes back inside; off the wire it is
    dropped; a header that says so does not leave."""
    b = bench()
    with shows("RQ-1122-17"):
        b.socket.send(b"to myself", "127.0.0.1", 7)
        assert b.socket.recv(timeout="1ms").data == b"to myself"
        assert b.wire.pending == 0
        b.send(b.datagram(dst="127.0.0.1"))
        b.send(b.datagram(src="127.0.0.1"))
        b.net.run(for_="1ms")
        assert b.socket.recv(timeout=0) is None
        assert b.a.stats()["drops"] == {"ip4_martian": 2}
        with b.a.raw(253, hdrincl=True) as raw, pytest.raises(StackError, match="ERR_RTE"):
            raw.send(bytes(IP(src="127.0.0.1", dst=TESTER, proto=253)), TESTER)
        assert b.wire.pending == 0


def pieces(data, size, **fields):
    """The datagram in fragments of `size` octets each."""
    whole = bytes(IP(src=TESTER, dst=HOST, id=77) / UDP(sport=4000, dport=7) / data)[20:]
    return [IP(src=TESTER, dst=HOST, id=77, proto=17, frag=at // 8,
               flags="MF" if at + size < len(whole) else 0, **fields) / whole[at:at + size]
            for at in range(0, len(whole), size)]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]], ids=str)
def test_reassembly(bench, order):
    """[RFC1122 3.2.1.4]: three fragments, in any order, are one datagram, once."""
    b = bench()
    data = bytes(range(200))
    three = pieces(data, 72)
    assert len(three) == 3
    for i in order:
        b.send(three[i])
    with shows("RQ-1122-18"):
        assert b.socket.recv(timeout="1ms").data == data
        assert b.socket.recv(timeout="100s") is None


@pytest.mark.parametrize("total", [576, 9000, 65535])
def test_effective_mtu_to_receive(bench, total):
    """[RFC1122 3.3.2]: at least 576; here as much as IP can say."""
    b = bench(ip_reass_max_pbufs=1000)
    data = bytes(i * 7 & 0xFF for i in range(total - 28))
    for piece in pieces(data, 256 if total == 576 else 1480):
        b.send(piece)
    with shows("RQ-1122-56"):
        assert b.socket.recv(timeout="1s").data == data


@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
@pytest.mark.exact_ms
def test_reassembly_that_ends(bench, first):
    """[RFC1122 3.3.2]: after 60 s, with a time exceeded only if the first fragment is there."""
    b = bench()
    arrives = b.send(pieces(bytes(100), 64)[0 if first else 1])
    got = b.wire.recv(timeout="200s")
    if first:
        with shows("RQ-1122-57", "RQ-1122-58"):
            assert (got[ICMP].type, got[ICMP].code) == (11, 1)
            # 60 s of the host's clock, which counts milliseconds
            assert arrives // 1_000_000 + 60_000 == got.time.ns // 1_000_000
            assert b.a.options["ip_reass_maxage"] == 60
        assert b.wire.recv(timeout="200s") is None
    else:
        with shows("RQ-1122-57"):
            assert got is None


@pytest.mark.parametrize("tos", [0, 0x10, 0xB8, 0xFF], ids=hex)
@pytest.mark.parametrize("ttl", [1, 64, 255])
def test_sender_sets_type_of_service_and_time_to_live(bench, tos, ttl):
    """[RFC1122 3.2.1.6], [RFC1122 3.2.1.7]: through the API, for each datagram."""
    b = bench()
    b.socket.send(b"x", TESTER, 9, tos=tos, ttl=ttl)
    with shows("RQ-1122-19", "RQ-1122-23"):
        got = b.wire.recv(timeout="1ms")[IP]
        assert (got.tos, got.ttl) == (tos, ttl)


def test_time_to_live_0_is_not_sent(bench):
    """[RFC1122 3.2.1.7]: the sender is told; the default can be configured, but not to 0."""
    b = bench(udp_ttl=7)
    with shows("RQ-1122-21"):
        with pytest.raises(StackError, match="ERR_VAL"):
            b.socket.send(b"x", TESTER, 9, ttl=0)
        assert b.wire.recv(timeout="1s") is None
        with pytest.raises(Exception, match="udp_ttl"):
            b.a.options["udp_ttl"] = 0
    with shows("RQ-1122-23"):
        b.socket.send(b"x", TESTER, 9)
        assert b.wire.recv(timeout="1ms")[IP].ttl == 7


@pytest.mark.parametrize("ttl", [0, 1])
def test_low_time_to_live_is_received(bench, ttl):
    """[RFC1122 3.2.1.7]: a datagram is not discarded because its TTL is less than 2."""
    b = bench()
    b.send(IP(src=TESTER, dst=HOST, ttl=ttl) / PING)
    with shows("RQ-1122-22"):
        ping_is(b, True)


@pytest.mark.parametrize("option", [b"\x9e\x04ab", b"\x1e\x04ab", b"\xfe\x02\x01\x01"],
                         ids=bytes.hex)
def test_unknown_option_is_ignored(bench, option):
    """[RFC1122 3.2.1.8]: with the copied bit or without."""
    b = bench()
    b.send(IP(src=TESTER, dst=HOST, options=option) / PING)
    with shows("RQ-1122-24"):
        ping_is(b, True)


VIEWS = [(0, 1, b""), (0x10, 64, b"\x94\x04\x00\x00"), (0xFF, 255, b"\x9e\x08abcdef" * 5)]


@pytest.mark.parametrize("tos, ttl, options", VIEWS, ids=["bare", "router alert", "40 octets"])
def test_receiver_is_told_of_the_header(bench, tos, ttl, options):
    """[RFC1122 3.2.1.6], [RFC1122 3.2.1.8], [RFC1122 4.1.4]: an application sees source, port,
    the address it was sent to, TTL, TOS and all options."""
    b = bench()
    app = b.net.app(b.a, PROGRAM, 5000)
    b.send(IP(src=TESTER, dst=HOST, tos=tos, ttl=ttl, options=options)
           / UDP(sport=4000, dport=5000) / b"seen?")
    with shows("RQ-1122-20", "RQ-1122-25", "RQ-1122-66", "RQ-1122-70", "RQ-1122-73"):
        assert app.expect("bytes", timeout="1ms") == (
            f"{TESTER}:4000 > {HOST} ttl {ttl} tos {tos} options {options.hex() or '-'}: 5 bytes")


def test_icmp_user_is_told_of_options(bench):
    """[RFC1122 3.2.1.8]: a raw socket has the header as it came; an echo reply carries what the
    request had recorded."""
    b = bench()
    raw = b.a.raw(1)
    sent = IP(src=TESTER, dst=HOST, options=b"\x07\x07\x04\x00\x00\x00\x00\x00") / PING
    b.send(sent)
    with shows("RQ-1122-25"):
        assert raw.recv(timeout="1ms").data == bytes(sent)
        assert bytes(b.wire.recv(timeout="1ms")[IP])[20:27] == b"\x07\x07\x08\x0a\x00\x00\x01"


@pytest.mark.parametrize("options", [b"\x94\x04\x00\x00", b"\x9e\x05abc\x01", b"\x01" * 40],
                         ids=["router alert", "padded", "40 octets"])
def test_application_sets_the_header(bench, options):
    """[RFC1122 4.1.3.2], [RFC1122 4.1.4]: TTL, TOS and options of what it sends; IP pads the
    options."""
    b = bench()
    sent = options.rstrip(b"\x01") if len(options) == 6 else options
    b.net.app(b.a, PROGRAM, 5000, "ttl", 9, "tos", 0x28, "options", sent.hex())
    b.send(IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=5000) / b"answer")
    with shows("RQ-1122-19", "RQ-1122-66", "RQ-1122-73"):
        got = b.wire.recv(timeout="1ms")[IP]
        assert (got.ttl, got.tos, got.ihl * 4) == (9, 0x28, 20 + len(sent) + -len(sent) % 4)
        assert bytes(got)[20:got.ihl * 4] == sent.ljust(got.ihl * 4 - 20, b"\0")
        assert bytes(got[UDP].payload)[:6] == b"answer"
        assert UDP(bytes(got[UDP])[:got[UDP].len]).len == 14


def test_too_many_options_are_refused(bench):
    """[RFC791 3.1 IHL]: more than 40 octets do not fit; nothing leaves."""
    b = bench()
    app = b.net.app(b.a, PROGRAM, 5000, "options", "01" * 41)
    b.send(IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=5000) / b"answer")
    assert app.expect("no answer", timeout="1ms") == "no answer: -2"
    assert b.wire.pending == 0
    assert b.a.stats()["drops"] == {"ip4_out_no_room": 1}


@pytest.mark.parametrize("kind", [0x83, 0x89], ids=["loose", "strict"])
@pytest.mark.parametrize("pointer", [4, 8], ids=["on its way", "at its end"])
def test_source_route_is_refused(bench, kind, pointer):
    """[RFC1122 3.3.5]: deviation from [RFC1122 3.2.1.8(c)] (RQ-1122-26, RQ-1122-46), on purpose
    [RFC7126 4.3]: neither delivered nor answered along the route, and the application never
    sees it."""
    b = bench()
    route = bytes([kind, 7, pointer, 10, 0, 0, 77, 0])
    b.send(IP(src=TESTER, dst=HOST, options=route) / PING)
    b.send(b.datagram(options=route))
    replies = b.wire.sniff(timeout="10ms")
    assert [(p[IP].dst, p[ICMP].type, p[ICMP].code) for p in replies] == [(TESTER, 3, 5)] * 2
    assert {p[IP].ihl for p in replies} == {5}
    assert b.socket.recv(timeout=0) is None
    assert b.a.stats()["drops"] == {"ip4_source_route": 2}


@pytest.mark.parametrize("kind", [0x83, 0x89], ids=["loose", "strict"])
def test_source_route_is_not_passed_on(net, bench, kind):
    """[RFC1122 3.3.5]: not by a host, and not by one that forwards."""
    b = bench(ip_forward=1)
    far = net.segment("far")
    b.a.netif(far, ip=f"{SECOND}/24")
    other = far.port("other", mac="02:00:00:00:00:0b")
    b.a.arp_static("10.9.0.7", other.mac)
    net.run(for_="1ms")
    other.clear()
    for dst in (HOST, "10.9.0.7"):
        b.send(IP(src=TESTER, dst=dst, options=bytes([kind, 7, 4, 10, 9, 0, 7, 0])) / PING)
    net.run(for_="1ms")
    assert other.pending == 0
    assert b.a.stats()["drops"] == {"ip4_source_route": 2}


def test_large_datagram_is_cut(bench):
    """[RFC1122 3.3.3]: intentional fragmentation is there: 4000 octets leave in three pieces."""
    b = bench()
    data = bytes(i * 3 & 0xFF for i in range(4000))
    b.socket.send(data, TESTER, 9)
    sent = [p[IP] for p in b.wire.sniff(timeout="10ms")]
    with shows("RQ-1122-59"):
        assert [(p.frag * 8, int(p.flags), p.len - 20) for p in sent] == [
            (0, 1, 1480), (1480, 1, 1480), (2960, 0, 1048)]
        assert b"".join(bytes(p)[20:p.len] for p in sent)[8:] == data


def test_answer_comes_from_the_address_that_was_asked(net, bench):
    """[RFC1122 3.3.4.2], [RFC1122 3.2.2.6], [RFC1122 4.1.3.5]: ping and datagram to each of two
    addresses; the application reads the address and answers from it."""
    b = bench()
    b.a.netif(net.segment("other"), ip=f"{SECOND}/24")
    app = net.app(b.a, PROGRAM, 5000)
    net.run(for_="1ms")
    for dst in (HOST, SECOND):
        b.send(IP(src=TESTER, dst=dst) / PING)
        b.send(IP(src=TESTER, dst=dst) / UDP(sport=4000, dport=5000) / b"who")
    replies = b.wire.sniff(timeout="10ms")
    with shows("RQ-1122-43", "RQ-1122-60", "RQ-1122-70"):
        assert [(p[IP].src, p[IP].proto) for p in replies] == [(HOST, 1), (HOST, 17), (SECOND, 1),
                                                               (SECOND, 17)]
        assert [line.split()[2] for line in app.output] == [HOST, SECOND]


def test_application_chooses_its_source(net, bench):
    """[RFC1122 3.3.4.2]: by binding; each interface's own address leaves by that interface, and a
    foreign one by none [RFC1122 4.1.3.6]."""
    b = bench()
    other = net.segment("other")
    b.a.netif(other, ip=f"{SECOND}/24", gw="10.9.0.254")
    far = other.port("far", mac="02:00:00:00:00:0b")
    b.a.arp_static("10.9.0.7", far.mac)
    net.run(for_="1ms")
    far.clear()
    with shows("RQ-1122-61", "RQ-1122-72"):
        for addr, dst, port in ((HOST, TESTER, b.wire), (SECOND, "10.9.0.7", far)):
            with b.a.udp(5000, addr=addr) as s:
                s.send(b"x", dst, 9)
            assert port.recv(timeout="1ms")[IP].src == addr
        with b.a.udp(5000, addr=SECOND) as s, pytest.raises(StackError, match="ERR_RTE"):
            s.send(b"x", TESTER, 9)
        assert (b.wire.pending, far.pending) == (0, 0)


def test_broadcast_forms(bench):
    """[RFC1122 3.3.6]: the limited form is sent and received; so is the subnet's."""
    b = bench()
    for dst in ("255.255.255.255", "10.0.0.255"):
        b.socket.send(b"x", dst, 9)
        got = b.wire.recv(timeout="1ms")
        b.send(b.datagram(dst=dst), dst="ff:ff:ff:ff:ff:ff")
        with shows("RQ-1122-62"):
            assert (got.dst, got[IP].dst) == ("ff:ff:ff:ff:ff:ff", dst)
            assert b.socket.recv(timeout="1ms").dst == dst


def test_groups(bench):
    """[RFC1122 3.3.7], [RFC1122 3.2.3]: joined, heard, reported, left, not heard; sent to without
    joining."""
    b = bench()
    group, mac = "239.1.1.1", "01:00:5e:01:01:01"
    with shows("RQ-1122-63", "RQ-1122-51"):
        b.a.igmp_join(group)
        report = b.wire.recv(timeout="1ms")
        assert (report.dst, report[IP].dst, report[IP].proto, report[IP].ttl) == (mac, group, 2, 1)
        assert bytes(report[IP].payload)[0] == 0x16
        b.send(b.datagram(dst=group), dst=mac)
        assert b.socket.recv(timeout="1ms").dst == group
        b.a.igmp_leave(group)
        b.send(b.datagram(dst=group), dst=mac)
        assert b.socket.recv(timeout="1s") is None
        b.wire.clear()
        b.socket.send(b"x", group, 9)
        assert b.wire.recv(timeout="1ms").dst == mac
