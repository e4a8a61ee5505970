"""The ARP table when it is full: which neighbour gives way, and which never does.

[RFC1122 2.3.2.1]: a cache is bounded; lwIP recycles the oldest stable entry, then the oldest
pending one, those with waiting packets last, static ones never.
"""

import struct

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import StackError


def lan(net, queue=1000, **options):
    """A host with a small table, and a tester that is all its neighbours."""
    segment = net.segment("lan", rate="1G", queue=queue)
    a = net.host("a", segment, ip="10.0.0.1/16", **options)
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    return a, wire


def address(n):
    """The n-th neighbour's."""
    return f"10.0.{1 + n // 200}.{1 + n % 200}"


def introduce(net, wire, a, numbers):
    """Neighbours speak up, a millisecond apart; only the last few bytes differ, so no
    Scapy here."""
    for n in numbers:
        mac = bytes([2, 0, 0, 1]) + struct.pack(">H", n)
        wire.send(bytes.fromhex(a.mac.replace(":", "")) + mac +
                  bytes.fromhex("08060001080006040002") + mac +
                  bytes(map(int, address(n).split("."))) + bytes(6) + bytes([10, 0, 0, 1]))
        net.run(for_="1ms")


def known(a):
    """Addresses in the table, sorted."""
    return sorted(e["ip"] for e in a.arp_table())


def test_full_table_forgets_the_neighbour_heard_longest_ago(net):
    """[RFC1122 2.3.2.1]: a fifth neighbour takes the place of the first; counted as no drop."""
    a, wire = lan(net, arp_entries=4)
    introduce(net, wire, a, range(5))
    assert known(a) == [address(n) for n in (1, 2, 3, 4)]
    introduce(net, wire, a, [5])
    assert known(a) == [address(n) for n in (2, 3, 4, 5)]
    assert a.stats()["drops"] == {}


def test_neighbour_that_spoke_again_is_not_the_oldest(net):
    """[RFC1122 2.3.2.1]: age counts from the last word, not the first."""
    a, wire = lan(net, arp_entries=4)
    introduce(net, wire, a, [0, 1, 2, 3, 0, 4])
    assert known(a) == [address(n) for n in (0, 2, 3, 4)]


def test_pending_entries_outlive_stable_ones(net):
    """[RFC1122 2.3.2.2]: what packets wait for goes last, and the packets that then go are
    counted."""
    a, wire = lan(net, arp_entries=3)
    socket = a.udp(4000)
    socket.send(b"1", address(10), 9)
    net.run(for_="1ms")
    introduce(net, wire, a, [0, 1])
    assert [(e["ip"], e["state"]) for e in a.arp_table()] == [
        (address(10), "pending"), (address(0), "stable"), (address(1), "stable")]
    # two more questions: both stable entries give way, oldest first
    socket.send(b"2", address(11), 9)
    assert known(a) == sorted(address(n) for n in (1, 10, 11))
    socket.send(b"3", address(12), 9)
    assert known(a) == sorted(address(n) for n in (10, 11, 12))
    assert a.stats()["drops"] == {}
    # and now the oldest of those that packets wait for
    socket.send(b"4", address(13), 9)
    assert known(a) == sorted(address(n) for n in (11, 12, 13))
    assert a.stats()["drops"] == {"arp_recycled": 1}
    assert a.stats()["memp"]["ARP_QUEUE"]["used"] == 3


def test_packet_for_an_old_question_does_not_make_it_young(net):
    """[RFC1122 2.3.2.2]: an entry that ended right after a poll is asked for since then, also when
    its first packet comes later than that of another: it gives way before the other."""
    a, wire = lan(net, arp_entries=2, arp_maxage=2)
    introduce(net, wire, a, [0])
    socket = a.udp(4000)
    net.run(until="1900ms")
    socket.send(b"polls", address(0), 9)
    net.run(until="2100ms")
    assert [(e["ip"], e["state"]) for e in a.arp_table()] == [(address(0), "pending")]
    socket.send(b"1", address(10), 9)
    net.run(for_="100ms")
    socket.send(b"2", address(0), 9)
    net.check()
    socket.send(b"3", address(11), 9)
    assert known(a) == sorted([address(10), address(11)])
    assert a.stats()["drops"] == {"arp_recycled": 1}


