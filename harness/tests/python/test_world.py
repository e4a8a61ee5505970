"""lockwire.world, segment, host: time, waits, faults, what is refused before it is sent."""

import struct

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire.errors import CommandError, Deadlock, Failure, UsageError
from lockwire.segment import condition, corruption, ordinals, window
from lockwire.world import stack_options

FRAME = b"\xff" * 6 + b"\2\0\0\0\0\xfe" + b"\x88\xb5" + bytes(46)


def test_run_for_and_until_are_exact(world):
    world.run(for_="200ms")
    assert world.now_ns == 200_000_000 and world.now == 0.2
    world.run(until="1s")
    assert world.now_ns == 10**9
    world.run(for_=0)
    assert world.now_ns == 10**9


def test_run_keeps_frames_for_their_ports(world):
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    one.send([FRAME, FRAME])
    world.run(for_="1s")
    assert world.now_ns == 10**9 and two.pending == 2
    assert [a.t_ns for a in (two.recv_bytes(), two.recv_bytes())] == [100_000, 100_000]


def test_run_without_arguments_ends_when_nothing_is_left(world):
    lan = world.segment("lan")
    lan.port("two")
    lan.port("one").send(FRAME)
    world.run()
    assert world.now_ns == 100_000


def test_run_until_a_condition(world):
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    one.send(FRAME)
    world.run(until=lambda: two.pending, timeout="1s")
    assert world.now_ns == 100_000
    with pytest.raises(Failure, match="did not come true within 0.005 s"):
        world.run(until=lambda: False, timeout="5ms")
    assert world.now_ns == 5_100_000


@pytest.mark.parametrize("arguments", [
    {"for_": 1, "until": 2}, {"until": "0s"}, {"for_": "soon"}, {"for_": 1, "timeout": 1},
    {"until": lambda: 0, "step": 0}])
def test_run_refuses(world, arguments):
    world.run(for_="1ms")
    with pytest.raises(UsageError):
        world.run(**arguments)


def test_deadlock_says_who_waits_for_what_since_when(world):
    lan = world.segment("lan")
    port = lan.port("tester")
    world.run(for_="1500us")
    with pytest.raises(Deadlock) as info:
        port.recv()
    assert "port lan/tester waits in recv since 0.0015 s" in str(info.value)
    assert info.value.now_ns == 1_500_000
    host = world.host("a", lan, ip="10.0.0.1/24")
    with pytest.raises(Deadlock, match="host a, UDP port 4000 waits for a datagram since 0.0015 s"):
        host.udp().recv()
    with pytest.raises(Deadlock, match="sniffs for 3 frames"):
        port.sniff(count=3)


def test_a_wait_with_timeout_returns_none(world):
    host = world.host("a", world.segment("lan"), ip="10.0.0.1/24")
    with host.udp() as sock:
        assert sock.recv(timeout="3ms") is None
    assert world.now_ns == 3_000_000


# -- faults ----------------------------------------------------------------------------------------
def test_a_fault_that_fires_is_no_problem(world):
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    fault = lan.faults.drop(nth=2)
    one.send([FRAME, FRAME, FRAME])
    assert len(two.sniff(timeout=1)) == 2 and fault.fired == 1
    assert world.finish().problems == []


def test_unfired_faults_and_expectations_are_problems(world):
    lan = world.segment("lan")
    port = lan.port("one")
    lan.faults.drop(nth=3, src="one", match={"ip.src": "10.0.0.1"})
    lan.faults.delay("1ms", optional=True)
    port.expect(ARP, count=2)
    problems = world.finish().problems
    assert problems == [
        "declared but never fired: lan.faults.drop(nth=3, src='one', match={'ip.src': '10.0.0.1'})",
        "expected but never seen: ARP at port lan/one (0 of 2)"]


def test_a_fault_for_a_name_that_nobody_had_says_so(world):
    lan = world.segment("lan")
    lan.faults.drop(src="early")
    lan.faults.drop(src="typo")
    lan.port("early")
    assert world.finish().problems == [
        "declared but never fired: lan.faults.drop(src='early')",
        "declared but never fired: lan.faults.drop(src='typo') (nobody was ever called typo)"]
    with pytest.raises(UsageError, match=r"'typo' is not on segment lan \(there: early\)"):
        lan.link(up=False, port="typo")


def test_an_expectation_that_is_met_keeps_its_packets(world):
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    seen = two.expect(lambda p: p.type == 0x88B5)
    one.send(FRAME)
    world.run(for_="1ms")
    assert [p.time.ns for p in seen.seen] == [100_000] and two.pending == 1
    assert world.finish().problems == []


def test_a_predicate_sees_scapy_packets_and_decides(world):
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    asked = []

    def second(packet):
        asked.append((packet.time.ns, packet.type))
        return len(asked) == 2

    lan.faults.drop(match=second)
    one.send([FRAME] * 3)
    assert len(two.sniff(timeout=1)) == 2
    assert asked == [(0, 0x88B5)] * 3


