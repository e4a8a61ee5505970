"""Packets that wait while their next hop is being asked for: how many, in which order, what becomes
of the rest.

[RFC1122 2.3.2.2]: at least the latest packet to an unresolved address is saved and sent once the
address is known.
"""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from lockwire import wire_time

pytestmark = pytest.mark.exact_virtual

SLOT = wire_time(60, gap=True)  # from one frame's start to the next one's


def lan(net, **options):
    """A host and a tester on a hub: a frame is heard wire_time after it is sent."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24", **options)
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    return a, wire


def answer(wire, a, ip="10.0.0.9", mac=None):
    """A neighbour's reply."""
    mac = mac or wire.mac
    wire.send(Ether(src=mac, dst=a.mac) / ARP(op=2, hwsrc=mac, psrc=ip, hwdst=a.mac, pdst=a.ip))


def send(a, count, ip="10.0.0.9", first=0):
    """So many datagrams of one byte, numbered."""
    with a.udp(4000) as socket:
        for i in range(first, first + count):
            socket.send(bytes([i]), ip, 9)


def data(packets):
    """The bytes of the UDP datagrams among them."""
    return [p[UDP].load[:1] for p in packets if UDP in p]


def pool(a):
    """Elements of the ARP queue in use."""
    return a.stats()["memp"]["ARP_QUEUE"]["used"]


def test_waiting_packets_leave_in_order_at_the_answer(net):
    """[RFC1122 2.3.2.2]: all three, back to back, the moment the answer is there."""
    a, wire = lan(net)
    send(a, 3)
    assert [(p[ARP].op, p[ARP].pdst) for p in wire.sniff(timeout="10ms")] == [(1, "10.0.0.9")]
    assert (a.arp_table()[0]["queued"], pool(a)) == (3, 3)
    asked = net.now_ns
    answer(wire, a)
    got = wire.sniff(timeout="10ms")
    assert data(got) == [b"\0", b"\1", b"\2"]
    at = asked + 2 * wire_time(60)
    assert [p.time.ns for p in got] == [at, at + SLOT, at + 2 * SLOT]
    assert all(p.dst == wire.mac for p in got)
    assert (a.arp_table()[0]["queued"], pool(a), a.stats()["drops"]) == (0, 0, {})


def test_released_packets_have_good_checksums(net):
    """[RFC1122 2.3.2.2]: waiting changes no byte of a packet (Scapy computes it again)."""
    a, wire = lan(net)
    send(a, 1)
    wire.recv(timeout="1ms")
    answer(wire, a)
    got = wire.recv(timeout="1ms")
    again = got.copy()
    del again[IP].chksum, again[UDP].chksum, again[IP].len, again[UDP].len
    assert bytes(again) == bytes(got)
    assert (got[IP].src, got[IP].dst, got[UDP].sport, got[UDP].dport) == (
        "10.0.0.1", "10.0.0.9", 4000, 9)


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_full_queue_gives_up_its_oldest(net, limit):
    """[RFC1122 2.3.2.2]: the latest packets stay; each that goes is counted under its reason."""
    a, wire = lan(net, arp_queue_len=limit)
    send(a, limit + 2)
    assert a.arp_table()[0]["queued"] == pool(a) == limit
    assert a.stats()["drops"] == {"arp_queue_full": 2}
    assert a.stats()["lwip"]["etharp"]["drop"] == 2
    net.run(for_="1ms")
    wire.clear()
    answer(wire, a)
    assert data(wire.sniff(timeout="10ms")) == [bytes([i]) for i in range(2, limit + 2)]
    assert pool(a) == 0


def test_without_queueing_the_latest_packet_waits(net):
    """[RFC1122 2.3.2.2]: one is enough, and it is the latest."""
    a, wire = lan(net, arp_queueing=0)
    send(a, 3)
    assert (a.arp_table()[0]["queued"], pool(a)) == (1, 0)
    assert a.stats()["drops"] == {"arp_queue_full": 2}
    net.run(for_="1ms")
    wire.clear()
    answer(wire, a)
    assert data(wire.sniff(timeout="10ms")) == [b"\2"]


def test_packet_without_queue_element_is_refused(net):
    """[RFC1122 2.3.2.2]: an exhausted pool costs the new packet, not those that wait."""
    from lockwire import StackError
    a, wire = lan(net, memp_num_arp_queue=2)
    send(a, 2)
    with pytest.raises(StackError, match="ERR_MEM"):
        send(a, 1, first=2)
    stats = a.stats()
    assert stats["drops"] == {"arp_queue_memory": 1}
    assert (stats["lwip"]["etharp"]["memerr"], stats["memp"]["ARP_QUEUE"]["err"]) == (1, 1)
    net.run(for_="1ms")
    wire.clear()
    answer(wire, a)
    assert data(wire.sniff(timeout="10ms")) == [b"\0", b"\1"]
    send(a, 1, first=3)
    assert data(wire.sniff(timeout="1ms")) == [b"\3"]


