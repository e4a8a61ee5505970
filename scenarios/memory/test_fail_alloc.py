"""The API itself: which allocation fails, how many, and what is counted. A socket takes one
allocation: its pcb."""

import pytest

from lockwire import CommandError, Failure, UsageError


def one_host(net):
    return net.host("a", net.segment("lan"), ip="10.0.0.1/24")


def made(a, count):
    """Which of so many sockets could be made."""
    result = []
    for _ in range(count):
        try:
            a.udp()
            result.append(True)
        except CommandError:
            result.append(False)
    return result


@pytest.mark.parametrize("nth, count, expected", [
    (1, 1, [False, True, True, True]), (3, 1, [True, True, False, True]),
    (2, 2, [True, False, False, True]), (2, 0xFFFFFFFF, [True, False, False, False]),
    (5, 1, [True, True, True, True]), (0, 1, [True, True, True, True])])
def test_those_allocations_fail(net, nth, count, expected):
    """The nth from now, and those behind it; 0: none."""
    a = one_host(net)
    a.fail_alloc(nth, count)
    assert made(a, 4) == expected
    allocs = a.allocs()
    assert allocs["failed"] == expected.count(False)
    assert allocs["held"]["UDP_PCB"] == expected.count(True)
    assert a.stats()["memp"]["UDP_PCB"]["err"] == expected.count(False)


def test_failures_are_one_hosts_own(net):
    """Another host's allocations neither count nor fail; calling off keeps the count."""
    lan = net.segment("lan")
    a, b = net.host("a", lan), net.host("b", lan)
    a.fail_alloc(2, 5)
    assert made(b, 3) == [True] * 3
    assert made(a, 3) == [True, False, False]
    a.fail_alloc(0)
    assert made(a, 1) == [True]
    assert (a.allocs()["failed"], b.allocs()["failed"]) == (2, 0)


def test_rounds_begin_alike_and_end(net):
    """Each round in the world as it was: time, sockets, tables. The last is the one in which
    nothing failed, and the world goes on from there."""
    a = one_host(net)
    net.run(until="5ms")
    seen = []
    for failure in a.each_alloc_failure():
        seen.append((failure.nth, net.now_ns, a.allocs()["held"].get("UDP_PCB", 0)))
        sockets = made(a, 3)
        assert failure.failed == sockets.count(False) == (failure.nth <= 3)
        net.run(for_="1s")
    assert seen == [(n, 5_000_000, 0) for n in (1, 2, 3, 4)]
    assert (net.now_ns, a.allocs()["held"]["UDP_PCB"]) == (1_005_000_000, 3)


def test_count_is_how_many_fail_in_a_row(net):
    """Two in a row: the rounds differ in where they begin."""
    a = one_host(net)
    assert [made(a, 3) for _ in a.each_alloc_failure(count=2)] == [
        [False, False, True], [True, False, False], [True, True, False], [True, True, True]]


def test_rounds_without_end_are_a_failure(net, monkeypatch):
    """A body that always does one more than the round before is told so."""
    a = one_host(net)
    monkeypatch.setattr("lockwire.memory.ROUNDS_MAX", 20)
    with pytest.raises(Failure, match="still allocations to fail after 20 rounds"):
        for failure in a.each_alloc_failure():
            made(a, failure.nth)


@pytest.mark.parametrize("nth, count", [(-1, 1), (1, 0), (1 << 32, 1), ("1", 1)])
def test_nonsense_is_refused(net, nth, count):
    """Before anything is armed."""
    a = one_host(net)
    with pytest.raises(UsageError):
        a.fail_alloc(nth, count)
    assert made(a, 1) == [True]
