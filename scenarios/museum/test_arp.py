"""Bugs that ARP caches of other stacks have had [RFC826][RFC1122 2.3.2]."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP

from lockwire import StackError, wire_time

pytestmark = pytest.mark.exact_virtual

MS, S = 1_000_000, 1_000_000_000
HUB = wire_time(60)
BROADCAST = "ff:ff:ff:ff:ff:ff"
NEIGHBOUR = "10.0.0.9"


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def learnt(bench, at="1s", **options):
    """A host that learnt 10.0.0.9 within the millisecond that begins at `at`."""
    b = bench(known=False, **options)
    b.net.run(until=at)
    b.arp()
    b.net.run(for_="100us")
    assert [e["state"] for e in b.a.arp_table()] == ["stable"]
    b.wire.clear()
    return b


def questions(packets):
    """(when it left, to whom) of the requests among them."""
    return [(p.time.ns - HUB, p.dst) for p in packets if ARP in p and p[ARP].op == 1]


def datagrams(packets):
    """(when it left, first octet) of the UDP datagrams among them."""
    return [(p.time.ns - HUB, p[UDP].load[0]) for p in packets if UDP in p]


@pytest.mark.parametrize("answers", [True, False], ids=["MB-ARP-01/answered", "MB-ARP-01/silent"])
@pytest.mark.exact_ms
def test_entry_in_use_is_confirmed_before_it_ends(bench, answers):
    """One packet a second until 10 s behind the age of 300 s: each leaves at once. The neighbour is
    asked by unicast 30 s before the end; if it is silent, by broadcast from 15 s before."""
    b = learnt(bench)
    socket = b.a.udp(4000)
    sent, asked = [], []
    for second in range(2, 312 if answers else 301):
        b.net.run(until=f"{second}s")
        socket.send(bytes([second & 0xFF]), NEIGHBOUR, 9)
        heard = b.wire.sniff(timeout="100ms")
        asked += questions(heard)
        # at 270 s and later a question leaves in front of the datagram and delays it
        sent += [(second, octet) for _, octet in datagrams(heard)]
        if answers and questions(heard):
            b.arp()
    assert sent == [(second, second & 0xFF) for second in range(2, 312 if answers else 301)]
    unicast = [(t * S, b.wire.mac) for t in range(271, 272 if answers else 286)]
    broadcast = [(t * S, BROADCAST) for t in range(286, 286 if answers else 301)]
    assert asked == unicast + broadcast
    assert b.drops() == {}


@museum("MB-ARP-02")
@pytest.mark.exact_ms
def test_no_flood_of_requests_near_the_end(bench):
    """100 packets/s to a silent neighbour in the last 30 s of the entry: one request a second."""
    b = learnt(bench)
    socket = b.a.udp(4000)
    b.net.run(until="271s")
    for i in range(500):
        socket.send(bytes([i & 0xFF]), NEIGHBOUR, 9)
        b.net.run(for_="10ms")
    heard = b.wire.sniff(timeout=0)
    assert questions(heard) == [(t * S, b.wire.mac) for t in range(271, 276)]
    assert [octet for _, octet in datagrams(heard)] == [i & 0xFF for i in range(500)]


@pytest.mark.parametrize("wait, queueing", [("15s", 1), ("15s", 0), ("30s", 1), ("30s", 0)],
                         ids=["MB-ARP-04/queue", "MB-ARP-04/one", "MB-ARP-14/queue",
                              "MB-ARP-14/one"])
@pytest.mark.exact_ms
def test_pending_entry_and_its_packets_do_not_stay(bench, wait, queueing):
    """Nobody answers: entry and packets go 5 s after the first question, nothing stays in use."""
    b = bench(known=False, arp_queueing=queueing)
    before = b.in_use()
    with b.a.udp(4000) as socket:
        socket.send(b"1", NEIGHBOUR, 9)
        socket.send(b"2", NEIGHBOUR, 9)
    assert b.in_use() != before
    b.net.run(until=5.000999999)
    assert len(b.a.arp_table()) == 1
    b.net.run(until="5001ms")
    assert b.a.arp_table() == []
    assert b.in_use() == before
    b.net.run(for_=wait)
    assert b.in_use() == before
    gone = {"arp_unresolved": 2} if queueing else {"arp_queue_full": 1, "arp_unresolved": 1}
    assert b.drops() == gone
    assert questions(b.wire.sniff(timeout=0)) == [((1 + t * 1000) * MS, BROADCAST)
                                                  for t in range(5)]


@pytest.mark.parametrize("answered", [2001, 3001, 6001, 6999], ids=lambda ms: f"MB-ARP-05/{ms}")
def test_tick_right_behind_the_question_ends_nothing(bench, answered):
    """Ticks of 1 s: asked 1 ms before one, answered 1 ms after it, or after further ones: the
    packet leaves, until 5 s after the question are over."""
    b = bench(known=False, timer="coarse", timer_phase_ms=0, boot_ms=0)
    b.net.run(until="1999ms")
    b.a.udp(4000).send(b"x", NEIGHBOUR, 9)
    b.net.run(until=answered / 1000)
    # the tick at 2 s comes too soon for a second question [RFC1122 2.3.2.1]
    assert questions(b.wire.sniff(timeout=0)) == [
        (t * MS, BROADCAST) for t in (1999, 3000, 4000, 5000, 6000) if t < answered]
    assert len(b.a.arp_table()) == 1
    b.arp()
    assert datagrams(b.wire.sniff(timeout="1ms")) == [(answered * MS + HUB, ord("x"))]
    assert b.drops() == {}


@pytest.mark.parametrize("limit", [1, 3, 10], ids=lambda n: f"MB-ARP-07/limit-{n}")
def test_queue_of_an_absent_neighbour_is_bounded(bench, limit):
    """100 datagrams: only the newest arp_queue_len wait, the others are freed at once."""
    b = bench(known=False, arp_queue_len=limit, memp_num_arp_queue=limit + 1)
    before = b.in_use()
    with b.a.udp(4000) as socket:
        for i in range(100):
            socket.send(bytes([i]), NEIGHBOUR, 9)
            assert b.in_use()["ARP_QUEUE"] == min(i + 1, limit)
    assert b.drops() == {"arp_queue_full": 100 - limit}
    b.net.run(for_="1ms")
    b.wire.clear()
    b.arp()
    assert [octet for _, octet in datagrams(b.wire.sniff(timeout="1ms"))] == (
        list(range(100 - limit, 100)))
    assert b.in_use() == before


@pytest.mark.parametrize("kind", ["rom", "ram", "chain"])
@pytest.mark.parametrize("queueing", [1, 0], ids=["MB-ARP-09/queue", "MB-ARP-09/one"])
def test_one_buffer_waits_several_times(bench, program, kind, queueing):
    """A program sends the same buffer three times before the answer is there: each copy on the wire
    is whole, and the buffer is the program's as it was."""
    b = bench(arp_queueing=queueing)
    app = b.net.app(b.a, program("resend"), kind, NEIGHBOUR, 3)
    assert app.output == ["sent: 0"] * 3
    b.net.run(for_="1ms")
    b.wire.clear()
    b.arp()
    got = [p for p in b.wire.sniff(timeout="1ms") if UDP in p]
    waited = 3 if queueing else 1
    assert [p[UDP].load for p in got] == [bytes(range(100))] * waited
    again = [IP(bytes(p[IP])[:-len(p[UDP].load)] + bytes(range(100))) for p in got]
    for p in again:
        del p.chksum, p[UDP].chksum, p.len, p[UDP].len
    assert [bytes(p) for p in again] == [bytes(p[IP]) for p in got]
    b.order("?")
    assert app.output[3:] == ["intact, references: 1"]
    assert b.drops() == ({} if queueing else {"arp_queue_full": 2})


