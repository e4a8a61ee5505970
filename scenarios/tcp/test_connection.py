"""A host's connections in the scenario's hands: what each call does to the stack, in which order
the call-backs run, what connections with a duty do by themselves. [RFC9293 3.9.1] """

import zlib

import pytest

from lockwire import (ConnectionAborted, ConnectionClosed, ConnectionRefused, ConnectionReset,
                      ConnectionTimedOut, StackError, Timeout)
from lockwire.tcp_info import pattern

S, MS = 1_000_000_000, 1_000_000
PORT = 80


class Two:
    """Hosts a and b on a cable."""

    def __init__(self, net, rate="100M", latency="1ms", **options):
        self.net = net
        self.lan = net.segment("lan", kind="link", rate=rate, latency=latency)
        self.a = net.host("a", self.lan, ip="10.0.0.1/24", **options)
        self.b = net.host("b", self.lan, ip="10.0.0.2/24", **options)
        self.a.arp_static(self.b.ip, self.b.mac)
        self.b.arp_static(self.a.ip, self.a.mac)

    def pair(self, **options):
        """(connection of a, connection of b), established."""
        listener = self.b.listen(PORT)
        client = self.a.connect(self.b.ip, PORT, timeout="1s", **options)
        return client, listener.accept(timeout="1s")


@pytest.fixture
def two(net):
    return lambda **options: Two(net, **options)


def names(connection):
    """The call-backs' names and values."""
    return [event[1:] for event in connection.events]


def test_connect_send_receive_close(two):
    t = two()
    client, server = t.pair(local_port=4000)
    assert (client.local, client.remote) == (("10.0.0.1", 4000), ("10.0.0.2", PORT))
    assert (server.local, server.remote) == (client.remote, client.local)
    assert client.send(b"hello") == 5 and server.recv(timeout=1) == b"hello"
    server.sendall(b"world", timeout=1)
    assert client.recv_exactly(5, timeout=1) == b"world"
    client.close()
    assert server.recv(timeout=1) == b"" and server.state == "CLOSE_WAIT"
    t.net.run(for_="1s")
    assert client.state == "FIN_WAIT_2"
    server.close()
    t.net.run(for_="1s")
    assert (client.state, server.state) == ("TIME_WAIT", "CLOSED")
    t.net.run(for_="10min")
    assert client.state == "CLOSED" and client.info().gone and client.error is None


def test_callbacks_in_their_order(two):
    t = two()
    client, server = t.pair()
    client.sendall(b"abc")
    server.recv_exactly(3)
    t.net.run(for_="1s")
    server.shutdown("wr")
    t.net.run(for_="1s")
    assert names(client) == [("connected", "ERR_OK"), ("sent", 3), ("closed", None)]
    assert names(server) == [("accept", "ERR_OK"), ("recv", 3)]
    assert client.events[0].t_ns < server.events[0].t_ns < server.events[1].t_ns


def test_connections_are_accepted_in_order_of_arrival(two):
    t = two()
    listener = t.b.listen(PORT)
    ports = [5007, 5001, 5004]
    for port in ports:
        t.a.connect(t.b.ip, PORT, timeout="1s", local_port=port)
    t.net.run(for_="10ms")
    assert (listener.pending, listener.accepted) == (3, 3)
    assert [listener.accept(timeout=0).remote.port for _ in ports] == ports


def test_connect_refused(two):
    t = two()
    with pytest.raises(ConnectionRefused, match="ERR_RST"):
        t.a.connect(t.b.ip, 9)
    listener = t.b.listen(PORT)
    listener.refuse()
    client = t.a.connect(t.b.ip, PORT)  # the reset comes behind the handshake
    with pytest.raises(ConnectionReset):
        client.recv(timeout="1s")
    assert names(listener) == [("accept", "ERR_MEM")]


def test_connect_without_an_answer(two):
    t = two()
    t.lan.faults.drop(src="a")
    with pytest.raises(Timeout, match="nothing within 0.500 s"):
        t.a.connect(t.b.ip, PORT, timeout="500ms")
    start = t.net.now_ns
    with pytest.raises(ConnectionTimedOut, match="ERR_ABRT"):
        t.a.connect(t.b.ip, PORT)
    assert t.net.now_ns - start >= 180 * S  # [RFC9293 3.8.3 MUST-23]


def test_no_route_is_an_error_at_once(two):
    t = two()
    t.lan.link(up=False)
    with pytest.raises(StackError, match="host a connects to 10.0.0.2:80: ERR_RTE"):
        t.a.connect(t.b.ip, PORT)


def test_unread_data_closes_the_window_and_recv_opens_it(two):
    t = two(tcp_wnd=4000)
    client, server = t.pair()
    client.sendall(pattern(10_000))
    t.net.run(for_="5s")
    info = client.info()
    assert (server.pending, info.snd_wnd, info.unsent + info.unacked) == (4000, 0, 6000)
    assert info.due("persist") > t.net.now_ns
    assert server.recv_exactly(10_000, timeout="2min") == pattern(10_000)


