"""Initial sequence numbers: a clock of 4 us and a keyed hash of the four addresses.
[RFC9293 3.4.1] [RFC6528 3] """

from collections import Counter

import pytest

from lockwire import shows

PER_S = 250_000  # the clock's steps in a second


def isn_of(t, peer):
    """The host's initial sequence number towards this peer, by a SYN that is then reset."""
    peer.send("S", seq=peer.iss)
    answer = peer.expect("SA", lost=True)
    peer.send("R", seq=peer.seq(1))
    t.net.run(for_="10us")
    return answer.seq


def isns(net, hosts, seed_ports):
    """The numbers of hosts of the same address, each towards the same peers."""
    found = []
    for n in range(hosts):
        lan = net.segment(f"lan{n}", kind="link")
        h = net.host(f"h{n}", lan, ip="10.0.0.2/24")
        wire = lan.port("tester", mac="02:00:00:00:00:01", ip="10.0.0.1")
        h.arp_static(wire.ip, wire.mac)
        h.listen(80)
        peers = [wire.tcp(h, 80, port) for port in seed_ports]
        for peer in peers:
            peer.send("S")
        net.run(for_="1ms")
        found.append([peer.expect("SA").seq for peer in peers])
    return found


@pytest.mark.sweep(exclude=["isn"], reason="the option tcp_isn replaces clock and hash")
def test_the_same_pair_follows_the_clock(talk):
    """To the millisecond: the host's clock counts these."""
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    with shows("RQ-9293-MUST-8", "RQ-9293-SHLD-1", "RQ-6528-01"):
        first, start = isn_of(t, peer), t.net.now_ns
        t.net.run(for_="10s")
        second = isn_of(t, peer)
        assert abs((second - first) % 2**32 - 10 * PER_S) <= PER_S // 1000
        assert t.net.now_ns - start >= 10_000_000_000


@pytest.mark.parametrize("wait", ["1s", "10s", "100s"])
@pytest.mark.sweep(exclude=["isn"], reason="the option tcp_isn replaces clock and hash")
def test_a_later_connection_of_a_pair_begins_higher(talk, wait):
    """After a whole life of the one before."""
    t = talk()
    listener = t.h.listen(80)
    numbers = []
    for isn in (1000, 2_000_000):
        peer = t.peer(isn=isn, sport=40000).connect()
        connection = listener.accept(timeout="1ms")
        connection.send(b"x" * 1000)
        peer.drain("1ms")
        peer.fin()
        peer.expect("A")
        connection.close()
        peer.expect("FA")
        peer.ack()
        t.net.run(for_=wait)
        numbers.append((peer.rcv_isn, peer.rcv_nxt))
    with shows("RQ-6528-03"):
        assert connection.state == "CLOSED"
        assert 0 < (numbers[1][0] - numbers[0][1]) % 2**32 < 2**31


@pytest.mark.sweep(exclude=["isn"], reason="the option tcp_isn replaces clock and hash")
def test_other_pairs_have_unrelated_numbers(talk):
    """1000 peers at nearly the same time: no difference comes twice as often as chance has it, each
    bit is set half of the time."""
    t = talk()
    t.h.listen(80)
    numbers = [isn_of(t, t.peer(sport=20_000 + i)) for i in range(1000)]
    steps = Counter((b - a) % 2**32 >> 16 for a, b in zip(numbers, numbers[1:]))
    ones = [sum(n >> bit & 1 for n in numbers) for bit in range(32)]
    with shows("RQ-9293-MUST-9", "RQ-9293-SHLD-1"):
        assert max(steps.values()) <= 3 and len(set(numbers)) == 1000
        assert all(400 < n < 600 for n in ones), ones


@pytest.mark.sweep(exclude=["isn"], reason="the option tcp_isn replaces clock and hash")
def test_a_restart_begins_with_another_secret(net):
    """Hosts alike in all but their random numbers: same address, same peers, same clock."""
    one, other = isns(net, 2, range(5000, 5060))
    differences = {(a - b) % 2**32 for a, b in zip(one, other)}
    with shows("RQ-6528-02", "RQ-9293-MUST-9"):
        assert len(differences) == 60
        assert max(Counter(d >> 24 for d in differences).values()) < 8


@pytest.mark.sweep(exclude=["isn", "clock"], reason="fixed by the scenario")
def test_the_clock_wraps(talk):
    """32 bits of milliseconds end in the middle: the numbers go on as if nothing had been."""
    t = talk(boot_ms=2**32 - 5000)
    t.h.listen(80)
    peer = t.peer()
    before = isn_of(t, peer)
    t.net.run(for_="10s")
    assert abs((isn_of(t, peer) - before) % 2**32 - 10 * PER_S) <= PER_S // 1000


@pytest.mark.sweep(exclude=["port"], reason="the option replaces chance")
def test_local_ports_are_chosen_at_random(talk):
    """Of the 16384 ephemeral ones, no step predicts the next. [RFC6056 3.2]"""
    t = talk(memp_num_tcp_pcb=300)
    ports = []
    for i in range(200):
        connection = t.h.connect("10.0.0.1", 1000 + i, wait=False)
        ports.append(connection.local.port)
        connection.abort()
    with shows("MF-TCP-74"):
        assert all(49152 <= port <= 65535 for port in ports)
        assert len({port >> 11 for port in ports}) == 8  # each eighth of the range
        assert max(Counter(b - a for a, b in zip(ports, ports[1:])).values()) <= 3


@pytest.mark.sweep(exclude=["port"], reason="fixed by the scenario")
def test_ports_in_order_wrap_within_the_range(talk):
    """What the sweep of ports relies on."""
    t = talk(tcp_port_first=65534)
    ports = [t.h.connect("10.0.0.1", 1000 + i, wait=False).local.port for i in range(4)]
    assert ports == [65534, 65535, 49152, 49153]
