"""Peers that flood, lie about what arrived, or will not let go: opening, congestion, closing
[RFC9293 3.5][RFC9293 3.6][RFC5681][RFC1337]."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

from lockwire import VTime

MSS = 536
MS, MSL2 = 1_000_000, 120_000_000_000


def sending(b, segments, mss=MSS, count=None, **options):
    """(peer, connection), so many segments in flight that the host has written."""
    peer, connection = b.opened(1025, mss=mss, **options)
    connection.sendall(bytes(mss * segments))
    for _ in range(count or segments):
        peer.expect(length=mss)
    return peer, connection


def unchanged(b, peer, connection, quiet_row):
    """The stranger goes, all others go on."""
    b.part(peer, connection)
    b.h.drain()
    b.exchange(drops={})
    b.finish(quiet_row)


@pytest.mark.parametrize("win", [pytest.param(0, id="MF-TCP-59/closed"),
                                 pytest.param(536, id="MF-TCP-59/shrunk")])
def test_window_shrinks_below_what_is_in_flight(make_busy_tcp, quiet_row, win):
    """Nothing new leaves; what was sent is sent again as the window permits; the stream is whole
    when it opens [RFC9293 3.8.6 MUST-34, SHLD-15, SHLD-16]."""
    b = make_busy_tcp()
    peer, connection = sending(b, 8, count=4, win=4 * MSS)
    peer.ack(peer.rseq(1), win=win)
    b.net.run(for_="1ms")
    edge = peer.rseq(1 + win)
    assert connection.info().snd_wnd == win
    for segment in peer.drain("3s"):
        beyond = (segment.end - edge + 2**31) % 2**32 - 2**31
        assert beyond <= (1 if win == 0 else 0), peer  # a probe has one octet at most
    peer.win = 65535
    peer.rcv_nxt, peer.held = peer.rseq(1 + 4 * MSS), []
    peer.ack()
    while peer.rcv_nxt != peer.rseq(1 + 8 * MSS):
        peer.expect(timeout="4s")
        peer.ack()
    peer.drain("10ms")
    unchanged(b, peer, connection, quiet_row)


@pytest.mark.parametrize("_id", ["MF-TCP-61"])
def test_flood_of_syns(make_busy_tcp, quiet_row, _id):
    """A thousand SYNs for a listener of four: four are answered, the rest is dropped, nobody else
    suffers; when the half-open ones have been given up, an honest SYN is answered."""
    b = make_busy_tcp()
    small = b.d.listen(8080, backlog=4)
    frames = [bytes(Ether(src=b.T, dst=b.D) / IP(src=f"10.9.{n // 250}.{1 + n % 250}", dst=b.D4)
                    / TCP(sport=1025 + n, dport=8080, flags="S", seq=n)) for n in range(1000)]
    for frame in frames:
        b.t.send(frame)
    b.net.run(for_="10ms")
    assert b.d.stats()["drops"] == {"tcp_listen_backlog": 996}
    assert b.memory()["TCP_PCB"] == b.before["tcp"]["pcbs"] + 4
    peer = b.peer(1025, 8080)
    peer.send("S")
    peer.expect_nothing(for_="1ms")
    b.e.send("PA", b"still served")
    b.net.run(for_="1ms")
    assert b.ce.recv() == b"abcstill served"
    b.net.run(for_="10min")  # nobody answers: R2 for SYNs
    assert b.memory()["TCP_PCB"] == b.before["tcp"]["pcbs"] - 1  # h is gone, too
    b.arp_again()
    peer.connect(seq=peer.iss)
    b.part(peer, small.accept(timeout="1ms"))
    del quiet_row


@pytest.mark.parametrize("_id", ["MF-TCP-62"])
def test_both_open_at_once(make_busy_tcp, quiet_row, _id):
    """The SYNs cross, then the SYN-ACKs: one connection [RFC9293 3.5 MUST-10]."""
    b = make_busy_tcp()
    peer = b.peer(8080, 9090)
    connection = b.d.connect(peer.ip, 8080, local_port=9090, wait=False)
    peer.expect("S")
    peer.send("S")
    peer.expect("SA", seq=peer.rseq(0), ack=peer.seq(1))
    assert connection.state == "SYN_RCVD"
    peer.send("SA", seq=peer.iss)
    b.net.run(for_="1ms")
    assert (connection.state, connection.connected) == ("ESTABLISHED", True)
    peer.drain()
    connection.sendall(b"hello")
    peer.expect("PA", data=b"hello", seq=peer.rseq(1), ack=peer.seq(1))
    peer.ack()
    unchanged(b, peer, connection, quiet_row)


@pytest.mark.parametrize("address", [pytest.param("127.0.0.1", id="MF-TCP-63/loopback"),
                                     pytest.param("10.0.0.2", id="MF-TCP-63/own-address")])
def test_connection_to_oneself(make_busy_tcp, quiet_row, address):
    """The same port at the same address is a connection to itself, or refused; no storm."""
    b = make_busy_tcp()
    sent = b.d.stats()["lwip"]["tcp"]["xmit"]
    connection = b.d.connect(address, 9090, local_port=9090, ip=address, wait=False)
    b.net.run(for_="500ms")
    assert connection.state == "ESTABLISHED"
    assert b.d.stats()["lwip"]["tcp"]["xmit"] - sent <= 4
    connection.sendall(b"echo")
    b.net.run(for_="100ms")
    assert connection.recv(timeout=0) == b"echo"
    assert b.d.stats()["lwip"]["tcp"]["xmit"] - sent <= 8
    connection.abort()
    b.net.run(for_="1ms")
    assert b.memory()["TCP_PCB"] == b.before["tcp"]["pcbs"]
    del quiet_row


@pytest.mark.parametrize("_id", ["MF-TCP-64"])
def test_acknowledgements_ahead_of_arrival(make_busy_tcp, _id):
    """Half of all segments are lost, yet all are acknowledged as they leave: what is in flight
    never exceeds the congestion window, which grows by no more than was acknowledged."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025)
    b.lan.faults.drop(every=2, src="D", match={"tcp.sport": 80}, optional=True)
    connection.send_pattern(300_000)
    before = connection.info().cwnd
    acked = 0
    for _ in range(200):
        info = connection.info()
        assert info.in_flight <= info.cwnd <= before + acked
        if not info.in_flight:
            break
        acked += info.in_flight
        peer.ack(info.snd_nxt)
        b.net.run(for_="2ms")
    assert connection.progress().acked == 300_000


