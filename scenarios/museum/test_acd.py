"""Bugs that address conflict detection of other stacks has had [RFC5227][RFC3927]."""

import pytest
from scapy.layers.l2 import ARP

from lockwire import wire_time

pytestmark = pytest.mark.exact_virtual

S = 1_000_000_000
HUB = wire_time(60)
BROADCAST = "ff:ff:ff:ff:ff:ff"


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def claim(b, address):
    """Somebody else announces the address."""
    b.arp(dst=BROADCAST, op=1, psrc=address, pdst=address, hwdst="00:00:00:00:00:00")
    b.net.run(for_="1ms")


@museum("MB-ACD-02")
def test_each_failure_leads_to_another_candidate(bench, program):
    """Each probe is answered with a conflict, for 20 min: never the same address twice, and behind
    the tenth conflict one a minute [RFC5227 2.1.1]."""
    b = bench()
    app = b.net.app(b.a, program("claimants"), "candidates", 10)
    tried = []
    while (probe := b.wire.recv(timeout="2min")) is not None and b.net.now_ns < 1200 * S:
        assert (probe[ARP].op, probe[ARP].psrc, probe.dst) == (1, "0.0.0.0", BROADCAST)
        tried.append((probe[ARP].pdst, probe.time.ns))
        claim(b, probe[ARP].pdst)
    assert [address for address, _ in tried] == [f"169.254.7.{10 + i}" for i in range(len(tried))]
    gaps = [later - sooner for (_, sooner), (_, later) in zip(tried, tried[1:])]
    assert len(gaps) >= 26
    assert all(gap <= S for gap in gaps[:9])
    assert all(60 * S <= gap <= 61 * S for gap in gaps[9:])
    told = [f"{10 + i} decline" if half == 0 else f"{11 + i} restart"
            for i in range(len(tried)) for half in (0, 1)]
    assert app.output == told[:len(app.output)]
    assert len(app.output) >= 2 * len(tried) - 1


@museum("MB-ACD-03")
def test_ordinary_question_for_our_address_is_no_conflict(bench):
    """A link-local neighbour asks for our address, five times: answered, by broadcast
    [RFC3927 2.5], and nothing else happens. Neither does while it is still being probed."""
    b = bench(known=False, ip="169.254.3.4/16", acd=True)
    question = dict(dst=BROADCAST, op=1, psrc="169.254.7.7", pdst="169.254.3.4",
                    hwdst="00:00:00:00:00:00")
    while b.net.now_ns < 7 * S:  # probes, announcements, and a question in each half second
        b.arp(**question)
        b.net.run(for_="500ms")
    b.net.run(until="10s")
    assert b.a.acd() == {"state": "ok", "conflicts": 0}
    b.wire.clear()
    for i in range(5):
        b.net.run(until=10 + 2 * i)
        b.arp(**question)
        got = b.wire.sniff(timeout="1900ms")
        assert [(p.dst, p[ARP].op, p[ARP].psrc, p[ARP].hwdst, p.time.ns) for p in got] == [
            (BROADCAST, 2, "169.254.3.4", b.wire.mac, (10 + 2 * i) * S + 2 * HUB)]
    assert b.a.acd() == {"state": "ok", "conflicts": 0}
    assert b.a.interfaces[0].info()["ip"] == "169.254.3.4"


@pytest.fixture
def pair(bench, program):
    """Two clients on one interface, both in possession of their addresses at 12 s."""
    b = bench()
    app = b.net.app(b.a, program("claimants"), "pair")
    b.net.run(until="12s")
    assert sorted(app.output) == ["a ok", "b ok"]
    b.wire.clear()
    return b, app


ONE, TWO = "169.254.7.1", "169.254.7.2"


def announced(b):
    """Which addresses the host defends, of what was heard."""
    return [p[ARP].psrc for p in b.wire.sniff(timeout="1ms") if p[ARP].psrc == p[ARP].pdst]


@museum("MB-ACD-05/both")
def test_removed_clients_hear_nothing(pair):
    """One after the other is removed; a conflict then is nobody's."""
    b, app = pair
    b.order("a")
    b.net.run(for_="1s")
    b.order("b")
    b.net.run(for_="1s")
    for address in (ONE, TWO, ONE, TWO):
        claim(b, address)
    b.net.check()
    assert announced(b) == []
    b.net.run(for_="5min")
    assert len(app.output) == 2
    b.works()


@pytest.mark.parametrize("gone, stays, name", [("a", TWO, "b"), ("b", ONE, "a")],
                         ids=["MB-ACD-05/first", "MB-ACD-05/second"])
def test_removing_one_client_leaves_the_other(pair, gone, stays, name):
    """Whichever stands first in the list: the other still defends its address and gives it up to a
    second claim within 10 s [RFC5227 2.4]."""
    b, app = pair
    b.order(gone)
    b.order(gone)  # a client that is not there is removed from nothing
    b.net.check()
    claim(b, stays)
    assert announced(b) == [stays]
    claim(b, ONE if stays == TWO else TWO)
    assert announced(b) == []
    claim(b, stays)
    assert announced(b) == []
    assert app.output[2:] == [f"{name} decline", f"{name} restart"]


@pytest.mark.parametrize("victim, name", [(ONE, "a"), (TWO, "b")],
                         ids=["MB-ACD-05/callback-first", "MB-ACD-05/callback-second"])
def test_clients_that_are_removed_by_a_call_back(pair, victim, name):
    """Both leave in the middle of a conflict: the walk over them ends, and no one is told more."""
    b, app = pair
    b.order("x")
    claim(b, victim)
    claim(b, victim)
    b.net.check()
    claim(b, ONE)
    claim(b, TWO)
    assert app.output[2:] == [f"{name} decline"]
    b.net.run(for_="5min")
    b.wire.clear()
    b.works()


@museum("MB-ACD-05/again")
def test_client_that_comes_back(pair):
    """Removed, added and started again: it probes, wins and is in the list once."""
    b, app = pair
    b.order("a")
    b.order("+a")
    b.order("+a")
    b.order("A")
    b.net.run(for_="12s")
    assert app.output[2:] == ["a ok"]
    b.wire.clear()
    claim(b, ONE)
    assert announced(b) == [ONE]
    b.order("a")
    claim(b, ONE)
    assert app.output[3:] == []
    assert announced(b) == []
