"""A world is a function of scenario and seed: repeated, resumed or with bystanders it is the
same."""

import pytest

from lockwire import capture


def conversation(net, idle_host=False, idle_segment=False, loss="20%"):
    """Ten pings across loss and jitter; their round trips."""
    lan = net.segment("lan", latency="30us", loss=loss)
    if idle_segment:
        other = net.segment("other")
        net.host("x", other, ip="10.9.0.1/24")
        net.host("y", other, ip="10.9.0.2/24")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    if idle_host:
        net.host("idle", lan, ip="10.0.0.77/24")
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    lan.impair.delay("10us", jitter="40us")
    net.run(for_="1ms")
    pongs = [a.ping(b.ip, timeout="5ms") for _ in range(20)]
    return [p.rtt_ns if p else None for p in pongs]


def between(folder, *names):
    """What the capture has of these ports, but for broadcasts: others add to those."""
    return [f[:1] + f[2:] for f in capture.read(folder / "capture.pcapng")
            if f.interface_name in names and f.data[0] & 1 == 0]


@pytest.mark.parametrize("more", [{"idle_host": True}, {"idle_segment": True}],
                         ids=["host", "segment"])
def test_bystanders_change_no_frame_and_no_time(world, tmp_path, more):
    """The same round trips, the same losses, the same bytes at the same nanoseconds."""
    trips = []
    for name, options in (("plain", {}), ("more", more)):
        (tmp_path / name).mkdir()
        net = world(11, tmp_path / name)
        trips.append(conversation(net, **options))
        assert net.finish().problems == []
    assert trips[0] == trips[1] and None in trips[0] and len(set(trips[0])) > 5
    plain, others = (between(tmp_path / n, "lan/a", "lan/b") for n in ("plain", "more"))
    assert plain == others and len(plain) > 40


def test_the_same_seed_makes_the_same_trace(world):
    """The hash of everything that happened; another seed has another."""
    ends = []
    for seed in (3, 3, 4):
        net = world(seed)
        conversation(net)
        ends.append(net.finish().trace)
    assert ends[0] == ends[1] != ends[2]


def test_a_restored_world_goes_on_identically(net):
    """Whatever happened after the snapshot, twice the same continuation: frames, times and
    trace."""
    conversation(net)
    a, b, lan = net.hosts["a"], net.hosts["b"], net.segments["lan"]
    wire = lan.port("tester")
    sender, receiver = a.udp(4000), b.udp(7)
    sender.send(b"in flight", b.ip, 7)
    net.run(for_="10us")
    was = net.snapshot()

    def future():
        net.run(for_="1ms")
        pongs = [a.ping(b.ip, timeout="5ms") for _ in range(10)]
        got = receiver.recv(timeout=0)
        return ([p and (p.t_ns, p.rtt_ns) for p in pongs], got, net.now_ns, a.stats(), b.stats(),
                net.clock())

    first = future()
    net.restore(was)
    assert (net.now_ns, receiver.closed) == (was.now_ns, False)
    second = future()
    assert first == second
    net.restore(was)
    lan.link(up=False)  # another future, and back again
    assert a.stats() != first[3]
    net.run(for_="3s")
    net.restore(was)
    assert future() == first
    assert wire.pending == 0


def test_frames_that_a_port_has_not_consumed_are_in_the_snapshot(net, frame, heard):
    """Going back brings them back, and forgets those that came since."""
    lan = net.segment("lan", "link", latency="1ms")
    tx, rx = lan.port("tx"), lan.port("rx")
    tx.send(frame(1))
    net.run(for_="2ms")
    tx.send(frame(2))
    was = net.snapshot()
    assert [n for _, n in heard(rx)] == [1]
    net.run(for_="5ms")
    assert heard(rx) == [(3_005_760, 2)]
    net.restore(was)
    assert [n for _, n in heard(rx)] == [1]
    net.run(for_="5ms")
    assert heard(rx) == [(3_005_760, 2)]


def test_a_twin_goes_on_as_the_original(net):
    """A second process, restored from this one: the same future in both."""
    conversation(net)
    other = net.twin()
    try:
        ends = [[p and p.rtt_ns for p in (w.hosts["a"].ping("10.0.0.2", timeout="5ms")
                                          for _ in range(10))] for w in (net, other)]
        assert ends[0] == ends[1]
        assert net.clock() == other.clock()
    finally:
        other.close()
