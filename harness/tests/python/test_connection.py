"""lockwire.connection, tcp_info: what is asked of the simulator, what comes of its answers, what is
refused before it is sent. The stand-in has no segments (fake_tcp.py); real ones:
scenarios/tcp and unit/harness/connection.c."""

import pytest

from lockwire import (ConnectionClosed, ConnectionRefused, ConnectionReset, Deadlock, StackError,
                      Timeout, UsageError)
from lockwire.connection import check_duty, check_settings
from lockwire.errors import CommandError
from lockwire.tcp_info import TcpInfo, pattern, read_event

MS = 1_000_000


@pytest.fixture
def hosts(world):
    lan = world.segment("lan")
    return world.host("a", lan, ip="10.0.0.1/24"), world.host("b", lan, ip="10.0.0.2/24")


@pytest.fixture
def pair(hosts):
    a, b = hosts
    listener = b.listen(80)
    client = a.connect("10.0.0.2", 80)
    return client, listener.accept()


def test_connect_returns_once_established(hosts):
    a, b = hosts
    listener = b.listen(80)
    client = a.connect("10.0.0.2", 80, local_port=4000)
    assert a.net.now_ns == 200_000 and client.connected and client.state == "ESTABLISHED"
    assert (client.local, client.remote) == (("10.0.0.1", 4000), ("10.0.0.2", 80))
    assert str(client.remote) == "10.0.0.2:80" and listener.port == 80


def test_connect_without_waiting(hosts):
    a, b = hosts
    b.listen(80)
    client = a.connect("10.0.0.2", 80, wait=False)
    assert a.net.now_ns == 0 and not client.connected and client.events == []
    client.wait_connected(timeout="1s")
    assert client.events == [(200_000, "connected", "ERR_OK")]


def test_accept_hands_out_connections_in_their_order(hosts):
    a, b = hosts
    listener = b.listen(80)
    for port in (5003, 5001, 5002):
        a.connect("10.0.0.2", 80, local_port=port)
    a.net.run(for_="1ms")
    assert listener.pending == 3
    assert [listener.accept(timeout=0).remote.port for _ in range(3)] == [5003, 5001, 5002]
    assert listener.pending == 0


def test_connect_that_is_refused(hosts):
    a, _ = hosts
    with pytest.raises(ConnectionRefused, match=r"host a, TCP 10\.0\.0\.1:49153 to 10\.0\.0\.2:81: "
                                                r"connect: ERR_RST \(-14\)") as info:
        a.connect("10.0.0.2", 81)
    assert info.value.err == -14 and isinstance(info.value, (ConnectionReset, StackError))


def test_connect_that_times_out_is_aborted(hosts):
    a, _ = hosts
    with pytest.raises(Timeout, match=r"host a, TCP 10\.0\.0\.1:49153 to 10\.0\.0\.9:80 connects: "
                                      r"nothing within 0.005 s"):
        a.connect("10.0.0.9", 80, timeout="5ms")
    assert a.net.now_ns == 5 * MS


def test_connect_and_accept_in_a_quiet_world_are_a_deadlock(hosts):
    a, b = hosts
    with pytest.raises(Deadlock, match="10.0.0.9:80 connects since 0.000 s"):
        a.connect("10.0.0.9", 80)
    with pytest.raises(Deadlock, match="host b, listening on TCP port 80 waits for a connection"):
        b.listen(80).accept()
    with pytest.raises(Timeout, match="port 81 waits for a connection: nothing within 0.002"):
        b.listen(81).accept(timeout="2ms")


def test_send_takes_what_fits(pair):
    client, server = pair
    assert client.send(b"x" * 600) == 600
    assert client.send(b"y" * 600) == 400 and client.room == 0
    assert client.send(b"z") == 0 and client.send(b"") == 0
    assert server.recv(100, timeout=1) == b"x" * 100 and server.pending == 500
    assert server.recv_exactly(900, timeout=1) == b"x" * 500 + b"y" * 400


def test_sendall_waits_for_room(pair):
    client, server = pair
    net = client.net
    with pytest.raises(Timeout, match="sends: 1500 of 2500 bytes found no room within 0.010 s"):
        client.sendall(bytes(2500), timeout="10ms")
    assert net.now_ns == 10_200_000
    assert server.recv_exactly(1000) == bytes(1000)
    net.run(for_="1ms")
    assert server.pending == 0  # the rest was forgotten
    client.sendall(b"abc")
    assert server.recv(timeout=1) == b"abc"


