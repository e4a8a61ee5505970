"""Raw sockets look at every datagram first, may keep it, and may write the header themselves.

[RFC1122 3.2.2]: a protocol somebody listens to on a raw socket is not unreachable. The order (raw
before the transport) and "eat" are lwIP's."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"


def test_raw_sees_it_first_and_udp_as_well(bench):
    """[RFC1122 3.2.2]: the raw socket gets header and all, the transport its data; both at one
    time."""
    b = bench()
    raw = b.a.raw(17)
    sent = b.datagram()
    arrives = b.send(sent)
    seen, got = raw.recv(timeout=1), b.socket.recv(timeout=1)
    assert (seen.data, seen.addr, seen.dst, seen.ttl) == (bytes(sent), TESTER, HOST, 64)
    assert (seen.t_ns, got.t_ns, got.data) == (arrives, arrives, b"hello")
    raw.close()
    b.still_works()


def test_raw_that_eats_leaves_nothing(bench):
    """[RFC1122 3.2.2]: the transport never hears of it, and nothing counts as dropped."""
    b = bench()
    raw = b.a.raw(17, eat=True)
    b.send(b.datagram())
    assert raw.recv(timeout=1).data == bytes(b.datagram())
    assert b.socket.recv(timeout="10ms") is None
    assert b.dropped(mib2=("ipindelivers",)) == {}
    raw.close()
    b.still_works()


@pytest.mark.parametrize("eat", [False, True], ids=["sees", "eats"])
@pytest.mark.parametrize("what", ["unknown", "closed"])
def test_what_a_raw_socket_took_is_not_unreachable(bench, eat, what):
    """[RFC1122 3.2.2.1]: protocol unreachable only when nobody listens; a closed port stays closed
    unless the raw socket eats."""
    b = bench()
    sent = {"unknown": IP(src=TESTER, dst=HOST, proto=253, id=1) / Raw(b"strange"),
            "closed": IP(src=TESTER, dst=HOST, id=1) / UDP(dport=9)}[what]
    raw = b.a.raw(sent.proto if what == "unknown" else 17, eat=eat)
    b.send(sent)
    assert raw.recv(timeout=1).data == bytes(sent)
    errors = b.wire.sniff(timeout="10ms")
    if what == "closed" and not eat:
        assert [(p[ICMP].type, p[ICMP].code) for p in errors] == [(3, 3)]
    else:
        assert len(errors) == 0
    raw.close()
    b.still_works()


def test_unknown_protocol_without_a_raw_socket(bench):
    """[RFC1122 3.2.2.1]: code 2; a raw socket for another protocol does not help."""
    b = bench()
    b.a.raw(252)
    b.send(IP(src=TESTER, dst=HOST, proto=253, id=1) / Raw(b"strange!"))
    got = b.wire.recv(timeout=1)
    assert (got[ICMP].type, got[ICMP].code) == (3, 2)
    assert b.dropped(("proterr", "drop"), ("ipinunknownprotos",)) == {"ip4_no_protocol": 1}
    b.still_works()


def test_every_raw_socket_gets_its_copy(bench):
    """[RFC1122 3.2.2]: two that look on both see it; behind one that eats nobody does."""
    b = bench()
    first, second = b.a.raw(253), b.a.raw(253)
    sent = IP(src=TESTER, dst=HOST, proto=253, id=1) / Raw(b"for all")
    b.send(sent)
    assert first.recv(timeout=1).data == second.recv(timeout=1).data == bytes(sent)
    eater = b.a.raw(253, eat=True)  # the newest is asked first
    b.send(sent)
    assert eater.recv(timeout=1).data == bytes(sent)
    assert first.recv(timeout="1ms") is None
    assert second.recv(timeout="1ms") is None
    b.still_works()


@pytest.mark.parametrize("addr, dest, seen", [(HOST, HOST, True), ("10.9.0.1", HOST, False),
                                              ("10.9.0.1", "10.9.0.1", True),
                                              (None, "10.9.0.1", True)])
def test_bound_raw_socket_hears_its_address_only(bench, addr, dest, seen):
    """[RFC1122 3.3.4.2]: the address it is bound to is the destination it asks for."""
    b = bench()
    b.a.netif(b.net.segment("other"), ip="10.9.0.1/24")
    raw = b.a.raw(253, addr=addr)
    b.send(IP(src=TESTER, dst=dest, proto=253) / Raw(b"x"))
    assert (raw.recv(timeout="10ms") is not None) == seen
    b.net.run(for_="1ms")
    b.wire.clear()
    b.still_works()


def test_raw_sees_whole_datagrams_only(bench):
    """[RFC791 3.2]: reassembly comes first."""
    b = bench()
    raw = b.a.raw(253)
    data = bytes(i & 0xFF for i in range(1200))
    b.send(IP(src=TESTER, dst=HOST, id=5, proto=253, flags="MF") / Raw(data[:600]))
    assert raw.recv(timeout="1ms") is None
    b.send(IP(src=TESTER, dst=HOST, id=5, proto=253, frag=75) / Raw(data[600:]))
    assert raw.recv(timeout=1).data == bytes(IP(src=TESTER, dst=HOST, id=5, proto=253) / Raw(data))
    b.still_works()


def test_raw_never_sees_what_ip_refused(bench):
    """[RFC1122 3.2.1.2]: a wrong header checksum, a datagram for another host."""
    b = bench()
    raw = b.a.raw(17)
    b.send(b.datagram(chksum=0xDEAD))
    b.send(b.datagram(dst="10.0.0.9"))
    assert raw.recv(timeout="10ms") is None
    assert b.dropped() == {"ip4_bad_checksum": 1, "ip4_not_ours": 1}
    raw.close()
    b.still_works()
