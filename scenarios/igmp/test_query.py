"""Queries are answered within their time, one report for each group, and not if another host did.

[RFC2236 3]: each group has a random delay up to the maximum response time; a report that is heard
cancels ours. A querier of version 1 is answered in version 1 for 400 s [RFC2236 4].
"""

import pytest
from scapy.contrib.igmp import IGMP
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

from lockwire import shows

REPORT, LEAVE, QUERY, REPORT_V1 = 0x16, 0x17, 0x11, 0x12
GROUP, OTHER = "239.1.2.3", "239.1.2.4"
MILLISECOND, SECOND = 1_000_000, 10**9
ONE_WAY_MAX = 2 * MILLISECOND  # a message's trip there and another's back, and the grid


@pytest.mark.parametrize("mrcode", [1, 10, 100, 255])
def test_general_query_is_answered_for_each_group_in_its_time(bench, mrcode):
    """[RFC2236 3], [RFC2236 2.2]: one report each, within mrcode tenths of a second."""
    t = bench()
    t.join(GROUP)
    t.join(OTHER)
    t.send(QUERY, mrcode=mrcode)
    answers = t.heard("30s")
    assert {f[30:34] for _, f in answers} == {bytes([239, 1, 2, 3]), bytes([239, 1, 2, 4])}
    with shows("RQ-2236-14"):
        assert len(answers) == 2
        assert all(0 < when <= mrcode * 100 * MILLISECOND + ONE_WAY_MAX for when, _ in answers)
    assert [f for _, f in answers if f[33] == 3][0][38:46] == t.message(REPORT, GROUP)[38:46]
    assert t.igmp()["rx_general"] == 1


def test_group_query_is_answered_for_that_group_alone(bench):
    """[RFC2236 3]: a router asks after a leave whether anybody is left."""
    t = bench()
    t.join(GROUP)
    t.join(OTHER)
    t.send(QUERY, GROUP, mrcode=10)
    (when, frame), = t.heard()
    with shows("RQ-2236-12", "RQ-2236-13"):
        assert frame == t.message(REPORT, GROUP, ip_id=4)
        assert 0 < when <= SECOND + ONE_WAY_MAX
    assert t.igmp()["rx_group"] == 1


def test_query_of_a_group_may_be_sent_to_all_systems(bench):
    """[RFC2236 2.4]: the group stands in the message; old routers ask everybody."""
    t = bench()
    t.join(GROUP)
    t.send(QUERY, GROUP, dst="224.0.0.1", mrcode=10)
    with shows("RQ-2236-12"):
        assert len(t.heard()) == 1


def test_all_systems_is_never_reported(bench):
    """[RFC2236 3], [RFC2236 6]: every host is a member of 224.0.0.1; no query makes it say so."""
    t = bench()
    t.send(QUERY, mrcode=10)
    t.send(QUERY, "224.0.0.1", mrcode=10)
    with shows("RQ-2236-09"):
        assert t.heard() == []
    assert t.a.stats()["drops"] == {"igmp_not_member": 1}


def test_report_of_another_host_suppresses_ours(bench):
    """[RFC2236 3]: the router needs one member only, and the other group is answered for."""
    t = bench()
    t.join(GROUP)
    t.join(OTHER)
    t.send(QUERY, mrcode=100)
    t.send(REPORT, GROUP, src="10.0.0.9")
    answers = t.heard()
    with shows("RQ-2236-06"):
        assert [f[30:34] for _, f in answers] == [bytes([239, 1, 2, 4])]
    assert t.igmp()["rx_report"] == 1


def test_report_of_version_1_suppresses_ours_too(bench):
    """[RFC2236 5]: an old member is a member."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=100)
    t.send(REPORT_V1, GROUP, src="10.0.0.9")
    assert t.heard() == []


def test_report_of_another_host_cancels_the_second_unsolicited_one(bench):
    """[RFC2236 3]: a join's repetition is for the case that nobody heard of the group."""
    t = bench()
    t.a.igmp_join(GROUP)
    t.send(REPORT, GROUP, src="10.0.0.9")
    assert len(t.heard()) == 1


def test_report_that_comes_too_early_suppresses_nothing(bench):
    """[RFC2236 3]: in the idle state a report is no answer to a query that comes later."""
    t = bench()
    t.join()
    t.send(REPORT, GROUP, src="10.0.0.9")
    t.net.run(for_="1ms")
    t.send(QUERY, mrcode=10)
    assert len(t.heard()) == 1
    t.a.igmp_leave(GROUP)
    assert [f[38] if f[0] == 1 else 0 for _, f in t.heard()] == [LEAVE]


