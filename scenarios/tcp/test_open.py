"""How connections come about: actively, passively, from both ends at once; with data and FINs on
the SYNs; what happens to SYNs that get no answer. [RFC9293 3.5 MUST-10] [RFC9293 3.5 figure 8]
[RFC9293 3.8.3 MUST-23] [RFC9293 3.9.1.1] [RFC9293 3.9.1.1 MUST-42] [RFC9293 3.9.1.1 MUST-46] """

import pytest

from lockwire import CommandError, ConnectionRefused, ConnectionTimedOut, StackError, shows

S = 1_000_000_000
# one after another, the initial RTO doubled up to its limit [RFC6298 2.1, 5.5]
SYN_TIMES = [0, 1, 3, 7, 15, 31, 63, 123]


def crossed(talk, syn=b"", **options):
    """(talk, connection, peer): both have said SYN, the host SYN-ACK too."""
    t = talk(**options)
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    t.net.run(for_="1ms")
    sent = peer.send("S", syn)
    answer = peer.expect("SA", seq=peer.rseq(0), ack=peer.seq(1), at=t.back(sent, options=4),
                         since=sent)
    assert answer.option("MSS") == 1460
    return t, connection, peer


def test_passive_open(talk):
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    syn = peer.send("S")
    peer.expect("SA", ack=peer.seq(1), at=t.back(syn, options=4), since=syn)
    assert listener.pending == 0
    peer.ack()
    connection = listener.accept(timeout="1ms")
    assert connection.state == "ESTABLISHED"
    assert [e.name for e in connection.events] == ["accept"]


def test_active_open(talk):
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    assert connection.state == "SYN_SENT"
    t.net.run(for_="1ms")
    answer = peer.send("SA")
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1), at=t.back(answer), since=answer)
    assert connection.state == "ESTABLISHED" and connection.connected


@pytest.mark.parametrize("last", ["A", "SA"], ids=["RQ-9293-MUST-10/ack", "MF-TCP-62/syn-ack"])
def test_simultaneous_open(talk, last):
    """The other end says SYN-ACK again, as in figure 8, or just ACK."""
    t, connection, peer = crossed(talk)
    assert connection.state == "SYN_RCVD" and not connection.connected
    peer.send(last, seq=peer.seq(0 if last == "SA" else 1))
    t.net.run(for_="1ms")
    assert connection.state == "ESTABLISHED"
    assert [e[1:] for e in connection.events] == [("connected", "ERR_OK")]
    peer.expect_nothing(for_="5s")
    peer.send("PA", b"hello")
    assert connection.recv(timeout="1ms") == b"hello"
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(6))
    connection.send(b"hello")
    peer.expect("PA", seq=peer.rseq(1), data=b"hello")


def test_simultaneous_open_of_two_hosts(net):
    lan = net.segment("lan", kind="link", latency="1ms")
    a, b = net.host("a", lan, ip="10.0.0.1/24"), net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    one = a.connect(b.ip, 5001, local_port=5000, wait=False)
    two = b.connect(a.ip, 5000, local_port=5001, wait=False)
    with shows("RQ-9293-MUST-10"):
        net.run(for_="1500us")
        assert (one.state, two.state) == ("SYN_RCVD", "SYN_RCVD")
        net.run(for_="1100us")
        assert (one.state, two.state) == ("ESTABLISHED", "ESTABLISHED")
    one.send(b"ping")
    assert two.recv(timeout="1s") == b"ping"
    two.close()
    assert one.recv(timeout="1s") == b""


def test_simultaneous_open_with_text_on_the_syn(talk):
    t, connection, peer = crossed(talk, b"early")
    assert connection.pending == 0
    peer.send("A", seq=peer.seq(6))
    peer.expect("A", ack=peer.seq(6))
    assert connection.recv(timeout=0) == b"early"
    assert t.h.stats()["drops"] == {}


def test_crossed_syn_ack_is_sent_again(talk):
    _, connection, peer = crossed(talk)
    peer.expect("SA", seq=peer.rseq(0), ack=peer.seq(1), timeout="2s")
    sent = peer.send("S", seq=peer.seq(0))  # the peer's SYN again: it has not heard either
    peer.expect("SA", before="10us", since=sent)
    assert connection.state == "SYN_RCVD"


