"""How long an entry lives, and how one that is used is confirmed before it ends.

[RFC1122 2.3.2.1]: out-of-date entries are flushed after a timeout, used or not; a unicast poll
confirms one in use [RFC826 Related Issues]. lwIP's figures: 300 s, polled by unicast from 30 s, by
broadcast from 15 s before the end.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import shows, wire_time

pytestmark = pytest.mark.exact_virtual

MS = 1_000_000
S = 1_000_000_000
HUB = wire_time(60)


def lan(net, at="1s", **members):
    """A host that learnt 10.0.0.9 within the millisecond that begins at `at`, and its neighbour."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24", **members)
    wire = segment.port("tester")
    net.run(until=at)
    answer(wire, a)
    net.run(for_="100us")
    wire.clear()
    assert a.arp_table()[0]["state"] == "stable"
    return a, wire


def answer(wire, a):
    """10.0.0.9 speaks to the host."""
    wire.send(Ether(src=wire.mac, dst=a.mac) /
              ARP(op=2, hwsrc=wire.mac, psrc="10.0.0.9", hwdst=a.mac, pdst=a.ip))


def ends_at(net, a, ns):
    """The entry is there a nanosecond before, and gone then."""
    net.sleep_ns(ns - 1 - net.now_ns)
    assert [e["ip"] for e in a.arp_table()] == ["10.0.0.9"]
    net.sleep_ns(1)
    assert a.arp_table() == []


def questions(packets):
    """(time it left, destination) of the ARP requests among them."""
    return [(p.time.ns - HUB, p.dst) for p in packets if ARP in p and p[ARP].op == 1]


@pytest.mark.parametrize("maxage", [1, 10, 300, 65535])
@pytest.mark.exact_ms
def test_unused_entry_ends_at_its_age(net, maxage):
    """[RFC1122 2.3.2.1]: the timeout can be set, and is exact to the millisecond of learning."""
    a, _wire = lan(net, arp_maxage=maxage)
    ends_at(net, a, S + maxage * S)


@pytest.mark.exact_ms
def test_default_age_is_five_minutes(net):
    """[RFC1122 2.3.2.1]: lwIP's ARP_MAXAGE."""
    a, _wire = lan(net)
    assert a.options["arp_maxage"] == 300
    ends_at(net, a, 301 * S)


@pytest.mark.parametrize("phase, end", [(0, 12_000), (400, 12_400), (500, 11_500), (501, 11_501),
                                        (999, 11_999)], ids=lambda n: str(n))
def test_coarse_timer_ends_it_at_the_next_tick(net, phase, end):
    """[RFC1122 2.3.2.1]: learnt at 1.5 s, 10 s old at 11.5 s, gone at the first tick from
    there on."""
    a, _wire = lan(net, at="1500ms", arp_maxage=10, timer="coarse", timer_phase_ms=phase,
                   boot_ms=0)
    ends_at(net, a, end * MS)


@pytest.mark.parametrize("ppm, end", [(100_000, 0), (-100_000, 0), (1, 0)],
                         ids=["fast", "slow", "1ppm"])
