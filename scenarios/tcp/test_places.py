"""Where a connection can lead: to the host's own address, to 127.0.0.1, to itself, through
routers; and a world that is put back in the middle of one does the same again.
[RFC9293 3.5, RFC1122 3.2.1.3] """

import pytest

from lockwire.tcp_info import pattern

PORT = 80
SIZE = 300_000


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "127.9.9.9"])
def test_to_a_host_itself(net, address):
    """Nothing of it is on the wire [RFC1122 3.2.1.3 (g)]."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester")
    net.run(until="1ms")
    wire.clear()
    listener = a.listen(PORT, expect=SIZE, seed=3)
    client = a.connect(address, PORT, timeout="1s")
    server = listener.accept(timeout="1s")
    assert (server.local, server.remote) == (client.remote, client.local)
    client.send_pattern(SIZE, seed=3)
    server.finish(timeout="10min")
    server.send(b"all of it")
    assert client.recv_exactly(9, timeout="1s") == b"all of it"
    client.close()
    assert server.recv(timeout="1s") == b""
    server.close()
    net.run(for_="1s")
    assert (client.state, server.state) == ("TIME_WAIT", "CLOSED")
    assert wire.pending == 0


def test_a_connection_with_itself(net):
    """[RFC9293 3.5 MUST-10]: one end, its own peer: a simultaneous open of one. What it says, it
    hears; its FIN is the peer's."""
    a = net.host("a", net.segment("lan"), ip="10.0.0.1/24")
    own = a.connect("127.0.0.1", 4000, timeout="1s", local_port=4000, ip="127.0.0.1")
    assert own.local == own.remote == ("127.0.0.1", 4000)
    data = pattern(5000, seed=9)
    own.sendall(data)
    assert own.recv_exactly(5000, timeout="10s") == data
    own.shutdown("wr")
    assert own.recv(timeout="1s") == b""
    net.run(for_="10min")
    assert own.state == "CLOSED"


def test_through_two_routers(net):
    """Three networks; that in the middle loses and is slow: the queue of its router is where the
    connection's rate is decided. [RFC1812 5.2.1]"""
    lans = [net.segment("left", latency="1ms"),
            net.segment("middle", kind="link", rate="10M", latency="5ms", loss="1%", queue=20),
            net.segment("right", latency="1ms")]
    a = net.host("a", lans[0], ip="10.0.0.1/24", gw="10.0.0.254")
    b = net.host("b", lans[2], ip="10.0.2.1/24", gw="10.0.2.254")
    first = net.host("first", lans[0], ip="10.0.0.254/24", ip_forward=1)
    first.netif(lans[1], ip="10.0.1.1/24", gw="10.0.1.2").set(default=True)
    second = net.host("second", lans[2], ip="10.0.2.254/24", ip_forward=1)
    second.netif(lans[1], ip="10.0.1.2/24", gw="10.0.1.1").set(default=True)
    listener = b.listen(PORT, expect=2_000_000, source=1_000_000)
    client = a.connect(b.ip, PORT, expect=1_000_000, source=2_000_000)
    server = listener.accept(timeout="1s")
    client.finish(timeout="10min")
    server.finish(timeout="10min")
    assert second.stats()["lwip"]["ip"]["fw"] > 1500


def bulk(net):
    """A lossy transfer, 300 ms into it."""
    lan = net.segment("lan", rate="10M", latency="3ms")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    lan.impair.loss("3%")
    lan.impair.reorder("3%", depth=3)
    listener = b.listen(PORT, expect=1_000_000)
    client = a.connect(b.ip, PORT)
    server = listener.accept(timeout="1min")
    client.send_pattern(1_000_000)
    net.run(for_="300ms")
    assert 100_000 < server.progress().received < 900_000
    return client, server


def outcome(net, client, server):
    """All that a person could compare: when, and every variable of both ends on the way."""
    seen = []
    while client.progress().to_send or server.progress().to_come:
        net.run(for_="100ms")
        seen.append((net.now_ns, str(client.info()), str(server.info()), server.progress()))
    return seen


def test_put_back_in_the_middle_it_goes_on_the_same_way(net):
    client, server = bulk(net)
    before = net.snapshot()
    once = outcome(net, client, server)
    net.restore(before)
    assert 100_000 < server.progress().received < 900_000
    assert outcome(net, client, server) == once and len(once) > 5


def test_a_twin_goes_the_same_way(net):
    """In another process."""
    client, server = bulk(net)
    twin = net.twin()
    assert twin.clock() == net.clock()
    net.run(for_="2s")
    twin.run(for_="2s")
    assert twin.clock() == net.clock()
    assert [h.stats() for h in twin.hosts.values()] == [h.stats() for h in net.hosts.values()]
    assert server.progress().received > 300_000 and client.error is None