@pytest.mark.parametrize("packet", [{"op": 2}, {"op": 1}, {"op": 1, "pdst": NEIGHBOUR},
                                    {"op": 2, "dst": BROADCAST, "pdst": NEIGHBOUR}],
                         ids=["MB-ARP-10/reply", "MB-ARP-10/request", "MB-ARP-10/announcement",
                              "MB-ARP-10/gratuitous-reply"])
def test_static_entry_is_not_overwritten(bench, packet):
    """Whatever somebody claims, the address that was set by hand stays, and is used."""
    b = bench(known=False)
    b.a.arp_static(NEIGHBOUR, "02:00:00:00:00:aa")
    b.arp(**packet)
    b.net.run(for_="1ms")
    b.wire.clear()
    assert [(e["mac"], e["state"]) for e in b.a.arp_table()] == [("02:00:00:00:00:aa", "static")]
    b.a.udp(4000).send(b"x", NEIGHBOUR, 9)
    assert [p.dst for p in b.wire.sniff(timeout="1ms")] == ["02:00:00:00:00:aa"]


@pytest.mark.parametrize("how", ["interface", "cable"], ids=lambda how: f"MB-ARP-11/{how}")
def test_cache_is_forgotten_when_the_interface_goes_down(bench, how):
    """Down, the neighbour gets a new card, up: it is asked for again, and found."""
    b = learnt(bench)
    socket = b.a.udp(4000)
    socket.send(b"1", NEIGHBOUR, 9)
    assert b.wire.recv(timeout="1ms").dst == b.wire.mac
    turn = b.a.link if how == "cable" else lambda up: b.a.interfaces[0].set(up=up)
    turn(up=False)
    assert b.a.arp_table() == []
    turn(up=True)
    b.net.run(for_="1ms")
    b.wire.clear()
    asked = b.net.now_ns
    socket.send(b"2", NEIGHBOUR, 9)
    assert questions(b.wire.sniff(timeout="1ms")) == [(asked, BROADCAST)]
    b.arp(hwsrc="02:00:00:00:00:99")
    got = b.wire.recv(timeout="1ms")
    assert (got.dst, got[UDP].load[:1]) == ("02:00:00:00:00:99", b"2")