def test_send_takes_what_fits_and_sendall_waits(two):
    t = two(tcp_wnd=4000, tcp_snd_buf=5840)
    client, server = t.pair()
    assert client.send(bytes(10_000)) == 5840 and client.room == 0
    t.net.run(for_="5s")
    assert client.room == 4000
    with pytest.raises(Timeout, match="sends: 2000 of 6000 bytes found no room within 1.000 s"):
        client.sendall(bytes(6000), timeout="1s")
    assert len(server.recv_exactly(9840, timeout="2min")) == 9840
    with pytest.raises(Timeout):
        server.recv(timeout="5min")  # the 2000 were forgotten


def test_write_is_tcp_write(two):
    t = two(tcp_snd_buf=5840)
    client, server = t.pair()
    assert client.write(b"ab", more=True, output=False) == "ERR_OK"
    assert client.info().unsent == 2
    assert client.write(b"cd", copy=False) == "ERR_OK"
    assert server.recv_exactly(4, timeout=1) == b"abcd"
    assert client.write(bytes(5841)) == "ERR_MEM" and client.output() == "ERR_OK"
    client.close()
    assert client.write(b"x") == "ERR_CLSD"


def test_bytes_by_reference_survive_a_lost_segment(two):
    t = two()
    client, server = t.pair()
    t.lan.faults.drop(nth=1, src="a")
    assert client.write(pattern(3000), copy=False) == "ERR_OK"
    client.close()
    assert server.recv_all(timeout="10s") == pattern(3000)


def test_refused_data_is_offered_again(two):
    t = two()
    client, server = t.pair()
    server.refuse(2)
    client.sendall(b"abc")
    assert server.recv(timeout="10s") == b"abc"
    assert names(server) == [("accept", "ERR_OK"), ("refused", 3), ("refused", 3), ("recv", 3)]


@pytest.mark.parametrize("call", ["recv", "sent", "poll"])
def test_abort_in_a_callback(two, call):
    t = two()
    client, server = t.pair()
    victim, other = (server, client) if call == "recv" else (client, server)
    victim.in_callback(call, "abort")
    client.poll(2)
    client.sendall(b"abc")
    t.net.run(for_="3s")
    assert victim.error == "ERR_ABRT" and other.error == "ERR_RST"
    with pytest.raises(ConnectionAborted):
        victim.send(b"x")


def test_abort_in_connected(two):
    t = two()
    listener = t.b.listen(PORT)
    client = t.a.connect(t.b.ip, PORT, wait=False)
    client.in_callback("connected", "abort")
    t.net.run(for_="1s")
    assert names(client) == [("connected", "ERR_OK"), ("error", "ERR_ABRT")]
    assert [e.name for e in listener.events] in ([], ["accept"])


@pytest.mark.parametrize("call", ["connected", "recv", "sent"])
def test_close_in_a_callback(two, call):
    t = two()
    listener = t.b.listen(PORT)
    client = t.a.connect(t.b.ip, PORT, wait=False)
    client.in_callback(call, "close")
    server = listener.accept(timeout="1s")
    if call != "connected":
        (client if call == "sent" else server).sendall(b"x")
        t.net.run(for_="1s")
    t.net.run(for_="1s")
    if call == "recv":  # closed with a byte that nobody has read
        assert server.error == "ERR_RST"
    else:
        assert server.recv_all(timeout=1) == (b"x" if call == "sent" else b"")
    assert client.error is None


def test_close_with_unread_data_resets(two):
    t = two()
    client, server = t.pair()
    client.sendall(b"x")
    t.net.run(for_="1s")
    server.close()
    with pytest.raises(ConnectionReset):
        client.recv(timeout="1s")
    with pytest.raises(ConnectionClosed):
        server.recv()
    assert server.state == "CLOSED"


def test_half_close(two):
    t = two()
    client, server = t.pair()
    client.shutdown("wr")
    assert server.recv(timeout=1) == b""
    server.sendall(pattern(50_000), timeout="10s")
    server.close()
    assert client.recv_all(timeout="10s") == pattern(50_000)
    t.net.run(for_="1s")
    assert client.state == "TIME_WAIT"


def test_abort_resets(two):
    t = two()
    client, server = t.pair()
    client.abort()
    with pytest.raises(ConnectionReset):
        server.recv(timeout="1s")
    assert client.error == "ERR_ABRT" and client.state == "CLOSED"


def test_poll_comes_every_so_many_half_seconds(two):
    t = two()
    client, _ = t.pair()
    client.poll(4)
    t.net.run(for_="7s")
    times = [e.t_ns for e in client.events if e.name == "poll"]
    assert [b - a for a, b in zip(times, times[1:])] == [2 * S] * (len(times) - 1)
    assert len(times) == 3
    client.poll(0)
    t.net.run(for_="7s")
    assert len(client.events) == 1 + 3


