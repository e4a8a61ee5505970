"""The peer that plays the other end of a connection (port.tcp), against another of its kind on a
cable: what the scenarios about TCP rely on, shown without the stack's TCP."""

import pytest
from lockwire import Failure, wire_time
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

HEADERS = 54


@pytest.fixture
def ends(net):
    """The two ends of a connection over a cable of 100 Mbit/s and 50 us, connected."""
    lan = net.segment("lan", kind="link", latency="50us")
    one = lan.port("one", mac="02:00:00:00:00:01", ip="10.0.0.1")
    two = lan.port("two", mac="02:00:00:00:00:02", ip="10.0.0.2")
    server = two.tcp(one, 40000, 80, isn=2**32 - 2).listen()
    client = one.tcp(two, 80, 40000).connect()
    return client, server.accept()


def test_handshake_takes_one_and_a_half_round_trips(net, ends):
    client, server = ends
    hop = wire_time(HEADERS) + 50_000
    times = [entry.segment.t_ns for entry in server.log]
    assert times == [wire_time(HEADERS + 4) + 50_000] * 2 + [3 * hop]
    assert net.now_ns == 3 * hop
    assert (client.snd_una, server.snd_una) == (1001, 2**32 - 1)


def test_segments_on_a_cable_arrive_to_the_nanosecond(net, ends, cross):
    client, server = ends
    start = net.now_ns
    sent = [client.send("A", bytes(length)) for length in (1460, 0, 100)]
    times = cross([start] * 3, [len(s.frame) for s in sent], latency=50_000)
    for segment, t_ns in zip(sent, times, strict=True):
        server.expect("A", seq=segment.seq, at=t_ns)
        server.ack()
    client.expect("A", ack=client.seq(1461), at=wire_time(HEADERS) + 50_000, since=times[0])
    client.expect("A", ack=client.seq(1461))
    client.expect("A", ack=client.seq(1561))
    client.expect_nothing(for_="1s")


def test_a_lost_segment_leaves_a_hole(net, ends):
    client, server = ends
    net.segments["lan"].faults.drop(src="one", nth=1)
    client.send("A", bytes(100))
    client.send("A", bytes(50))
    server.expect("A", seq=server.rseq(101))
    assert server.rcv_nxt == server.rseq(1) and server.held == [(1101, 1151)]
    with pytest.raises(Failure, match="no segment came"):
        server.expect(timeout="10ms")


def test_snapshot_and_restore_take_the_conversation_along(net, ends):
    client, server = ends
    client.send("A", b"one")
    before = net.snapshot()
    for _ in range(2):
        client.send("PA", b"two")
        server.expect("A", data=b"one")
        server.expect("PA", data=b"two", ack=server.seq(1))
        assert (len(server.log), server.rcv_nxt) == (5, server.rseq(7))
        net.restore(before)
        assert (len(server.log), server.rcv_nxt, client.snd_nxt) == \
            (3, server.rseq(1), client.seq(4))


def test_a_twin_goes_on_by_itself(net, ends):
    client, server = ends
    twin = net.twin()
    try:
        there = {name: next(iter(port.peers))
                 for name, port in twin.segments["lan"].ports.items()}
        there["one"].send("A", b"twin")
        there["two"].expect("A", data=b"twin")
    finally:
        twin.close()
    assert (client.snd_nxt, server.rcv_nxt) == (client.seq(1), server.rseq(1))
    assert (len(client.log), len(server.log)) == (3, 3)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_host_finds_the_peer_by_arp(net, talk):
    t = talk()
    t.h.arp_static("10.0.0.1", None)
    peer = t.peer()
    t.wire.send(Ether(dst=t.h.mac) / IP(src=peer.ip, dst=t.h.ip) / ICMP(id=1) / Raw(b"who am I"))
    sent = net.now_ns
    assert t.wire.recv(timeout=1)[ARP].pdst == peer.ip
    reply = t.wire.recv(timeout=1)
    assert (reply[ICMP].type, reply[Raw].load[:8]) == (0, b"who am I")
    assert reply.time.ns == sent + 4 * t.hop()
    assert peer.pending == 0