def test_flood_of_neighbours_gives_up_what_waits_by_name(net):
    """[RFC1122 2.3.2.2]: strangers push a question out of the table; its packets are not lost
    silently."""
    a, wire = lan(net, arp_entries=1)
    socket = a.udp(4000)
    for _ in range(3):
        socket.send(b"1", address(10), 9)
    introduce(net, wire, a, [0])
    assert known(a) == [address(0)]
    assert a.stats()["drops"] == {"arp_recycled": 3}
    assert a.stats()["memp"]["ARP_QUEUE"]["used"] == 0


def test_static_entry_never_gives_way(net):
    """lwIP's ETHARP_SUPPORT_STATIC_ENTRIES: the others share the rest of the table."""
    a, wire = lan(net, arp_entries=2)
    a.arp_static(address(50), "02:00:00:00:00:50")
    introduce(net, wire, a, range(5))
    assert known(a) == sorted([address(4), address(50)])


def test_table_full_of_static_entries_refuses_packets_to_others(net):
    """[RFC1122 2.3.2.2]: ERR_MEM to the sender, a reason and counters, and nothing leaks."""
    a, wire = lan(net, arp_entries=2)
    a.arp_static(address(50), "02:00:00:00:00:50")
    a.arp_static(address(51), "02:00:00:00:00:51")
    socket = a.udp(4000)
    with pytest.raises(StackError, match="ERR_MEM"):
        socket.send(b"x", address(0), 9)
    with pytest.raises(StackError, match="ERR_MEM"):
        a.arp_static(address(52), "02:00:00:00:00:52")
    introduce(net, wire, a, [0])
    stats = a.stats()
    assert stats["drops"] == {"arp_table_full": 1}
    assert (stats["lwip"]["etharp"]["memerr"], stats["lwip"]["etharp"]["drop"]) == (1, 1)
    assert known(a) == [address(50), address(51)]
    wire.clear()
    socket.send(b"y", address(50), 9)
    assert wire.recv(timeout="1ms").dst == "02:00:00:00:00:50"


def test_stranger_is_answered_though_the_table_is_full(net):
    """[RFC826 Packet Reception]: an answer needs no entry."""
    a, wire = lan(net, arp_entries=1)
    a.arp_static(address(50), "02:00:00:00:00:50")
    wire.send(Ether(src=wire.mac, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=1, hwsrc=wire.mac, psrc="10.0.0.254", pdst="10.0.0.1"))
    p = wire.recv(timeout="1ms")
    assert (p[ARP].op, p[ARP].hwsrc, p.dst) == (2, a.mac, wire.mac)


def test_default_table_holds_thirty_two(net):
    """[RFC1122 2.3.2.1]: the sim profile's ARP_TABLE_SIZE; the 33rd pushes out the first."""
    a, wire = lan(net)
    introduce(net, wire, a, range(33))
    assert known(a) == sorted(address(n) for n in range(1, 33))


def test_large_table_holds_a_thousand_and_twenty_four(net):
    """[RFC1122 2.3.2.1]: arp_entries=1024: all are found, the next takes the place of the first."""
    a, wire = lan(net, arp_entries=1024)
    introduce(net, wire, a, range(1024))
    assert known(a) == sorted(address(n) for n in range(1024))
    socket = a.udp(4000)
    wire.clear()
    for n in (0, 511, 1023):
        socket.send(b"x", address(n), 9)
        assert wire.recv(timeout="1ms").dst == f"02:00:00:01:{n >> 8:02x}:{n & 255:02x}"
    introduce(net, wire, a, [1024])
    assert known(a) == sorted(address(n) for n in range(1, 1025))


def test_small_table_serves_many_neighbours_in_turn(net):
    """[RFC1122 2.3.2.2]: one entry is enough to talk to four, one after the other."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24", arp_entries=1)
    others = [net.host(f"b{i}", segment, ip=f"10.0.0.{2 + i}/24") for i in range(4)]
    for other in others * 2:
        assert a.ping(other.ip, timeout="1s") is not None
        assert [e["mac"] for e in a.arp_table()] == [other.mac]
    assert a.stats()["drops"] == {}
