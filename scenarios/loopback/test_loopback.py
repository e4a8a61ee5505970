"""What a host sends to itself never sees a wire, takes no time, and is bounded and counted.

[RFC1122 3.2.1.3(g)]: 127/8 is this host and must not appear outside of it. A datagram to one of
the host's own addresses is delivered inside, too, by its interface's loopback queue.
"""

import pytest
from scapy.layers.inet import IP, UDP

from lockwire import IcmpError, StackError


@pytest.fixture
def bench(net):
    """bench(**options): host a with address 10.0.0.1 and what its segment hears; all is quiet."""
    def make(**options):
        lan = net.segment("lan", latency="50us")
        a = net.host("a", lan, ip="10.0.0.1/24", **options)
        wire = lan.port("tester")
        net.run(until="1ms")
        wire.clear()
        return a, wire
    return make


def silent(wire):
    """Nothing was or will be sent."""
    return wire.pending == 0 and len(wire.sniff(timeout="1s")) == 0


@pytest.mark.parametrize("addr, source", [("127.0.0.1", "127.0.0.1"), ("127.0.0.2", "127.0.0.1"),
                                          ("127.1.2.3", "127.0.0.1"),
                                          ("127.255.255.254", "127.0.0.1"),
                                          ("10.0.0.1", "10.0.0.1"), ("10.9.0.1", "10.9.0.1")])
@pytest.mark.parametrize("size", [0, 1, 1472, 9000, 65507])
def test_echo_to_ourselves_is_exact_and_takes_no_time(net, bench, addr, source, size):
    """[RFC1122 3.2.1.3(g)]: all of 127/8 and both interfaces' addresses, any length uncut."""
    a, wire = bench()
    a.netif(net.segment("other"), ip="10.9.0.1/24")
    server, client = a.udp(7), a.udp(5000)
    data = bytes(i * 31 & 0xFF for i in range(size))
    start = net.now_ns
    client.send(data, addr, 7, ttl=1)
    got = server.recv(timeout=0)
    assert (got.data, got.addr, got.port, got.dst, got.ttl) == (data, source, 5000, addr, 1)
    server.send(got.data, got.addr, got.port)
    back = client.recv(timeout=0)
    assert (back.data, back.addr, back.port) == (data, source, 7)
    assert (got.t_ns, back.t_ns, net.now_ns) == (start, start, start)
    assert silent(wire)
    assert a.stats()["drops"] == {}
    assert a.stats()["mem"]["used"] == 0


@pytest.mark.parametrize("addr", ["127.0.0.1", "127.9.9.9", "10.0.0.1"])
def test_ping_of_ourselves_takes_no_time(bench, addr):
    """[RFC1122 3.2.2.6]: the answer comes from the address that was asked, without a wire."""
    a, wire = bench()
    pong = a.ping(addr, data=b"hello")
    assert (pong.rtt_ns, pong.source, pong.data) == (0, addr, b"hello")
    assert silent(wire)


def test_host_without_an_interface_has_itself(net):
    """[RFC1122 3.2.1.3(g)]: the loopback interface needs no other."""
    a = net.host("a")
    assert a.ping("127.0.0.1").rtt_ns == 0
    with pytest.raises(StackError) as caught:
        a.ping("10.0.0.1")
    assert caught.value.err == -4


def test_datagrams_arrive_in_the_order_they_were_sent(bench):
    """[RFC1122 3.2.1.3(g)]: each interface's queue is first in, first out, whatever the address."""
    a, _ = bench()
    server, client = a.udp(7), a.udp(5000)
    order = [("127.0.0.1", 3), ("10.0.0.1", 900), ("127.0.0.1", 0), ("10.0.0.1", 1),
             ("127.4.4.4", 2)]
    for addr, size in order:
        client.send(bytes(size), addr, 7)
    got = [(d.dst, len(d.data)) for d in (server.recv(timeout=0) for _ in order)]
    assert [d for d in got if d[0] == "10.0.0.1"] == [("10.0.0.1", 900), ("10.0.0.1", 1)]
    assert [d for d in got if d[0] != "10.0.0.1"] == [order[0], order[2], order[4]]


