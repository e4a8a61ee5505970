"""Somebody else has, or wants, the address that is being probed: it is not used.

[RFC5227 2.1.1]: until 2 s after the last probe any ARP packet from the address, and anybody else's
probe for it, is a conflict; ordinary questions for it are none.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import StackError, shows, wire_time

pytestmark = pytest.mark.exact_virtual

MS, S = 1_000_000, 1_000_000_000
HUB = wire_time(60)
BROADCAST = "ff:ff:ff:ff:ff:ff"


def lan(net):
    """A host that begins to probe 10.0.0.1 at time 0, and a tester."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24", acd=True)
    return a, segment.port("tester")


def arp(wire, **fields):
    """A broadcast ARP packet of the tester's."""
    members = {"op": 1, "hwsrc": wire.mac, "psrc": "10.0.0.1", "pdst": "10.0.0.1"} | fields
    return Ether(src=wire.mac, dst=BROADCAST) / ARP(**members)


CLAIMS = [
    pytest.param({"op": 2, "pdst": "0.0.0.0"}, "RQ-5227-04", id="reply"),
    pytest.param({"pdst": "10.0.0.77"}, "RQ-5227-04", id="request"),
    pytest.param({}, "RQ-5227-04", id="announcement"),
    pytest.param({"psrc": "0.0.0.0"}, "RQ-5227-05", id="foreign-probe"),
]


def wait_for(net, wire, moment):
    """Runs to a point of the course: frames heard so far, and then some time."""
    frames, more = {"before-the-first-probe": (0, 0), "after-the-first-probe": (1, 500 * MS),
                    "after-the-last-probe": (3, 0),
                    "at-the-end-of-listening": (3, 1900 * MS)}[moment]
    for _ in range(frames):
        assert wire.recv(timeout="3s") is not None
    net.sleep_ns(more)
    assert wire.pending == 0


@pytest.mark.parametrize("claim, rule", CLAIMS)
@pytest.mark.parametrize("moment", ["before-the-first-probe", "after-the-first-probe",
                                    "after-the-last-probe", "at-the-end-of-listening"])
def test_address_that_is_claimed_is_never_used(net, claim, rule, moment):
    """[RFC5227 2.1.1]: at once the host falls silent, and it stays so."""
    a, wire = lan(net)
    wait_for(net, wire, moment)
    wire.send(arp(wire, **claim))
    with shows(rule):
        assert wire.recv(timeout="1h") is None
        assert a.acd() == {"state": "conflict", "conflicts": 1}
        assert a.interfaces[0].info()["ip"] == "0.0.0.0"
    wire.send(arp(wire, psrc="10.0.0.254"))
    with pytest.raises(StackError, match="ERR_RTE"):
        a.udp(4000).send(b"x", "10.0.0.9", 9)
    assert wire.recv(timeout="10s") is None


def test_claim_right_after_listening_is_defended_not_obeyed(net):
    """[RFC5227 2.4]: with the first announcement the address is ours: a claim a millisecond later
    makes the host announce once more, beside the announcement that was due anyway."""
    a, wire = lan(net)
    for _ in range(4):
        last = wire.recv(timeout="3s")
    assert last[ARP].psrc == "10.0.0.1"
    net.run(for_="1ms")
    wire.send(arp(wire))
    got = wire.sniff(timeout="10s")
    assert [p[ARP].psrc for p in got] == ["10.0.0.1"] * 2
    assert got[0].time.ns == last.time.ns + MS + 2 * HUB
    assert got[1].time.ns == last.time.ns + 2 * S
    assert a.acd() == {"state": "ok", "conflicts": 0}


@pytest.mark.parametrize("fields", [
    pytest.param({"psrc": "10.0.0.254"}, id="question-for-it"),
    pytest.param({"op": 2, "psrc": "10.0.0.254"}, id="reply-to-it"),
    pytest.param({"psrc": "0.0.0.0", "pdst": "10.0.0.2"}, id="probe-for-another"),
    pytest.param({"psrc": "10.0.0.2", "pdst": "10.0.0.2"}, id="announcement-of-another"),
])
@pytest.mark.parametrize("moment", ["before-the-first-probe", "after-the-first-probe",
                                    "at-the-end-of-listening"])
def test_other_traffic_is_no_conflict(net, fields, moment):
    """[RFC5227 2.1.1]: who asks for the address does not have it."""
    a, wire = lan(net)
    wait_for(net, wire, moment)
    wire.send(arp(wire, **fields))
    net.run(for_="20s")
    assert a.acd() == {"state": "ok", "conflicts": 0}
    assert a.interfaces[0].info()["ip"] == "10.0.0.1"


def test_own_probe_that_comes_back_is_no_conflict(net):
    """[RFC5227 2.1.1]: some switches send a frame back where it came from."""
    a, wire = lan(net)
    for _ in range(3):
        wire.send(bytes(wire.recv(timeout="3s")))
    net.run(for_="20s")
    with shows("RQ-5227-06"):
        assert a.acd() == {"state": "ok", "conflicts": 0}
        assert a.stats()["drops"] == {}


@pytest.mark.parametrize("bent", [
    pytest.param({"hwtype": 6}, id="other-hardware"),
    pytest.param({"ptype": 0x86DD}, id="other-protocol"),
    pytest.param({"plen": 16}, id="wrong-length"),
])
def test_malformed_claim_is_no_conflict(net, bent):
    """[RFC826 Packet Reception]: what is no ARP packet for IPv4 claims nothing."""
    a, wire = lan(net)
    wire.recv(timeout="3s")
    wire.send(bytes(arp(wire, **bent)))
    net.run(for_="20s")
    assert a.acd() == {"state": "ok", "conflicts": 0}


