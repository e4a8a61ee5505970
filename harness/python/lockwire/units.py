"""What people write ("100M", "50us", "2%", "10.0.0.1/24") into exact integers and ratios, and back
never.

Every function raises UsageError with the value it got and what it expected. Numbers without a unit
are seconds (durations) or bits per second (rates), as in Scapy and everywhere else.
"""

from __future__ import annotations

import ipaddress
import re
from fractions import Fraction

from lockwire.errors import UsageError
from lockwire.vtime import VTime, to_ns

__tracebackhide__ = True  # pytest shows the scenario, not this file
_DURATION = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9,
             "h": 3600 * 10**9, "d": 86400 * 10**9}
_RATE = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_NUMBER = r"(\d+(?:_\d+)*(?:\.\d+)?|\.\d+)"
U64 = (1 << 64) - 1
# Times and numbers in commands are signed 64-bit on the other side: 292 years of nanoseconds.
LARGEST = (1 << 63) - 1
DEFAULT_RATE = "100M"
MIN_FRAME, FCS, PREAMBLE, GAP = 60, 4, 8, 12


def duration(value: str | int | float, what: str = "duration") -> int:
    """Nanoseconds of `value`: "50us", "1.5 ms", "2min"; a number counts seconds.

    Text must be a whole number of nanoseconds; a float is taken to the nearest one.
    """
    expected = 'a time such as "50us", "1.5ms", "2s", or a number of seconds'
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UsageError(f"{what}: expected {expected}, not {value!r}")
    if not isinstance(value, str):
        if value != value or value in (float("inf"), float("-inf")) or value < 0:
            raise UsageError(f"{what}: expected {expected}, zero or more, not {value!r}")
        return _fits(to_ns(value), what, value)
    found = re.fullmatch(_NUMBER + r"\s*([a-zµ]*)", value.strip())
    if not found or (not found[2] and Fraction(found[1]) != 0) or found[2] not in (*_DURATION, ""):
        raise UsageError(f"{what}: expected {expected}, not {value!r}")
    ns = Fraction(found[1].replace("_", "")) * _DURATION.get(found[2], 1)
    if ns.denominator != 1:
        raise UsageError(f"{what}: {value!r} is not a whole number of nanoseconds")
    return _fits(int(ns), what, value)


def moment(value: str | int | float, what: str = "moment") -> int:
    """A point of virtual time in ns since the start; written like a duration."""
    return duration(value, what)


def timeout_ns(value: str | int | float | None, what: str = "timeout") -> int | None:
    """Like duration(); None means: for ever."""
    return None if value is None else duration(value, what)


def rate(value: str | int, what: str = "rate") -> int:
    """Bits per second of "100M", "1.5 Gbit/s", "9600"; a number counts bits per second. More than
    0."""
    expected = 'bits per second such as "100M", "1G", "56k" or 9600'
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return _fits(value, what, value)
    found = re.fullmatch(_NUMBER + r"\s*([kKMGT]?)(?:bit/s|bps|b/s)?", value.strip()) \
        if isinstance(value, str) else None
    if not found:
        raise UsageError(f"{what}: expected {expected}, not {value!r}")
    bps = Fraction(found[1].replace("_", "")) * _RATE[found[2]]
    if bps.denominator != 1 or bps <= 0:
        raise UsageError(f"{what}: {value!r} is not a whole number of bits per second above 0")
    return _fits(int(bps), what, value)


def probability(value: str | int | float, what: str = "probability") -> list[int]:
    """[numerator, denominator] in lowest terms of "2%", "1/50", "0", 1 or 0.02 (taken as
    written)."""
    expected = 'a probability such as "2%" or "1/50", from 0 to 1'
    text = repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        raise UsageError(f"{what}: expected {expected}, not {value!r}")
    text = text.strip()
    try:
        if text.endswith("%"):
            ratio = Fraction(text[:-1].strip()) / 100
        else:
            ratio = Fraction(text.replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{what}: expected {expected}, not {value!r}") from None
    if not 0 <= ratio <= 1 or ratio.denominator > 0xFFFFFFFF:
        raise UsageError(f"{what}: expected {expected}, not {value!r}")
    return [ratio.numerator, ratio.denominator]


def whole(value: int, what: str, low: int = 0, high: int = LARGEST) -> int:
    """`value` if it is an int from low to high."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UsageError(f"{what}: expected a whole number from {low} to {high}, not {value!r}")
    return value


def address(value: str, what: str = "address") -> str:
    """A dotted quad, checked."""
    try:
        return str(ipaddress.IPv4Address(value))
    except (ValueError, TypeError):
        raise UsageError(
            f'{what}: expected an IPv4 address such as "10.0.0.1", not {value!r}') from None


def interface_address(value: str, what: str = "ip") -> tuple[str, int]:
    """("10.0.0.1", 24) of "10.0.0.1/24". The prefix length must be given."""
    try:
        ip, prefix = value.split("/")
        bits = int(prefix)
        if not 0 <= bits <= 32:
            raise ValueError
        return str(ipaddress.IPv4Address(ip)), bits
    except (ValueError, AttributeError):
        raise UsageError(
            f'{what}: expected an address with its prefix length such as "10.0.0.1/24", '
            f"not {value!r}") from None


def mac(value: str, what: str = "mac") -> str:
    """A MAC address in lower case with colons."""
    pattern = r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}"
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise UsageError(
            f'{what}: expected a MAC address such as "02:00:00:00:00:01", not {value!r}')
    return value.lower().replace("-", ":")


def wire_time(length: int, rate_bps: str | int = DEFAULT_RATE, gap: bool = False) -> int:
    """Nanoseconds that a frame of `length` bytes (without FCS) occupies a cable, rounded up.

    Counted are padding to 60 bytes, FCS and preamble. The inter-frame gap delays only the sender's
    next frame and is counted with gap=True.
    """
    whole(length, "wire_time", 0, 1 << 32)
    bits = (max(length, MIN_FRAME) + FCS + PREAMBLE + (GAP if gap else 0)) * 8
    return -(-bits * 10**9 // rate(rate_bps))


def _fits(number: int, what: str, value: object) -> int:
    if number > LARGEST:
        raise UsageError(f"{what}: {value!r} is more than 2^63-1 (292 years of nanoseconds)")
    return number


__all__ = ["VTime", "address", "duration", "interface_address", "mac", "moment", "probability",
           "rate", "timeout_ns", "whole", "wire_time"]
