"""How often a host asks for a neighbour that does not answer, and when it gives up.

[RFC1122 2.3.2.1]: at most one request a second and destination; lwIP's ARP_MAXPENDING: an address
that nobody answers for is given up 5 s after it was first wanted.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import shows, wire_time

pytestmark = pytest.mark.exact_virtual

MS = 1_000_000
S = 1_000_000_000
HUB = wire_time(60)


def lan(net, **members):
    """A host and a tester on a hub; the announcement has passed."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24", **members)
    wire = segment.port("tester")
    net.run(until="100ms")
    wire.clear()
    return a, wire


def question_times(wire, timeout):
    """When requests for 10.0.0.9 left the host, in ns, of all that is heard."""
    got = wire.sniff(timeout=timeout)
    assert all(ARP in p and p[ARP].op == 1 and p[ARP].pdst == "10.0.0.9" for p in got)
    assert all(p.dst == "ff:ff:ff:ff:ff:ff" for p in got)
    return [p.time.ns - HUB for p in got]


def answer(wire, a):
    """The neighbour speaks at last."""
    wire.send(Ether(src=wire.mac, dst=a.mac) /
              ARP(op=2, hwsrc=wire.mac, psrc="10.0.0.9", hwdst=a.mac, pdst=a.ip))


def test_question_is_what_the_rfc_says(net):
    """[RFC826 Packet Generation]: broadcast, own pair as sender, target's address asked for."""
    a, wire = lan(net)
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    p = wire.recv(timeout="1ms")
    with shows("RQ-826-01"):
        assert bytes(p) == bytes(
            Ether(src=a.mac, dst="ff:ff:ff:ff:ff:ff", type=0x0806) /
            ARP(op=1, hwsrc=a.mac, psrc="10.0.0.1", hwdst="00:00:00:00:00:00", pdst="10.0.0.9")
        ).ljust(60, b"\0")


@pytest.mark.exact_ms
def test_absent_neighbour_is_asked_for_each_second_and_given_up(net):
    """[RFC1122 2.3.2.1]: five questions, the last at 4 s; at 5 s the packets are freed and
    counted."""
    a, wire = lan(net)
    socket = a.udp(4000)
    for _ in range(2):
        socket.send(b"x", "10.0.0.9", 9)
    assert question_times(wire, "20s") == [100 * MS + i * S for i in range(5)]
    stats = a.stats()
    assert stats["drops"] == {"arp_unresolved": 2}
    assert (stats["memp"]["ARP_QUEUE"]["used"], a.arp_table()) == (0, [])


@pytest.mark.exact_ms
def test_giving_up_happens_after_exactly_five_seconds(net):
    """[RFC1122 2.3.2.1]: a nanosecond before, everything still waits."""
    a, _wire = lan(net)
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    net.run(until=5.099999999)
    assert (len(a.arp_table()), a.stats()["drops"]) == (1, {})
    net.run(until="5100ms")
    assert (a.arp_table(), a.stats()["drops"]) == ([], {"arp_unresolved": 1})


@pytest.mark.parametrize("phase, times, end", [
    pytest.param(0, [100, 2000, 3000, 4000, 5000], 6000, id="phase-0"),
    pytest.param(100, [100, 1100, 2100, 3100, 4100], 5100, id="phase-of-the-question"),
    pytest.param(250, [100, 1250, 2250, 3250, 4250], 5250, id="phase-250"),
    pytest.param(99, [100, 2099, 3099, 4099, 5099], 6099, id="phase-just-missed"),
])
def test_coarse_timer_asks_at_its_ticks(net, phase, times, end):
    """[RFC1122 2.3.2.1]: ticks of 1 s make questions later, never earlier; no fresh entry is given
    up at the next tick."""
    a, wire = lan(net, timer="coarse", timer_phase_ms=phase, boot_ms=0)
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    assert question_times(wire, (end - 100) / 1000 - 1e-9) == [t * MS for t in times]
    assert len(a.arp_table()) == 1
    net.run(until=end / 1000)
    assert (a.arp_table(), a.stats()["drops"]) == ([], {"arp_unresolved": 1})


@pytest.mark.parametrize("boot_ms", [0, 0xFFFFFFFF, 0xFFFFFFFF - 2000, 0x7FFFFFFF - 2000],
                         ids=["zero", "wraps-at-once", "wraps-meanwhile", "sign-changes"])
