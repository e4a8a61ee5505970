"""Damage: a chosen byte or random bits; with repaired checksums the receiver cannot tell."""

import pytest

from lockwire import wire_time

PAYLOAD = 14 + 20 + 8


@pytest.fixture
def pair(net):
    """Two hosts that know each other; a socket on each: (lan, a, b, sender, receiver)."""
    lan = net.segment("lan", latency="10us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static("10.0.0.2", b.mac)
    b.arp_static("10.0.0.1", a.mac)
    net.run(for_="1ms")
    return lan, a, b, a.udp(4000), b.udp(7)


@pytest.mark.parametrize("offset, reason", [
    (14 + 8, "ip4_bad_checksum"), (14 + 10, "ip4_bad_checksum"), (PAYLOAD, "udp_bad_checksum"),
    (PAYLOAD + 31, "udp_bad_checksum"), (14 + 20 + 6, "udp_bad_checksum")],
    ids=["ttl", "ip-checksum", "first-byte", "last-byte", "udp-checksum"])
def test_a_damaged_datagram_is_dropped(net, pair, offset, reason):
    """[RFC1122 4.1.3.4]: the host notices and says why; what follows arrives."""
    lan, _a, b, sender, receiver = pair
    lan.faults.corrupt(offset=offset, xor=0x10, nth=1)
    sender.send(bytes(32), "10.0.0.2", 7)
    sender.send(b"sound", "10.0.0.2", 7)
    assert receiver.recv(timeout=1).data == b"sound"
    assert receiver.recv(timeout=1) is None
    assert b.stats()["drops"] == {reason: 1}


def test_a_repaired_datagram_is_believed(net, pair):
    """The byte is changed, all checksums agree: the application gets wrong data."""
    lan, _a, b, sender, receiver = pair
    lan.faults.corrupt(offset=PAYLOAD + 3, xor=0x01, repair=True, nth=1)
    sender.send(b"1234567", "10.0.0.2", 7)
    assert receiver.recv(timeout=1).data == b"1235567"
    assert b.stats()["drops"] == {}


def test_a_repaired_header_changes_what_the_datagram_is(net, pair):
    """A changed TTL with a right header checksum is just another TTL."""
    lan, _a, _b, sender, receiver = pair
    lan.faults.corrupt(offset=14 + 8, xor=0x0F, repair=True)
    sender.send(b"x", "10.0.0.2", 7, ttl=64)
    assert receiver.recv(timeout=1).ttl == 64 ^ 0x0F


@pytest.mark.parametrize("bits", [1, 2, 17, 64])
@pytest.mark.parametrize("kind", ["switch", "link"])
def test_random_bits_are_different_ones(net, frame, kind, bits):
    """Exactly so many bits differ, the length stays, and so does the time."""
    lan = net.segment("lan", kind)
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.faults.corrupt(bits=bits)
    sent = frame(3, 300)
    tx.send(sent)
    got = rx.recv_bytes(timeout=1)
    assert got.t_ns == wire_time(300) * (2 if kind == "switch" else 1)
    assert len(got.data) == 300
    assert sum((x ^ y).bit_count() for x, y in zip(sent, got.data)) == bits


def test_a_byte_behind_the_end_is_not_changed(net, frame):
    """The fault does not fire for frames that are too short."""
    lan = net.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    fault = lan.faults.corrupt(offset=60, xor=0xFF)
    tx.send([frame(1, 60), frame(2, 61)])
    assert rx.recv_bytes(timeout=1).data == frame(1, 60)
    assert rx.recv_bytes(timeout=1).data == frame(2, 61)[:60] + bytes([frame(2, 61)[60] ^ 0xFF])
    assert fault.fired == 1


def test_a_broadcast_is_damaged_for_one_receiver_only(net, frame):
    """Frames are shared between receivers; a change makes a frame of its own."""
    lan = net.segment("lan")
    tx, one, two = lan.port("tx"), lan.port("one"), lan.port("two")
    lan.faults.corrupt(offset=20, xor=1, dst=one)
    tx.send(frame(1))
    assert one.recv_bytes(timeout=1).data != frame(1)
    assert two.recv_bytes(timeout=1).data == frame(1)
