"""The cable and what is at its other end."""

import pytest

FULL_100, HALF_100, HALF_10 = 0x0100, 0x0080, 0x0020


def test_pulled_cable_is_noticed_and_plugged_in_again(net, boot):
    """By the PHY's interrupt: no longer than the negotiation takes."""
    lan = net.segment("lan", latency="50us")
    fw = boot("fw", lan)
    a = net.host("a", lan, ip="10.0.0.1/24")
    assert a.ping("10.0.0.2", timeout="1s") is not None
    fw.link(False)
    fw.expect("link down", timeout="2s")
    assert a.ping("10.0.0.2", timeout="1s") is None
    fw.link(True)
    net.run(until=lambda: fw.console.count("link up") == 2, timeout="10s", step="10ms")
    assert a.ping("10.0.0.2", timeout="2s") is not None


@pytest.mark.parametrize("rate, text", [("100M", "link up 100 full"), ("10M", "link up 10 full")])
def test_link_is_as_fast_as_the_cable(net, boot, rate, text):
    """Negotiated: the best that both can."""
    lan = net.segment("lan", rate=rate, latency="50us")
    fw = boot("fw", lan)
    a = net.host("a", lan, ip="10.0.0.1/24")
    assert text in fw.console and a.ping("10.0.0.2", timeout="1s") is not None


@pytest.mark.parametrize("abilities, text", [(HALF_100, "link up 100 half duplex"),
                                             (HALF_10, "link up 10 half duplex")])
def test_partner_that_never_negotiates_is_found_by_its_pulses(net, boot, abilities, text):
    """Parallel detection: speed is seen, duplex is half (IEEE 802.3 28.2.3.1)."""
    lan = net.segment("lan", latency="50us")
    fw = boot("fw", lan, partner={"negotiates": False, "abilities": abilities})
    assert text in fw.console


def test_mute_partner_leaves_the_link_down_and_the_firmware_alive(net, boot):
    """Nothing hangs: it looks again and again, and sleeps in between."""
    lan = net.segment("lan", latency="50us")
    fw = boot("fw", lan, up=False, partner={"negotiates": False, "abilities": 0})
    net.run(for_="20s")
    before = fw.instructions
    net.run(for_="20s")
    assert fw.console == "echo: hello\n" and fw.state == "waiting"
    assert 0 < fw.instructions - before < 10_000_000


def test_phy_that_never_answers_leaves_the_firmware_alive(net, boot):
    """The driver finds nobody at any address and tries again later."""
    lan = net.segment("lan", latency="50us")
    fw = boot("fw", lan, up=False, phy_silent=True)
    net.run(for_="10s")
    before = fw.instructions
    net.run(for_="10s")
    assert fw.console == "echo: hello\n" and fw.state == "waiting"
    assert 0 < fw.instructions - before < 10_000_000
