"""Faults, partners and settings that cannot be are refused in one sentence that says what can be,
and change nothing."""

import pytest

from lockwire import UsageError
from lockwire.chip import FAULTS

DRIVER = {"driver": "lpc2468"}


@pytest.mark.parametrize("kind, arguments, text", [
    ("crcc", {}, "there is no fault 'crcc'; there are, in: crc, alignment, symbol, length, runt"),
    ("crc", {"direction": "out"}, "there is no fault 'crc' of direction 'out'; there are"),
    ("crc", {"direction": "up"}, 'direction: expected "in" or "out", not \'up\''),
    ("stall", {}, "fault 'stall' is one of both directions: say \"in\" or \"out\""),
    ("crc", {"after": -1}, "after: expected a whole number from 0"),
    ("crc", {"count": 0}, "count: expected a whole number from 1"),
    ("crc", {"bytes": 3}, "fault 'crc' takes no amount, not bytes="),
    ("runt", {"bits": 3}, "fault 'runt' takes bytes=, not bits="),
    ("runt", {"bytes": 64}, "18 to 63"),
    ("giant", {"bytes": 1536}, "1537 to 9216"),
    ("collision", {"collisions": 16}, "1 to 15"),
], ids=lambda v: v if isinstance(v, str) and " " not in v else "")
def test_fault_that_is_none(rig, kind, arguments, text):
    """Name, direction, number or amount."""
    r = rig()
    with pytest.raises(UsageError) as why:
        r.chip.fault(kind, **arguments)
    assert text in str(why.value) and "\n" not in str(why.value)
    r.echoes()


def test_table_of_faults_is_the_simulators(rig):
    """Each name is known on both sides, and one more fault than a board takes is refused."""
    r = rig()
    for direction, kinds in FAULTS.items():
        for kind in kinds:
            assert r.chip.fault(kind, direction, after=1000, optional=True).fired == 0
    number = sum(map(len, FAULTS.values()))
    for _ in range(32 - number):
        r.chip.fault("crc", after=1000, optional=True)
    with pytest.raises(UsageError, match="a board takes 32 faults"):
        r.chip.fault("crc")


@pytest.mark.parametrize("partner, text", [
    ({"speed": 1000}, "expected of 100full, 100half, 10full, 10half, not '1000full'"),
    ({"speed": 100, "duplex": "both"}, "not '100both'"),
    ({"speed": 100, "modes": []}, "partner: give speed with duplex, or modes, or abilities"),
    ({}, "partner: give speed with duplex, or modes, or abilities"),
    ({"velocity": 3}, "partner: expected a dict of abilities, duplex, modes, negotiates"),
    ({"abilities": 0x10000}, "abilities: expected a whole number from 0 to 65535"),
])
def test_partner_that_is_none(net, partner, text):
    """When the host is made, nothing is."""
    lan = net.segment("lan")
    with pytest.raises(UsageError) as why:
        net.host("a", lan, ip="10.0.0.1/24", partner=partner, **DRIVER)
    assert text in str(why.value)
    assert "a" not in net.hosts


@pytest.mark.parametrize("chip, text", [
    ({"tx_consume_eratum": True}, 'there is no chip setting "tx_consume_eratum" (did you mean '
                                  'tx_consume_erratum?)'),
    ({"velocity": 1}, 'there is no chip setting "velocity"'),
    ({"prefetch": 256}, '"prefetch"'),
    ({"phy_silent": 3}, '"phy_silent"'),
    ({"rx_full": "explode"}, "overrun, wedge, silent"),
    ({"forced": "1000full"}, "forced: expected one of 100full"),
    ({"advertise": ["fast"]}, "advertise: expected of 100full"),
])
def test_setting_that_is_none(net, chip, text):
    """Name, range or word."""
    lan = net.segment("lan")
    with pytest.raises(UsageError) as why:
        net.host("a", lan, ip="10.0.0.1/24", chip=chip, **DRIVER)
    assert text in str(why.value) and "\n" not in str(why.value)


def test_virtual_interface_has_no_chip(net):
    """Settings, faults and what else a board has need one."""
    lan = net.segment("lan")
    with pytest.raises(UsageError, match="are a chip's: give driver="):
        net.host("a", lan, ip="10.0.0.1/24", driver="virtual", chip={"pause": True})
    b = net.host("b", lan, ip="10.0.0.2/24", driver="virtual")
    with pytest.raises(UsageError, match="interface of host b is on no chip: give it driver="):
        b.interfaces[0].fault("crc")
    with pytest.raises(UsageError, match="on no chip"):
        b.interfaces[0].clock(False)
    assert b.guest_errors() == []


def test_guest_error_that_is_none(rig):
    """The names are listed."""
    with pytest.raises(UsageError, match="there is no guest error 'clock', only misaligned, "):
        rig().a.expect_guest_errors("clock")


def test_register_of_a_phy_that_does_not_answer(rig):
    """Cannot be written."""
    r = rig()
    r.chip.mdio(False)
    with pytest.raises(UsageError, match="the PHY does not answer"):
        r.chip.phy_write(0, 0)
    with pytest.raises(UsageError, match="register: expected a whole number from 0 to 31"):
        r.chip.phy_write(32, 0)
