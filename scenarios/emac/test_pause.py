"""Flow control: PAUSE frames that arrive stop our sending for as long as they say, PAUSE frames go
out while the ring is full, and neither happens unless both ends agreed on it (sheet 11)."""

import struct

import pytest
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import wire_time

QUANTUM_NS = 512 * 10
PAUSING = {"speed": 100, "duplex": "full", "pause": True}
GROUP = "01:80:c2:00:00:01"


def pause(wire, quanta, dst=GROUP):
    """A PAUSE frame."""
    return (Ether(dst=dst, src=wire.mac, type=0x8808) /
            Raw(struct.pack("!HH", 1, quanta) + bytes(42)))


def control(packets):
    """(time, quanta) of the PAUSE frames among these."""
    return [(p.time.ns, struct.unpack("!H", bytes(p)[16:18])[0]) for p in packets
            if p.dst == GROUP and bytes(p)[12:16] == b"\x88\x08\0\1"]


@pytest.mark.parametrize("dst", ["group", "station"])
@pytest.mark.parametrize("quanta", [1, 100, 0xFFFF])
def test_pause_holds_the_transmitter_for_its_quanta(rig, polled, net, quanta, dst):
    """From the frame's end on; what was asked for meanwhile leaves back to back."""
    r = rig(polled=polled, chip={"pause": True}, partner=PAUSING)
    assert r.chip.chip()["link"]["pause"] is True
    end = net.now_ns + wire_time(60)
    r.wire.send(pause(r.wire, quanta, r.a.mac if dst == "station" else GROUP))
    net.run(until=f"{end}ns")
    r.send(1, 2, 3)
    begin = end + quanta * QUANTUM_NS
    assert r.heard("400ms") == [(n, begin + i * r.every() + r.hop())
                                for i, n in enumerate((1, 2, 3))]
    assert r.mac()["rx_pause"] == 1 and r.driver("rx_frames") == {"rx_frames": 0}


def test_pause_of_zero_ends_a_pause(rig, polled, net):
    """At its end, the waiting frames leave."""
    r = rig(polled=polled, chip={"pause": True}, partner=PAUSING)
    r.wire.send(pause(r.wire, 0xFFFF))
    net.run(for_="10us")
    r.send(1, 2)
    net.run(for_="1ms")
    assert r.wire.pending == 0
    end = net.now_ns + wire_time(60)
    r.wire.send(pause(r.wire, 0))
    assert r.heard() == [(1, end + r.hop()), (2, end + r.every() + r.hop())]


@pytest.mark.parametrize("partner, chip", [
    (PAUSING, {}),
    ({"speed": 100, "duplex": "full"}, {"pause": True}),
    ({"speed": 100, "duplex": "half", "pause": True}, {"pause": True}),
], ids=["we-do-not-offer", "partner-does-not", "half-duplex"])
def test_pause_is_ignored_unless_both_ends_agreed(rig, polled, partner, chip):
    """And never reaches the stack."""
    r = rig(polled=polled, partner=partner, chip=chip)
    assert r.chip.chip()["link"]["pause"] is False
    r.wire.send(pause(r.wire, 0xFFFF))
    r.net.run(for_="10us")
    due = r.send(1, 2)
    assert r.heard() == list(due.items())
    assert r.driver("rx_frames") == {"rx_frames": 0}


def test_full_ring_asks_the_other_end_to_pause(rig, polled, net):
    """With three quarters of the ring taken, as soon as the driver looks; with all of it received,
    the partner may go on."""
    r = rig(polled=polled, chip={"pause": True}, partner=PAUSING)
    r.a.pause("1ms")
    looks = net.now_ns + 1_000_000
    r.feed(*range(14))
    net.run(for_="3ms")
    packets = []
    while (packet := r.wire.recv(timeout="10ms")) is not None:
        packets.append(packet)
    first = looks + wire_time(60)
    assert control(packets) == [(first, 512), (first + wire_time(60, gap=True), 0)]
    assert [n for n, _ in r.taken()] == list(range(14)) and r.mac()["tx_pause"] == 2


def test_ring_that_is_emptied_in_time_pauses_nobody(rig, net):
    """By interrupts each frame is taken at once."""
    r = rig(chip={"pause": True}, partner=PAUSING)
    r.feed(*range(40))
    assert [n for n, _ in r.taken()] == list(range(40)) and "tx_pause" not in r.mac()
    assert r.wire.pending == 0
