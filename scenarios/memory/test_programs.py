"""A user's program whose allocations fail: it is told, and it can say so."""

import pytest

from lockwire.paths import build_dir

ECHO = build_dir() / "apps" / "udp_echo.so"


def test_program_without_a_socket_says_so(net):
    """udp_new() returns NULL; started once more the program has its socket and answers."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    net.run(until="1ms")
    b.fail_alloc(1)
    assert net.app(b, ECHO, 7).output == ["udp_echo.so: no socket on port 7"]
    assert b.allocs()["failed"] == 1
    assert net.app(b, ECHO, 7).output == ["udp_echo.so: listening on port 7"]
    socket = a.udp()
    socket.send(b"there?", b.ip, 7)
    assert socket.recv(timeout=1).data == b"there?"


@pytest.mark.parametrize("size", [100, 3000])
def test_program_is_told_when_its_answer_fails(net, size):
    """udp_sendto() returns ERR_MEM or the answer arrives whole: what the program prints is true."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    app = net.app(b, ECHO, 7)
    socket = a.udp()
    net.run(until="1ms")
    assert len(app.output) == 1
    data = bytes(i & 0xFF for i in range(size))
    failures = 0
    for failure in b.each_alloc_failure():
        socket.send(data, b.ip, 7)
        got = socket.recv(timeout="100ms")
        said = app.output[1:]
        if got is not None:
            assert (got.data, said) == (data, [])
        elif said:
            assert said == [f"answer to port {socket.port} failed: -1"]
            failures += 1
        assert got is not None or failure.failed == 1
        failure.over()
        net.run(for_="61s")
        socket.send(data, b.ip, 7)
        assert socket.recv(timeout=1).data == data
    assert failures == (0 if size == 100 else 6)