def test_second_query_does_not_put_a_report_off(bench):
    """[RFC2236 3]: a timer that ends within the new query's time is kept."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=50)
    before = t.net.snapshot()
    alone, = (when for when, _ in t.heard())
    t.net.restore(before)
    t.send(QUERY, mrcode=100)
    with shows("RQ-2236-05"):
        assert [when for when, _ in t.heard()] == [alone]


def test_shorter_query_hastens_a_report(bench):
    """[RFC2236 3]: a timer that runs longer than the new query allows is started anew."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=255)
    t.net.run(for_="1ms")
    t.send(QUERY, mrcode=1)
    (when, _), = t.heard("1min")
    with shows("RQ-2236-05"):
        assert 0 < when <= 100 * MILLISECOND + ONE_WAY_MAX


def test_querier_of_version_1_is_answered_in_version_1(bench):
    """[RFC2236 4]: response time 0 means ten seconds; reports are of version 1, no leaves."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=0)
    (when, frame), = t.heard("11s")
    with shows("RQ-2236-10"):
        assert frame == t.message(REPORT_V1, GROUP, ip_id=2)
    assert 0 < when <= 10 * SECOND + ONE_WAY_MAX
    assert t.igmp()["rx_v1"] == 1
    t.a.igmp_leave(GROUP)
    with shows("RQ-2236-10"):
        assert t.heard() == []
        t.a.igmp_join(OTHER)
        assert [f[38] for _, f in t.heard("1s")] == [REPORT_V1, REPORT_V1]


@pytest.mark.parametrize("later, kind", [("399s", REPORT_V1), ("401s", REPORT)])
def test_querier_of_version_1_is_forgotten_after_400_seconds(bench, later, kind):
    """[RFC2236 8.11], [RFC2236 4]: then a query of version 2 is answered as such."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=0)
    t.net.run(for_=later)
    t.wire.clear()
    t.send(QUERY, mrcode=10)
    with shows("RQ-2236-10"):
        assert [f[38] for _, f in t.heard()] == [kind]


def test_querier_of_version_1_is_forgotten_with_the_link(bench):
    """[RFC2236 4]: behind a cable that was unplugged there may be another router."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=0)
    t.net.run(for_="11s")
    t.a.link(up=False)
    t.a.link(up=True)
    t.wire.clear()
    assert [f[38] for _, f in t.heard() if f[12:14] == b"\x08\x00"] == [REPORT, REPORT]


@pytest.mark.parametrize("tail", [b"", b"x", b"xy", b"xyz", bytes(4),
                                  b"\x02\x7d\x00\x02" + bytes(8), b"\x02\x7d\x03\xe8"],
                         ids=["8", "9", "10", "11", "12", "two-sources", "sources-not-there"])
@pytest.mark.parametrize("group", ["0.0.0.0", GROUP], ids=["general", "group"])
def test_query_is_read_to_its_eighth_octet(bench, group, tail):
    """[RFC3376 7.1], [RFC3376 7.2.1]: a host of version 2 answers a longer query, of version 3 or
    of none that is known, as one of its own version, and never reads a list of sources."""
    t = bench()
    t.join()
    t.send(QUERY, group, mrcode=10, tail=tail)
    with shows("RQ-3376-06"):
        (when, frame), = t.heard()
        assert frame == t.message(REPORT, GROUP, ip_id=2)
        assert 0 < when <= SECOND + ONE_WAY_MAX
    assert t.a.stats()["drops"] == {}


@pytest.mark.parametrize("mrcode", [0, 255])
def test_longer_query_is_not_version_1(bench, mrcode):
    """[RFC3376 7.1]: version 1 has 8 octets; a time of 0 in a longer query means at once."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=mrcode, tail=bytes(4))
    answers = t.heard("30s")
    assert [f[38] for _, f in answers] == [REPORT]
    assert answers[0][0] <= max(1, mrcode) * 100 * MILLISECOND + ONE_WAY_MAX
    assert "rx_v1" not in t.igmp()


def test_checksum_covers_what_is_behind_the_eighth_octet(bench):
    """[RFC2236 2.3]: the whole payload of the datagram; one wrong bit there and it is no query."""
    t = bench()
    t.join()
    good = IGMP(bytes(IGMP(type=QUERY, mrcode=10) / b"tail")).chksum
    t.send(QUERY, mrcode=10, tail=b"tail", chksum=good)
    assert len(t.heard()) == 1
    t.send(QUERY, mrcode=10, tail=b"tbil", chksum=good)
    with shows("RQ-2236-02"):
        assert t.heard() == []
        assert t.a.stats()["drops"] == {"igmp_bad_checksum": 1}


