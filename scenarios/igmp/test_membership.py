"""Joining and leaving: reports, the second report, leave messages, counted uses, and delivery.

[RFC1112], [RFC2236]; [RFC2236 3]: a host that joins reports at once and once more; it sends a leave
if it was the last to report. All messages have TTL 1 and the Router Alert option [RFC2236 2].
"""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from lockwire import StackError, shows

REPORT, LEAVE, QUERY, REPORT_V1 = 0x16, 0x17, 0x11, 0x12
GROUP, ROUTERS = "239.1.2.3", "224.0.0.2"
MILLISECOND = 1_000_000


@pytest.mark.exact_virtual
@pytest.mark.parametrize("group", ["239.1.2.3", "224.0.0.251", "239.129.2.3", "239.255.255.255"])
@pytest.mark.exact_ms
def test_join_is_reported_at_once_and_once_more(bench, group):
    """[RFC2236 3], [RFC2236 2]: exact bytes; the second within half a second, on a millisecond."""
    t = bench()
    t.a.igmp_join(group)
    (first, report), (second, again) = t.heard()
    with shows("RQ-2236-01", "RQ-2236-03"):
        assert first == t.TRIP
        assert report == t.message(REPORT, group)
    with shows("RQ-2236-01"):
        assert again == t.message(REPORT, group, ip_id=1)
    delay = second - t.TRIP
    with shows("RQ-2236-04"):
        assert delay % MILLISECOND == 0 and MILLISECOND <= delay <= 500 * MILLISECOND
    assert t.igmp() == {"xmit": 2, "tx_join": 1, "tx_report": 1}


def test_group_address_maps_to_its_mac(bench):
    """[RFC1112 6.4]: 23 bits of the group behind 01:00:5e, so that two groups may share one."""
    t = bench()
    t.a.igmp_join("239.129.2.3")
    assert t.wire.recv(timeout=1).dst == "01:00:5e:01:02:03"