@pytest.mark.exact_ms
def test_drifting_clock_ages_by_its_own_time(net, ppm, end):
    """[RFC1122 2.3.2.1]: ten seconds are ten of the host's seconds."""
    a, _wire = lan(net, arp_maxage=10, clock_ppm=ppm)
    scale = 1_000_000 + ppm
    # the host's clock, in ms, when it learnt (5.76 us after 1 s), and the first ns of ten s later
    learnt_ms = (S + HUB) * scale // 10**12
    end = -(-(learnt_ms + 10_000) * 10**12 // scale)
    ends_at(net, a, end)


@pytest.mark.exact_ms
def test_clock_that_wraps_ages_right(net):
    """[RFC1122 2.3.2.1]: the 32-bit clock wraps 5 s into the entry's life."""
    a, _wire = lan(net, arp_maxage=10, boot_ms=0xFFFFFFFF - 6000)
    ends_at(net, a, 11 * S)


@pytest.mark.exact_ms
def test_age_can_be_changed_while_it_runs(net):
    """[RFC1122 2.3.2.1]: the new timeout counts for entries that are there when it is next looked
    at."""
    a, wire = lan(net, arp_maxage=10)
    a.options["arp_maxage"] = 20
    ends_at(net, a, 21 * S)
    a.options["arp_maxage"] = 5
    answer(wire, a)
    ends_at(net, a, 26 * S)


@pytest.mark.parametrize("op, pdst", [(1, "10.0.0.1"), (2, "10.0.0.1"), (1, "10.0.0.200"),
                                      (1, "10.0.0.9")],
                         ids=["request-to-us", "reply-to-us", "request-to-another", "gratuitous"])
@pytest.mark.exact_ms
def test_neighbour_that_speaks_stays_young(net, op, pdst):
    """[RFC826 Packet Reception]: any packet of its sender's begins the age anew."""
    a, wire = lan(net, arp_maxage=10)
    net.run(until="9s")
    wire.send(Ether(src=wire.mac, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=op, hwsrc=wire.mac, psrc="10.0.0.9", pdst=pdst))
    ends_at(net, a, 19 * S)


@pytest.mark.exact_ms
def test_datagrams_do_not_keep_it_young(net):
    """[RFC1122 2.3.2.1]: being used, in either direction, is no proof: it ends with its timeout,
    and the next packet asks."""
    from scapy.layers.inet import ICMP, IP
    a, wire = lan(net, arp_maxage=10)
    for second in range(2, 11):
        net.run(until=f"{second}s")
        wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src="10.0.0.9", dst="10.0.0.1") / ICMP())
    ends_at(net, a, 11 * S)
    wire.clear()
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    with shows("RQ-826-07"):
        assert questions([wire.recv(timeout="1ms")]) == [(11 * S, "ff:ff:ff:ff:ff:ff")]


@pytest.mark.exact_ms
def test_entry_in_use_is_confirmed_by_unicast_and_never_lost(net):
    """[RFC1122 2.3.2.1]: one packet a second: a unicast question 270 s after each answer, and no
    packet waits."""
    a, wire = lan(net)
    socket = a.udp(4000)
    asked, sent = [], []
    for second in range(2, 700):
        socket.send(bytes([second & 0xFF]), "10.0.0.9", 9)
        for p in wire.sniff(timeout="500ms"):
            if ARP in p:
                asked += questions([p])
                answer(wire, a)
            else:
                sent.append((second, p["UDP"].load[0], p.time.ns))
        net.run(until=f"{second}s")
    assert len(sent) == 698
    assert all(second & 0xFF == byte for second, byte, _ in sent)
    # learnt at 1 s: due 270 s later; answered half a second after that, so due again at 541.5 s,
    # which the packet of 542 s finds out
    assert asked == [(271 * S, wire.mac), (542 * S, wire.mac)]
    assert a.stats()["drops"] == {}


@pytest.mark.exact_ms
def test_silent_neighbour_is_polled_once_a_second_then_by_broadcast(net):
    """[RFC1122 2.3.2.1]: unicast from 30 s, broadcast from 15 s before the end, a second apart
    however many packets are sent; then the entry is pending and at last given up."""
    a, wire = lan(net)
    socket = a.udp(4000)
    net.run(until="270s")
    for _ in range(350):
        socket.send(b"x", "10.0.0.9", 9)
        net.run(for_="100ms")
    asked = questions(wire.sniff(timeout="20s"))
    unicast = [t for t, to in asked if to == wire.mac]
    broadcast = [t for t, to in asked if to == "ff:ff:ff:ff:ff:ff"]
    assert unicast == [t * S for t in range(271, 286)]
    # at 301 s the entry ends and a packet begins a new one, with five questions of its own
    assert broadcast == [t * S for t in range(286, 306)]
    assert len(asked) == len(unicast) + len(broadcast)
    assert a.arp_table() == []


@pytest.mark.exact_ms
def test_poll_that_is_answered_makes_the_entry_young(net):
    """[RFC1122 2.3.2.1]: confirmed at 281 s, it lives until 581 s."""
    a, wire = lan(net)
    net.run(until="281s")
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    assert sorted(ARP in p for p in wire.sniff(timeout="1ms")) == [False, True]
    assert a.arp_table()[0]["state"] == "rerequesting"
    net.run(until="281500ms")
    answer(wire, a)
    ends_at(net, a, 581_500 * MS)


