"""A run is a function of the image, the scenario and the seed: how it is cut does not matter."""

import pytest

MS = 1_000_000


def frames_of(wire):
    """What the tester has seen: (time, bytes) each."""
    return [(frame.time.ns, bytes(frame)) for frame in
            iter(lambda: wire.recv(timeout="1ns") if wire.pending else None, None)]


@pytest.mark.parametrize("step, length, frames", [(MS, 20 * MS, 6), (77_777, 20 * MS, 6),
                                                  (10, 30_000, 0)])
def test_small_steps_give_the_same_frames_at_the_same_times(net, boot, step, length, frames):
    """The world is put back and run once more in other steps (10 ns: one instruction at a time)."""
    lan = net.segment("lan", kind="hub", latency="50us")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    a = net.host("a", lan, ip="10.0.0.1/24")
    fw = boot("fw", lan)
    assert a.ping("10.0.0.2", timeout="1s") is not None
    a.udp().send(bytes(3000), "10.0.0.2", 7)
    if not frames:
        net.run(for_="400us")  # into the middle of its work
    wire.clear()
    begun, end = net.snapshot(), net.now_ns + length
    net.sleep_ns(length)
    whole = (frames_of(wire), fw.instructions, fw.registers(), fw.console)
    net.restore(begun)
    while net.now_ns < end:
        net.sleep_ns(min(end - net.now_ns, step))
    assert (frames_of(wire), fw.instructions, fw.registers(), fw.console) == whole
    assert len(whole[0]) >= frames


def test_a_slower_clock_answers_later(net, boot):
    """1 MIPS instead of 72: the same instructions take 72 times as long."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    boot("fast", lan)
    boot("slow", lan, number=3, ips="1M")
    times = []
    for board in ("10.0.0.2", "10.0.0.3"):
        assert a.ping(board, timeout="1s") is not None
        times.append(a.ping(board, timeout="1s").rtt_ns)
    assert times[1] > 10 * times[0]


def test_snapshot_brings_a_board_back(net, boot):
    """Registers, memory, chip and console are the world's."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    fw = boot("fw", lan)
    before = net.snapshot()
    first = (a.ping("10.0.0.2", timeout="1s").rtt_ns, fw.instructions, fw.registers())
    fw.link(False)
    net.run(for_="3s")
    assert "link down" in fw.console
    net.restore(before)
    assert "link down" not in fw.console
    assert (a.ping("10.0.0.2", timeout="1s").rtt_ns, fw.instructions, fw.registers()) == first


def test_twin_goes_on_as_the_world_does(net, boot):
    """Another process, with an emulator of its own."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    fw = boot("fw", lan)
    twin = net.twin()
    try:
        here = (a.ping("10.0.0.2", timeout="1s").rtt_ns, fw.instructions)
        there = (twin.hosts["a"].ping("10.0.0.2", timeout="1s").rtt_ns,
                 twin.firmwares["fw"].instructions)
        assert there == here
    finally:
        twin.close()