@pytest.mark.parametrize("last, win", [("SA", 5000), ("A", 40_000)])
def test_options_of_crossed_syns(talk, last, win):
    """They are agreed on as in any open; the window of the SYN-ACK is not scaled, that of an ACK
    is. [RFC7323 2.2]"""
    t = talk(tcp_wnd=200_000)
    peer = t.peer(None, 80, ws=3, sack=True, ts=77, mss=1000)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S", options={"WScale": 2, "Timestamp": ..., "SAckOK": ...})
    peer.send("S")
    peer.expect("SA", options={"WScale": 2, "Timestamp": ..., "SAckOK": ..., "MSS": 1460})
    peer.send(last, seq=peer.seq(0 if last == "SA" else 1), ack=peer.rseq(1), win=5000)
    t.net.run(for_="1ms")
    info = connection.info()
    assert (info.state, info.snd_wnd, info.snd_scale) == ("ESTABLISHED", win, 3)
    assert info.timestamps and info.sack and info.rcv_wnd == 200_000


@pytest.mark.parametrize("data", [b"", b"and text"], ids=["fin", "text-and-fin"])
def test_syn_ack_with_text_and_fin(talk, data):
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    t.net.run(for_="1ms")
    answer = peer.send("SFA", data)
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(2 + len(data)), at=t.back(answer), since=answer)
    assert connection.state == "CLOSE_WAIT"
    assert connection.recv_all(timeout=0) == data
    names = ["connected"] + ["recv"] * bool(data) + ["closed"]
    assert [e.name for e in connection.events] == names


# -- no answer -----------------------------------------------------------------------------------
@pytest.mark.exact_ms
def test_syn_is_sent_for_three_minutes(talk):
    """And then it is over: ERR_ABRT, nothing on the wire."""
    t = talk()
    peer = t.peer(None, 80)
    start = t.net.now_ns
    connection = t.h.connect(peer.ip, 80, wait=False)
    syns = peer.drain("10min")
    with shows("RQ-9293-MUST-23", "RQ-9293-MAY-3"):
        assert [s.t_ns - start - t.hop(s) for s in syns] == [n * S for n in SYN_TIMES]
        assert {(s.flag_text, s.seq, s.option("MSS")) for s in syns} == {("S", peer.rseq(0), 1460)}
    with pytest.raises(ConnectionTimedOut):
        connection.wait_connected(timeout=0)
    warning, error = connection.events
    with shows("RQ-9293-MUST-22"):  # both thresholds, as for text: a warning, then the end
        assert warning[1:] == ("soft", ("ERR_TIMEOUT", 0, 0)) and warning.t_ns - start == 7 * S
        assert error[1:] == ("error", "ERR_ABRT")
    assert error[1:] == ("error", "ERR_ABRT") and error.t_ns - start == 183 * S
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == 0


@pytest.mark.exact_ms
def test_syn_ack_is_sent_for_three_minutes(talk):
    """And then the listener has its place again; the application never hears of it."""
    t = talk()
    listener = t.h.listen(80, backlog=1)
    peer = t.peer()
    sent = peer.send("S")
    answers = peer.drain("10min")
    first, *rest = answers
    assert first.t_ns - sent.t_ns == t.back(sent, options=4)
    began = first.t_ns // 1_000_000 * 1_000_000  # the host's clock counts whole milliseconds
    assert [a.t_ns - began - t.hop(a) for a in rest] == [n * S for n in SYN_TIMES[1:]]
    assert {(a.flag_text, a.seq) for a in answers} == {("SA", peer.rseq(0))}
    assert listener.events == [] and t.h.allocs()["held"].get("TCP_PCB", 0) == 0
    t.peer(sport=40001).connect()


@pytest.mark.parametrize("lost", [1, 3])
def test_a_late_answer_is_as_good(talk, lost):
    """Karn: nothing is learnt about the round trip from it. [RFC6298 5.7]"""
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    for _ in range(1 + lost):
        peer.expect("S", timeout="1min")
    peer.send("SA")
    peer.expect("A", seq=peer.rseq(1))
    info = connection.info()
    assert (info.state, info.srtt_us) == ("ESTABLISHED", 0)
    assert info.rto == 3000  # the SYN was lost


# -- resets --------------------------------------------------------------------------------------
def test_refused(talk):
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    peer.send("RA", seq=0, ack=peer.rseq(1))
    t.net.run(for_="1ms")
    with pytest.raises(ConnectionRefused):
        connection.wait_connected(timeout=0)
    peer.expect_nothing(for_="10s")


