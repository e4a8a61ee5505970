"""Every fault of a frame that arrives, on the driver: that frame is lost or taken as the manual
says, it is counted where it belongs, its neighbours arrive as if nothing had been (sheet 8)."""

import pytest

# Fault, its amount, what the driver counts, what the silicon counts, the stack's link counter.
LOST = [
    ("crc", {}, "rx_crc", "rx_error", "chkerr"),
    ("alignment", {}, "rx_alignment", "rx_error", "chkerr"),
    ("symbol", {}, "rx_symbol", "rx_error", "err"),
    ("overrun", {}, "rx_overrun", "rx_error", "err"),
    ("giant", {"bytes": 1537}, "rx_length", None, "lenerr"),
    ("giant", {"bytes": 5000}, "rx_length", None, "lenerr"),
    ("giant", {"bytes": 9216}, "rx_no_descriptor", "rx_error", "err"),  # 16 buffers of 512
    ("cut", {"bytes": 64}, "rx_crc", "rx_error", "chkerr"),
    ("cut", {"bytes": 63}, None, "rx_runt", None),
    ("cut", {"bytes": 1}, None, "rx_runt", None),
    ("runt", {"bytes": 63}, None, "rx_runt", None),
    ("runt", {"bytes": 18}, None, "rx_runt", None),
]


@pytest.mark.parametrize("size", [64, 1400])
@pytest.mark.parametrize("kind, amount, counter, silicon, link", LOST,
                         ids=[f"{kind}{amount.get('bytes', '')}" for kind, amount, *_ in LOST])
def test_frame_is_lost_alone(rig, polled, kind, amount, counter, silicon, link, size):
    r = rig(polled=polled)
    fault = r.chip.fault(kind, "in", after=1, count=2, **amount)
    # polled, the ring has room for one giant between two looks
    due = r.feed(1, 2, 3, 4, 5, size=size, apart=1_500_000 if polled else 0)
    assert r.taken() == [(n, r.seen(due[n])) for n in (1, 4, 5)]
    assert fault.fired == 2
    assert r.driver("rx_frames", "rx_recoveries") == {"rx_frames": 3, "rx_recoveries": 0}
    assert {k: v for k, v in r.driver().items() if k[:2] == "rx" and k != "rx_frames"} == \
        ({counter: 2} if counter else {})
    mac = r.mac()
    assert mac.get(silicon or "rx_error", 0) == (2 if silicon else 0)
    assert mac["rx_stored"] == (5 if counter == "rx_length" else 3)
    counters = r.chip.info()["counters"]
    assert (counters["ifinucastpkts"], counters["ifinerrors"]) == (3, 2 if counter else 0)
    stats = r.a.stats()["lwip"]["link"]
    assert stats["recv"] == 3 and stats["drop"] == (2 if counter else 0)
    assert link is None or stats[link] == 2
    r.echoes()


def test_symbol_error_is_counted_by_the_phy_as_well(rig):
    """RECR (PHY sheet 3)."""
    r = rig()
    r.chip.fault("symbol", count=3)
    r.feed(1, 2, 3, 4)
    assert [n for n, _ in r.taken()] == [4] and r.chip.chip()["phy"][22] == 3


@pytest.mark.parametrize("kind", ["preamble", "long_preamble"])
def test_odd_preamble_is_taken(rig, polled, kind):
    """The driver does not ask for a pure or a short one (MAC2.8, 9)."""
    r = rig(polled=polled)
    r.chip.fault(kind, after=1)
    due = r.feed(1, 2, 3)
    assert r.taken() == [(n, r.seen(due[n])) for n in (1, 2, 3)]


def test_lying_length_field_is_the_stacks_to_judge(rig, polled):
    """The MAC's own check (MAC2.1) is off, as it takes types for lengths (E4): the frame reaches
    the stack, which knows no such type."""
    r = rig(polled=polled)
    r.chip.fault("length", after=1)
    due = r.feed(1, 2, 3)
    assert r.taken() == [(n, r.seen(due[n])) for n in (1, 3)]
    assert r.driver("rx_frames", "rx_length") == {"rx_frames": 3, "rx_length": 0}
    assert r.a.stats()["drops"] == {"eth_llc": 1}


def test_status_that_cannot_be_written_costs_one_frame(rig):
    """RxOverrun, the fatal kind: the receiver is dead until it has been reset, which the interrupt
    brings about before the next frame has ended."""
    r = rig()
    r.chip.fault("stall", "in", after=1)
    due = r.feed(1, 2, 3, 4)
    assert r.taken() == [(n, due[n]) for n in (1, 3, 4)]
    assert r.driver("rx_frames", "rx_recoveries") == {"rx_frames": 3, "rx_recoveries": 1}
    assert r.mac()["rx_overrun"] == 1 and r.mac()["rx_stored"] == 3
    r.echoes()


def test_status_that_cannot_be_written_costs_what_came_until_the_driver_looked(rig, net):
    """Polled, the receiver is dead for up to a millisecond; what it had before is not lost."""
    r = rig(polled=True)
    r.chip.fault("stall", "in", after=2)
    start = net.now_ns
    r.feed(*range(12), size=500, apart=200_000)  # it looks at the first one's 1 ms, stops, resets
    got = r.taken()
    taken = [n for n, _ in got]
    assert taken == [0, 1, *range(5, 12)]
    assert [t - start for _, t in got] == [1_000_000] * 2 + [2_000_000] * 5 + [3_000_000] * 2
    assert r.driver("rx_frames", "rx_recoveries") == {"rx_frames": len(taken), "rx_recoveries": 1}
    mac = r.mac()
    assert mac["rx_stored"] == len(taken) and 12 == len(taken) + mac["rx_overrun"] + \
        mac.get("rx_disabled", 0) + mac.get("rx_reset", 0)
    r.echoes()


def test_several_faults_at_once(rig, polled):
    """Each counts for itself; a frame may have several."""
    r = rig(polled=polled)
    r.chip.fault("crc", after=1)
    r.chip.fault("symbol", after=1, count=2)
    r.chip.fault("alignment", after=4)
    due = r.feed(*range(6))
    assert r.taken() == [(n, r.seen(due[n])) for n in (0, 3, 5)]
    assert r.driver("rx_symbol", "rx_crc", "rx_alignment") == \
        {"rx_symbol": 2, "rx_crc": 0, "rx_alignment": 1}


def test_frames_without_copy_have_the_same_fate(rig, polled):
    """With pbufs in memory that DMA reaches, the ring holds them."""
    r = rig(polled=polled, chip={"zero_copy": True})
    for after, kind in enumerate(["crc", "overrun", "alignment", "symbol"]):
        r.chip.fault(kind, "in", after=1 + 2 * after)
    due = r.feed(*range(9), size=1400)
    assert r.taken() == [(n, r.seen(due[n])) for n in (0, 2, 4, 6, 8)]
    assert r.driver("rx_frames", "rx_crc", "rx_overrun", "rx_alignment", "rx_symbol") == \
        {"rx_frames": 5, "rx_crc": 1, "rx_overrun": 1, "rx_alignment": 1, "rx_symbol": 1}
    r.chip.fault("stall", "in")
    r.feed(1)
    assert r.taken() == [] and r.driver("rx_recoveries") == {"rx_recoveries": 1}
    r.echoes()
