"""The network loses, delays, repeats and damages fragments on their way between two hosts.

[RFC791 3.2]: one lost piece is the loss of the datagram; order and repetition do not matter.
[RFC1122 3.3.2]: what is left of the loss goes when its time is over."""

import pytest

DATA = bytes(i & 0xFF for i in range(4000))
LENGTHS = [1514, 1514, 34 + 4008 - 2960]
FRAGMENT = {"ip.proto": 17}


@pytest.fixture
def pair(net):
    """Hosts a and b, who know each other, with a socket each; it is 1 ms."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static("10.0.0.2", b.mac)
    b.arp_static("10.0.0.1", a.mac)
    sockets = a.udp(5000), b.udp(7)
    net.run(until="1ms")
    return lan, a, b, *sockets


def held(host):
    memp = host.stats()["memp"]
    return memp["REASSDATA"]["used"], memp["PBUF_POOL"]["used"]


def works(net, switched, sender, receiver):
    """The same datagram once more, undisturbed."""
    start = net.now_ns
    sender.send(DATA, "10.0.0.2", 7)
    got = receiver.recv(timeout=1)
    assert (got.data, got.t_ns) == (DATA, switched([start] * 3, LENGTHS)[-1])


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_lost_fragment_is_a_lost_datagram(net, pair, switched, lost):
    """[RFC1122 3.3.2]: nothing is delivered; b tells a after 60 s unless it was the first piece."""
    lan, a, b, sender, receiver = pair
    lan.faults.drop(nth=lost, src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    assert receiver.recv(timeout="59s") is None
    assert held(b) == (1, 2)
    net.run(for_="2s")
    assert held(b) == (0, 0)
    assert b.stats()["drops"] == {"ip4_reass_timeout": 2}
    assert b.stats()["mib2"]["icmpouttimeexcds"] == (lost != 1)
    assert a.stats()["mib2"]["icmpintimeexcds"] == (lost != 1)
    works(net, switched, sender, receiver)


@pytest.mark.exact_virtual
@pytest.mark.parametrize("late", [1, 2, 3])
def test_delayed_fragment_completes_the_datagram(net, pair, cross, switched, late):
    """[RFC815]: overtaken by the others, 30 ms late: delivered at exactly that time."""
    lan, a, b, sender, receiver = pair
    lan.faults.delay("30ms", nth=late, src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    got = receiver.recv(timeout=1)
    at_switch = cross([1_000_000] * 3, LENGTHS, latency=25_000)[late - 1]
    alone, = cross([at_switch + 30_000_000], [LENGTHS[late - 1]], latency=25_000)
    assert (got.data, got.t_ns) == (DATA, alone)
    assert held(b) == (0, 0)
    works(net, switched, sender, receiver)


@pytest.mark.parametrize("nth", [1, 2])
def test_reordered_fragments(net, pair, switched, nth):
    """[RFC815]: the held-back piece comes last but is no less welcome."""
    lan, a, b, sender, receiver = pair
    lan.faults.reorder(depth=1, nth=nth, src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    assert receiver.recv(timeout=1).data == DATA
    assert held(b) == (0, 0)
    assert b.stats()["drops"] == {}
    works(net, switched, sender, receiver)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("copies", [1, 3])
def test_duplicated_fragment(net, pair, switched, nth, copies):
    """[RFC815]: copies that come while the datagram waits are ignored, each counted."""
    lan, a, b, sender, receiver = pair
    lan.faults.duplicate(copies=copies, nth=nth, src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    assert receiver.recv(timeout=1).data == DATA
    assert receiver.recv(timeout="1ms") is None
    assert b.stats()["drops"] == {"ip4_reass_duplicate": copies}
    assert held(b) == (0, 0)
    works(net, switched, sender, receiver)


def test_every_fragment_twice(net, pair):
    """[RFC791 3.2]: the copy of the last piece comes too late: it waits for its time and is
    forgotten."""
    lan, a, b, sender, receiver = pair
    lan.faults.duplicate(src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    assert receiver.recv(timeout=1).data == DATA
    assert receiver.recv(timeout="1s") is None
    assert held(b) == (1, 1)
    net.run(for_="60s")
    assert held(b) == (0, 0)
    assert b.stats()["drops"] == {"ip4_reass_duplicate": 2, "ip4_reass_timeout": 1}


def test_damaged_data_is_found_by_udp(net, pair, switched):
    """[RFC768]: the header checksum does not cover data: the whole is put together, and refused."""
    lan, a, b, sender, receiver = pair
    lan.faults.corrupt(offset=700, nth=2, src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    assert receiver.recv(timeout="1s") is None
    assert b.stats()["drops"] == {"udp_bad_checksum": 1}
    assert b.stats()["mib2"]["ipreasmoks"] == 1
    works(net, switched, sender, receiver)


def test_damaged_header_is_a_lost_fragment(net, pair, switched):
    """[RFC1122 3.2.1.2]: a wrong offset would be found by the checksum: dropped, not misplaced."""
    lan, a, b, sender, receiver = pair
    lan.faults.corrupt(offset=14 + 7, xor=1, nth=2, src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    assert receiver.recv(timeout="1s") is None
    assert b.stats()["drops"] == {"ip4_bad_checksum": 1}
    net.run(for_="60s")
    assert b.stats()["drops"] == {"ip4_bad_checksum": 1, "ip4_reass_timeout": 2}
    works(net, switched, sender, receiver)


def test_shifted_fragment_is_an_overlap(net, pair, switched):
    """[RFC5722 4]: an offset changed with its checksum mended, by 8 octets into the piece
    behind."""
    lan, a, b, sender, receiver = pair
    lan.faults.corrupt(offset=14 + 7, xor=1, repair=True, nth=2, src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    assert receiver.recv(timeout="1s") is None
    # the offset of 185 units has become 184: the second begins in the first
    assert b.stats()["drops"] == {"ip4_reass_overlap": 2, "ip4_reass_given_up": 1}
    net.run(for_="60s")
    assert held(b) == (0, 0)
    works(net, switched, sender, receiver)


def test_truncated_fragment(net, pair, switched):
    """[RFC791 3.2]: total length says more than arrived: dropped before anybody looks at
    offsets."""
    lan, a, b, sender, receiver = pair
    lan.faults.truncate(800, nth=2, src=a, match=FRAGMENT)
    sender.send(DATA, "10.0.0.2", 7)
    assert receiver.recv(timeout="61s") is None
    assert b.stats()["drops"] == {"ip4_truncated": 1, "ip4_reass_timeout": 2}
    assert held(b) == (0, 0)
    works(net, switched, sender, receiver)