def test_settings_reach_the_wire(net):
    lan = net.segment("lan", kind="link")
    h = net.host("h", lan, ip="10.0.0.2/24")
    peer = lan.port("tester", ip="10.0.0.1").tcp(h, PORT)
    listener = h.listen(PORT, tos=0x10, ttl=9, nodelay=True, cc="newreno")
    peer.connect()
    connection = listener.accept(timeout="1s")
    info = connection.info()
    assert (info.cc, info.nagle) == ("newreno", False)
    connection.sendall(b"x")
    segment = peer.expect("PA", data=b"x")
    assert (segment.tos, segment.ttl) == (0x10, 9)
    connection.set(cc="cubic", nodelay=False, tos=0)
    assert (connection.info().cc, connection.info().nagle) == ("cubic", True)


@pytest.mark.exact_ms
def test_keepalive_ends_a_dead_connection(two):
    t = two()
    client, _ = t.pair()
    client.set(keepalive=("10s", "2s", 3))
    assert client.info().due("keep") == 2 * MS + 10 * S
    t.lan.faults.drop(src="b")
    with pytest.raises(ConnectionAborted):
        client.recv(timeout="1min")


@pytest.mark.exact_ms
def test_user_timeout_gives_up(two):
    t = two()
    client, _ = t.pair(user_timeout="5s")
    t.lan.faults.drop(src="b")
    client.sendall(b"x")
    sent = t.net.now_ns
    with pytest.raises(ConnectionAborted):
        client.recv(timeout="1min")
    assert t.net.now_ns == sent // MS * MS + 5 * S  # the host's clock counts whole ms


def test_urgent_data_is_announced(two):
    t = two()
    client, server = t.pair()
    assert client.write(b"abc!", urgent=True) == "ERR_OK"
    assert server.recv_exactly(4, timeout=1) == b"abc!"
    assert [e.value for e in server.urgent] == [4]


def test_info_says_what_is_going_on(two):
    t = two()
    client, server = t.pair()
    client.sendall(bytes(100))
    info = client.info()
    assert (info.state, info.unacked, info.in_flight) == ("ESTABLISHED", 100, 100)
    assert info.snd_nxt - info.snd_una & 0xFFFFFFFF == 100 and info.rcv_nxt == server.info().snd_una
    assert info.due("rexmit") > t.net.now_ns
    lines = str(info).splitlines()
    assert lines[0].startswith(f"ESTABLISHED {client.local} {client.remote} at ")
    assert "rexmit at" in lines[-1]
    t.net.run(for_="1s")
    assert client.info().timers == {} and client.info().srtt_us > 0


# -- duties ----------------------------------------------------------------------------------------
def test_echo_sink_and_source(two):
    t = two()
    t.b.listen(7, echo=True)
    t.b.listen(9, sink=True)
    t.b.listen(19, source=5000, seed=4)
    echo = t.a.connect(t.b.ip, 7, timeout="1s")
    echo.sendall(pattern(20_000))
    echo.shutdown()
    assert echo.recv_all(timeout="10s") == pattern(20_000)
    sink = t.a.connect(t.b.ip, 9, timeout="1s")
    sink.sendall(bytes(20_000), timeout="10s")
    sink.shutdown()
    assert sink.recv(timeout="10s") == b""
    assert t.a.connect(t.b.ip, 19, timeout="1s").recv_all(timeout="10s") == pattern(5000, 4)


def test_what_is_discarded_is_summed_up(two):
    t = two()
    client, server = t.pair()
    client.sendall(pattern(1000))
    t.net.run(for_="1s")
    server.discard()
    client.sendall(pattern(9000, at=1000), timeout="10s")
    t.net.run(for_="1s")
    assert server.drain_hash() == (10_000, zlib.crc32(pattern(10_000))) and server.pending == 0


@pytest.mark.parametrize("impairment", ["none", "loss"])
def test_ten_megabytes_arrive_intact(two, impairment):
    t = two(rate="1G")
    client, server = t.pair()
    if impairment == "loss":
        t.lan.impair.loss("1%")
    size = 10_000_000
    server.expect_pattern(size, seed=3)
    client.send_pattern(size, seed=3)
    server.finish(timeout="10min")
    assert server.progress()[2:] == (size, 0, 0, 0, None)
    assert client.progress().written == size


def test_five_hundred_connections_at_once(two):
    t = two(rate="1G", memp_num_tcp_pcb=520, memp_num_tcp_seg=8192, mem_size=1 << 24,
            pbuf_pool_size=4096)
    count, size = 500, 3000
    listener = t.b.listen(PORT, echo=True)
    all_ = [t.a.connect(t.b.ip, PORT, wait=False, source=size, expect=size, seed=i)
            for i in range(count)]
    t.net.run(for_="30s")
    assert listener.accepted == count
    for connection in all_:
        connection.finish(timeout=0)
        assert connection.progress().received == size
    t.net.check()