@pytest.mark.parametrize("_id", ["MF-TCP-65"])
def test_many_acknowledgements_of_one_segment(make_busy_tcp, _id):
    """536 of them for 536 octets: the window grows by one segment [RFC5681 3.1]."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025, mss=MSS)
    connection.send_pattern(60_000)
    first = peer.drain("1ms")
    cwnd = connection.info().cwnd
    assert [len(s.payload) for s in first] == [MSS] * 10 and cwnd == 10 * MSS
    for n in range(1, MSS + 1):
        peer.ack(peer.rseq(1 + n))
    b.net.run(for_="10ms")
    assert connection.info().cwnd == cwnd + MSS


@pytest.mark.parametrize("how", [pytest.param("window", id="MF-TCP-67/window"),
                                 pytest.param("data", id="MF-TCP-67/data"),
                                 pytest.param("true", id="MF-TCP-67/true")])
def test_duplicates_that_are_none(make_busy_tcp, how):
    """ACKs with the same number that change the window or carry data are no sign of a loss
    [RFC5681 2]."""
    b = make_busy_tcp()
    peer, connection = sending(b, 8)
    for n in range(4):
        if how == "data":
            peer.send("PA", b"x", ack=peer.rseq(1))
        else:
            peer.ack(peer.rseq(1), win=65535 - (n + 1) * (how == "window"))
    got = peer.drain("1ms")
    again = [s for s in got if s.seq == peer.rseq(1) and s.payload]
    assert len(again) == (1 if how == "true" else 0)
    info = connection.info()
    assert (info.dupacks >= 3, info.recovery) == ((True, "fast") if how == "true"
                                                  else (False, "none"))


@pytest.mark.parametrize("state", [pytest.param(s, id=f"MF-TCP-69/{s.lower()}") for s in
                                   ("TIME_WAIT", "CLOSE_WAIT", "LAST_ACK")])
@pytest.mark.exact_ms
def test_fin_again_and_again(make_busy_tcp, quiet_row, state):
    """Each is acknowledged with the same number; TIME-WAIT begins anew and ends 2 MSL after the
    last [RFC9293 3.10.7.4]."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025)
    if state == "TIME_WAIT":
        connection.close()
        peer.expect("FA")
    peer.fin(ack=peer.rcv_nxt)
    peer.expect("A", ack=peer.seq(2))
    if state == "LAST_ACK":
        connection.close()
        peer.expect("FA")
    for _ in range(20):
        b.net.run(for_="40ms")
        last = peer.send("FA", seq=peer.seq(1), ack=peer.rseq(1 + (state == "TIME_WAIT")))
        peer.expect("A", ack=peer.seq(2), length=0)
        assert connection.state == state
    if state == "LAST_ACK":
        peer.ack(peer.rseq(2))
    elif state == "CLOSE_WAIT":
        connection.close()
        peer.expect("FA", ack=peer.seq(2))
        peer.ack(peer.rseq(2))
    else:
        waits_until(b, connection, last.t_ns // MS * MS + MSL2)
    b.net.run(for_="1ms")
    assert connection.info().gone and connection.error is None
    del quiet_row


def waits_until(b, connection, end_ns):
    """Time passes: TIME-WAIT until then, and not a nanosecond longer."""
    b.net.run(until=VTime(end_ns - 1))
    assert connection.state == "TIME_WAIT"
    b.net.run(until=VTime(end_ns))
    assert connection.info().gone


def waiting(b, **options):
    """(peer, connection) in TIME-WAIT: the host has closed first."""
    peer, connection = b.opened(1025, **options)
    connection.close()
    peer.expect("FA")
    peer.fin()
    peer.expect("A")
    assert connection.state == "TIME_WAIT"
    return peer, connection


@pytest.mark.parametrize("ahead, opens", [pytest.param(1, True, id="MF-TCP-70/above"),
                                          pytest.param(100_000, True, id="MF-TCP-70/far-above"),
                                          pytest.param(0, False, id="MF-TCP-70/equal"),
                                          pytest.param(-1000, False, id="MF-TCP-70/below")])
def test_new_syn_in_time_wait(make_busy_tcp, quiet_row, ahead, opens):
    """A SYN that cannot be an old one opens the connection anew; another is challenged, and the
    RST that this provokes changes nothing [RFC9293 3.10.7.4 MAY-2]."""
    b = make_busy_tcp()
    peer, old = waiting(b)
    fresh = b.peer(1025, isn=(peer.snd_nxt + ahead) % 2**32)
    peer.sport = 1  # the port is the new one's now
    fresh.send("S")
    if not opens:
        fresh.expect("A", seq=peer.rcv_nxt, ack=peer.snd_nxt)
        fresh.send("R", seq=peer.snd_nxt)
        fresh.expect_nothing(for_="1ms")
        assert old.state == "TIME_WAIT"
        return
    fresh.expect("SA", ack=fresh.seq(1))
    assert (fresh.rcv_isn - peer.rcv_nxt) % 2**32 < 2**31  # above everything of the old one
    fresh.ack()
    unchanged(b, fresh, b.web.accept(timeout="1ms"), quiet_row)
    assert old.state == "CLOSED"


@pytest.mark.parametrize("seq", [pytest.param(0, id="MF-TCP-71/exact"),
                                 pytest.param(100, id="MF-TCP-71/in-window")])
@pytest.mark.exact_ms
def test_rst_in_time_wait(make_busy_tcp, seq):
    """It is ignored, or old segments could hit a new connection [RFC1337]."""
    b = make_busy_tcp()
    peer, connection = waiting(b)
    end_ns = b.net.now_ns // MS * MS + MSL2
    peer.send("R", seq=peer.snd_nxt + seq)
    peer.expect_nothing(for_="1s")
    assert connection.state == "TIME_WAIT"
    assert b.d.stats()["drops"] == {"tcp_time_wait_rst": 1}
    waits_until(b, connection, end_ns)


@pytest.mark.parametrize("_id", ["MF-TCP-74"])
def test_ports_cannot_be_guessed(world, _id):
    """Five boots, 50 connections each: the ports are the dynamic ones, all different within a
    boot, not in a row, and no boot's are another's [RFC6056]."""
    boots = []
    for seed in range(5):
        net = world(seed + 1)
        lan = net.segment("lan", kind="link")
        d = net.host("D", lan, ip="10.0.0.2/24", memp_num_tcp_pcb=250)
        d.arp_static("10.0.0.1", "02:00:00:00:00:01")
        lan.port("tester", mac="02:00:00:00:00:01")
        boots.append([d.connect("10.0.0.1", 80, wait=False).local.port for _ in range(200)])
    for ports in boots:
        assert len(set(ports)) == 200 and 49152 <= min(ports) <= max(ports) <= 65535
        steps = {(b - a) % 16384 for a, b in zip(ports, ports[1:])}
        assert len(steps) > 150
    assert len({tuple(ports[:3]) for ports in boots}) == 5
    assert len(set(boots[0]) & set(boots[1])) < 20


@pytest.mark.parametrize("refusals", [pytest.param(n, id=f"MF-TCP-75/{n}-times")
                                      for n in (1, 2, 10)])
def test_refused_data_with_a_fin(make_busy_tcp, quiet_row, refusals):
    """The program refuses the data again and again: it gets it when it takes it, once, and then
    the end of the stream."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025)
    connection.refuse(refusals)
    peer.send("FPA", b"the last words")
    peer.expect("A", ack=peer.snd_nxt)
    assert (connection.eof, connection.pending) == (False, 0)
    b.net.run(for_="3s")
    assert (connection.eof, connection.pending) == (True, 14)
    names = [event.name for event in connection.events]
    assert names == ["accept"] + ["refused"] * refusals + ["recv", "closed"]
    assert connection.recv_all() == b"the last words"
    connection.close()
    peer.expect("FA")
    peer.ack()
    b.net.run(for_="1ms")
    assert connection.info().gone
    b.h.drain()
    b.exchange(drops={})
    b.finish(quiet_row)
