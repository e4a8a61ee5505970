"""Learning: a switch knows who is where for a while, floods what it does not know, and never sends
a frame back.

Ageing is exact: an address learned at t is known up to, not including, t + ageing."""

import pytest

from lockwire import wire_time

A, B, C = (f"02:00:00:00:00:0{x}" for x in "abc")


@pytest.fixture
def three(net):
    """three(**segment options): a switch with ports a, b and c, and a way to know who hears."""
    def make(**options):
        lan = net.segment("lan", **options)
        return [lan.port(n) for n in "abc"]
    return make


def hearers(net, ports, sender, data):
    """Names of the ports that a frame reaches."""
    for p in ports:
        p.clear()
    sender.send(data)
    net.run(for_="100us")
    return "".join(p.name[-1] for p in ports if p.pending)


def test_unknown_is_flooded_and_known_is_not(net, three, frame):
    """Until b has spoken all hear what is for b; then b alone."""
    ports = a, b, _c = three()
    assert hearers(net, ports, a, frame(dst=B, src=A)) == "bc"
    assert hearers(net, ports, b, frame(dst=A, src=B)) == "a"
    assert hearers(net, ports, a, frame(dst=B, src=A)) == "b"


@pytest.mark.parametrize("dst", ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "33:33:00:00:00:01"])
def test_groups_are_always_flooded(net, three, frame, dst):
    """And a group address is never learned from a source field."""
    ports = a, b, _c = three()
    assert hearers(net, ports, b, frame(dst=A, src=dst)) == "ac"
    assert hearers(net, ports, a, frame(dst=dst, src=A)) == "bc"


def test_no_frame_goes_back(net, three, frame):
    """What is for somebody behind the sender's own port is not sent anywhere."""
    ports = a, _b, _c = three()
    assert hearers(net, ports, a, frame(dst=B, src=A)) == "bc"
    assert hearers(net, ports, a, frame(dst=A, src=C)) == ""


@pytest.mark.parametrize("ageing_ns, latency_ns", [(1_000_000, 0), (1_000_003, 50_001)])
@pytest.mark.parametrize("early_ns, hear", [(1, "b"), (0, "bc")], ids=["in-time", "too-late"])
def test_ageing_is_exact(net, three, frame, ageing_ns, latency_ns, early_ns, hear):
    """One nanosecond decides between known and flooded."""
    ports = a, b, _c = three(ageing=f"{ageing_ns}ns", latency=f"{latency_ns}ns")
    b.send(frame(dst=A, src=B))  # learned when it has crossed its cable; a's frame needs as long
    net.run(until=f"{ageing_ns - early_ns}ns")
    assert hearers(net, ports, a, frame(dst=B, src=A)) == hear


def test_speaking_again_refreshes(net, three, frame):
    """The age counts from the last frame."""
    ports = a, b, _c = three(ageing="1ms")
    b.send(frame(src=B))
    net.run(until="900us")
    b.send(frame(src=B))
    net.run(until="1800us")
    assert hearers(net, ports, a, frame(dst=B, src=A)) == "b"


def test_a_station_that_moves_is_followed(net, three, frame):
    """The last frame says where it is."""
    ports = a, b, c = three()
    assert hearers(net, ports, b, frame(src=B)) == "ac"
    assert hearers(net, ports, a, frame(dst=B, src=A)) == "b"
    assert hearers(net, ports, c, frame(src=B)) == "ab"
    assert hearers(net, ports, a, frame(dst=B, src=A)) == "c"


def test_a_thousand_addresses_are_kept(net, three, frame):
    """The table grows; the first address is still known after the last."""
    ports = a, b, c = three()
    for i in range(1000):
        b.send(frame(i, dst=B, src=f"02:00:00:01:{i >> 8:02x}:{i & 255:02x}"))
    net.run(for_="20ms")
    assert len(c.sniff(timeout=0, count=1000)) == 1000
    assert hearers(net, ports, a, frame(dst="02:00:00:01:00:00", src=A)) == "b"
    assert hearers(net, ports, a, frame(dst="02:00:00:01:03:e7", src=A)) == "b"


@pytest.mark.parametrize("count", [2, 5])
def test_a_hub_repeats_to_all_others(net, frame, heard, count):
    """Known or not, at the same instant, and not to the sender."""
    hub = net.segment("hub", "hub", latency="5us")
    ports = [hub.port(f"p{i}") for i in range(count)]
    ports[1].send(frame(0, src=B))
    net.run(for_="1ms")
    heard(ports[0])
    for p in ports[2:]:
        heard(p)
    start = net.now_ns
    ports[0].send(frame(1, dst=B, src=A))
    net.run(for_="1ms")
    assert heard(ports[0]) == []
    assert [heard(p) for p in ports[1:]] == [[(start + wire_time(60) + 5000, 1)]] * (count - 1)