def test_claim_that_is_lost_on_the_way_is_no_conflict(net):
    """[RFC5227 2.1.1]: detection is only as good as the cable: the reply is dropped, the address
    taken, and the later announcement of its owner finds it out [RFC5227 2.4]."""
    a, wire = lan(net)
    net.segments["lan"].faults.drop(src=wire, nth=1)
    wire.recv(timeout="3s")
    wire.send(arp(wire, op=2))
    net.run(for_="20s")
    assert a.acd() == {"state": "ok", "conflicts": 0}
    wire.clear()
    wire.send(arp(wire))
    assert wire.recv(timeout="1ms")[ARP].psrc == "10.0.0.1"


def test_owner_that_answers_probes_keeps_its_address(net):
    """[RFC5227 1.1]: a host without detection answers the probe, which is all the newcomer
    needs."""
    segment = net.segment("lan")
    owner = net.host("owner", segment, ip="10.0.0.1/24")
    net.run(until="1s")
    late = net.host("late", segment, ip="10.0.0.1/24", acd=True)
    wire = segment.port("tester")
    assert [(p.src, p[ARP].psrc) for p in wire.sniff(timeout="60s")] == [(late.mac, "0.0.0.0")]
    assert late.acd() == {"state": "conflict", "conflicts": 1}
    assert late.interfaces[0].info()["ip"] == "0.0.0.0"
    assert owner.stats()["lwip"]["etharp"]["xmit"] == 2
    assert owner.arp_table() == []


def test_of_hosts_that_start_together_one_wins(net):
    """[RFC5227 2.1.1]: whoever probes first is heard by the others, which then have lost."""
    segment = net.segment("lan")
    hosts = [net.host(f"h{i}", segment, ip="10.0.0.1/24", acd=True) for i in range(5)]
    wire = segment.port("tester")
    frames = wire.sniff(timeout="60s")
    winners = [h for h in hosts if h.acd()["state"] == "ok"]
    assert [h.mac for h in winners] == [frames[0].src]
    assert [h.acd() for h in hosts if h not in winners] == [
        {"state": "conflict", "conflicts": 1}] * 4
    assert [p.src for p in frames] == [winners[0].mac] * 5


def test_another_address_can_be_tried_after_a_conflict(net):
    """[RFC5227 2.1.1]: the next one is probed like the first, and won."""
    a, wire = lan(net)
    wire.recv(timeout="3s")
    wire.send(arp(wire))
    net.run(for_="1s")
    a.interfaces[0].set(ip="10.0.0.2/24")
    assert [(p[ARP].psrc, p[ARP].pdst) for p in wire.sniff(timeout="20s")] == (
        [("0.0.0.0", "10.0.0.2")] * 3 + [("10.0.0.2", "10.0.0.2")] * 2)
    assert a.acd() == {"state": "ok", "conflicts": 1}


def spoil(net, a, wire, last):
    """Sets 10.0.0.<last>, waits for its first probe, objects; returns when the probe left."""
    wire.clear()
    a.interfaces[0].set(ip=f"10.0.0.{last}/24")
    p = wire.recv(timeout="2min")
    assert (p[ARP].psrc, p[ARP].pdst) == ("0.0.0.0", f"10.0.0.{last}")
    wire.send(arp(wire, psrc=f"10.0.0.{last}"))
    net.run(for_="1ms")
    assert a.acd()["state"] == "conflict"
    return p.time.ns - HUB


def test_after_ten_conflicts_one_address_a_minute_is_tried(net):
    """[RFC5227 2.1.1]: MAX_CONFLICTS 10, RATE_LIMIT_INTERVAL 60 s; up to then each within
    a second."""
    a, wire = lan(net)
    times = []
    for i in range(13):
        asked = net.now_ns
        began = spoil(net, a, wire, 100 + i)
        times.append((began - asked) / S)
    with shows("RQ-5227-07"):
        assert all(0 <= t <= 1 for t in times[:10])
        # a minute from the conflict on, then the usual random wait
        assert all(59.9 <= t <= 61 for t in times[10:])
    assert a.acd()["conflicts"] == 13


def test_address_set_late_in_the_pause_waits_for_its_end(net):
    """[RFC5227 2.1.1]: the minute counts from the tenth conflict, not from the new address."""
    a, wire = lan(net)
    for i in range(10):
        spoil(net, a, wire, 100 + i)
    tenth = net.now_ns
    net.run(for_="50s")
    a.interfaces[0].set(ip="10.0.0.200/24")
    assert a.acd()["state"] == "probing"
    first = wire.recv(timeout="2min")
    assert tenth + 60 * S - 2 * MS <= first.time.ns - HUB <= tenth + 61 * S
    net.run(for_="20s")
    # nobody objected: won, and the count of failures begins anew
    assert a.interfaces[0].info()["ip"] == "10.0.0.200"
    for last in (201, 202):
        asked = net.now_ns
        assert spoil(net, a, wire, last) - asked <= S


def test_pause_without_a_new_address_ends_in_silence(net):
    """[RFC5227 2.1.1]: a configured address that was refused is not tried again by itself."""
    a, wire = lan(net)
    for i in range(10):
        spoil(net, a, wire, 100 + i)
    wire.clear()
    assert wire.recv(timeout="10min") is None
    assert a.acd() == {"state": "conflict", "conflicts": 10}
