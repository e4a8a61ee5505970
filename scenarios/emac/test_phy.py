"""The PHY does not do what it should: it never answers, stops answering, loses the clock, is
somebody else, or its registers are disturbed. Nothing hangs, the driver says what is wrong, and
goes on when it is over (PHY sheet 2 to 4; EMAC sheet 2.1)."""

import pytest

MS = 1_000_000
COLD = pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
ABSENT = "no PHY answers on the management bus"
BMCR, LOOPBACK, POWER_DOWN, ISOLATE, NEGOTIATE = 0, 0x4000, 0x0800, 0x0400, 0x1200


@COLD
@pytest.mark.parametrize("nobody", [{"phy_silent": True}, {"phy_silent": True, "miim_absent": 0}],
                         ids=["pulled-up", "pulled-down"])
def test_phy_that_never_answers(rig, net, polled, cold, nobody):
    """It is looked for at all addresses, again each second, and used when it is there at last."""
    r = rig(cold=cold, polled=polled, wait=None, chip=nobody)
    net.run(for_="10s")
    link = r.chip.chip()["link"]
    assert not r.link and link["problem"] == ABSENT and link["address"] == 31
    assert r.mac() == {}
    r.chip.mdio(True)
    # the next look is at most 1 s and 31 cycles off; a cycle takes a poll of 1 ms when cold
    begin = net.now_ns
    assert r.ready() - begin <= (1000 + (70 + 1850 if cold else 100)) * MS
    r.echoes()


@COLD
@pytest.mark.parametrize("polled", [True], ids=["polled"])
def test_phy_that_stops_answering(rig, net, polled, cold):
    """Polled, it is noticed with the next look: the link counts as lost, as nobody knows."""
    r = rig(cold=cold, polled=polled)
    r.chip.mdio(False)
    net.run(for_="200ms")
    assert not r.link and r.chip.chip()["link"]["up"] is False
    net.run(for_="3s")
    assert r.chip.chip()["link"]["problem"] == ABSENT
    r.chip.mdio(True)
    r.ready()
    r.echoes()


def test_phy_that_stops_answering_is_not_missed_while_it_rests(rig, net):
    """By interrupts alone (a warm board watches nothing else) nobody asks it: frames go on."""
    r = rig()
    r.chip.mdio(False)
    net.run(for_="10s")
    assert r.link
    r.echoes()
    r.chip.mdio(True)
    r.echoes()


def test_interrupt_of_a_phy_that_does_not_answer(rig, net):
    """MDINTR# stays asserted while its register cannot be read: the channel is masked, and the
    processor is not held by it."""
    r = rig()
    r.chip.mdio(False)
    r.a.link(up=False)
    net.run(for_="5s")
    assert not r.link and r.chip.chip()["link"]["problem"] == ABSENT
    r.chip.mdio(True)
    r.a.link(up=True)
    r.ready()
    r.echoes()


@COLD
@pytest.mark.parametrize("address", [1, 17, 31])
def test_phy_is_found_wherever_it_is(rig, polled, cold, address):
    """All 32 addresses are tried in their order."""
    r = rig(cold=cold, polled=polled, chip={"phy_address": address})
    assert r.chip.chip()["link"]["address"] == address
    r.echoes()


@pytest.mark.parametrize("id2, ours", [(0xB881, True), (0xB8B1, True), (0xB8A0, True),
                                       (0xB8C0, False), (0x1234, False)])
def test_identity_is_asked_for(rig, net, polled, id2, ours):
    """DM9161E, A/AEP, B and C; somebody else is told apart from nobody (PHY sheet 1)."""
    r = rig(polled=polled, chip={"phy_id2": id2}, wait=None)
    net.run(for_="3s")
    link = r.chip.chip()["link"]
    assert r.link is ours
    assert link["problem"] == (None if ours else "the PHY that answers is no DM9161")


@COLD
def test_phy_that_comes_up_isolated(rig, polled, cold):
    """Strapped to address 0 some do: the driver writes BMCR without the bit (PHY sheet 2)."""
    r = rig(cold=cold, polled=polled, chip={"isolated_at_zero": True})
    assert r.chip.chip()["phy"][BMCR] & ISOLATE == 0
    r.echoes()


@pytest.mark.parametrize("reset, stuck", [("500ms", False), ("650ms", True)])
def test_reset_that_takes_long(rig, net, polled, reset, stuck):
    """Clause 22 allows 500 ms; one that does not end is reported and tried again."""
    r = rig(cold=True, polled=polled, wait=None, chip={"reset_ns": reset})
    net.run(for_="640ms" if stuck else "600ms")
    problem = r.chip.chip()["link"]["problem"]
    assert problem == ("the PHY's reset does not end" if stuck else None)
    if not stuck:
        r.ready()
        r.echoes()


