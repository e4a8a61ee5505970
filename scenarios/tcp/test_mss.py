"""The size of segments: what SYNs say, what is sent, and options, sound and malformed.
[RFC9293 3.1], [RFC9293 3.7.1 MUST-14, SHLD-5] [RFC9293 3.7.1 MUST-15] [RFC6691 2]
[RFC9293 3.7.1 MUST-67, RFC6691 2]
[RFC9293 3.7.3] """

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern


def settle(t):
    t.net.run(for_="1ms")


def passive(t, options, *, dataofs=None, win=65_535, **syn):
    """(connection, peer) of a handshake whose SYN has these options."""
    listener = t.h.listen(80)
    peer = t.peer(80, win=win)
    peer.send("S", options=options, dataofs=dataofs, **syn)
    peer.expect("SA", ack=peer.seq(1))
    peer.ack()
    return listener.accept(timeout=1), peer


def active(t, options, dataofs=None):
    """The same, with the options in the peer's SYN-ACK."""
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    peer.send("SA", options=options, dataofs=dataofs)
    peer.expect("A")
    return connection, peer


def sizes(t, connection, peer, amount=8000):
    connection.send(pattern(amount))
    settle(t)
    return {s.length for s in peer.drain()}


@pytest.mark.parametrize("mtu, mss", [(1500, 1460), (576, 536), (1000, 960), (68, 28)])
def test_syns_say_what_the_interface_takes(talk, net, mtu, mss):
    lan = net.segment("lan", kind="link")
    h = net.host("h", lan, ip="10.0.0.2/24", mtu=mtu)
    h.listen(80)
    wire = lan.port("tester", ip="10.0.0.1")
    peer = wire.tcp(h, 80, mss=200).connect()
    with shows("RQ-9293-SHLD-5", "RQ-9293-MUST-14", "MB-OPEN-09", "RQ-9293-MUST-67"):
        assert peer.host_mss == mss
        called = wire.tcp(h, None, 99, mss=200).listen()
        h.connect("10.0.0.1", 99, timeout="1s")
        assert called.host_mss == mss


@pytest.mark.parametrize("how", [passive, active])
@pytest.mark.parametrize("mss, expected", [
    (300, 300), (1459, 1459), (1461, 1460), (9000, 1460),
    pytest.param(65_535, 1460, id="MF-TCP-17"), (None, 536)])
def test_peers_mss_limits_segments(talk, how, mss, expected):
    t = talk()
    connection, peer = how(t, [("MSS", mss)] if mss is not None else [])
    with shows("RQ-9293-MUST-14", "RQ-9293-MUST-16"):
        assert max(sizes(t, connection, peer)) == expected
    with shows("RQ-9293-MUST-15"):
        assert connection.info().mss_peer == (536 if mss is None else mss)


@pytest.mark.parametrize("mss", [0, 1, 7, 47, 48])
@pytest.mark.parametrize("how", [passive, active])
def test_tiny_mss(talk, how, mss):
    """0 is no size: the default. Else nobody gets less than 48 bytes in a segment. """
    t = talk()
    connection, peer = how(t, [("MSS", mss)])
    with shows("MF-TCP-15", "MB-OPEN-08"):
        assert max(sizes(t, connection, peer)) == (536 if mss == 0 else 48)


@pytest.mark.parametrize("how", [passive, active])
def test_written_before_the_peers_mss_was_known(talk, how):
    """Data that waits for the handshake is cut to the size that comes with the SYN. """
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    assert connection.write(pattern(3000)) == "ERR_OK"
    peer.expect("S")
    peer.send("SA", options=[("MSS", 300)] + (peer.timestamps(1, 0) if how is passive else []))
    got = b""
    with shows("RQ-9293-MUST-16"):
        while len(got) < 3000:
            segment = peer.expect(timeout="1s")
            assert len(segment.frame) <= 54 + 300
            got += segment.payload
            peer.send("A", options=peer.timestamps(1, 0) if how is passive else None)
        assert got == pattern(3000)


def test_option_outside_of_a_syn_means_nothing(talk):
    t = talk()
    connection, peer = passive(t, [("MSS", 1460)])
    connection.send(bytes(1460))
    peer.expect(length=1460, lost=True)
    with shows("RQ-9293-MUST-65", "MF-TCP-18", "MB-OPEN-15"):
        peer.send("PA", b"x", options=[("MSS", 64)])
        peer.send("A", seq=peer.seq(9_000_000), options=[("MSS", 1)])
        settle(t)
        assert connection.info().mss == 1460
        peer.drain()
        peer.expect(length=1460, timeout="2s")
    peer.ack()
    assert max(sizes(t, connection, peer)) == 1460
    assert not any(s.segment.option("MSS") for s in peer.log
                   if not s.sent and "S" not in s.segment.flag_text)


def test_ordinary_options(talk):
    """End of list, no operation and MSS, none of them aligned. """
    t = talk()
    connection, peer = passive(t, b"\x01\x01\x01\x02\x04\x02\x00\x00", dataofs=7)
    with shows("RQ-9293-MUST-4", "RQ-9293-MUST-64"):
        assert max(sizes(t, connection, peer)) == 512