@museum("MB-ARP-15")
@pytest.mark.exact_ms
def test_neighbour_that_appears_late_is_found(bench):
    """Asked for each 10 s in vain; after a minute it is there, and the next packet reaches it."""
    b = bench(known=False)
    socket = b.a.udp(4000)
    for i in range(6):
        b.net.run(until=1 + 10 * i)
        socket.send(bytes([i]), NEIGHBOUR, 9)
        asked = questions(b.wire.sniff(timeout="9s"))
        assert asked == [((1 + 10 * i + t) * S, BROADCAST) for t in range(5)]
    assert b.drops() == {"arp_unresolved": 6}
    b.net.run(until="61s")
    socket.send(bytes([6]), NEIGHBOUR, 9)
    assert questions([b.wire.recv(timeout="1ms")]) == [(61 * S, BROADCAST)]
    b.arp()
    assert [octet for _, octet in datagrams([b.wire.recv(timeout="1ms")])] == [6]
    assert b.drops() == {"arp_unresolved": 6}


@museum("MB-ARP-16")
def test_table_full_of_static_entries(bench):
    """No room for a new neighbour: ERR_MEM, counted, nothing lost or overwritten; static ones still
    work, and with a place free the neighbour is asked for."""
    b = bench(known=False, arp_table_size=4)
    for i in range(1, 5):
        b.a.arp_static(f"10.0.0.{100 + i}", f"02:00:00:00:01:0{i}")
    table, socket = b.a.arp_table(), b.a.udp(4000)
    before = b.in_use()
    for n in range(1, 4):
        with pytest.raises(StackError, match="ERR_MEM"):
            socket.send(b"x", NEIGHBOUR, 9)
        assert b.a.stats()["lwip"]["etharp"]["memerr"] == n
        assert b.drops() == {"arp_table_full": n}
    assert b.in_use() == before
    assert [(e["ip"], e["mac"], e["state"]) for e in b.a.arp_table()] == (
        [(e["ip"], e["mac"], "static") for e in table])
    # nor can a neighbour's own question make room for itself
    b.arp(op=1)
    assert [p[ARP].op for p in b.wire.sniff(timeout="1ms")] == [2]
    socket.send(b"y", "10.0.0.103", 9)
    assert b.wire.recv(timeout="1ms").dst == "02:00:00:00:01:03"
    b.a.arp_static("10.0.0.102", None)
    socket.send(b"z", NEIGHBOUR, 9)
    assert [to for _, to in questions(b.wire.sniff(timeout="1ms"))] == [BROADCAST]