def test_reset_in_syn_received_of_a_listener(talk):
    """The application hears nothing, the next SYN is welcome."""
    t = talk()
    listener = t.h.listen(80, backlog=1)
    peer = t.peer()
    peer.send("S")
    peer.expect("SA")
    peer.reset()
    peer.expect_nothing(for_="10s")
    with shows("RQ-9293-MUST-11"):
        assert listener.events == []
        peer.send("S", seq=5000)
        peer.expect("SA", ack=5001)


def test_reset_in_syn_received_of_a_simultaneous_open(talk):
    """The application that called connect hears that it was refused."""
    _, connection, peer = crossed(talk)
    peer.reset()
    peer.expect_nothing(for_="10s")
    with shows("RQ-9293-MUST-11"):
        with pytest.raises(ConnectionRefused):
            connection.wait_connected(timeout=0)
        assert connection.state == "CLOSED"


def test_close_in_syn_sent_is_silent(talk):
    """There is nobody to be told. [RFC9293 3.10.4]"""
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    connection.close()
    assert connection.state == "CLOSED"
    peer.expect_nothing(for_="10min")
    peer.send("SA")
    peer.expect_rst(seq=peer.rseq(1))


@pytest.mark.parametrize("ends", ["close", "shutdown"])
def test_close_in_syn_received_sends_a_fin(talk, ends):
    """Behind the SYN, once that is acknowledged. [RFC9293 3.10.4]"""
    t, connection, peer = crossed(talk)
    if ends == "close":
        connection.close()
    else:
        connection.shutdown("wr")
    assert connection.state == "FIN_WAIT_1"
    peer.drain("1ms")
    peer.send("A", ack=peer.rseq(2))
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2"


# -- listening -----------------------------------------------------------------------------------
def test_backlog_counts_half_open_and_unaccepted(talk):
    """One SYN more finds no room and is dropped: the peer will try again. """
    t = talk()
    listener = t.h.listen(80, backlog=2)
    one, two, three = (t.peer(sport=40000 + i) for i in range(3))
    one.connect()
    two.send("S")
    two.expect("SA")
    before = t.h.stats()["drops"].get("tcp_listen_backlog", 0)
    three.send("S")
    three.expect_nothing(for_="100ms")
    assert t.h.stats()["drops"]["tcp_listen_backlog"] == before + 1
    two.reset()
    t.net.run(for_="1ms")
    three.send("S", seq=three.iss)
    three.expect("SA")
    assert listener.accept(timeout=0).remote.port == one.sport


def test_no_pcb_is_left(talk):
    """Nobody less important can be given up: the SYN is dropped, the application hears of it, and
    the peer's next one finds room. """
    t = talk(memp_num_tcp_pcb=1)
    listener = t.h.listen(80)
    first, second = t.peer().connect(), t.peer(sport=40001)
    connection = listener.accept(timeout="1ms")
    connection.set(prio=127)
    second.send("S")
    second.expect_nothing(for_="100ms")
    assert t.h.stats()["drops"]["tcp_listen_memory"] == 1
    assert listener.events[-1][1:] == ("accept", "ERR_MEM")
    assert connection.state == "ESTABLISHED"
    first.reset()
    t.net.run(for_="1ms")
    second.send("S", seq=second.iss)
    second.expect("SA")


def test_listener_that_closed_meanwhile(talk):
    """Nobody is there to accept: the handshake's end is its end."""
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    peer.send("S")
    peer.expect("SA")
    listener.close()
    peer.ack()
    peer.expect_rst(seq=peer.rseq(1), ack=peer.seq(1))
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == 0


def test_listening_disturbs_no_connection(talk):
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer().connect()
    connection = listener.accept(timeout="1ms")
    listener.close()
    with shows("RQ-9293-MUST-41"):
        with pytest.raises(CommandError, match="in use"):  # the port is the connection's
            t.h.listen(80)
        peer.send("PA", b"still there")
        assert connection.recv(timeout="1ms") == b"still there"
    connection.abort()
    again = t.h.listen(80)
    other = t.peer(sport=40001).connect()
    assert again.accept(timeout="1ms").remote.port == other.sport


