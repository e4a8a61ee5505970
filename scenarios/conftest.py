"""Lets plain pytest run these scenarios too: puts the package on the path and loads its plugin.

`lockwire run` has done both already; then nothing happens here."""

import sys
from pathlib import Path

import pytest

PYTHON = str(Path(__file__).resolve().parents[1] / "harness" / "python")
if PYTHON not in sys.path:
    sys.path.insert(0, PYTHON)

pytest_plugins = ["lockwire.plugin"]


@pytest.fixture
def cross():
    """cross(ready, lengths, rate="100M", latency=0): when frames get to the end of one cable.

    `ready` says for each frame when it is there to be sent; they leave in this order, one
    behind the other with the gap between them. A switch is two cables, each with
    half its latency."""
    from lockwire import wire_time

    def arrivals(ready, lengths, rate="100M", latency=0):
        free, there = 0, []
        for at, length in zip(ready, lengths, strict=True):
            start = max(at, free)
            free = start + wire_time(length, rate, gap=True)
            there.append(start + wire_time(length, rate) + latency)
        return there
    return arrivals


@pytest.fixture
def switched(cross):
    """switched(ready, lengths, rate="100M", latency=50_000): across both cables of a switch."""
    def arrivals(ready, lengths, rate="100M", latency=50_000):
        half = latency // 2
        return cross(cross(ready, lengths, rate, half), lengths, rate, latency - half)
    return arrivals


@pytest.fixture
def cable():
    """What `bench` joins host and tester with: arguments of net.segment(). A file or directory may
    have its own."""
    return {"latency": "50us"}


@pytest.fixture
def bench(net, cable):
    """bench(**options): host a, 10.0.0.1, with these options, and the port of the tester,
    10.0.0.254, whom it can reach without ARP; it is 1 ms, all is quiet."""
    def make(**options):
        lan = net.segment("lan", **cable)
        a = net.host("a", lan, ip="10.0.0.1/24", **options)
        wire = lan.port("tester", mac="02:00:00:00:00:fe")
        a.arp_static("10.0.0.254", wire.mac)
        net.run(until="1ms")
        wire.clear()
        return a, wire
    return make
