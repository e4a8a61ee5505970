"""Faults of chip, PHY and wire under a firmware: the binary recovers as the driver on a host does
(see ../emac, which has each of them)."""

import pytest

HALF = {"speed": 100, "duplex": "half"}


@pytest.fixture
def pair(net, boot):
    """pair(**options): a board with the image, up, and host a, who has pinged it once."""
    def make(**options):
        lan = net.segment("lan", kind="link")
        fw = boot("fw", lan, **options)
        a = net.host("a", lan, ip="10.0.0.1/24", driver="virtual")
        assert a.ping("10.0.0.2", timeout="1s") is not None
        return fw, a
    return make


def pings(a, count):
    """Which of these pings were answered, as text."""
    return "".join("!" if a.ping("10.0.0.2", timeout="20ms") else "." for _ in range(count))


@pytest.mark.parametrize("kind, direction, silicon", [
    ("crc", "in", "rx_error"), ("alignment", "in", "rx_error"), ("symbol", "in", "rx_error"),
    ("overrun", "in", "rx_error"), ("runt", "in", "rx_runt"), ("cut", "in", "rx_runt"),
    ("underrun", "out", "tx_error"), ("late_collision", "out", "tx_error"),
    ("excessive_defer", "out", "tx_error")])
def test_one_frame_is_lost_and_no_other(pair, kind, direction, silicon):
    """Request or answer, whichever the fault hits."""
    fw, a = pair(partner=HALF)
    before = fw.chip()["mac"][silicon]
    fault = fw.fault(kind, direction, after=1)
    assert pings(a, 4) == "!.!!" and fault.fired == 1
    assert fw.chip()["mac"][silicon] == before + 1


@pytest.mark.parametrize("kind", ["collision", "defer", "preamble", "long_preamble"])
def test_harmless_ones_lose_nothing(pair, kind):
    """Retried, late, or not minded."""
    fw, a = pair(partner=HALF)
    fw.fault(kind, after=1)
    assert pings(a, 4) == "!!!!"


def test_receiver_and_transmitter_are_reset_and_go_on(pair):
    """A status that cannot be written, in each direction: one request is lost, no answer is."""
    fw, a = pair()
    fw.fault("stall", "in", after=1)
    fw.fault("stall", "out", after=2)
    assert pings(a, 6) == "!.!!!!"
    assert fw.chip()["mac"]["rx_overrun"] >= 1 and fw.guest_errors() == []


def test_clock_is_away_for_a_while(pair, net):
    """Frames of that time are lost; afterwards all goes on."""
    fw, a = pair()
    fw.clock(False)
    assert pings(a, 2) == ".."
    fw.clock(True)
    net.run(for_="100ms")
    assert pings(a, 3) == "!!!"


def test_partner_is_exchanged(pair, net):
    """The firmware follows into each mode and says so."""
    fw, a = pair()
    for speed, duplex in [(100, "half"), (10, "full"), (10, "half"), (100, "full")]:
        said = fw.console.count("link up")
        fw.partner({"speed": speed, "duplex": duplex})
        net.run(until=lambda: fw.console.count("link up") > said, timeout="10s", step="10ms")
        assert fw.console.rstrip().endswith(f"link up {speed} {duplex} duplex")
        net.run(for_="10ms")
    assert pings(a, 2) == "!!"


def test_phy_stops_answering_and_comes_back(pair, net):
    """The pulled cable cannot be read; when the PHY answers again the link is found."""
    fw, a = pair()
    fw.mdio(False)
    fw.link(False)
    net.run(for_="3s")
    fw.mdio(True)
    fw.link(True)
    net.run(for_="6s")
    assert pings(a, 2) == "!!" and fw.state != "halted"


@pytest.mark.parametrize("chip", [{"tx_consume_erratum": True}, {"module_id": 0x39022000},
                                  {"rx_full": "wedge"}, {"isolated_at_zero": True}])
def test_silicon_with_errata(pair, chip):
    """Worked round in the binary, too."""
    _, a = pair(chip=chip)
    assert pings(a, 5) == "!!!!!"
