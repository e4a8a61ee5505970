"""Bugs that other stacks have had with their lists of connections and the clock that serves them.
The program is harness/tests/apps/tcp_circle.c."""

import pytest

from lockwire import VTime, wire_time

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def hop(length=0):
    """Nanoseconds that a segment with so many octets needs to the other end."""
    return wire_time(54 + length, "1G")


class Circle:
    """Connections 1, 2 and 3 of the program, whose peers are peers[1] ... The first call-back `how`
    of `actor` aborts `victim` and calls `called`, which is number 4."""

    def __init__(self, t, program, how, actor, victim):
        self.t = t
        self.app = t.net.app(t.h, program("tcp_circle"), how, str(actor), str(victim))
        self.called = t.peer(None, 7000).listen()
        self.peers = {n: t.peer(sport=5000 + n).connect() for n in (1, 2, 3)}
        t.net.run(for_="1ms")
        self._told = 0

    def news(self):
        """What the program has printed since it was asked before."""
        told, self._told = self._told, len(self.app.output)
        return self.app.output[told:]

    def second(self):
        """What it prints in the next second: 4 lives like the others."""
        self.t.net.run(for_="1s")
        return self.news()

    def resets(self):
        """Which peers have got a RST, and nothing else."""
        flags = {n: [s.flag_text for s in peer.drain()] for n, peer in self.peers.items()}
        assert all(f in ([], ["RA"]) for f in flags.values()), flags
        return [n for n, f in flags.items() if f]


def case(kind, actor, victim, first, then):
    """Parameters: what is printed first, and in a second later."""
    return pytest.param(actor, victim, first.split(", "), then.split(", "),
                        id=f"MB-LIST-01/{kind}-{actor}-{victim}")


@pytest.mark.parametrize("actor, victim, first, then", [
    case("poll", 1, 2, "1 poll, 2 err -13, 3 poll", "1 poll, 4 poll, 3 poll"),
    case("poll", 1, 3, "1 poll, 3 err -13, 2 poll", "1 poll, 4 poll, 2 poll"),
    case("poll", 2, 1, "1 poll, 2 poll, 1 err -13, 3 poll", "2 poll, 4 poll, 3 poll"),
    case("poll", 2, 2, "1 poll, 2 poll, 2 err -13, 3 poll", "1 poll, 4 poll, 3 poll"),
    case("poll", 3, 2, "1 poll, 2 poll, 3 poll, 2 err -13", "1 poll, 3 poll, 4 poll")])
def test_poll_changes_the_list(talk, program, actor, victim, first, then):
    """Three connections poll in the same millisecond. One of the call-backs aborts another, or its
    own, and opens a fourth, which gets its memory: each that lives is called once, in its turn."""
    c = Circle(talk(memp_num_tcp_pcb=3), program, "poll", actor, victim)
    assert c.second() == first
    assert c.resets() == [victim]
    c.called.accept()
    for _ in range(3):
        assert c.second() == then
    assert c.resets() == []


@pytest.mark.parametrize("actor, victim", [
    pytest.param(a, v, id=f"MB-LIST-01/recv-{a}-{v}") for a, v in ((1, 2), (2, 1), (3, 3))])
def test_recv_changes_the_list(talk, program, actor, victim):
    """The same in a call-back for data. The victim's peer, whose data is on the way, is reset; the
    fourth, in the victim's place, has nothing to do with it."""
    t = talk(memp_num_tcp_pcb=3)
    c = Circle(t, program, "recv", actor, victim)
    order = [actor] + [n for n in c.peers if n != actor]
    for n in order:
        c.peers[n].send("PA", b"data")
    t.net.run(for_="1ms")
    assert c.news() == [f"{actor} recv", f"{victim} err -13"] + [
        f"{n} recv" for n in order[1:] if n != victim]
    got = [s.flag_text for s in c.peers[victim].drain()]
    assert got == (["RA"] if victim == actor else ["RA", "R"])
    c.called.accept()
    assert sorted(c.second()) == sorted(f"{n} poll" for n in (1, 2, 3, 4) if n != victim)


@pytest.mark.parametrize("actor, victim", [
    pytest.param(a, v, id=f"MB-LIST-01/err-{a}-{v}") for a, v in ((1, 2), (2, 1), (3, 2))])
def test_err_changes_the_list(talk, program, actor, victim):
    """The same when a peer resets its connection."""
    t = talk(memp_num_tcp_pcb=3)
    c = Circle(t, program, "err", actor, victim)
    c.peers[actor].reset()
    t.net.run(for_="1ms")
    assert c.news() == [f"{actor} err -14", f"{victim} err -13"]
    assert c.resets() == [victim]
    c.called.accept()
    assert sorted(c.second()) == sorted(f"{n} poll" for n in (1, 2, 3, 4)
                                        if n not in (actor, victim))


