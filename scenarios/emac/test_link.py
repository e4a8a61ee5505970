"""The link: when it is up after power-up and after the cable, in which mode, and what is under way
when it goes (PHY sheet 5). Negotiation takes 1.8 s there, a loss is noticed in 1 ms; a warm board
has both behind it."""

import pytest

MS = 1_000_000
FULL_100 = {"mbps": 100, "duplex": "full", "negotiated": True}
COLD = pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])

# When the driver says so, in ms from power-up, cable out and cable in; (cold, polled).
# Cold, by interrupt: seven management cycles, one each ms, up to the command that negotiates, 1800
# until the link, six for what it is; a loss takes 1 until MDINTR# and two to be read. Polled,
# it looks each 100 ms, and three cycles tell of a change, one of a loss.
TIMES = {(False, False): (0, 0, 0), (False, True): (0, 99, 100),
         (True, False): (1812, 3, 1806), (True, True): (1847, 100, 1846)}


def until_link(r, up):
    """Milliseconds until the stack takes the link for up, or down."""
    start = r.net.now_ns
    r.net.run(until=lambda: r.link == up, timeout="10s")
    assert (r.net.now_ns - start) % MS == 0
    return (r.net.now_ns - start) // MS


@COLD
def test_link_comes_goes_and_comes_again(rig, net, cold, polled):
    """To the millisecond, with a ping before and after."""
    r = rig(cold=cold, polled=polled, wait=None)
    up, out, back = TIMES[cold, polled]
    assert until_link(r, True) == up
    net.run(for_="1ms")
    r.a.link(up=False)
    assert until_link(r, False) == out
    assert r.chip.chip()["link"]["up"] is False
    net.run(for_="300ms")
    r.a.link(up=True)
    assert until_link(r, True) == back
    r.ready()
    r.echoes()
    assert {k: r.chip.chip()["link"][k] for k in FULL_100} == FULL_100


@COLD
def test_ping_over_a_switch_when_the_link_is_there(net, cold, polled):
    """Two hosts, one of them on the chip; the cable of that one is pulled in between."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24", driver="lpc2468", cold=cold, polled=polled)
    b = net.host("b", lan, ip="10.0.0.2/24", driver="virtual")
    net.run(until=lambda: a.interfaces[0].info()["link"], timeout="10s")
    net.run(for_="10ms")
    assert b.ping("10.0.0.1", timeout="1s") is not None
    a.link(up=False)
    net.run(for_="300ms")
    assert not a.interfaces[0].info()["link"] and b.ping("10.0.0.1", timeout="1s") is None
    a.link(up=True)
    net.run(for_="5s")
    assert a.interfaces[0].info()["link"] and b.ping("10.0.0.1", timeout="1s") is not None


MODES = [("100full", 100, "full"), ("100half", 100, "half"), ("10full", 10, "full"),
         ("10half", 10, "half")]


@COLD
@pytest.mark.parametrize("mode, mbps, duplex", MODES)
def test_each_mode_is_negotiated_and_carries(rig, polled, cold, mode, mbps, duplex):
    """The partner offers it alone; the cable is as fast as the mode, so times are exact."""
    r = rig(rate=f"{mbps}M", cold=cold, polled=polled, partner={"modes": [mode]})
    link = r.chip.chip()["link"]
    assert (link["mbps"], link["duplex"], link["negotiated"]) == (mbps, duplex, True)
    assert link["problem"] is None
    due = r.feed(1, 2, 3, size=500)
    assert r.taken() == [(n, r.seen(due[n])) for n in (1, 2, 3)]
    due = r.send(1, 2, 3, size=500)
    assert r.heard() == list(due.items())


@pytest.mark.parametrize("ours", MODES, ids=lambda m: m[0])
def test_best_of_what_both_offer(rig, ours, polled):
    """100 full before 100 half before 10 full before 10 half (IEEE 802.3 28B.3): the partner offers
    all from one on down, we offer all."""
    modes = [m for m, *_ in MODES]
    r = rig(rate=f"{ours[1]}M", polled=polled, partner={"modes": modes[modes.index(ours[0]):]})
    link = r.chip.chip()["link"]
    assert (link["mbps"], link["duplex"]) == ours[1:]
    r.echoes()


@pytest.mark.parametrize("ours", MODES, ids=lambda m: m[0])
def test_we_offer_one_mode(rig, ours, polled):
    """The driver's configuration decides what is offered."""
    r = rig(rate=f"{ours[1]}M", polled=polled, partner={"modes": [m for m, *_ in MODES]},
            chip={"advertise": [ours[0]]})
    link = r.chip.chip()["link"]
    assert (link["mbps"], link["duplex"], link["negotiated"]) == (*ours[1:], True)
    r.echoes()


@COLD
@pytest.mark.parametrize("mode, mbps, duplex", MODES)
def test_forced_mode(rig, polled, cold, mode, mbps, duplex):
    """No negotiation on either side: what the driver was told is so. 10 ms to the link."""
    r = rig(rate=f"{mbps}M", cold=cold, polled=polled, chip={"forced": mode}, wait=None,
            partner={"modes": [mode], "negotiates": False})
    assert r.ready() < 200 * MS
    link = r.chip.chip()["link"]
    assert (link["mbps"], link["duplex"], link["negotiated"]) == (mbps, duplex, False)
    r.echoes()


