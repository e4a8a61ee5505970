"""The echo server as a program on a host: user's C code on the stack's own call-backs.

What comes back is what was sent, after exactly the time of the wire: the program costs none."""

import pytest

from lockwire import wire_time


def two_hosts(net, latency="50us"):
    lan = net.segment("lan", latency=latency)
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    return lan, a, b


@pytest.mark.parametrize("size", [0, 1, 18, 100, 1472, 4000])
def test_the_echo_is_exact(net, program, size):
    """[RFC768]: same data, from the port it was sent to; there and back over two cables each."""
    _lan, a, b = two_hosts(net)
    app = net.app(b, program("udp_echo"), 7007)
    assert app.output == ["udp_echo.so: listening on port 7007"]
    net.run(for_="1ms")
    s = a.udp(5000)
    data = bytes((i * 3) & 0xFF for i in range(size))
    start = net.now_ns
    s.send(data, b.ip, 7007)
    got = s.recv(timeout=1)
    assert (got.data, got.addr, got.port) == (data, b.ip, 7007)
    if size <= 1472:
        assert got.t_ns == start + 4 * wire_time(42 + size) + 100_000


def test_the_default_port_is_seven(net, program):
    """RFC 862's, without an argument."""
    _lan, a, b = two_hosts(net)
    app = net.app(b, program("udp_echo"))
    assert app.expect("listening", timeout=1) == "udp_echo.so: listening on port 7"
    s = a.udp()
    s.send(b"x", b.ip, 7)
    assert s.recv(timeout=1).port == 7


def test_copies_on_two_hosts_share_nothing(net, program):
    """Each host has its own variables: two servers at two ports, and each answers at its own
    only."""
    _lan, a, b = two_hosts(net)
    net.app(a, program("udp_echo"), 1001)
    net.app(b, program("udp_echo"), 1002)
    to_b, to_a = a.udp(), b.udp()
    for port, answered in ((1002, True), (1001, False)):
        to_b.send(b"to b", b.ip, port)
        assert (to_b.recv(timeout="1ms") is not None) == answered
    for port, answered in ((1001, True), (1002, False)):
        to_a.send(b"to a", a.ip, port)
        assert (to_a.recv(timeout="1ms") is not None) == answered


def test_two_copies_on_one_host_share_nothing(net, program):
    """The second has variables of its own as well."""
    _lan, a, b = two_hosts(net)
    apps = [net.app(b, program("udp_echo"), port) for port in (1001, 1002)]
    assert [app.output for app in apps] == [[f"udp_echo.so: listening on port {p}"]
                                            for p in (1001, 1002)]
    s = a.udp()
    for port in (1001, 1002):
        s.send(b"x", b.ip, port)
        assert s.recv(timeout=1).port == port


@pytest.mark.parametrize("port", ["0", "65536", "nonsense"])
def test_a_bad_port_is_said_in_a_line(net, program, port):
    """The program prints it; the scenario reads it."""
    _lan, _a, b = two_hosts(net)
    app = net.app(b, program("udp_echo"), port)
    number = port if port.isdigit() else "0"
    assert app.output == [f"udp_echo.so: no socket on port {number}"]


def test_a_taken_port_is_said_in_a_line(net, program):
    """The socket of the scenario has it already."""
    _lan, _a, b = two_hosts(net)
    b.udp(7)
    assert net.app(b, program("udp_echo")).output == ["udp_echo.so: no socket on port 7"]


def test_an_echo_over_a_lossy_wire_loses_what_the_wire_loses(net, program):
    """Every third datagram is lost on the way there: the others come back, in order."""
    lan, a, b = two_hosts(net)
    net.app(b, program("udp_echo"))
    lan.faults.drop(every=3, src=a, match={"udp.dport": 7})
    s = a.udp()
    for i in range(9):
        s.send(bytes([i]), b.ip, 7)
    net.run(for_="10ms")
    assert [s.recv(timeout=0).data[0] for _ in range(6)] == [0, 1, 3, 4, 6, 7]
    assert s.recv(timeout=0) is None


@pytest.mark.exact_ms
def test_a_program_is_part_of_snapshots(net, program):
    """Its variables go back with the world: counts and lines continue from there."""
    _lan, a, _b = two_hosts(net)
    app = net.app(a, program("counter"), "one")
    net.run(until="5.5ms")
    before = app.output
    assert before == ["one of 2: 1"] + [f"one: {i}" for i in range(1, 6)]
    was = net.snapshot()
    net.run(until="20ms")
    assert app.output[-1] == "one: 20"
    net.restore(was)
    assert app.output == before
    net.run(until="7ms")
    assert app.output[len(before):] == ["one: 6", "one: 7"]