@pytest.mark.exact_ms
def test_clock_that_wraps_changes_nothing(net, boot_ms):
    """[RFC1122 2.3.2.1]: the 32-bit millisecond clock may wrap between question and giving up."""
    a, wire = lan(net, boot_ms=boot_ms)
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    assert question_times(wire, "20s") == [100 * MS + i * S for i in range(5)]
    assert a.arp_table() == []


@pytest.mark.parametrize("every_ms", [1, 100, 999])
@pytest.mark.exact_ms
def test_stream_to_an_absent_neighbour_asks_once_a_second(net, every_ms):
    """[RFC1122 2.3.2.1]: however many packets want the address, one question a second."""
    a, wire = lan(net)
    socket = a.udp(4000)
    for _ in range(20 if every_ms == 1 else 2900 // every_ms):
        socket.send(b"x", "10.0.0.9", 9)
        net.run(for_=every_ms / 1000)
    net.run(until="3099ms")
    assert question_times(wire, 0) == [100 * MS, 1100 * MS, 2100 * MS]


def test_new_packet_after_giving_up_asks_at_once(net):
    """[RFC1122 2.3.2.1]: a neighbour that was absent once is not absent for ever."""
    a, wire = lan(net)
    socket = a.udp(4000)
    socket.send(b"1", "10.0.0.9", 9)
    net.run(until="60s")
    wire.clear()
    socket.send(b"2", "10.0.0.9", 9)
    assert question_times(wire, "1ms") == [60 * S]
    answer(wire, a)
    assert wire.recv(timeout="1ms")["UDP"].load[:1] == b"2"
    assert a.stats()["drops"] == {"arp_unresolved": 1}


def test_packet_that_comes_while_asking_does_not_prolong_it(net):
    """[RFC1122 2.3.2.1]: the neighbour has 5 s from the first packet on; what came later goes with
    it."""
    a, wire = lan(net)
    socket = a.udp(4000)
    socket.send(b"1", "10.0.0.9", 9)
    net.run(until="4900ms")
    socket.send(b"2", "10.0.0.9", 9)
    net.run(until="5100ms")
    assert (a.arp_table(), a.stats()["drops"]) == ([], {"arp_unresolved": 2})


@pytest.mark.exact_ms
def test_late_answer_still_counts(net):
    """[RFC1122 2.3.2.2]: an answer that arrives in the last millisecond lets the packet go."""
    a, wire = lan(net)
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    net.run(until="5099ms")
    wire.clear()
    answer(wire, a)
    p = wire.recv(timeout="1ms")
    assert (p["UDP"].load[:1], p.time.ns) == (b"x", 5099 * MS + 2 * HUB)
    net.run(until="20s")
    assert a.arp_table()[0]["state"] == "stable"


def test_answer_after_giving_up_is_learnt_as_any_other(net):
    """[RFC826 Packet Reception]: the packet is gone, the address is known."""
    a, wire = lan(net)
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    net.run(until="5100ms")
    wire.clear()
    answer(wire, a)
    assert wire.recv(timeout="1s") is None
    assert [(e["ip"], e["state"]) for e in a.arp_table()] == [("10.0.0.9", "stable")]


@pytest.mark.exact_ms
def test_lost_question_is_made_good_by_the_next(net):
    """[RFC1122 2.3.2.1]: losing the first request costs a second, not the packet."""
    segment = net.segment("lan", latency="50us")
    a = net.host("a", segment, ip="10.0.0.1/24")
    net.host("b", segment, ip="10.0.0.2/24")
    net.run(until="100ms")
    segment.faults.drop(src=a, match={"arp.op": 1}, nth=1)
    trip = 2 * wire_time(60) + 50_000
    # ping asks at 100 ms and, heard, at 1,100 ms
    assert a.ping("10.0.0.2", timeout="5s").rtt_ns == S + 4 * trip


def test_silence_is_no_error_to_the_sender(net):
    """[RFC1122 2.4]: a missing entry is not reported as destination unreachable."""
    a, _wire = lan(net)
    socket = a.udp(4000)
    socket.send(b"x", "10.0.0.9", 9)
    # would raise IcmpError
    assert socket.recv(timeout="20s") is None
    assert a.stats()["lwip"]["icmp"]["xmit"] == 0
