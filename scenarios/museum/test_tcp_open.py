"""Bugs that other stacks have had with opening connections and with what shoots at open ones
[RFC9293 3.5][RFC5961]."""

import pytest

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def at_clock(t_ns):
    """The host's millisecond at that time."""
    return t_ns // MS * MS


@museum("MB-OPEN-02/outside-the-window", "MB-OPEN-02/in-the-window")
def test_peer_that_rebooted(talk, row):
    """Its SYN is challenged, its RST clears the old connection, its next SYN opens a new one."""
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer().connect()
    connection = listener.accept(timeout="1s")
    t.net.run(for_="1ms")
    number = peer.seq(5000) if row.endswith("/in-the-window") else 777
    syn = peer.send("S", seq=number)
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1), at=t.back(syn), since=syn)
    peer.expect_nothing(for_="10ms")
    assert connection.state == "ESTABLISHED"
    peer.send("R", seq=peer.seq(1))
    t.net.run(for_="1ms")
    assert connection.error == "ERR_RST"
    peer.send("S", seq=number)
    peer.expect("SA", ack=number + 1)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-OPEN-03")
def test_syn_with_data_in_the_window(talk):
    """Challenged; nothing is queued, also when it reaches to the window's edge."""
    t = talk(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    peer.send("SPA", bytes(1899), seq=peer.seq(101))
    peer.expect("A", ack=peer.seq(1), win=2000, options={"SAck": None})
    assert connection.info().ooseq == 0 and t.drops() == {"tcp_syn_in_window": 1}
    peer.send("PA", bytes(100))
    peer.expect("A", ack=peer.seq(101))
    assert connection.recv() == bytes(100)


@museum("MB-OPEN-04")
def test_syn_ack_while_the_syn_could_not_leave(talk):
    """The link is down when the SYN is to be repeated; the answer to the first one comes late."""
    t = talk()
    peer = t.peer(None, 8080)
    connection = t.h.connect(peer.ip, 8080, wait=False)
    peer.expect("S")
    t.h.link(up=False)
    t.net.run(for_="1.5s")
    t.h.link(up=True)
    t.h.arp_static(peer.ip, peer.mac)
    t.net.run(for_="1ms")
    answer = peer.send("SA")
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1), at=t.back(answer), since=answer)
    assert connection.state == "ESTABLISHED"
    connection.sendall(b"hello")
    peer.expect("PA", seq=peer.rseq(1), data=b"hello")
    peer.ack()
    peer.expect_nothing(for_="10s")


@museum("MB-OPEN-05")
def test_half_open_connections_leave_the_backlog(talk):
    """Two silent peers fill it; when they have been given up, a good SYN is answered."""
    t = talk()
    listener = t.h.listen(80, backlog=2)
    for port in (5001, 5002):
        t.peer(sport=port).send("S")
    good = t.peer(sport=5003)
    good.send("S", advance=False)
    good.expect_nothing(for_="1s")
    t.net.run(for_="6min")
    good.connect()
    assert listener.accept(timeout="1s").remote.port == 5003


@museum("MB-OPEN-06")
def test_answers_of_a_listener(talk):
    """An ACK gets a RST at its number, without ACK; a RST gets silence."""
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    peer.send("A", seq=1, ack=5000)
    peer.expect("R", seq=5000)
    peer.send("R", seq=1)
    peer.expect_nothing()


@museum("MB-OPEN-07")
def test_blind_reset(talk):
    """A RST in the window that is not at RCV.NXT is challenged [RFC5961 3.2]."""
    t = talk()
    connection, peer = t.serve()
    peer.send("R", seq=peer.seq(101))
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1))
    assert connection.state == "ESTABLISHED"


@museum("MB-OPEN-08")
def test_mss_of_0(talk):
    """The default is used."""
    t = talk()
    connection, peer = t.serve(mss=0)
    connection.sendall(bytes(1000))
    peer.expect(length=536)
    peer.ack()
    peer.expect(length=464)


@museum("MB-OPEN-09/active", "MB-OPEN-09/passive", "MB-OPEN-09/small-peer")
def test_announced_mss(net, row):
    """MTU 576, MSS 1460, the peer's is 200: 536 is announced in each case."""
    lan = net.segment("lan", kind="link", rate="1G")
    h = net.host("h", lan, ip="10.0.0.2/24", mtu=576, tcp_mss=1460)
    wire = lan.port("tester", mac="02:00:00:00:00:01", ip="10.0.0.1")
    h.arp_static(wire.ip, wire.mac)
    if row.endswith("active"):
        peer = wire.tcp(h, None, 8080)
        h.connect(wire.ip, 8080, wait=False)
        peer.expect("S", options={"MSS": 536})
        return
    h.listen(80)
    peer = wire.tcp(h, 80, mss=200 if row.endswith("peer") else 1460)
    peer.send("S")
    peer.expect("SA", options={"MSS": 536})


@museum("MB-OPEN-11")
def test_timestamps_bit_by_bit(talk):
    """What is echoed is what was sent, every bit of it."""
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer(ts=0x12345678)
    peer.send("S")
    got = peer.expect("SA")
    assert dict(got.options)["Timestamp"][1] == 0x12345678
    peer.ack()
    connection = listener.accept(timeout="1s")
    peer.send("PA", b"y", options=peer.timestamps(val=0x23456789))
    t.net.run(for_="1ms")
    connection.sendall(b"answer")
    got = peer.expect("PA")
    assert dict(got.options)["Timestamp"][1] == 0x23456789