def test_what_a_predicate_raises_reaches_the_scenario(world):
    lan = world.segment("lan")
    one = lan.port("one")
    lan.port("two")

    def broken(_packet):
        raise ZeroDivisionError("planted")

    lan.faults.drop(match=broken, optional=True)
    one.send(FRAME)
    with pytest.raises(ZeroDivisionError, match="planted"):
        world.run(for_="1s")
    world.run(for_="1s")
    assert world.now_ns >= 10**9


def test_a_predicate_must_not_use_the_world(world):
    lan = world.segment("lan")
    one = lan.port("one")
    lan.port("two")
    lan.faults.drop(match=lambda p: world.run(for_=1))
    one.send(FRAME)
    with pytest.raises(UsageError, match="must not use the world"):
        world.run(for_="1s")


@pytest.mark.parametrize("call, words", [
    (lambda f: f.drop(nht=3), "there is no 'nht'"),
    (lambda f: f.drop(src=7), "src: expected a host, a port or a name of either, not 7"),
    (lambda f: f.drop(nth=0), "nth: expected a whole number from 1"),
    (lambda f: f.drop(window=("2s", "1s")), "ends before it begins"),
    (lambda f: f.drop(window="1s"), "expected two moments|window: expected"),
    (lambda f: f.drop(match=[["udp.dport", "=~", 5]]), "with one of =="),
    (lambda f: f.drop(match={"ip.src": "10.0.0.300"}), "ip.src: expected an IPv4 address"),
    (lambda f: f.delay("fast"), "by: expected a time"),
    (lambda f: f.truncate(0), "length: expected"),
    (lambda f: f.corrupt(bits=1, offset=1), "not both"),
    (lambda f: f.partition(), "name the groups")])
def test_a_wrong_fault_is_refused_with_what_was_expected(world, call, words):
    lan = world.segment("lan")
    with pytest.raises(UsageError, match=words):
        call(lan.faults)


def test_conditions_become_terms():
    assert condition(None) == (None, None)
    assert condition({"udp.dport": 53, "ip.ttl": ("<", 5)}) == (
        [["udp.dport", "==", 53], ["ip.ttl", "<", 5]], None)
    assert condition({"arp.tpa": "10.0.0.1", "eth.dst": "02:00:00:00:00:01"})[0] == [
        ["arp.tpa", "==", 0x0A000001], ["eth.dst", "==", 0x020000000001]]
    assert condition([["bytes", "==", 14, b"\x45"]])[0] == [["bytes", "==", 14, "45"]]
    assert condition(len) == (None, len)


def test_windows_ordinals_and_damage():
    assert window(None) == (0, None) and window(("1s", None)) == (10**9, None)
    assert ordinals(3) == [3] and ordinals([5, 1, 5]) == [1, 5] and ordinals(None) is None
    assert corruption(None, None, 255, False) == {"bits": 1, "repair": False}
    assert corruption(None, 20, 1, True) == {"offset": 20, "xor": 1, "repair": True}


# -- names and values ------------------------------------------------------------------------------
def test_names_are_unique_and_values_are_checked_before_they_are_sent(world):
    lan = world.segment("lan")
    lan.port("p")
    world.host("a", lan, ip="10.0.0.1/24")
    for call, words in [
            (lambda: world.segment("lan"), "segment 'lan' already"),
            (lambda: world.segment(""), "needs a name"),
            (lambda: world.segment("x", kind="ring"), '"switch", "hub" or "link"'),
            (lambda: world.segment("x", loss="200%"), "loss"),
            (lambda: lan.port("p"), "port 'p' already"),
            (lambda: world.host("a"), "host 'a' already"),
            (lambda: world.host("b", lan, ip="10.0.0.2"), "prefix length"),
            (lambda: world.host("b", ip="10.0.0.2/24"), "needs a segment"),
            (lambda: world.host("b", ttl=1.5), "option ttl"),
            (lambda: world.host("b", mac="x"), "MAC"),
            (lambda: world.hosts["a"].udp(70000), "port: expected"),
            (lambda: world.hosts["a"].ping("somewhere"), "address: expected"),
            (lambda: world.app(world.hosts["a"], "/no/such.so"), "no file"),
            (lambda: world.hosts["a"].options.update(x=1.5), "option x")]:
        with pytest.raises(UsageError, match=words):
            call()


def test_friendly_option_names():
    assert stack_options({"arp_entries": 1024, "ip_forward": True, "rx": "flat"}) == {
        "arp_table_size": 1024, "ip_forward": 1, "rx": "flat"}


def test_a_command_the_simulator_does_not_know_is_its_error(world):
    with pytest.raises(CommandError, match="acd: there is no op acd"):
        world.host("a", world.segment("lan"), ip="10.0.0.1/24").acd()


def test_options_are_a_mapping(world):
    host = world.host("a")
    assert host.options["arp_maxage"] == 300 and "arp_maxage" in host.options
    assert dict(host.options) == {"arp_maxage": 300}
    with pytest.raises(UsageError, match="has no interface"):
        assert host.mac


