"""Each erratum of the silicon, and each point in which the sources disagree, on the driver: it
works on all of them (EMAC sheet 16 and 20)."""

import pytest

from lockwire import StackError, wire_time

MS = 1_000_000

# Each reading of the manual that a knob chooses; the default of all is in every other scenario.
READINGS = [{"no_range_quirk": True}, {"no_fcs_stored": True}, {"finished_when_empty": True},
            {"underrun_always": True}, {"no_descriptor_error": True}, {"resets_disable": True},
            {"sa_hash_restarts": True}, {"tx_cut_silently": True}, {"vlan_runt": True},
            {"rx_full": "wedge"}, {"rx_full": "silent"}, {"mcfg_width": 4}, {"prefetch": 1},
            {"prefetch": 255}, {"miim_absent": 0x1234}, {"module_id": 0x12345678},
            {"tx_consume_erratum": True}, {"rx_number_erratum": True},
            {"power_down_erratum": True}, {"hang_without_clock": True},
            {"last_needs_override": True}]


@pytest.mark.parametrize("knobs", READINGS,
                         ids=["-".join(map(str, *k.items())) for k in READINGS])
def test_driver_works_on_every_reading(rig, polled, knobs):
    """Bursts in both directions, of short and long frames: each once, in order, at its time."""
    r = rig(polled=polled, chip=knobs)
    for size in (64, 1472):
        due = r.feed(1, 2, 3, size=size)
        assert r.taken() == [(n, r.seen(due[n])) for n in (1, 2, 3)]
        due = r.send(1, 2, 3, size=size)
        assert r.heard() == list(due.items())
    r.send(*range(30))
    assert [n for n, _ in r.heard()] == list(range(30))
    assert r.driver("tx_failed", "rx_recoveries", "tx_recoveries") == \
        {"tx_failed": 0, "rx_recoveries": 0, "tx_recoveries": 0}


@pytest.mark.parametrize("mode", ["copy", "zero_copy"])
def test_e1_first_frame_does_not_move_the_index(rig, polled, mode):
    """Ethernet.1: the index stays at 0 after the first frame. No dummy frame bothers the others,
    none is sent twice, and the ring has its whole room."""
    r = rig(polled=polled, chip={"tx_consume_erratum": True, "zero_copy": mode == "zero_copy"},
            wait=None)
    r.ready()
    due = r.send(1)
    assert r.heard() == list(due.items())
    r.send(*range(200))
    assert [n for n, _ in r.heard()] == list(range(200))
    assert r.driver("tx_failed") == {"tx_failed": 0}


def test_e1_again_behind_a_recovery(rig, polled):
    """Once after each reset, the reset of a recovery too."""
    r = rig(polled=polled, chip={"tx_consume_erratum": True})
    for round_ in range(3):
        r.chip.fault("stall", "out", after=round_)
        r.send(*range(6))
        assert [n for n, _ in r.heard()] == list(range(6))
    r.echoes()
    assert r.driver("tx_recoveries", "tx_unknown") == {"tx_recoveries": 3, "tx_unknown": 3}


def test_e2_short_rings_shift_their_statuses(rig, polled):
    """Below six descriptors: the driver never has so few, so twenty laps are in order."""
    r = rig(polled=polled, chip={"rx_number_erratum": True})
    r.feed(*range(320), apart=100_000)
    assert [n for n, _ in r.taken()] == list(range(320))


@pytest.mark.parametrize("module_id", [0x39022000, 0x39022001], ids=["rev-dash", "later"])
def test_e3_first_silicon_needs_one_more_pin(rig, polled, module_id):
    """P1.6 as ENET_TX_CLK, also with RMII; the revision is read from ModuleID."""
    r = rig(cold=True, polled=polled, chip={"module_id": module_id})
    r.echoes()


def test_e4_types_are_taken_for_lengths(rig, polled):
    """RangeError and Error are set for every good frame: none is dropped or counted."""
    r = rig(polled=polled)
    due = r.feed(1, 2, 3)
    assert r.taken() == [(n, r.seen(due[n])) for n in (1, 2, 3)]
    assert r.chip.info()["counters"]["ifinerrors"] == 0
    assert r.driver() == {"rx_frames": 3, "tx_frames": 1}


def test_e5_phy_that_is_late_gets_its_clock_used_late(rig, net, polled):
    """The bus hangs if the block is reset without the PHY's clock: nothing of that kind is written
    until the PHY has answered."""
    r = rig(cold=True, polled=polled, wait=None,
            chip={"hang_without_clock": True, "phy_silent": True, "no_clock": True})
    net.run(for_="3s")
    assert not r.chip.chip()["hung"] and r.a.guest_errors() == []
    r.chip.clock(True)
    r.chip.mdio(True)
    r.ready()
    r.echoes()


def test_e5_phy_that_answers_without_a_clock_hangs_the_bus(rig, net, polled):
    """No driver can tell; the model reports it and the world goes on."""
    lan = net.segment("lan", kind="link")
    a = net.host("a")
    a.expect_guest_errors("no_clock")
    chip = a.netif(lan, ip="10.0.0.1/24", driver="lpc2468", polled=polled, cold=True,
                   chip={"hang_without_clock": True, "no_clock": True})
    net.run(for_="3s")
    assert chip.chip()["hung"] and [e.kind for e in a.guest_errors()] == ["no_clock"]
    assert net.now_ns == 3_000_000_000


def test_e6_power_down_in_mid_frame_spoils_nothing_behind_it(rig, polled, net):
    """The frame under way is lost, as all are while the block sleeps; the next one behind it is
    whole, because the driver resets the receiver when it wakes."""
    r = rig(polled=polled, chip={"power_down_erratum": True})
    r.feed(1, 2)
    net.run(for_="4us")
    r.chip.sleep(True)
    net.run(for_="5ms")
    r.feed(3)
    net.run(for_="1ms")
    r.chip.sleep(False)
    due = r.feed(4, 5)
    assert r.taken() == [(n, r.seen(due[n])) for n in (4, 5)]
    assert r.driver("rx_crc") == {"rx_crc": 0} and r.a.guest_errors() == []
    r.echoes()


def test_sleep_and_waking_keep_the_link(rig, polled, net):
    """Ten times; what is sent while it sleeps is refused and counted."""
    r = rig(polled=polled)
    for _ in range(10):
        r.chip.sleep(True)
        with pytest.raises(StackError, match="ERR_CONN"):
            r.send(0)
        net.run(for_="3ms")
        r.chip.sleep(False)
        r.echoes()
    assert r.link


@pytest.mark.parametrize("dma_ns", [500, 20_000])
def test_slow_dma_only_delays(rig, dma_ns):
    """Frames are in memory later, and leave later; slower than a frame's own time, too."""
    r = rig(chip={"dma_ns": dma_ns})
    due = r.feed(1, 2, 3)
    assert r.taken() == [(n, due[n] + dma_ns) for n in (1, 2, 3)]
    due = r.send(1, 2, 3)
    heard = r.heard()
    assert [n for n, _ in heard] == [1, 2, 3] and heard[0][1] == due[1] + dma_ns
    assert wire_time(106) == r.hop()
