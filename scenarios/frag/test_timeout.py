"""A datagram whose pieces do not all come is given up when its time is over, to the millisecond.

[RFC1122 3.3.2]: the time-out is fixed, 60 s here (ip_reass_maxage), and runs from the first
fragment to arrive. [RFC792 Time Exceeded]: code 1 goes to the source only if fragment zero is
there. [RFC791 3.2]."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import shows, wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"
MS = 1_000_000
ONE_WAY = 2 * wire_time(70) + 50_000  # of the error


def time_exceeded(b, first, ip_id=0):
    """The frame of the error that quotes `first`."""
    quote = bytes(first)[:first.ihl * 4 + 8 if first.ihl else 28]
    return bytes(Ether(src=b.a.mac, dst=b.wire.mac)
                 / IP(src=HOST, dst=TESTER, id=ip_id, ttl=255, tos=0)
                 / ICMP(type=11, code=1) / Raw(quote))


@pytest.mark.exact_virtual
@pytest.mark.parametrize("maxage", [1, 15, 60, 255])
@pytest.mark.exact_ms
def test_time_is_up_to_the_millisecond(bench, maxage):
    """[RFC1122 3.3.2]: fine timers: maxage seconds after the host's millisecond of the first
    arrival."""
    b = bench(ip_reass_maxage=maxage)
    first = b.piece(b.datagram(800), 0, 400)
    came, = b.send(first)
    got = b.wire.recv_bytes(timeout="10min")
    assert got.t_ns == (came // MS + 1000 * maxage) * MS + ONE_WAY
    assert got.data == time_exceeded(b, first)
    stats = b.a.stats()
    with shows("RQ-791-07"):
        assert stats["drops"] == {"ip4_reass_timeout": 1}
        assert (stats["mib2"]["ipreasmfails"], stats["mib2"]["icmpouttimeexcds"]) == (1, 1)
        assert b.held() == (0, 0)
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.parametrize("phase", [0, 1, 2, 300, 999])
@pytest.mark.parametrize("boot", [0, 123, 2**32 - 30_000], ids=["0", "123", "wraps"])
def test_coarse_timer_rounds_up(bench, phase, boot):
    """[RFC1122 3.3.2]: lwIP's interval of 1000 ms, at the host's phase: never early. The host's
    clock may begin anywhere and wrap meanwhile."""
    b = bench(timer="coarse", timer_phase_ms=phase, boot_ms=boot, ip_reass_maxage=60)
    came, = b.send(b.piece(b.datagram(800), 0, 400))
    due = boot + came // MS + 60_000
    # the grid is that of the 32-bit clock, which counts on from 0 when it wraps
    clock = due % 2**32
    due += (phase - clock) % 1000
    assert b.wire.recv_bytes(timeout="10min").t_ns == (due - boot) * MS + ONE_WAY
    assert b.held() == (0, 0)
    b.still_works()


@pytest.mark.parametrize("present", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (2, 1), (2, 0)],
                         ids=lambda p: "".join(map(str, p)))
def test_only_fragment_zero_is_quoted(bench, present):
    """[RFC792 Time Exceeded]: "if fragment zero is not available then no time exceeded need be
    sent"."""
    b = bench()
    octets = b.datagram(1200)
    pieces = b.pieces(octets, 400, ttl=3, tos=0xB8)
    b.send(*[pieces[i] for i in present])
    frames = b.wire.sniff(timeout="2min")
    with shows("RQ-792-03"):
        assert [bytes(p) for p in frames] == ([time_exceeded(b, pieces[0])] if 0 in present else [])
        assert b.drops() == {"ip4_reass_timeout": len(present)}
    assert b.a.stats()["mib2"]["ipreasmfails"] == 1
    assert b.held() == (0, 0)
    b.still_works()


def test_quote_holds_the_options_of_fragment_zero(bench):
    """[RFC792]: the header as it came, options, MF and length of the fragment, and 8 octets."""
    b = bench()
    first = IP(bytes(b.piece(b.datagram(800), 0, 400, options=b"\x94\x04\x00\x00")))
    b.send(first)
    assert b.wire.recv_bytes(timeout="2min").data == time_exceeded(b, first)
    b.still_works()


def test_no_error_about_a_broadcast(bench):
    """[RFC1122 3.2.2]: not even when fragment zero is there."""
    b = bench()
    b.send(b.piece(b.datagram(800, dst="10.0.0.255"), 0, 400, dst="10.0.0.255"))
    assert len(b.wire.sniff(timeout="2min")) == 0
    assert b.drops() == {"ip4_reass_timeout": 1}
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.exact_ms
def test_time_is_not_extended(bench):
    """[RFC1122 3.3.2]: neither by duplicates nor by further pieces; it runs from the first
    arrival."""
    b = bench()
    pieces = b.pieces(b.datagram(1200), 400)
    came, = b.send(pieces[0])
    for again in (pieces[0], pieces[1], pieces[0], pieces[1]):
        b.net.run(for_="10s")
        b.send(again)
    got = b.wire.recv_bytes(timeout="2min")
    assert got.t_ns == (came // MS + 60_000) * MS + ONE_WAY
    assert b.drops() == {"ip4_reass_duplicate": 3, "ip4_reass_timeout": 2}
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.parametrize("early", [True, False], ids=["in time", "too late"])
@pytest.mark.exact_ms
def test_last_piece_at_the_last_moment(bench, early):
    """[RFC1122 3.3.2]: just before the time is up the datagram is whole; just after it, the piece
    begins another one."""
    b = bench()
    octets = b.datagram(800)
    start, end = b.pieces(octets, 400)
    came, = b.send(start)
    due = (came // MS + 60_000) * MS
    travel = b._switched([0], [434])[0]
    b.net.run(until=(due - travel + (-1 if early else 1)) / 10**9)
    arrives, = b.send(end)
    assert arrives == due + (-1 if early else 1)
    got = b.socket.recv(timeout="1s")
    if early:
        assert (got.data, got.t_ns) == (octets[8:], due - 1)
        assert b.drops() == {}
    else:
        with shows("RQ-791-07"):
            assert got is None
            assert b.wire.recv(timeout=0)[ICMP].code == 1
            assert b.held() == (1, 1)
            b.net.run(for_="60s")
            assert b.drops() == {"ip4_reass_timeout": 2}
    assert b.held() == (0, 0)
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.exact_ms
def test_each_datagram_has_its_own_time(bench):
    """[RFC815 5], [RFC1122 3.3.2]: begun 7 s apart, given up 7 s apart, oldest first."""
    b = bench()
    octets = b.datagram(800)
    due = []
    for i in range(4):
        came, = b.send(b.piece(octets, 0, 400, id=i))
        due.append((came // MS + 60_000) * MS)
        b.net.run(for_="7s")
    for i in range(4):
        got = b.wire.recv_bytes(timeout="2min")
        with shows("RQ-815-04"):
            assert got.t_ns == due[i] + ONE_WAY
            assert Ether(got.data)[ICMP].payload.id == i
            assert b.held() == (3 - i, 3 - i)
    b.still_works()


def test_time_of_a_finished_datagram_does_nothing(bench):
    """[RFC1122 3.3.2]: a datagram put together leaves no timer behind that could hit the next one
    with its name."""
    b = bench()
    octets = b.datagram(800)
    start, end = b.pieces(octets, 400)
    b.send(start, end)
    assert b.socket.recv(timeout=1).data == octets[8:]
    b.net.run(for_="59500ms")
    b.send(start)
    b.net.run(for_="10s")
    b.send(end)
    assert b.socket.recv(timeout=1).data == octets[8:]
    assert b.drops() == {}
    b.still_works()