def test_each_neighbour_has_its_own_queue(net):
    """[RFC1122 2.3.2.2]: one neighbour's answer lets nothing go to another."""
    a, wire = lan(net)
    for i, ip in enumerate(["10.0.0.8", "10.0.0.9", "10.0.0.8", "10.0.0.9"]):
        send(a, 1, ip, first=i)
    assert [p[ARP].pdst for p in wire.sniff(timeout="1ms")] == ["10.0.0.8", "10.0.0.9"]
    answer(wire, a, "10.0.0.9", "02:00:00:00:00:99")
    got = wire.sniff(timeout="1ms")
    assert (data(got), {p.dst for p in got}) == ([b"\1", b"\3"], {"02:00:00:00:00:99"})
    answer(wire, a, "10.0.0.8", "02:00:00:00:00:88")
    got = wire.sniff(timeout="1ms")
    assert (data(got), {p.dst for p in got}) == ([b"\0", b"\2"], {"02:00:00:00:00:88"})


@pytest.mark.parametrize("size, kept, dropped", [(4000, 3, 0), (7000, 3, 2)],
                         ids=["fits", "too-many"])
def test_fragments_wait_as_packets_of_their_own(net, size, kept, dropped):
    """[RFC1122 2.3.2.2]: a datagram whose fragments all fit arrives whole, one that is larger loses
    its first fragments by name."""
    a, wire = lan(net)
    a.udp(4000).send(bytes(size), "10.0.0.9", 9)
    assert a.stats()["drops"] == ({"arp_queue_full": dropped} if dropped else {})
    net.run(for_="1ms")
    wire.clear()
    answer(wire, a)
    offsets = [p[IP].frag * 8 for p in wire.sniff(timeout="10ms")]
    assert offsets == [1480 * i for i in range(dropped, dropped + kept)]


def test_neighbours_own_question_lets_packets_go(net):
    """[RFC826 Packet Reception]: its request for us teaches as much as an answer."""
    a, wire = lan(net)
    send(a, 2)
    net.run(for_="1ms")
    wire.clear()
    wire.send(Ether(src=wire.mac, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=1, hwsrc=wire.mac, psrc="10.0.0.9", pdst="10.0.0.1"))
    got = wire.sniff(timeout="1ms")
    # learnt first, so the packets leave ahead of the reply
    assert [p.sprintf("%Ether.type%") for p in got] == ["IPv4", "IPv4", "ARP"]
    assert data(got) == [b"\0", b"\1"]


def test_answer_from_a_third_party_lets_packets_go(net):
    """[RFC826 Packet Reception]: a pending pair is a known pair: a reply to another host updates
    it."""
    a, wire = lan(net)
    send(a, 1)
    net.run(for_="1ms")
    wire.clear()
    wire.send(Ether(src=wire.mac, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=2, hwsrc=wire.mac, psrc="10.0.0.9", hwdst=wire.mac, pdst="10.0.0.200"))
    assert data(wire.sniff(timeout="1ms")) == [b"\0"]


def test_static_entry_lets_packets_go(net):
    """[RFC1122 2.3.2.2]: an address told by hand is an answer as well."""
    a, wire = lan(net)
    send(a, 2)
    net.run(for_="1ms")
    wire.clear()
    a.arp_static("10.0.0.9", wire.mac)
    assert data(wire.sniff(timeout="1ms")) == [b"\0", b"\1"]
    assert pool(a) == 0


@pytest.mark.parametrize("how", ["cable", "interface"])
def test_link_loss_drops_what_waits(net, how):
    """[RFC1122 2.3.2.2]: nobody will answer; the packets are freed and counted."""
    a, wire = lan(net)
    send(a, 2)
    net.run(for_="1ms")
    if how == "cable":
        a.link(up=False)
    else:
        a.interfaces[0].set(up=False)
    assert a.stats()["drops"] == {"arp_flushed": 2}
    assert (a.arp_table(), pool(a)) == ([], 0)


def test_closed_socket_does_not_take_its_packets_along(net):
    """[RFC1122 2.3.2.2]: what was sent is sent, even if its socket is gone when the answer
    comes."""
    a, wire = lan(net)
    socket = a.udp(4000)
    socket.send(b"x" * 100, "10.0.0.9", 9)
    socket.close()
    net.run(for_="1ms")
    wire.clear()
    answer(wire, a)
    assert wire.recv(timeout="1ms")[UDP].load == b"x" * 100


def test_waiting_packets_are_freed_when_the_world_ends(net):
    """[RFC1122 2.3.2.2]: the oracle finds no buffer lost although nobody ever answered."""
    a, wire = lan(net)
    send(a, 3)
    assert pool(a) == 3