def test_delays_are_spread_over_the_whole_time(bench):
    """[RFC2236 3]: fifty groups, three queries of ten seconds: no answer is late, and in each of
    ten equal parts of the time there are some."""
    t = bench()
    groups = [f"239.7.0.{i}" for i in range(50)]
    for group in groups:
        t.a.igmp_join(group)
    t.net.run(for_="1s")
    t.wire.clear()
    delays = []
    for _ in range(3):
        t.send(QUERY, mrcode=100)
        answers = t.heard("11s")
        assert sorted(f[30:34] for _, f in answers) == [bytes([239, 7, 0, i]) for i in range(50)]
        delays += [when for when, _ in answers]
    with shows("RQ-2236-05"):
        assert all(0 < d <= 10 * SECOND + ONE_WAY_MAX for d in delays)
        # 150 draws: a tenth without any has a chance of one in seven millions
        parts = [sum(1 for d in delays if i <= (d - 1) // SECOND < i + 1) for i in range(10)]
        assert min(parts) >= 5 and max(parts) <= 30


@pytest.mark.parametrize("query, drop, counters", [
    (dict(mrcode=10, chksum=0xBAD), "igmp_bad_checksum", {"chkerr": 1}),
    (dict(mrcode=10, dst="239.1.2.3"), "igmp_bad_destination", {"rx_group": 0, "proterr": 1}),
    (dict(mrcode=10, group="239.1.2.3", dst="239.1.2.4"), "igmp_bad_destination", {"proterr": 1}),
    (dict(mrcode=10, group="10.0.0.1", dst="224.0.0.1"), "igmp_bad_destination", {"proterr": 1}),
    (dict(mrcode=10, group="239.9.9.9", dst="224.0.0.1"), "igmp_not_member", {"rx_group": 1}),
    (dict(mrcode=10, src="192.0.2.1"), "igmp_off_link", {}),
], ids=["RQ-2236-02/checksum", "RQ-2236-12/general-to-a-group", "RQ-2236-12/group-to-another",
        "RQ-2236-12/group-that-is-none", "RQ-2236-13/not-joined", "from-beyond-the-link"])
def test_bad_query_is_dropped_by_its_name(bench, query, drop, counters):
    """[RFC2236 2.3], [RFC2236 2.4], [RFC3376 9.1]: no report; a good query is still answered."""
    t = bench()
    t.join("239.1.2.3")
    t.join("239.1.2.4")
    t.send(QUERY, **{"group": "0.0.0.0", **query})
    assert t.heard() == []
    assert t.a.stats()["drops"] == {drop: 1}
    seen = t.igmp()
    assert (seen["recv"], seen["drop"]) == (1, 1)
    assert {k: seen.get(k, 0) for k in counters} == counters
    t.send(QUERY, mrcode=10)
    assert len(t.heard()) == 2


def test_query_from_no_address_is_answered(bench):
    """[RFC4541 2.1.1]: a switch that snoops asks from 0.0.0.0."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=10, src="0.0.0.0")
    assert len(t.heard()) == 1


@pytest.mark.parametrize("length", range(8))
def test_message_that_is_too_short(bench, length):
    """[RFC2236 2]: eight octets; each shorter one is dropped for its length."""
    t = bench()
    t.join()
    whole = bytes(IGMP(type=QUERY, mrcode=10))
    t.wire.send(Ether(dst="01:00:5e:00:00:01")
                / IP(src="10.0.0.254", dst="224.0.0.1", ttl=1, proto=2) / whole[:length])
    assert t.heard() == []
    assert t.a.stats()["drops"] == {"igmp_too_short": 1}
    assert t.igmp()["lenerr"] == 1


@pytest.mark.parametrize("kind", [0x10, 0x13, 0x14, 0x17, 0x22, 0x99, 0xFF])
def test_other_types_are_silently_ignored(bench, kind):
    """[RFC2236 2.1]: leaves, version 3 reports and what nobody knows, sent to all hosts."""
    t = bench()
    t.join()
    t.send(kind, GROUP, dst="224.0.0.1")
    with shows("RQ-2236-11"):
        assert t.heard() == []
        assert t.a.stats()["drops"] == {"igmp_unknown_type": 1}
        assert t.igmp()["proterr"] == 1
    t.send(QUERY, mrcode=10)
    assert len(t.heard()) == 1


@pytest.mark.parametrize("report, drop", [
    (dict(group="239.1.2.3", dst="224.0.0.1"), "igmp_bad_destination"),
    (dict(group="239.9.9.9", dst="239.1.2.3"), "igmp_bad_destination"),
    (dict(group="224.0.0.1", dst="224.0.0.1"), "igmp_not_member"),
    (dict(group="239.1.2.3", chksum=0xBAD), "igmp_bad_checksum"),
    (dict(group="239.1.2.3", src="192.0.2.1"), "igmp_off_link"),
], ids=["to-all-systems", "another-group-inside", "of-all-systems", "checksum", "beyond-the-link"])
def test_bad_report_suppresses_nothing(bench, report, drop):
    """[RFC2236 3], [RFC2236 2.4], [RFC3376 9.1]: else a group could be taken from its members."""
    t = bench()
    t.join()
    t.send(QUERY, mrcode=10)
    t.send(REPORT, **{"src": "10.0.0.9", **report})
    assert len(t.heard()) == 1
    assert t.a.stats()["drops"] == {drop: 1}