def test_much_data_goes_in_pieces(pair):
    client, server = pair
    data = pattern(900)
    client.sendall(data[:450])
    client.sendall(data[450:])
    assert server.recv_exactly(900) == data


def test_recv_after_the_peers_fin(pair):
    client, server = pair
    client.sendall(b"bye")
    client.shutdown()
    assert server.recv(2) == b"by" and server.recv() == b"e"
    assert server.recv() == b"" and server.recv() == b"" and server.eof
    with pytest.raises(ConnectionClosed, match=r"the peer closed after 0 of 5 bytes"):
        server.recv_exactly(5)
    server.sendall(b"still open")
    assert client.recv() == b"still open"


def test_recv_exactly_keeps_what_came(pair):
    client, server = pair
    client.sendall(b"abc")
    client.close()
    with pytest.raises(ConnectionClosed) as info:
        server.recv_exactly(4)
    assert info.value.partial == b"abc" and info.value.err == -15


def test_recv_all_reads_to_the_end(pair):
    client, server = pair
    client.sendall(b"one")
    client.net.run(for_="1ms")
    client.sendall(b"two")
    client.close()
    assert server.recv_all(timeout=1) == b"onetwo"


def test_recv_times_out_exactly(pair):
    with pytest.raises(Timeout, match=r"receives: nothing within 0.003 s"):
        pair[0].recv(timeout="3ms")
    assert pair[0].net.now_ns == 3_200_000


def test_reset_by_the_peer(pair):
    client, server = pair
    client.abort()
    with pytest.raises(ConnectionReset, match=r"10\.0\.0\.1:49153: recv: ERR_RST"):
        server.recv()
    for call in (server.send, server.sendall):
        with pytest.raises(ConnectionReset, match="send"):
            call(b"x")
    assert server.error == "ERR_RST" and server.events[-1][1:] == ("error", "ERR_RST")
    assert str(server.info()) == \
        "CLOSED 10.0.0.2:80 10.0.0.1:49153: the stack has forgotten it"


def test_closed_on_this_side(pair):
    client, _ = pair
    client.close()
    client.close()
    for call in (client.recv, lambda: client.send(b"x"), lambda: client.sendall(b"x")):
        with pytest.raises(ConnectionClosed, match=r"ERR_CLSD \(-15\)"):
            call()
    with pytest.raises(StackError, match=r"shutdown: ERR_CONN \(-11\)"):
        client.shutdown()


def test_a_connection_is_a_context_manager(hosts):
    a, b = hosts
    with b.listen(80) as listener, a.connect("10.0.0.2", 80) as client:
        server = listener.accept()
    assert client.closed and listener.closed and server.recv() == b""
    with pytest.raises(UsageError, match="listening on TCP port 80: it is closed"):
        listener.accept()


def test_snapshots_remember_what_is_closed(pair):
    client, _ = pair
    state = client.net.controller_state()
    client.close()
    client.net.set_controller_state(state)
    assert not client.closed


def test_port_in_use(hosts):
    with pytest.raises(CommandError, match="in use"):
        hosts[0].listen(9)


@pytest.mark.parametrize("call, message", [
    (lambda h: h.listen(65536), "port: expected a whole number from 0 to 65535, not 65536"),
    (lambda h: h.listen("80"), "port: expected a whole number"),
    (lambda h: h.listen(80, backlog=0), "backlog: expected a whole number from 1 to 255"),
    (lambda h: h.listen(80, ip="nowhere"), "ip: expected an IPv4 address"),
    (lambda h: h.listen(80, colour=1), "listen takes nodelay, .*, cc, not colour"),
    (lambda h: h.listen(80, echo=True, sink=True), "it goes with no sink, discard or source"),
    (lambda h: h.connect("10.0.0.2", 0), "port: expected a whole number from 1 to 65535, not 0"),
    (lambda h: h.connect("10.0.0.2", 80, local_port=-1), "local_port: expected a whole number"),
    (lambda h: h.connect("10.0.0.2", 80, timeout="soon"), "timeout: expected a time"),
    (lambda h: h.connect("10.0.0.2", 80, cc="reno"), "cc: expected newreno, cubic, not 'reno'"),
    (lambda h: h.connect("b", 80), "address: expected an IPv4 address"),
    (lambda h: h.connect("10.0.0.2", 80, prio=0), "prio: expected a whole number from 1 to 127"),
])
def test_what_host_refuses(hosts, call, message):
    with pytest.raises(UsageError, match=message):
        call(hosts[0])