def test_listening_on_the_port_of_a_connection_in_the_making(talk):
    """In SYN-SENT or SYN-RECEIVED."""
    t = talk()
    server = t.peer(None, 80, ip="10.0.0.1")
    connection = t.h.connect(server.ip, 80, local_port=7000, wait=False)
    server.expect("S")
    half = t.peer(7001, sport=40002)
    t.h.listen(7001).close()
    first = t.h.listen(7001)
    half.send("S")
    half.expect("SA")
    first.close()
    with shows("RQ-9293-MUST-42"):
        listener = t.h.listen(7000)
        assert t.h.listen(7001).port == 7001
        other = t.peer(7000, sport=40001).connect()
        assert listener.accept(timeout="1ms").remote.port == other.sport
    server.send("SA")
    server.expect("A")
    assert connection.state == "ESTABLISHED"


# -- addresses -----------------------------------------------------------------------------------
def two_addresses(net):
    """(host, peer on its first network, peer on its second)."""
    lan, far = net.segment("lan", kind="link"), net.segment("far", kind="link")
    h = net.host("h", lan, ip="10.0.0.2/24")
    h.netif(far, ip="10.2.0.2/24")
    here = lan.port("here", mac="02:00:00:00:00:01", ip="10.0.0.1")
    there = far.port("there", mac="02:00:00:00:02:01", ip="10.2.0.1")
    for port in (here, there):
        h.arp_static(port.ip, port.mac)
    mac = h.mac
    return h, here.tcp("10.0.0.2", None, 80, to_mac=mac), \
        there.tcp("10.2.0.2", None, 80, to_mac=h.interfaces[1].mac)


def test_ip_chooses_the_local_address(net):
    h, here, there = two_addresses(net)
    for peer in (here, there):
        h.connect(peer.ip, 80, wait=False)
    with shows("RQ-9293-MUST-44"):
        assert here.expect("S")["IP"].src == "10.0.0.2"
        assert there.expect("S")["IP"].src == "10.2.0.2"


def test_the_local_address_may_be_given(net):
    h, here, _ = two_addresses(net)
    wrong = here.port.tcp("10.2.0.2", None, 81, to_mac=h.mac)
    with shows("RQ-9293-MUST-43"):
        connection = h.connect(wrong.ip, 81, ip="10.2.0.2", wait=False)
        assert connection.local.addr == "10.2.0.2"
        assert wrong.expect("S")["IP"].src == "10.2.0.2"


def test_the_local_address_stays(net):
    """The way to the peer changes in the middle of a connection: its source is the old one."""
    h, here, there = two_addresses(net)
    h.interfaces[0].set(ip="10.0.0.2/24", gw=here.ip, default=True)
    peer = here.port.tcp(h, None, 80, ip="192.0.2.1").listen()
    connection = h.connect(peer.ip, 80, timeout="1s")
    peer.accept()
    h.interfaces[1].set(ip="10.2.0.2/24", gw=there.ip, default=True)
    h.arp_static(there.ip, there.mac)
    net.run(for_="1ms")
    there.port.clear()  # the host has announced its address
    connection.send(b"x")
    with shows("RQ-9293-MUST-45"):
        frame = there.port.recv(timeout="1s")
        assert (frame["IP"].src, frame["IP"].dst) == ("10.0.0.2", "192.0.2.1")
        assert bytes(frame["TCP"].payload)[:1] == b"x" and connection.local.addr == "10.0.0.2"


@pytest.mark.parametrize("addr", ["10.0.0.255", "255.255.255.255", "224.0.0.1", "0.0.0.0"])
def test_nobody_connects_to_many(talk, addr):
    t = talk()
    with shows("RQ-9293-MUST-46"):
        with pytest.raises(StackError):
            t.h.connect(addr, 80)
        t.net.run(for_="5s")
        assert t.wire.pending == 0


def test_two_connections_differ_by_one_port(talk):
    """A connection is two sockets [RFC9293 3.3]; the same pair twice is refused."""
    t = talk()
    one, two = t.peer(None, 80), t.peer(None, 81)
    t.h.connect(one.ip, 80, local_port=5000, wait=False)
    t.h.connect(two.ip, 81, local_port=5001, wait=False)
    one.expect("S")
    two.expect("S")
    with pytest.raises(StackError, match="ERR_USE"):
        t.h.connect(one.ip, 80, local_port=5000, wait=False)
