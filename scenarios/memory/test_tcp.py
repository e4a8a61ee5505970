"""Connections while allocations fail: opened or refused for memory, never half; what is delivered is
what was sent; a close always comes to its end; and everything is given back. [RFC9293 3.9.1] """

from lockwire import ConnectionLost, Timeout
from lockwire.tcp_info import pattern

PORT = 80
PEER = "10.0.0.254"
DATA = pattern(3000, seed=5)


def bench(net):
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    net.run(until="1ms")
    return a, b


def ended(net, *connections):
    for connection in connections:
        if connection is not None:
            connection.close()
    net.run(for_="10min")


def test_connect_send_close(net, rounds):
    """The side that opens and sends."""
    a, b = bench(net)

    def client():
        listener = b.listen(PORT, sink=True, reuse=True)  # b may not have heard of an end
        connection = None
        try:
            connection = a.connect(b.ip, PORT, timeout="10min")
            connection.sendall(DATA, timeout="10min")
            connection.shutdown("wr")
            return connection.recv(timeout="10min") == b""
        except (ConnectionLost, Timeout):
            return False
        finally:
            ended(net, connection, listener)
    assert rounds(a, client) > 5


def test_accept_receive_close(net, rounds):
    """The side that is connected to, and receives."""
    a, b = bench(net)

    def server():
        listener = b.listen(PORT)
        connection = far = None
        try:
            far = a.connect(b.ip, PORT, timeout="10min")
            connection = listener.accept(timeout="10min")
            far.sendall(DATA, timeout="10min")
            got = connection.recv_exactly(len(DATA), timeout="10min")
            assert got == DATA
            far.shutdown("wr")
            return connection.recv(timeout="10min") == b""
        except (ConnectionLost, Timeout):
            return False
        finally:
            ended(net, connection, far, listener)
    assert rounds(b, server) > 5


def test_out_of_order(net, rounds):
    """A segment overtakes others: what is kept of it comes out once, and in its place."""
    a, b = bench(net)

    def receive():
        listener = b.listen(PORT)
        connection = far = None
        try:
            fault = a.interfaces[0].segment.faults.reorder(
                depth=2, src=a.name, match={"tcp.len": (">", 0)}, count=1, optional=True)
            far = a.connect(b.ip, PORT, timeout="10min")
            connection = listener.accept(timeout="10min")
            far.sendall(pattern(8000), timeout="10min")
            got = connection.recv_exactly(8000, timeout="10min")
            assert got == pattern(8000)
            return fault is not None
        except (ConnectionLost, Timeout):
            return False
        finally:
            ended(net, connection, far, listener)
    assert rounds(b, receive) > 5