@pytest.mark.parametrize("call, message", [
    (lambda c: c.recv(0), "n: expected a whole number from 1"),
    (lambda c: c.shutdown("half"), "how: expected rd, wr, rdwr, not 'half'"),
    (lambda c: c.write(bytes(65536)), "tcp_write takes up to 65535 bytes, not 65536"),
    (lambda c: c.poll(256), "interval: expected a whole number from 0 to 255"),
    (lambda c: c.refuse(-1), "count: expected a whole number"),
    (lambda c: c.in_callback("err", "abort"), "call: expected connected, recv, sent, poll, accept"),
    (lambda c: c.in_callback("recv", "sleep"), "action: expected none, refuse, abort, close"),
    (lambda c: c.set(keepalive=7), r"expected True, False or \(idle, interval, count\), not 7"),
    (lambda c: c.set(keepalive=("1us", None, None)), "not a whole number of ms from 1"),
    (lambda c: c.set(user_timeout="1ns"), "user_timeout: '1ns' is not a whole number of ms"),
    (lambda c: c.set(tos=256), "tos: expected a whole number from 0 to 255"),
    (lambda c: c.send_pattern(-1), "n: expected a whole number"),
])
def test_what_a_connection_refuses(pair, call, message):
    with pytest.raises(UsageError, match=message):
        call(pair[0])


def test_settings_become_members():
    assert check_settings("set", {"nodelay": 1, "keepalive": ("2h", 75, 9), "ttl": 3,
                                  "user_timeout": "10s", "cc": "cubic", "prio": None}) == {
        "nodelay": True, "keepalive": True, "keep_idle_ms": 7_200_000, "keep_intvl_ms": 75_000,
        "keep_cnt": 9, "ttl": 3, "user_timeout_ms": 10_000, "cc": "cubic"}
    assert check_settings("set", {"keepalive": False}) == {"keepalive": False}
    assert check_settings("set", {"keepalive": (None, None, 2)}) == {"keepalive": True,
                                                                      "keep_cnt": 2}


def test_duties_become_members():
    assert check_duty(False, True, False, None, 10, 3) == {
        "echo": False, "discard": True, "closes": True, "source": 0, "expect": 10, "seed": 3}
    assert not check_duty(False, False, True, None, None, 1)["closes"]


def test_info_is_readable(pair):
    client, _ = pair
    info = client.info()
    assert (info.state, info.cwnd, info.srtt, info.soft_error) == ("ESTABLISHED", 14600, 1.5,
                                                                    "ERR_RTE")
    assert info.due("rexmit") == client.net.now_ns + 10**9 and info.due("persist") is None
    lines = str(info).splitlines()
    assert lines[0] == "ESTABLISHED 10.0.0.1:49153 10.0.0.2:80 at 0.0002 s"
    assert "nxt 99 (iss+100)" in lines[1] and "blocks 5-9" in lines[6]
    assert lines[-1] == "  timers: rexmit at 1.0002 s (in 1.000 s)"
    assert str(TcpInfo()).splitlines()[-1] == "  timers: none"


def test_events_in_words():
    assert read_event([5, "soft", -4, 3, 1]) == (5, "soft", ("ERR_RTE", 3, 1))
    assert read_event([5, "closed", 0, 0, 0]) == (5, "closed", None)
    assert read_event([5, "accept", 7, 0, 0]) == (5, "accept", 7)
    assert read_event([5, "accept", -1, 0, 0]) == (5, "accept", "ERR_MEM")


def test_events_come_in_several_replies(pair):
    client, server = pair
    for _ in range(5):
        client.sendall(b"x")
        server.recv()
    client.net.run(for_="1ms")
    assert [e.name for e in client.events] == ["connected"] + 5 * ["sent"]


def test_pattern_is_a_function_of_position():
    whole = pattern(100, seed=7)
    assert [pattern(9, 7, at) for at in range(60)] == [whole[at:at + 9] for at in range(60)]
    assert pattern(0) == b"" and pattern(8, 1) != pattern(8, 2)
    # The simulator makes the same bytes: unit/harness/connection.c has this row too.
    assert pattern(20, 1).hex() == "c15c0289ec2d0a9167ec8e65a18debbe5e5532fb"