def test_closed_port_of_ourselves_is_unreachable(bench):
    """[RFC1122 3.2.2.1]: between ourselves 127/8 may cause an error, which comes back inside."""
    a, wire = bench()
    client = a.udp(5000)
    client.connect("127.0.0.1", 9)
    client.send(b"anyone")
    with pytest.raises(IcmpError) as caught:
        client.recv(timeout=0)
    assert (caught.value.type, caught.value.code, caught.value.source) == (3, 3, "127.0.0.1")
    assert a.stats()["drops"] == {"udp_no_port": 1}
    assert silent(wire)


@pytest.mark.parametrize("addr", ["10.0.0.9", "10.0.0.255", "239.1.2.3"])
def test_socket_bound_to_loopback_cannot_talk_to_others(bench, addr):
    """[RFC1122 3.2.1.3(g)]: UDP refuses a source that is not the interface's, before IP has to."""
    a, wire = bench()
    socket = a.udp(5000, addr="127.0.0.1", broadcast=True)
    with pytest.raises(StackError) as caught:
        socket.send(b"outside", addr, 9)
    assert caught.value.err == -4
    assert silent(wire)
    socket.send(b"inside", "127.0.0.1", 5000)
    assert socket.recv(timeout=0).data == b"inside"


@pytest.mark.parametrize("source", ["127.0.0.1", "127.255.255.254"])
def test_loopback_source_does_not_leave(bench, source):
    """[RFC1122 3.2.1.3(g)]: not even from a program that writes its own IP header."""
    a, wire = bench()
    a.arp_static("10.0.0.9", "02:00:00:00:00:09")
    raw = a.raw(17, hdrincl=True)
    with pytest.raises(StackError) as caught:
        raw.send(bytes(IP(src=source, dst="10.0.0.9") / UDP() / b"outside"), "10.0.0.9")
    assert caught.value.err == -4
    assert a.stats()["drops"] == {"ip4_out_loopback_on_wire": 1}
    assert silent(wire)
    raw.send(bytes(IP(src="10.0.0.1", dst="10.0.0.9") / UDP() / b"outside"), "10.0.0.9")
    assert wire.pending == 0 and len(wire.sniff(timeout="1ms")) == 1


@pytest.mark.parametrize("how", ["interface", "cable"])
def test_without_its_interface_only_127_is_reachable(bench, how):
    """[RFC1122 3.3.1.1]: an address whose interface is down has no route, as in lwIP."""
    a, wire = bench()
    turn = a.link if how == "cable" else lambda up: a.interfaces[0].set(up=up)
    turn(up=False)
    with pytest.raises(StackError) as caught:
        a.ping("10.0.0.1")
    assert caught.value.err == -4
    stats = a.stats()
    assert (stats["lwip"]["ip"]["rterr"], stats["mib2"]["ipoutnoroutes"]) == (1, 1)
    assert a.ping("127.0.0.1").rtt_ns == 0
    turn(up=True)
    assert a.ping("10.0.0.1").rtt_ns == 0


def test_looped_packets_are_counted_for_the_loopback_interface(bench):
    """[RFC1122 3.2.1.3(g)]: the Ethernet interface's own counters do not move."""
    a, _ = bench()
    before = a.interfaces[0].info()["counters"]
    link = a.stats()["lwip"]["link"]
    server, client = a.udp(7), a.udp(5000)
    client.send(bytes(100), "127.0.0.1", 7)
    client.send(bytes(100), "10.0.0.1", 7)
    assert server.recv(timeout=0) and server.recv(timeout=0)
    assert a.interfaces[0].info()["counters"] == before
    after = a.stats()
    assert after["lwip"]["link"]["xmit"] - link["xmit"] == 2
    assert after["lwip"]["link"]["recv"] - link["recv"] == 2
    mib2 = after["mib2"]
    assert (mib2["ipoutrequests"], mib2["ipinreceives"], mib2["ipindelivers"]) == (2, 2, 2)
    assert (mib2["udpoutdatagrams"], mib2["udpindatagrams"]) == (2, 2)


