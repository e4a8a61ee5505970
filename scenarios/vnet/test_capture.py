"""What a capture holds: one interface per port, directions, nanoseconds, and words about what was
done to a frame. Read with lockwire.capture and with tshark, which knows nothing of Lockwire."""

import subprocess

import pytest
from scapy.utils import RawPcapNgReader

from lockwire import capture, wire_time

W, GAP = wire_time(60), wire_time(60, gap=True)
TSHARK = ["tshark", "-T", "fields", "-E", "separator=|", "-e", "frame.interface_name",
          "-e", "frame.time_epoch", "-e", "frame.packet_flags_direction", "-e", "frame.comment",
          "-e", "frame.len"]


@pytest.fixture
def recorded(world, tmp_path):
    """recorded(body): runs body(net) in a world that is captured; its frames, and the file's
    path."""
    def run(body):
        net = world(1, tmp_path)
        body(net)
        assert net.finish().problems == []
        return capture.read(tmp_path / "capture.pcapng"), tmp_path / "capture.pcapng"
    return run


def test_each_port_is_an_interface_and_each_frame_has_a_direction(recorded, frame):
    """Sent at the time of sending on the sender's, received at each receiver's at its arrival."""
    def body(net):
        lan = net.segment("lan", latency="1ns")
        tx, _, _ = (lan.port(n) for n in ("tx", "one", "two"))
        net.run(until="123456789ns")
        tx.send(frame(1))
        net.run(for_="1ms")
    frames, path = recorded(body)
    start, arrival = 123_456_789, 123_456_789 + 2 * W + 1
    assert [(f.interface_name, f.direction, f.t_ns, f.comment) for f in frames] == [
        ("lan/tx", "out", start, ""), ("lan/one", "in", arrival, ""),
        ("lan/two", "in", arrival, "")]
    assert all(f.data == frame(1) for f in frames)
    shown = subprocess.run([*TSHARK, "-r", str(path)], capture_output=True, text=True, check=True)
    # 2 and 1: outbound and inbound, as pcapng numbers them
    assert [line.split("|") for line in shown.stdout.splitlines()] == [
        ["lan/tx", "0.123456789", "0x00000002", "", "60"],
        ["lan/one", "0.123468310", "0x00000001", "", "60"],
        ["lan/two", "0.123468310", "0x00000001", "", "60"]]
    reader = RawPcapNgReader(str(path))
    scapys = [((m.tshigh << 32) + m.tslow, data) for data, m in reader]
    reader.close()
    assert scapys == [(f.t_ns, f.data) for f in frames]


@pytest.mark.parametrize("harm, comments", [
    (lambda lan: lan.faults.drop(), ["dropped: fault_drop"]),
    (lambda lan: lan.impair.loss(1), ["dropped: loss"]),
    (lambda lan: lan.impair.burst(1, 0), ["dropped: burst_loss"]),
    (lambda lan: lan.faults.delay("1ms"), ["delayed: 1000000 ns"]),
    (lambda lan: lan.faults.duplicate(2),
     ["", "duplicated: copy 1 of 2", "duplicated: copy 2 of 2"]),
    (lambda lan: lan.faults.corrupt(offset=20, xor=1), ["corrupted: byte 20"]),
    (lambda lan: lan.faults.corrupt(offset=20, xor=1, repair=True),
     ["corrupted: byte 20, checksums repaired"]),
    (lambda lan: lan.faults.truncate(20), ["truncated: 20 of 60 bytes left"]),
    (lambda lan: lan.faults.reorder(2, within="1ms"), ["reordered: behind 0 later frames"]),
    (lambda lan: lan.faults.partition(["tx"]), ["dropped: partition"]),
    (lambda lan: (lan.faults.delay("1us"), lan.faults.truncate(30), lan.faults.drop()),
     ["delayed: 1000 ns; truncated: 30 of 60 bytes left; dropped: fault_drop"])],
    ids=["drop", "loss", "burst", "delay", "duplicate", "corrupt", "repaired", "truncate",
         "reorder", "partition", "three"])
def test_what_was_done_is_in_the_comment(recorded, frame, harm, comments):
    """On the interface where the frame arrived, or would have."""
    def body(net):
        lan = net.segment("lan")
        tx, _ = lan.port("tx"), lan.port("rx")
        harm(lan)
        tx.send(frame(1))
        net.run(for_="10ms")
    frames, path = recorded(body)
    assert [(f.interface_name, f.direction, f.comment) for f in frames] == [
        ("lan/tx", "out", ""), *(("lan/rx", "in", c) for c in comments)]


def test_frames_that_never_left_are_on_the_senders_interface(recorded, frame):
    """A full queue, a pulled cable: once, with the reason, where they were to leave."""
    def body(net):
        lan = net.segment("lan", "link", queue=1)
        tx, _ = lan.port("tx"), lan.port("rx")
        tx.send([frame(i) for i in range(3)])
        net.run(for_="1ms")
        lan.link(up=False, port=tx)
        tx.send(frame(3))
        net.run(for_="1ms")
    frames, _ = recorded(body)
    assert [(f.interface_name, f.direction, f.t_ns, f.data[15], f.comment) for f in frames] == [
        ("lan/tx", "out", 0, 0, ""), ("lan/tx", "out", 0, 1, ""),
        ("lan/tx", "out", 0, 2, "dropped: queue_full"),
        ("lan/rx", "in", W, 0, ""), ("lan/rx", "in", W + GAP, 1, ""),
        ("lan/tx", "out", 1_000_000, 3, "dropped: link_down")]


def test_a_segment_that_is_not_captured_leaves_no_trace_in_the_file(recorded, frame):
    """capture=False: neither interfaces nor frames."""
    def body(net):
        quiet, loud = net.segment("quiet", "link", capture=False), net.segment("loud", "link")
        for lan in (quiet, loud):
            tx, rx = lan.port("tx"), lan.port("rx")
            tx.send(frame(1))
            assert rx.recv_bytes(timeout=1) is not None
    frames, _ = recorded(body)
    assert [f.interface_name for f in frames] == ["loud/tx", "loud/rx"]


def test_a_capture_is_replayed_with_its_spacing(recorded, world, frame):
    """port.replay(): the first frame goes now, the others as far behind as they were."""
    def body(net):
        lan = net.segment("lan", "link")
        tx, _ = lan.port("tx"), lan.port("rx")
        net.run(until="5ms")
        for i, pause in enumerate(["1ns", "123456ns", "2s", "7us"]):
            tx.send(frame(i, 60 + i))
            net.run(for_=pause)
        net.run(for_="1ms")
    frames, path = recorded(body)
    again = world(2)
    lan = again.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    again.run(until="1h")
    assert tx.replay(path, interface="lan/tx", direction="out") == 4
    again.run(for_="1ms")
    hour = 3600 * 10**9
    got = [rx.recv_bytes() for _ in range(rx.pending)]
    theirs = [f for f in frames if f.interface_name == "lan/rx"]
    assert [(f.t_ns - hour, f.data) for f in got] == [(f.t_ns - 5_000_000, f.data) for f in theirs]
    assert got[0].t_ns == hour + W