@COLD
@pytest.mark.parametrize("mbps", [100, 10])
def test_partner_that_never_negotiates_is_half_duplex(rig, polled, cold, mbps):
    """Parallel detection: its speed is heard, its duplex is not (28.2.3.1). The driver says so."""
    r = rig(rate=f"{mbps}M", cold=cold, polled=polled,
            partner={"speed": mbps, "duplex": "full", "negotiates": False})
    link = r.chip.chip()["link"]
    assert (link["mbps"], link["duplex"], link["negotiated"]) == (mbps, "half", False)
    assert link["problem"] == "the partner does not negotiate: half duplex by parallel detection"
    r.echoes()


@COLD
@pytest.mark.parametrize("partner, chip", [
    ({"modes": [], "negotiates": False}, {}),
    ({"modes": []}, {}),
    ({"modes": ["10half"]}, {"advertise": ["100full"]}),
    ({"modes": ["10half"], "negotiates": False}, {"forced": "100full"}),
], ids=["mute", "offers-nothing", "nothing-in-common", "forced-to-another-speed"])
def test_no_agreement_no_link_no_hang(rig, net, polled, cold, partner, chip):
    """The driver says what is wrong after 5 s. With another partner there is a link."""
    r = rig(cold=cold, polled=polled, partner=partner, chip=chip, wait=None)
    net.run(for_="7s")
    link = r.chip.chip()["link"]
    assert not r.link and link["problem"] == \
        "no link: no cable, or a partner with which nothing was agreed"
    events = net.clock()["events"]
    net.run(for_="10s")
    assert not r.link and net.clock()["events"] - events < 11_000  # at most one each ms
    r.chip.partner({"modes": ["100full"], "negotiates": "forced" not in chip})
    r.ready()
    r.echoes()


def test_partner_is_exchanged_for_a_slower_one(rig, polled, net):
    """The link goes and comes in the new mode; the old address of the netif stays."""
    r = rig(polled=polled)
    for mode, mbps, duplex in MODES[::-1]:
        r.chip.partner({"modes": [mode]})
        net.run(for_="200ms")
        r.ready()
        link = r.chip.chip()["link"]
        assert (link["mbps"], link["duplex"]) == (mbps, duplex)
        r.echoes()


@pytest.mark.parametrize("at_ns", [0, 1, 4000, 9439])
def test_cable_is_pulled_while_a_frame_is_sent(rig, polled, net, at_ns):
    """The frame is lost, and what follows goes to nobody and is reported as sent, as a MAC cannot
    know; nothing of it turns up later."""
    r = rig(polled=polled)
    r.send(1, 2, 3)
    net.run(for_=f"{at_ns}ns")
    r.a.link(up=False)
    net.run(for_="200ms")
    assert not r.link and r.mac()["tx_no_link"] >= 2
    r.a.link(up=True)
    r.ready()
    assert r.heard() == []
    r.echoes()
    assert r.driver("tx_failed", "tx_recoveries") == {"tx_failed": 0, "tx_recoveries": 0}


@pytest.mark.parametrize("at_ns, first", [(0, 1), (4000, 1), (9439, 1), (9440, 2), (15000, 2)])
def test_cable_is_pulled_while_a_frame_arrives(rig, polled, net, at_ns, first):
    """What had ended is taken; what was on the cable is lost without a trace in the ring."""
    r = rig(polled=polled)
    due = r.feed(1, 2, 3)
    net.run(for_=f"{at_ns}ns")
    r.a.link(up=False)
    net.run(for_="200ms")
    r.a.link(up=True)
    r.ready()
    assert r.taken() == [(n, r.seen(due[n])) for n in range(1, first)]
    assert r.mac().get("rx_stored", 0) == first - 1
    r.echoes()


@pytest.mark.parametrize("left", [1, 30, 63, 64, 100])
def test_link_that_goes_in_mid_frame_leaves_a_piece(rig, polled, left):
    """The first bytes have come: a runt, or, from 64 bytes on, a wrong FCS."""
    r = rig(polled=polled)
    r.chip.fault("cut", after=1, bytes=left)
    due = r.feed(1, 2, 3)
    assert r.taken() == [(n, r.seen(due[n])) for n in (1, 3)]
    assert r.driver("rx_crc") == {"rx_crc": int(left >= 64)}
    r.echoes()


def test_link_that_is_back_within_a_millisecond_was_never_lost(rig, net):
    """Cold, the PHY needs 1 ms to notice (PHY sheet 5): frames of that time are lost, no more."""
    r = rig(cold=True)
    r.a.link(up=False)
    net.run(for_="500us")
    r.a.link(up=True)
    net.run(for_="5s")
    assert r.link and r.chip.info()["up"]
    r.echoes()


def test_flapping_cable(rig, polled, net):
    """Twenty times in and out, in steps that never let a negotiation end; then it stays."""
    r = rig(cold=True, polled=polled)
    for _ in range(20):
        r.a.link(up=False)
        net.run(for_="130ms")
        r.a.link(up=True)
        net.run(for_="700ms")
        assert not r.link
    assert r.ready() > 0
    r.echoes()