@museum("MB-LIST-01/sent")
def test_sent_ends_its_own_connection(talk, program):
    """The ACK of the last data is that of the FIN, too, so the connection is over; the call-back
    for the data aborts it and opens another, which gets its memory, and lives."""
    t = talk(memp_num_tcp_pcb=3)
    c = Circle(t, program, "sent", 1, 1)
    peer = c.peers[1]
    peer.fin()
    peer.expect("FPA", data=b"bye", ack=peer.seq(2))
    peer.ack()
    t.net.run(for_="1ms")
    assert c.news() == ["1 closed", "1 sent 3", "1 err -13"]
    assert peer.drain() == []  # a RST would tell the peer nothing
    c.called.accept()
    assert sorted(c.second()) == ["2 poll", "3 poll", "4 poll"]
    assert c.called.pending == 0


@pytest.mark.parametrize("actor, victim", [
    pytest.param(a, v, id=f"MB-LIST-01/address-{a}-{v}")
    for a in (1, 2, 3) for v in (1, 2, 3) if a != v])
def test_address_goes(talk, program, actor, victim):
    """The host's address changes, which ends all three connections; the err call-back of one of
    them aborts another and calls somebody. Each is told once."""
    t = talk(memp_num_tcp_pcb=4)
    c = Circle(t, program, "err", actor, victim)
    t.h.interfaces[0].set(ip="10.0.0.3/24")
    t.net.run(for_="1ms")
    assert sorted(c.news()) == ["1 err -13", "2 err -13", "3 err -13"]
    assert c.resets() == [1, 2, 3]


@museum("MB-LIST-03")
def test_connections_on_two_interfaces(talk):
    """Traffic alternates between them while every third connection ends, those in the middle of
    their bucket as well: every other one is found every time."""
    t = talk(memp_num_tcp_pcb=100)
    far = t.net.segment("far", kind="link", rate="1G")
    t.h.netif(far, ip="10.2.0.2/24", mac="02:00:00:00:02:02")
    other = far.port("tester2", mac="02:00:00:00:02:01", ip="10.2.0.1")
    t.net.run(for_="5ms")
    listener = t.h.listen(80)
    peers, conns = [], []
    for n in range(48):
        peers.append(t.peer(sport=5000 + n).connect())
        peers.append(other.tcp("10.2.0.2", 80, 6000 + n, to_mac="02:00:00:00:02:02").connect())
        conns += [listener.accept(timeout="1s") for _ in range(2)]
    for turn in range(3):
        for peer in peers:
            peer.send("PA", bytes([turn]))
            peer.expect("A", ack=peer.snd_nxt)
        assert {c.recv() for c in conns} == {bytes([turn])}
        for peer, connection in list(zip(peers, conns))[::3]:
            connection.abort()
            peer.expect("RA", seq=peer.rseq(1))
            peers.remove(peer)
            conns.remove(connection)
    assert t.drops() == {}


@museum("MB-LIST-04/coarse", "MB-LIST-04/fine")
@pytest.mark.exact_ms
def test_clock_does_not_drift(talk, row):
    """For ten minutes everything is served 20 ms late: what comes every 2 s comes 300 times, and
    keepalive's probes keep their distance."""
    # ticks are multiples of 500 ms
    t = talk(timer=row.split("/")[1], boot_ms=0, timer_phase_ms=0)
    connection, peer = t.serve()
    began = t.net.now_ns // MS * MS
    connection.set(keepalive=(600, 2, 3))
    connection.poll(4)
    grid = 500 * MS if row.endswith("coarse") else MS
    first, keep = (-(-(began + ns) // grid) * grid for ns in (2 * S, 600 * S))
    while connection.state == "ESTABLISHED":
        t.net.run(until=VTime(connection.info().due("poll") - 5 * MS))
        t.h.pause("25ms")
        t.net.run(for_="30ms")
    polls = [e.t_ns for e in connection.events if e.name == "poll"]
    assert polls == [first + n * 2 * S + 20 * MS for n in range(302)]
    assert [s.t_ns - hop() - keep - 20 * MS for s in peer.drain()] == [0, 2 * S, 4 * S, 6 * S]
    assert connection.error == "ERR_ABRT"


@museum("MB-LIST-05")
@pytest.mark.exact_ms
def test_timer_of_a_connection_that_is_gone(talk):
    """Aborted while its retransmission timer runs; the next one in its place is not hit by it: its
    SYN-ACK is sent again when its own timer says so."""
    t = talk(memp_num_tcp_pcb=1)
    first, peer = t.serve()
    first.sendall(b"in flight")
    peer.expect("PA")
    first.abort()
    peer.expect("RA")
    second = t.peer(sport=40001)
    sent = second.send("S", at="500ms")
    answer = second.expect("SA", at=hop() + hop(4), since=sent)
    second.expect("SA", seq=answer.seq, at=1500 * MS + hop(4))
    second.ack()
    second.expect_nothing(for_="1h")
    assert peer.pending == 0