@museum("MB-OPEN-12")
def test_crossing_syns(net):
    """Two hosts connect to each other at the same instant: one connection, established on both."""
    lan = net.segment("lan", kind="link", latency="1ms")
    a, b = (net.host(n, lan, ip=f"10.0.0.{i}/24") for i, n in ((1, "a"), (2, "b")))
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    left = a.connect(b.ip, 2000, local_port=1000, wait=False)
    right = b.connect(a.ip, 1000, local_port=2000, wait=False)
    net.run(for_="1.5ms")
    assert left.state == right.state == "SYN_RCVD"
    net.run(for_="2s")
    assert left.state == right.state == "ESTABLISHED" and left.connected and right.connected
    left.sendall(b"to the right")
    right.sendall(b"to the left")
    assert (right.recv(timeout="1s"), left.recv(timeout="1s")) == (b"to the right", b"to the left")


@museum("MB-OPEN-13")
def test_rst_without_ack_in_syn_sent(talk):
    """Its ACK field would be right, but the flag is not there: ignored."""
    t = talk()
    peer = t.peer(None, 8080)
    connection = t.h.connect(peer.ip, 8080, wait=False)
    peer.expect("S")
    peer.send("R", seq=0, ack=peer.rseq(1))
    peer.expect_nothing(for_="10ms")
    assert (connection.state, connection.error) == ("SYN_SENT", None)
    peer.send("RA", seq=0, ack=peer.rseq(1))
    t.net.run(for_="1ms")
    assert connection.error == "ERR_RST"


@museum("MB-OPEN-15/in-the-window", "MB-OPEN-15/outside-the-window")
@pytest.mark.exact_ms
def test_mss_outside_of_a_syn(talk, row):
    """1460 octets in flight, an ACK with MSS 1: the segment comes again as it was, and on time; so
    is what follows."""
    t = talk()
    connection, peer = t.serve()
    start = at_clock(t.net.now_ns)
    connection.sendall(bytes(1460))
    sent = peer.expect(length=1460, lost=True)
    outside = row.endswith("/outside-the-window")
    peer.send("A", seq=peer.seq(70_000 if outside else 1), ack=peer.rseq(1), options=[("MSS", 1)])
    if outside:
        peer.expect("A", ack=peer.seq(1))
    peer.expect("PA", seq=sent.seq, length=1460, at=start + S + t.hop(sent))
    peer.ack()
    connection.sendall(bytes(2920))
    peer.expect("A", length=1460)
    peer.expect("PA", length=1460)
    assert connection.info().mss == 1460


@museum("MB-OPEN-16")
def test_initial_numbers(world, row):
    """Two boots of the same host, five connections each, between the same ports: no number is the
    last one plus what a clock has counted, nor what it was after the boot before [RFC6528]."""
    boots = []
    for _ in range(2):
        net = world()
        lan = net.segment("lan", kind="link", rate="1G")
        h = net.host("h" + "x" * len(boots), lan, ip="10.0.0.2/24", mac="02:00:00:00:00:02")
        wire = lan.port("tester", mac="02:00:00:00:00:01", ip="10.0.0.1")
        h.arp_static(wire.ip, wire.mac)
        numbers = []
        for n in range(5):
            peer = wire.tcp(h, None, 8000 + n)
            h.connect(wire.ip, 8000 + n, local_port=50_000 + n, wait=False)
            numbers.append(peer.expect("S").seq)
            net.run(for_="1s")
        boots.append(numbers)
    assert len(set(boots[0] + boots[1])) == 10
    steps = [(b - a) % 2**32 for numbers in boots for a, b in zip(numbers, numbers[1:])]
    assert all(abs(step - 250_000) > 1000 for step in steps) and len(set(steps)) == 8
    del row


@museum("MB-OPEN-19/keepalive")
@pytest.mark.exact_ms
def test_spoofed_life(talk):
    """The peer is dead; somebody's ACKs with random numbers do not keep the connection alive: it
    ends when it would have without them."""
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer().connect()
    start = at_clock(t.net.now_ns)
    connection = listener.accept(timeout="1s")
    connection.set(keepalive=(30, 10, 3))
    for n in range(10):
        peer.send("A", seq=peer.seq(200_000 + 12_345 * n), ack=99 * n)
        t.net.run(for_="20s")
    assert connection.error == "ERR_ABRT" and connection.events[-1].t_ns == start + 60 * S


@museum("MB-OPEN-19/persist")
@pytest.mark.exact_ms
def test_spoofed_life_of_a_closed_window(talk):
    """Nor do they, once a minute, one whose window is closed: twelve probes."""
    t = talk()
    connection, peer = t.serve()
    peer.ack(win=0)
    t.net.run(for_="1ms")
    connection.sendall(bytes(100))
    start = at_clock(t.net.now_ns)
    for n in range(10):
        peer.send("A", seq=peer.seq(200_000 + 12_345 * n), ack=99 * n)
        t.net.run(for_="60s")
    assert connection.error == "ERR_ABRT"
    assert connection.events[-1].t_ns == start + (1 + 2 + 4 + 8 + 16 + 32 + 7 * 60) * S


@museum("MB-OPEN-20/syn-fin", "MB-OPEN-20/with-data")
def test_syn_with_fin(talk, row):
    """It is no SYN."""
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    peer.send("SF", b"data" if row.endswith("data") else b"", seq=1000)
    peer.expect_nothing()
    assert t.drops() == {"tcp_listen_syn_fin": 1}