@pytest.mark.parametrize("size, fits", [(0, True), (100, True), (350, True), (450, False),
                                        (700, False)])
def test_copy_that_finds_no_memory(net, bench, size, fits):
    """[RFC1122 3.2.1.3(g)]: the heap holds datagram and copy, or the sender is told at once."""
    a, _ = bench(mem_size=1024)
    server, client = a.udp(7), a.udp(5000)
    for _ in range(3):
        if fits:
            client.send(bytes(size), "127.0.0.1", 7)
            assert len(server.recv(timeout=0).data) == size
        else:
            with pytest.raises(StackError) as caught:
                client.send(bytes(size), "127.0.0.1", 7)
            assert caught.value.err == -1
            assert server.recv(timeout=0) is None
    assert a.stats()["mem"]["used"] == 0
    assert a.stats()["drops"] == ({} if fits else {"loop_no_memory": 3})
    assert a.stats()["lwip"]["link"]["memerr"] == (0 if fits else 3)
    client.send(b"still", "10.0.0.1", 7)
    assert server.recv(timeout=0).data == b"still"
    net.check()


@pytest.mark.parametrize("limit, taken", [(0, 6), (1, 1), (2, 2), (5, 5), (6, 6)])
def test_queue_is_limited(net, bench, limit, taken):
    """[RFC1122 3.2.1.3(g)]: lwip_loopback_max_pbufs packets wait at one instant; 0: any number."""
    a, _ = bench(lwip_loopback_max_pbufs=limit)
    server, client = a.udp(7), a.udp(5000)
    for _ in range(2):  # the second time shows that the count is right again
        refused = 0
        for i in range(6):
            try:
                client.send(bytes([i]), "127.0.0.1", 7)
            except StackError as why:
                assert why.err == -1
                refused += 1
        assert refused == 6 - taken
        assert [server.recv(timeout=0).data[0] for _ in range(taken)] == list(range(taken))
        assert server.recv(timeout=0) is None
    assert a.stats()["drops"] == ({"loop_queue_full": 2 * (6 - taken)} if taken < 6 else {})
    assert a.stats()["mem"]["used"] == 0
    assert a.ping("127.0.0.1").rtt_ns == 0
    net.check()


def test_each_interface_has_a_queue_of_its_own(bench):
    """[RFC1122 3.2.1.3(g)]: a full queue of the loopback interface leaves the other's room."""
    a, _ = bench(lwip_loopback_max_pbufs=1)
    server, client = a.udp(7), a.udp(5000)
    client.send(b"lo", "127.0.0.1", 7)
    client.send(b"et", "10.0.0.1", 7)
    with pytest.raises(StackError):
        client.send(b"lo again", "127.0.0.1", 7)
    assert {server.recv(timeout=0).data for _ in range(2)} == {b"lo", b"et"}


def test_limit_may_change_while_running(bench):
    """[RFC1122 3.2.1.3(g)]: what waits already stays, and counts."""
    a, _ = bench(lwip_loopback_max_pbufs=3)
    server, client = a.udp(7), a.udp(5000)
    client.send(b"1", "127.0.0.1", 7)
    client.send(b"2", "127.0.0.1", 7)
    a.options["lwip_loopback_max_pbufs"] = 1
    with pytest.raises(StackError):
        client.send(b"3", "127.0.0.1", 7)
    a.options["lwip_loopback_max_pbufs"] = 3
    client.send(b"4", "127.0.0.1", 7)
    assert [server.recv(timeout=0).data for _ in range(3)] == [b"1", b"2", b"4"]
    assert a.stats()["drops"] == {"loop_queue_full": 1}