SYNS = {
    "RQ-9293-MUST-6/unknown-then-mss": (b"\x63\x06abcd\x02\x04\x02\x00", 512),
    "RQ-9293-MUST-64/three-nops": (b"\x01\x01\x01\x02\x04\x02\x00", 512),
    "MF-TCP-23/nop-mss": (b"\x01\x02\x04\x02\x00", 512),
    "MF-TCP-23/forty-nops": (b"\x01" * 40, 536),
    "MF-TCP-24/rubbish-behind-end": (b"\x02\x04\x05\xb4\x00\x02\x00\x03\x00\xff\xff\xff", 1460),
    "RQ-9293-MUST-69/mss-behind-end": (b"\x00\x02\x04\x02\x00", 536),
    "MF-TCP-19/length-0": (b"\x63\x00\x02\x04\x02\x00", 536),
    "MF-TCP-19/length-1": (b"\x63\x01\x02\x04\x02\x00", 536),
    "RQ-9293-MUST-7/length-0-behind-mss": (b"\x02\x04\x02\x00\x63\x00\x01\x01", 512),
    "MF-TCP-20/longer-than-header": (b"\x63\x28\x01\x01", 536),
    "MF-TCP-21/lone-kind": (b"\x01\x01\x01\x02", 536),
    "MF-TCP-22/cut-before-its-value": (b"\x01\x01\x02\x04", 536),
    "MF-TCP-25/scale-length-2": (b"\x03\x02\x01\x01", 536),
    "MF-TCP-25/scale-length-4": (b"\x03\x04\x07\x07", 536),
    "MF-TCP-36/sack-permitted-length-3": (b"\x04\x03\x00\x00", 536),
    "RQ-9293-MUST-7/mss-length-3": (b"\x02\x03\x02\x01", 536),
}


@pytest.mark.parametrize("how", [passive, active])
@pytest.mark.parametrize("name", SYNS)
def test_options_of_syns(talk, how, name):
    """Bounded, safe, and what stands before the malformed one counts. """
    t = talk()
    field, mss = SYNS[name]
    field += bytes(-len(field) % 4)
    connection, peer = how(t, field)
    assert max(sizes(t, connection, peer)) == mss
    info = connection.info()
    assert not info.sack and not info.window_scale and not info.timestamps


DATA = {
    "RQ-9293-MUST-5/nops": b"\x01\x01\x01\x01", "RQ-9293-MUST-5/unknown": b"\x63\x04ab",
    "MF-TCP-19/length-0": b"\x63\x00\x01\x01", "MF-TCP-19/length-1": b"\x63\x01\x01\x01",
    "MF-TCP-20/longer-than-header": b"\x63\x28\x01\x01", "MF-TCP-21/lone-kind": b"\x01\x01\x01\x08",
    "MF-TCP-22/cut": b"\x01\x01\x02\x04", "MF-TCP-37/sack-length-9": b"\x05\x09" + bytes(10),
    "MF-TCP-37/sack-length-2": b"\x05\x02\x01\x01",
    "MF-TCP-37/sack-length-34": b"\x05\x22" + bytes(18),
    "MF-TCP-36/sack-permitted-late": b"\x01\x01\x04\x02",
    "RQ-9293-MUST-69/rubbish-behind-end": b"\x00\x05\x0a\xff",
}


@pytest.mark.parametrize("name", DATA)
def test_options_of_data_segments(talk, name):
    t = talk()
    connection, peer = passive(t, [("MSS", 1460)])
    peer.send("PA", b"hello", options=DATA[name])
    peer.expect("A", ack=peer.seq(6))
    assert connection.recv(99) == b"hello" and not connection.info().sack
    connection.send(b"fine")
    peer.expect("PA", data=b"fine")
    assert t.h.stats()["drops"] == {}


@pytest.mark.parametrize("field", [b"\x63\x00\x01\x01", b"\x01\x01\x02\x04", b"\x08\x28\x00\x00"])
def test_malformed_options_outside_of_the_window(talk, field):
    t = talk()
    connection, peer = passive(t, [("MSS", 1460)])
    with shows("MF-TCP-47"):
        peer.send("A", b"x", seq=peer.seq(1 << 24), options=field)
        peer.expect("A", ack=peer.seq(1))
        assert connection.state == "ESTABLISHED"


def test_hosts_options_are_well_formed(talk):
    """Every option has a length that fits, and behind an end of list is nothing but zeros. """
    t = talk(tcp_wnd=1 << 20)
    connection, peer = t.call(sack=True, ts=1, ws=7)
    connection.send(pattern(3000))
    peer.send("PA", b"beyond", seq=peer.seq(1000))
    settle(t)
    connection.close()
    settle(t)
    peer.drain()
    segments = [e.segment for e in peer.log if not e.sent]
    with shows("RQ-9293-MUST-68", "RQ-9293-MUST-69"):
        for segment in segments:
            names = [name for name, _ in segment.options]
            assert "broken" not in names and "EOL" not in names
        assert {"SAck", "WScale", "MSS", "SAckOK", "Timestamp"} <= {
            name for s in segments for name, _ in s.options}


def test_each_interface_has_its_own(net):
    """A connection has the MSS of the interface that it leaves by. [RFC9293 3.7.3 SHLD-6] """
    h = net.host("h", net.segment("one", kind="link"), ip="10.0.0.2/24")
    net.segment("two", kind="link")
    h.netif(net.segments["two"], ip="10.0.1.2/24", mtu=600)
    h.listen(80)
    found = []
    for name, net_of in (("one", "10.0.0"), ("two", "10.0.1")):
        port = net.segments[name].port(f"at-{name}", ip=f"{net_of}.1")
        called = port.tcp(f"{net_of}.2", None, 99, to_mac=h.mac).listen()
        h.connect(f"{net_of}.1", 99, wait=False)
        net.run(for_="1s")
        found.append(called.host_mss)
    with shows("RQ-9293-SHLD-6"):
        assert found == [1460, 560]
