"""Truncation: frames lose their end; receivers that look at lengths notice."""

import pytest

from lockwire import wire_time


@pytest.mark.parametrize("kind, second", [("switch", 20), ("link", None)])
@pytest.mark.parametrize("length", [1, 13, 20, 59, 60])
def test_the_end_is_gone(net, frame, kind, second, length):
    """The switch's second serialisation is that of what is left, no shorter than a minimal
    frame."""
    lan = net.segment("lan", kind)
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.faults.truncate(length, nth=1)
    tx.send(frame(1, 1514))
    got = rx.recv_bytes(timeout=1)
    assert got.data == frame(1, 1514)[:length]
    assert got.t_ns == wire_time(1514) + (wire_time(60) if second else 0)


def test_short_frames_are_left_alone(net, frame, heard):
    """Nothing to cut: the fault has not fired."""
    lan = net.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    fault = lan.faults.truncate(60)
    tx.send([frame(1, 60), frame(2, 61)])
    net.run(for_="1ms")
    assert fault.fired == 1 and len(heard(rx)) == 2


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
@pytest.mark.parametrize("length, reason", [
    (14, "eth_short"), (14 + 19, "ip4_too_short"), (14 + 20, "ip4_truncated"),
    (14 + 20 + 8 + 99, "ip4_truncated")])
def test_a_host_says_what_is_missing(net, length, reason):
    """[RFC1122 3.2.1.1]: a datagram that is shorter than it says is none."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static("10.0.0.2", b.mac)
    net.run(for_="1ms")
    receiver, sender = b.udp(7), a.udp(0)
    lan.faults.truncate(length, nth=1)
    sender.send(bytes(100), "10.0.0.2", 7)
    sender.send(b"whole", "10.0.0.2", 7)
    assert receiver.recv(timeout=1).data == b"whole"
    assert b.stats()["drops"] == {reason: 1}
