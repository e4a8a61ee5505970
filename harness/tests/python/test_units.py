"""lockwire.units: texts into exact integers, and what is said about the ones that are not."""

import pytest

from lockwire import units
from lockwire.errors import UsageError
from lockwire.vtime import VTime


@pytest.mark.parametrize("text, ns", [
    ("0", 0), ("50us", 50_000), ("1.5ms", 1_500_000), ("200 ms", 200_000_000), ("2s", 2 * 10**9),
    ("2min", 120 * 10**9), ("1h", 3600 * 10**9), ("1d", 86400 * 10**9), ("7ns", 7), ("3µs", 3000),
    (".5s", 500_000_000), ("1_000us", 1_000_000), (0, 0), (1, 10**9), (0.25, 250_000_000),
    (VTime(2_500_000_001), 2_500_000_001), (0.1 + 0.2, 300_000_000)])
def test_duration_accepts(text, ns):
    assert units.duration(text) == ns


@pytest.mark.parametrize("bad", [
    "", "5", "fast", "-1s", "1 lightyear", "0.5ns", "1.0000000001s", "1e3s", -1, -0.5, None, True,
    float("nan"), float("inf"), b"1s", "600000000000d", [1]])
def test_duration_refuses(bad):
    with pytest.raises(UsageError, match="timeout"):
        units.duration(bad, "timeout")


def test_duration_error_says_what_was_expected():
    with pytest.raises(UsageError, match=r'latency: expected a time such as "50us".*not \'fast\''):
        units.duration("fast", "latency")


@pytest.mark.parametrize("text, bps", [
    ("100M", 10**8), ("1G", 10**9), ("56k", 56_000), ("9600", 9600), (9600, 9600),
    ("1.5 Gbit/s", 1_500_000_000), ("10Mbps", 10**7)])
def test_rate_accepts(text, bps):
    assert units.rate(text) == bps


@pytest.mark.parametrize("bad", ["", "0", 0, -1, "fast", "100m", "1.0000001k", None, True, 1.5])
def test_rate_refuses(bad):
    with pytest.raises(UsageError, match="rate: "):
        units.rate(bad)


@pytest.mark.parametrize("text, ratio", [
    ("2%", [1, 50]), ("1/50", [1, 50]), ("0", [0, 1]), (0, [0, 1]), (1, [1, 1]), ("100%", [1, 1]),
    (0.02, [1, 50]), ("0.1%", [1, 1000]), ("33.3 %", [333, 1000]), (0.1, [1, 10])])
def test_probability_is_exact_and_in_lowest_terms(text, ratio):
    assert units.probability(text) == ratio


@pytest.mark.parametrize("bad", ["", "101%", "-1%", "3/2", "1/0", 1.5, -0.1, "often", None, True])
def test_probability_refuses(bad):
    with pytest.raises(UsageError, match="loss: expected a probability"):
        units.probability(bad, "loss")


def test_interface_address_needs_its_prefix_length():
    assert units.interface_address("10.0.0.1/24") == ("10.0.0.1", 24)
    for bad in ("10.0.0.1", "10.0.0.1/33", "10.0.0/8", "10.0.0.1/x", "", None, 7):
        with pytest.raises(UsageError, match="prefix length"):
            units.interface_address(bad)


def test_mac_is_normalised():
    assert units.mac("02-00-00-00-00-FE") == "02:00:00:00:00:fe"
    for bad in ("02:00:00:00:00", "02:00:00:00:00:fg", "", None):
        with pytest.raises(UsageError, match="MAC address"):
            units.mac(bad)


def test_wire_time_counts_padding_fcs_and_preamble():
    assert units.wire_time(60) == (60 + 4 + 8) * 80
    assert units.wire_time(1) == units.wire_time(60)
    assert units.wire_time(1514) == (1514 + 12) * 80
    assert units.wire_time(60, gap=True) == units.wire_time(60) + 12 * 80
    assert units.wire_time(60, "1G") == 576


def test_wire_time_rounds_up():
    assert units.wire_time(60, 7_000_000_000) == 83  # 82.28...