def test_delay_of_the_second_report_is_a_function_of_the_seed(net, bench):
    """[RFC2236 3]: random, so that hosts do not all speak at once, and yet the same in each run."""
    t = bench()
    before = net.snapshot()
    delays = []
    for _ in range(2):
        t.a.igmp_join(GROUP)
        delays.append([when for when, _ in t.heard("1s")])
        net.restore(before)
    assert delays[0] == delays[1]
    t.a.igmp_join(GROUP)
    t.a.igmp_join("239.1.2.4")
    t.a.igmp_join("239.1.2.5")
    assert len({when // MILLISECOND for when, _ in t.heard("1s")[3:]}) > 1


@pytest.mark.parametrize("timer, grid", [("fine", 1), ("coarse", 100)])
def test_second_report_keeps_to_the_timers_grid(bench, timer, grid):
    """[RFC2236 3]: lwIP's own tick is 100 ms; the bound holds with it too."""
    t = bench(timer=timer, timer_phase_ms=0, boot_ms=0)
    t.a.igmp_join(GROUP)
    start = t.net.now_ns
    (_, _), (second, _) = t.heard()
    due = start + second - t.TRIP
    assert due % (grid * MILLISECOND) == 0
    assert due - start <= 500 * MILLISECOND


def test_leave_is_told_to_all_routers(bench):
    """[RFC2236 3], [RFC2236 2.5]: the last reporter tells 224.0.0.2 that it leaves."""
    t = bench()
    t.join(GROUP)
    t.a.igmp_leave(GROUP)
    with shows("RQ-2236-01", "RQ-2236-07"):
        assert t.heard() == [(t.TRIP, t.message(LEAVE, GROUP, dst=ROUTERS, ip_id=2))]
    assert t.igmp() == {"xmit": 3, "tx_join": 1, "tx_report": 1, "tx_leave": 1}
    t.send(QUERY, mrcode=10)
    assert t.heard() == []


def test_leave_stops_a_report_that_is_due(bench):
    """[RFC2236 6]: a group that is left in the middle of a delay is not reported any more."""
    t = bench()
    t.a.igmp_join(GROUP)
    t.a.igmp_leave(GROUP)
    assert [frame for _, frame in t.heard()] == \
        [t.message(REPORT, GROUP), t.message(LEAVE, GROUP, dst=ROUTERS, ip_id=1)]


def test_leave_is_silent_when_another_host_reported_last(bench):
    """[RFC2236 3]: the router knows that somebody is still there."""
    t = bench()
    t.join(GROUP)
    t.send(QUERY, mrcode=100)
    t.send(REPORT, GROUP, src="10.0.0.9")
    t.net.run(for_="1ms")
    t.a.igmp_leave(GROUP)
    with shows("RQ-2236-08"):
        assert t.heard() == []
    assert t.igmp()["rx_report"] == 1


def test_group_is_left_after_as_many_leaves_as_joins(bench):
    """[RFC1112 7.1]: only the first join and the last leave are heard on the wire."""
    t = bench()
    t.join(GROUP)
    for _ in range(2):
        t.a.igmp_join(GROUP)
    assert t.heard() == []
    for _ in range(2):
        t.a.igmp_leave(GROUP)
    assert t.heard() == []
    t.a.igmp_leave(GROUP)
    assert [frame for _, frame in t.heard()] == [t.message(LEAVE, GROUP, dst=ROUTERS, ip_id=2)]
    with pytest.raises(StackError) as caught:
        t.a.igmp_leave(GROUP)
    assert caught.value.err == -6


def test_a_group_can_be_joined_255_times_and_no_more(bench):
    """[RFC1112 7.1]: the use count does not wrap: that would take the group from 255 users."""
    t = bench()
    for _ in range(255):
        t.a.igmp_join(GROUP)
    with pytest.raises(StackError) as caught:
        t.a.igmp_join(GROUP)
    assert caught.value.err == -6
    for _ in range(254):
        t.a.igmp_leave(GROUP)
    t.net.run(for_="1s")
    t.wire.clear()
    t.a.igmp_leave(GROUP)
    assert len(t.heard()) == 1


@pytest.mark.parametrize("group", ["224.0.0.1", "10.0.0.9", "0.0.0.0", "255.255.255.255"])
@pytest.mark.parametrize("join", [True, False], ids=["join", "leave"])
def test_what_is_no_group_is_refused(bench, group, join):
    """[RFC2236 6]: nobody joins or leaves 224.0.0.1, of which every host is a member."""
    t = bench()
    with pytest.raises(StackError) as caught:
        t.a.interfaces[0].igmp(group, join)
    assert caught.value.err == -6
    assert t.heard() == []


def test_groups_end_where_the_pool_ends(bench):
    """[RFC1112 7.1]: of three elements one is for 224.0.0.1; a third group is refused."""
    t = bench(memp_num_igmp_group=3)
    t.a.igmp_join("239.1.1.1")
    t.a.igmp_join("239.1.1.2")
    with pytest.raises(StackError) as caught:
        t.a.igmp_join("239.1.1.3")
    assert caught.value.err == -1
    t.a.igmp_leave("239.1.1.1")
    t.a.igmp_join("239.1.1.3")
    assert t.a.stats()["memp"]["IGMP_GROUP"]["used"] == 3


def test_report_without_memory_is_counted_and_comes_later(bench):
    """[RFC2236 3]: the heap is full at the join; the second report is what the router hears."""
    t = bench(mem_size=1024)
    t.a.udp(5000).send(bytes(850), "10.0.0.77", 9)  # fills it, until ARP gives up
    t.a.igmp_join(GROUP)
    t.net.run(for_="1s")
    assert t.a.stats()["drops"] == {"igmp_no_memory": 2}
    assert t.igmp()["memerr"] == 2
    t.net.run(for_="10s")
    t.wire.clear()
    t.send(QUERY, mrcode=10)
    assert [frame[38] for _, frame in t.heard()] == [REPORT]


def datagram(t, mac, dst=GROUP, data=b"to all"):
    """UDP to a group, in a frame to any MAC."""
    t.wire.send(Ether(dst=mac) / IP(src="10.0.0.9", dst=dst) / UDP(sport=9, dport=5000) / data)


@pytest.mark.wire_only(reason="a group that nobody joined does not pass the filter")
def test_data_is_delivered_between_join_and_leave(bench):
    """[RFC1122 3.2.3]: a group's datagrams are for members; before and after, dropped."""
    t = bench()
    socket = t.a.udp(5000)
    mac = "01:00:5e:01:02:03"
    datagram(t, mac)
    assert socket.recv(timeout="1ms") is None
    assert t.a.stats()["drops"] == {"ip4_not_member": 1}
    t.join()
    datagram(t, mac)
    got = socket.recv(timeout="1ms")
    assert (got.data, got.addr, got.dst) == (b"to all", "10.0.0.9", GROUP)
    t.a.igmp_leave(GROUP)
    datagram(t, mac)
    assert socket.recv(timeout="1ms") is None
    assert t.a.stats()["drops"] == {"ip4_not_member": 2}


def test_group_that_shares_the_mac_is_not_delivered(bench):
    """[RFC1112 6.4]: 32 groups have one MAC; the IP layer tells them apart."""
    t = bench()
    socket = t.a.udp(5000)
    t.join("239.1.2.3")
    datagram(t, "01:00:5e:01:02:03", dst="239.129.2.3")
    assert socket.recv(timeout="1ms") is None
    assert t.a.stats()["drops"] == {"ip4_not_member": 1}


def test_membership_belongs_to_an_interface(net, bench):
    """[RFC1122 3.2.3]: what one interface joined is not delivered from another."""
    t = bench()
    other = net.segment("other")
    second = t.a.netif(other, ip="10.9.0.1/24")
    far = other.port("far")
    socket = t.a.udp(5000)
    second.igmp(GROUP)
    net.run(for_="600ms")
    assert len(t.wire.sniff(timeout=0)) == 0
    assert len(far.sniff(timeout=0)) == 3  # gratuitous ARP, two reports
    datagram(t, "01:00:5e:01:02:03")
    assert socket.recv(timeout="1ms") is None
    far.send(Ether(dst="01:00:5e:01:02:03") / IP(src="10.9.0.9", dst=GROUP)
             / UDP(dport=5000) / b"here")
    assert socket.recv(timeout="1ms").data == b"here"


@pytest.mark.parametrize("how", ["cable", "interface"])
def test_groups_are_reported_again_when_the_link_returns(bench, how):
    """[RFC2236 3]: the router behind it may be a new one: two reports, in half a second each."""
    t = bench()
    t.join()
    turn = t.a.link if how == "cable" else lambda up: t.a.interfaces[0].set(up=up)
    turn(up=False)
    assert t.heard("1s") == []
    turn(up=True)
    frames = t.heard()
    assert bytes(frames[0][1])[12:14] == b"\x08\x06"  # gratuitous ARP first
    reports = frames[1:]
    assert [frame for _, frame in reports] == \
        [t.message(REPORT, GROUP, ip_id=2), t.message(REPORT, GROUP, ip_id=3)]
    one, two = (when - t.TRIP for when, _ in reports)
    assert 0 < one <= 500 * MILLISECOND
    assert 0 < two - one <= 500 * MILLISECOND


def test_join_while_the_link_is_down_is_reported_when_it_is_up(bench):
    """[RFC2236 3]: nothing can be sent now; the membership counts, and is announced later."""
    t = bench()
    t.a.link(up=False)
    t.a.igmp_join(GROUP)
    assert t.heard("2s") == []
    t.a.link(up=True)
    assert [f[38] for _, f in t.heard() if f[12:14] == b"\x08\x00"] == [REPORT, REPORT]
