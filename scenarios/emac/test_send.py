"""Every fault of a frame that is sent, on the driver: sent late, or lost alone and counted; what is
behind it leaves in order, each once (sheet 7, 12)."""

import pytest

from lockwire import StackError, wire_time

HALF = {"speed": 100, "duplex": "half"}
FRAME = 14 + 20 + 8 + 64    # without FCS
BYTE_NS = 80               # at 100 Mbit/s
GAP_NS = 12 * BYTE_NS
MOST = 15 + 512            # frames that ring and queue (stack/ports/sim/lwipopts.h) hold
SLOT_NS = 512 * 10         # 512 bit times
JAM_NS = (8 + 4) * BYTE_NS  # an attempt that collides: preamble and jam


def late(r, heard, due):
    """By how much each frame was late; each has to be one that was sent."""
    return {n: t - due[n] for n, t in heard}


@pytest.mark.parametrize("kind, cost_ns", [
    ("late_collision", (8 + 57) * BYTE_NS),         # the byte behind the window of 56
    ("excessive_defer", 6071 * 40),                 # nibble times
    ("underrun", (8 + (FRAME + 4) // 2) * BYTE_NS),  # half of it is out
])
def test_frame_is_lost_alone(rig, polled, kind, cost_ns):
    """The others arrive; what the lost one cost is the time until it was given up."""
    r = rig(polled=polled, partner=HALF)
    fault = r.chip.fault(kind, "out", after=1)
    due = r.send(1, 2, 3, 4)
    shift = cost_ns + (GAP_NS if kind == "excessive_defer" else 0) - r.hop()
    shift -= GAP_NS if kind == "excessive_defer" else 0
    assert late(r, r.heard(), due) == {1: 0, 3: shift, 4: shift} and fault.fired == 1
    r.echoes()
    counter = {"excessive_defer": "tx_excessive_defer"}.get(kind, f"tx_{kind}")
    assert r.driver("tx_failed", counter, "tx_recoveries") == \
        {"tx_failed": 1, counter: 1, "tx_recoveries": 0}
    assert r.mac()["tx_error"] == 1
    r.send(9)
    assert r.chip.info()["counters"]["ifouterrors"] == 1


def test_underrun_in_full_duplex(rig, polled):
    """Needs no collisions: data that is late on the way."""
    r = rig(polled=polled)
    r.chip.fault("underrun", after=2, count=3)
    r.send(*range(8))
    assert [n for n, _ in r.heard()] == [0, 1, 5, 6, 7]
    r.echoes()
    assert r.driver("tx_underrun", "tx_failed") == {"tx_underrun": 3, "tx_failed": 3}


def test_deferred_frame_is_a_slot_late_and_not_lost(rig, polled):
    """And no error (status bit 25)."""
    r = rig(polled=polled, partner=HALF)
    r.chip.fault("defer", after=1)
    due = r.send(1, 2, 3, 4)
    assert late(r, r.heard(), due) == {1: 0, 2: SLOT_NS, 3: SLOT_NS, 4: SLOT_NS}
    r.echoes()
    assert r.driver("tx_failed") == {"tx_failed": 0}


@pytest.mark.parametrize("collisions", [1, 3, 15])
def test_collisions_are_retried_by_the_hardware(rig, polled, collisions):
    """Binary exponential back-off: the n-th attempt waits up to 2^n - 1 slots, from a stream of
    this board's own; nobody but the count in the status tells of it."""
    r = rig(polled=polled, partner=HALF)
    r.chip.fault("collision", after=1, collisions=collisions)
    due = r.send(1, 2, 3, 4)
    times = late(r, r.heard(), due)
    assert list(times) == [1, 2, 3, 4] and times[1] == 0
    assert times[2] == times[3] == times[4]
    waited = times[2] - collisions * JAM_NS
    most = sum(2 ** min(n, 10) - 1 for n in range(1, collisions + 1)) * SLOT_NS
    assert collisions * GAP_NS <= waited <= max(most, SLOT_NS)
    assert waited % SLOT_NS in {k * GAP_NS for k in range(collisions + 1)}
    r.echoes()
    assert r.driver("tx_collisions", "tx_failed") == {"tx_collisions": collisions, "tx_failed": 0}


def test_sixteen_collisions_are_too_many(rig, polled):
    """ExcessiveCollision: this frame is given up, the next one starts."""
    r = rig(polled=polled, partner=HALF)
    r.chip.fault("excessive_collisions", after=1)
    due = r.send(1, 2, 3, 4)
    times = late(r, r.heard(), due)
    assert list(times) == [1, 3, 4] and times[1] == 0 and times[3] == times[4]
    assert 16 * JAM_NS + 15 * GAP_NS - r.hop() <= times[3] < 8192 * SLOT_NS
    r.echoes()
    assert r.driver("tx_collisions", "tx_excessive_collision", "tx_failed") == \
        {"tx_collisions": 15, "tx_excessive_collision": 1, "tx_failed": 1}


def test_collisions_do_not_happen_in_full_duplex(rig):
    """There the fault waits: it fires when the link is half duplex."""
    r = rig()
    fault = r.chip.fault("collision")
    r.send(1, 2)
    assert [n for n, _ in r.heard()] == [1, 2] and fault.fired == 0
    r.chip.partner(HALF)
    r.ready()
    r.send(3)
    assert [n for n, _ in r.heard()] == [3] and fault.fired == 1


@pytest.mark.parametrize("mode", ["copy", "zero_copy"])
def test_lost_status_loses_no_frame_and_repeats_none(rig, polled, mode):
    """TxUnderrun, the fatal kind: the frame is out, its status never comes. The transmitter is
    reset; what was behind it in the ring is sent afterwards, once."""
    r = rig(polled=polled, chip={"zero_copy": mode == "zero_copy"})
    r.chip.fault("stall", "out", after=1)
    due = r.send(1, 2, 3, 4)
    heard = r.heard()
    assert [n for n, _ in heard] == [1, 2, 3, 4]
    times = late(r, heard, due)
    assert times[1] == times[2] == 0 and times[3] == times[4]
    if polled:  # stopped at one poll at the latest, reset there
        begin = heard[2][1] - r.hop()
        assert begin % 1_000_000 == 0 and begin - due[2] <= 1_000_000
    else:
        assert times[3] == 0
    r.echoes()
    assert r.driver("tx_recoveries", "tx_unknown", "tx_failed") == \
        {"tx_recoveries": 1, "tx_unknown": 1, "tx_failed": 0}


def test_recovery_with_a_full_ring_and_a_queue_behind_it(rig, polled):
    """The status is lost in the middle of the ring's fifteen."""
    r = rig(polled=polled)
    r.chip.fault("stall", "out", after=7)
    r.send(*range(31))
    assert [n for n, _ in r.heard()] == list(range(31))
    r.echoes()
    assert r.driver("tx_recoveries", "tx_unknown") == {"tx_recoveries": 1, "tx_unknown": 1}


def test_more_than_ring_and_queue_hold_is_refused(rig, polled):
    """The program is told; nothing that was taken is lost, and there is room again later."""
    r = rig(polled=polled)
    r.send(*range(MOST))
    with pytest.raises(StackError, match="ERR_MEM"):
        r.send(MOST)
    assert [n for n, _ in r.heard()] == list(range(MOST))
    assert r.chip.info()["counters"]["ifouterrors"] == 1
    r.echoes()


def test_long_frames_fill_the_memory_before_the_ring(rig, polled):
    """The copies of five full frames fit; the others wait in the queue, and leave at line rate
    where an interrupt says when there is room."""
    r = rig(polled=polled)
    due = r.send(*range(20), size=1472)
    heard = r.heard()
    assert [n for n, _ in heard] == list(range(20))
    if not polled:
        assert heard == [(n, due[n]) for n in range(20)]
    assert wire_time(1514) == r.hop(1472)


def test_every_fault_in_a_row(rig, polled):
    """Twenty frames, four of them lost, each to another fault, one late: order is kept."""
    r = rig(polled=polled, partner=HALF)
    for after, kind in [(1, "underrun"), (3, "late_collision"), (5, "excessive_defer"),
                        (7, "excessive_collisions"), (9, "collision"), (11, "stall")]:
        r.chip.fault(kind, "out", after=after)
    r.send(*range(20))
    assert [n for n, _ in r.heard("1s")] == [n for n in range(20) if n not in (1, 3, 5, 7)]
    r.echoes()
    assert r.driver("tx_failed", "tx_recoveries", "tx_unknown", "tx_late_collision",
                    "tx_excessive_defer", "tx_excessive_collision", "tx_underrun") == \
        {"tx_failed": 4, "tx_recoveries": 1, "tx_unknown": 1, "tx_late_collision": 1,
         "tx_excessive_defer": 1, "tx_excessive_collision": 1, "tx_underrun": 1}