@pytest.mark.exact_ms
def test_poll_that_is_not_answered_does_not_prolong_it(net):
    """[RFC1122 2.3.2.1]: unused after one poll, it ends at its time."""
    a, _wire = lan(net)
    net.run(until="281s")
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    ends_at(net, a, 301 * S)


@pytest.mark.exact_ms
def test_entry_that_ends_right_after_a_poll_goes_on_as_pending(net):
    """[RFC1122 2.3.2.1]: polled at 300.5 s, it ends at 301 s; a packet then waits for the next
    question, which keeps its distance of a second from the poll."""
    a, wire = lan(net)
    socket = a.udp(4000)
    net.run(until="300500ms")
    socket.send(b"1", "10.0.0.9", 9)
    net.run(until="301s")
    assert a.arp_table()[0]["state"] == "pending"
    net.run(until="301100ms")
    socket.send(b"2", "10.0.0.9", 9)
    asked = questions(wire.sniff(timeout="20s"))
    assert asked == [(t * MS, "ff:ff:ff:ff:ff:ff") for t in range(300_500, 306_000, 1000)]
    assert (a.arp_table(), a.stats()["drops"]) == ([], {"arp_unresolved": 1})


@pytest.mark.exact_ms
def test_short_age_is_confirmed_in_its_second_half(net):
    """[RFC1122 2.3.2.1]: an age of 10 s leaves no room for 30 s: polled from 5 s, by broadcast from
    7.5 s on."""
    a, wire = lan(net, arp_maxage=10)
    socket = a.udp(4000)
    asked = {}
    for ms in (5999, 6000, 8499, 8500):
        net.run(until=ms / 1000)
        wire.clear()
        socket.send(b"x", "10.0.0.9", 9)
        asked[ms] = [to for _, to in questions(wire.sniff(timeout="500us"))]
    assert asked == {5999: [], 6000: [wire.mac], 8499: [wire.mac], 8500: []}
    net.run(until="9500ms")
    wire.clear()
    socket.send(b"x", "10.0.0.9", 9)
    assert [to for _, to in questions(wire.sniff(timeout="1ms"))] == ["ff:ff:ff:ff:ff:ff"]


@pytest.mark.parametrize("before, after, polled", [(300, 10, 6000), (10, 100, 71_000)],
                         ids=["shorter", "longer"])
@pytest.mark.exact_ms
def test_changed_age_moves_the_poll_along(net, before, after, polled):
    """[RFC1122 2.3.2.1]: with the timeout its last half, or last 30 s, begins at another time."""
    a, wire = lan(net, arp_maxage=before)
    a.options["arp_maxage"] = after
    socket = a.udp(4000)
    net.run(until=(polled - 1) / 1000)
    socket.send(b"x", "10.0.0.9", 9)
    assert questions(wire.sniff(timeout="500us")) == []
    net.run(until=polled / 1000)
    socket.send(b"x", "10.0.0.9", 9)
    assert questions(wire.sniff(timeout="500us")) == [(polled * MS, wire.mac)]


@pytest.mark.exact_ms
def test_neighbour_with_a_new_card_is_found_after_the_timeout(net):
    """[RFC1122 2.3.2.1]: its address changed without a word; traffic goes astray until the entry
    ends."""
    a, wire = lan(net, arp_maxage=10)
    socket = a.udp(4000)
    socket.send(b"1", "10.0.0.9", 9)
    assert wire.recv(timeout="1ms").dst == wire.mac
    net.run(until="11s")
    socket.send(b"2", "10.0.0.9", 9)
    assert wire.recv(timeout="1ms")[ARP].op == 1
    wire.send(Ether(src="02:00:00:00:00:99", dst=a.mac) /
              ARP(op=2, hwsrc="02:00:00:00:00:99", psrc="10.0.0.9", hwdst=a.mac, pdst=a.ip))
    p = wire.recv(timeout="1ms")
    assert (p.dst, p["UDP"].load[:1]) == ("02:00:00:00:00:99", b"2")
