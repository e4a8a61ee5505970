"""Bugs that timeouts of other stacks have had: late lists, drift, lost milliseconds, removals in
handlers. The programs are in harness/tests/apps/timeouts.c."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from lockwire import Fatal, wire_time

pytestmark = pytest.mark.exact_virtual

MS = 1_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


@pytest.mark.parametrize("pause_s, delay", [(10, 100), (10, 0), (1000, 100), (10, 5000)])
@pytest.mark.parametrize("boot_ms", [0, 2**32 - 5000, 2**31 - 5000],
                         ids=["MB-TIMER-02/plain", "MB-TIMER-02/wraps", "MB-TIMER-02/sign"])
def test_timeout_that_is_armed_while_the_list_is_late(bench, program, boot_ms, pause_s, delay):
    """The host stands still for a while in which timeouts fall due. Before they are served, a
    datagram makes the program arm one more: its time counts from then, not from the late ones."""
    b = bench(boot_ms=boot_ms)
    app = b.net.app(b.a, program("timeouts"), "late", delay)
    b.a.pause(pause_s)
    b.order("!")  # waits at the door
    b.net.run(for_=pause_s + 20)
    served = boot_ms + 1 + 1000 * pause_s
    # a delay of 0 is due, but behind those that were due before it
    armed, rest = app.output[0], app.output[1:]
    assert armed == f"armed at {served % 2**32}"
    assert rest == [f"early at {served % 2**32}"] * 2 + [f"late at {(served + delay) % 2**32}"]
    assert b.drops() == {}


@pytest.mark.parametrize("late_ms, pauses", [(0, 34_285), (5, 5714), (99, 600)],
                         ids=["MB-TIMER-04/prompt", "MB-TIMER-04/5-ms-late",
                              "MB-TIMER-04/99-ms-late"])
@pytest.mark.exact_ms
def test_cyclic_timer_does_not_drift(bench, program, late_ms, pauses):
    """Every 100 ms. The host stands still for some milliseconds right when a timer that counts from
    its last call would be due: as many calls as there are periods, none lost."""
    b = bench(boot_ms=0)
    app = b.net.app(b.a, program("timeouts"), "cyclic", 100)
    cycle = 100 + late_ms
    for k in range(pauses if late_ms else 0):
        b.net.sleep_ns((1 + 100 + cycle * k) * MS - 1 - b.net.now_ns)
        b.a.pause(late_ms / 1000 + 1e-9)
    b.net.run(until=(1 + cycle * pauses + 50) / 1000)
    b.order("?")
    elapsed = cycle * pauses + 50
    assert app.output == [f"{elapsed // 100} calls at {1 + elapsed}"]


@museum("MB-TIMER-04/too-late")
@pytest.mark.exact_ms
def test_cyclic_timer_does_not_catch_up_for_ever(bench, program):
    """A host that stood still for 10 s has missed a hundred periods: one call, and from then on one
    each period."""
    b = bench(boot_ms=0)
    app = b.net.app(b.a, program("timeouts"), "cyclic", 100)
    b.net.run(until="50ms")
    b.a.pause("10s")
    b.net.run(until="10149ms")
    b.order("?")
    b.net.run(until="11149ms")
    b.order("?")
    assert app.output == ["1 calls at 10149", "11 calls at 11149"]


@pytest.mark.parametrize("delay", [1, 1000, 1999])
@pytest.mark.parametrize("phase_ns", [0, 400_000, 999_999],
                         ids=lambda n: f"MB-TIMER-05/phase-{n}")
def test_packets_faster_than_the_clock_do_not_stop_it(net, program, delay, phase_ns):
    """2000 packets a second wake the host oftener than its clock ticks: its timeouts fire in their
    millisecond, as if it were quiet."""
    rate = 84 * 8 * 2000  # one frame each 500 us
    lan = net.segment("lan", kind="hub", rate=rate, queue=5000)
    a = net.host("a", lan, ip="10.0.0.1/24", clock_phase_ns=phase_ns,
                 boot_ms=0)
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    net.run(until="1ms")
    wire.send([bytes(Ether(src=wire.mac, dst=a.mac) / IP(src="10.0.0.254", dst="10.0.0.1")
                     / UDP(sport=4000, dport=5000) / b"x")] * 4000)
    a.udp(5000, capacity=1)
    app = net.app(a, program("timeouts"), "arm", delay)
    net.run(until="1900ms")
    assert app.output == ([f"armed at {1 + delay}"] if delay < 1800 else [])
    net.run(until="2100ms")
    assert app.output == [f"armed at {1 + delay}"]
    assert a.stats()["mib2"]["udpindatagrams"] == 4000
    assert wire_time(60, rate, gap=True) == 500_000


@pytest.mark.parametrize("how, expected", [
    ("remove", ["first at 6"]),
    ("replace", ["first at 6", "third at 16", "fourth at 26"])],
    ids=["MB-TIMER-06/remove", "MB-TIMER-06/replace"])
def test_handler_that_changes_the_list(bench, program, how, expected):
    """A handler removes the only other timeout, due or not, and may arm new ones meanwhile."""
    b = bench(boot_ms=0)
    app = b.net.app(b.a, program("timeouts"), how)
    b.net.run(for_="1min")
    assert app.output == expected
    b.net.check()
    assert b.in_use() == {}
    b.works()


@pytest.mark.parametrize("delay", [2**30, 0xC0000000, 2**32 - 1],
                         ids=lambda n: f"MB-TIMER-07/{n:#x}")
def test_timeout_beyond_a_quarter_of_the_clock_is_refused(world, program, delay):
    """It would sort as past: an assertion says so at once (lwip/timeouts.h: less than 2^30)."""
    net = world()
    a = net.host("a", net.segment("lan"), ip="10.0.0.1/24")
    with pytest.raises(Fatal, match="longer than a quarter of the clock's range") as info:
        net.app(a, program("timeouts"), "arm", delay)
    assert info.value.kind == "panic"


@museum("MB-TIMER-07/longest")
def test_longest_timeout_is_kept(bench, program):
    """Just below: 12 days, to the millisecond."""
    b = bench(boot_ms=0)
    app = b.net.app(b.a, program("timeouts"), "arm", 2**30 - 1)
    b.net.run(until=(2**30 - 1) / 1000)
    assert app.output == []
    b.net.run(for_="1ms")
    assert app.output == [f"armed at {2**30}"]