# -- the end ---------------------------------------------------------------------------------------
def test_finish_reports_lost_objects_and_a_bad_exit_status(world):
    world.host("lost")
    world.host("exit7")
    end = world.finish()
    assert end.problems[0] == "host lost: 1 pbuf is lost"
    assert end.problems[1].startswith("the simulator ended with exit status 7")
    assert len(end.trace) == 32 and world.finish() is end


# -- replay of captures ----------------------------------------------------------------------------
def pcap(frames):
    """A nanosecond pcap of (t_ns, bytes)."""
    head = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
    return head + b"".join(struct.pack("<IIII", t // 10**9, t % 10**9, len(b), len(b)) + b
                           for t, b in frames)


def pcapng(frames, names=("lan/a", "lan/b")):
    """A pcapng of (t_ns, interface, direction, bytes), written as the simulator does."""
    def block(kind, body):
        size = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + size + body + size

    def option(code, value):
        return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    for name in names:
        out += block(1, struct.pack("<HHI", 1, 0, 0) + option(2, name.encode()) + option(9, b"\x09")
                     + option(0, b""))
    for t, interface, direction, data in frames:
        head = (interface, t >> 32, t & 0xFFFFFFFF, len(data), len(data))
        out += block(6, struct.pack("<IIIII", *head)
                     + data + bytes(-len(data) % 4) + option(1, b"dropped: loss")
                     + option(2, struct.pack("<I", direction)) + option(0, b""))
    return out


def test_replay_keeps_the_spacing(world, tmp_path):
    (tmp_path / "x.pcap").write_bytes(pcap([(5 * 10**9, FRAME), (5 * 10**9 + 1_000_007, FRAME)]))
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    world.run(for_="1ms")
    assert one.replay(tmp_path / "x.pcap") == 2
    assert [p.time.ns for p in two.sniff(timeout=1)] == [1_100_000, 2_100_007]


def test_replay_of_several_interfaces_needs_a_choice(world, tmp_path):
    path = tmp_path / "x.pcapng"
    path.write_bytes(pcapng([(1, 0, 2, FRAME), (2, 1, 1, FRAME), (9, 0, 1, FRAME)]))
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    with pytest.raises(UsageError, match="name one of lan/a, lan/b"):
        one.replay(path)
    assert one.replay(path, interface="lan/a") == 2
    assert one.replay(path, interface=0, direction="out") == 1
    assert len(two.sniff(timeout=1)) == 3
    with pytest.raises(UsageError, match="has no frames of interface 'lan/c'"):
        one.replay(path, interface="lan/c")


def test_every_truncation_of_a_capture_is_refused_or_ends_between_blocks(world, tmp_path):
    path = tmp_path / "x.pcapng"
    for whole in (pcapng([(1, 0, 2, FRAME)]), pcap([(1, FRAME), (2, FRAME)])):
        refused = 0
        for size in range(len(whole)):
            path.write_bytes(whole[:size])
            port = world.segment(f"s{world.now_ns}").port("p")
            try:
                port.replay(path)
            except UsageError:
                refused += 1
            world.run(for_="1ns")
        assert refused >= len(whole) - 2


def test_times_in_a_capture_are_whole_nanoseconds(tmp_path):
    from lockwire import capture
    (tmp_path / "x.pcapng").write_bytes(pcapng([(2**40 + 1, 1, 1, FRAME)]))
    frame, = capture.read(tmp_path / "x.pcapng")
    assert frame == (2**40 + 1, 1, "lan/b", FRAME, "in", "dropped: loss")


def test_bytes_are_sent_as_they_are(world):
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    for data in (b"\1", bytes(9216), bytes(Ether(FRAME))):
        one.send(data)
        assert two.recv_bytes(timeout=1).data == data
    for bad in (b"", bytes(9217)):
        with pytest.raises(UsageError, match="1 to 9216"):
            one.send(bad)
    with pytest.raises(UsageError, match="packets or bytes"):
        one.send(7)


# -- snapshots -------------------------------------------------------------------------------------
def test_restore_brings_back_what_the_controller_knew(world):
    """The stand-in restores nothing; this is about ports, hosts and sockets on our side."""
    lan = world.segment("lan")
    one, two = lan.port("one"), lan.port("two")
    host = world.host("a", lan, ip="10.0.0.1/24")
    sock = host.udp()
    one.send(FRAME)
    world.run(for_="1ms")
    seen = two.expect(ARP)
    state = world.controller_state()
    two.recv(timeout=0)
    two.arrived(5, bytes(Ether(dst="ff:ff:ff:ff:ff:ff") / ARP()))
    sock.close()
    world.host("b", lan, ip="10.0.0.2/24")
    lan.port("three")
    assert len(seen.seen) == 1 and len(world.hosts) == 2
    world.set_controller_state(state)
    assert two.pending == 1 and two.recv(timeout=0).type == 0x88B5
    assert list(world.hosts) == ["a"] and list(lan.ports) == ["one", "two"]
    assert not sock.closed and not seen.seen and "b" not in lan.names