@pytest.mark.parametrize("bit", ["isolate", "loopback"])
def test_disturbed_control_register_cuts_the_board_off(rig, polled, bit):
    """The link stays, as the PHY says so, and no frame passes in either direction; with the
    register as it was everything passes again, and what was sent meanwhile does not come back."""
    r = rig(polled=polled)
    was = r.chip.chip()["phy"][BMCR]
    r.chip.phy_write(BMCR, was | (ISOLATE if bit == "isolate" else LOOPBACK))
    r.feed(1, 2)
    r.send(3, 4)
    assert r.heard() == [] and r.taken() == [] and r.link
    assert r.mac()["rx_no_link"] == 2
    r.chip.phy_write(BMCR, was)
    r.echoes()


def test_phy_is_powered_down_and_up_again(rig, net, polled):
    """The link goes, and is negotiated anew."""
    r = rig(polled=polled)
    was = r.chip.chip()["phy"][BMCR]
    r.chip.phy_write(BMCR, was | POWER_DOWN)
    net.run(for_="200ms")
    assert not r.link
    r.chip.phy_write(BMCR, was)
    r.ready()
    r.echoes()


def test_phy_that_resets_itself(rig, net, polled):
    """By a surge, say: its registers are at their defaults, interrupts masked. The default is to
    negotiate, so the link comes again; who only waits for interrupts finds out at the next look."""
    r = rig(polled=True)
    r.chip.phy_write(BMCR, 0x8000)
    net.run(for_="300ms")
    r.ready()
    r.echoes()
    assert r.chip.chip()["phy"][BMCR] & NEGOTIATE == 0x1000


@COLD
def test_clock_is_lost_while_a_frame_is_sent(rig, net, polled, cold):
    """That frame is lost and counted (Underrun); what waits in the ring leaves when the clock is
    back, each once. Frames that come meanwhile are heard by nobody."""
    r = rig(cold=cold, polled=polled)
    r.send(1, 2, 3)
    net.run(for_="5us")
    r.chip.clock(False)
    net.run(for_="1ms")
    r.feed(4, 5)
    r.send(6)
    assert r.heard() == [] and r.taken() == [] and r.link
    r.chip.clock(True)
    begin = net.now_ns
    assert r.heard() == [(n, begin + i * r.every() + r.hop()) for i, n in enumerate((2, 3, 6))]
    r.echoes()
    assert r.driver("tx_underrun", "tx_failed", "tx_recoveries") == \
        {"tx_underrun": 1, "tx_failed": 1, "tx_recoveries": 0}
    assert r.mac()["rx_no_link"] == 2 and r.a.guest_errors() == []


def test_clock_is_lost_while_nothing_is_sent(rig, net, polled):
    """What is sent meanwhile waits: up to what ring and queue hold."""
    r = rig(polled=polled)
    r.chip.clock(False)
    net.run(for_="20ms")
    r.send(*range(40))
    assert r.heard() == []
    r.chip.clock(True)
    begin = net.now_ns
    heard = r.heard()
    assert [n for n, _ in heard] == list(range(40))
    assert heard[0][1] == begin + r.hop()
    r.echoes()
    assert r.driver("tx_failed") == {"tx_failed": 0}


def test_clock_goes_with_the_phys_power(rig, net):
    """On a board whose clock comes from the PHY: powered down, there is neither link nor clock, and
    nothing is reset meanwhile, as that would hang the bus (E5). An overrun waits for the link."""
    r = rig(chip={"clock_stops_in_power_down": True, "hang_without_clock": True})
    was = r.chip.chip()["phy"][BMCR]
    r.chip.fault("stall", "in")
    r.a.pause("1ms")
    r.feed(1)
    net.run(for_="500us")
    r.chip.phy_write(BMCR, was | POWER_DOWN)
    net.run(for_="2s")
    assert not r.link and not r.chip.chip()["hung"] and r.driver("rx_recoveries") == \
        {"rx_recoveries": 0}
    r.chip.phy_write(BMCR, was)
    r.ready()
    r.echoes()
    assert r.driver("rx_recoveries") == {"rx_recoveries": 1} and r.a.guest_errors() == []


def test_recovery_without_a_clock_while_the_link_seems_there(rig, net, polled):
    """The one case that a driver cannot see: the clock is gone, the PHY says "link", and the
    receiver is to be reset. The manual forbids that (E5); the model says so."""
    r = rig(polled=polled)
    r.a.expect_guest_errors("no_clock")
    r.chip.fault("stall", "in")
    r.a.pause("1ms")
    r.feed(1)
    net.run(for_="500us")
    r.chip.clock(False)
    net.run(for_="10ms")
    errors = r.a.guest_errors()
    assert {e.kind for e in errors} == {"no_clock"} and errors[0].register == "Command"
    assert r.driver("rx_recoveries") == {"rx_recoveries": 1}
    r.chip.clock(True)
    r.echoes()
