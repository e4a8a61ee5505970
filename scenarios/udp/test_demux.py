"""Which socket a datagram is for: address, port, peer, protocol.

[RFC1122 4.1.3.5]: a socket bound to an address hears what is for that address alone; a connected
one only its peer; the others of a port keep what is left."""

import pytest
from scapy.layers.inet import ICMP

from lockwire import shows

PEER, OTHER, SECOND = "10.0.0.254", "10.0.0.253", "10.0.1.1"


def arrived(sockets):
    """Who has something: the names."""
    return "".join(name for name, s in sockets.items() if s.recv(timeout=0) is not None)


@pytest.mark.parametrize("dport, who", [(7, "x"), (8, "y"), (9, "")])
def test_the_port_decides(net, bench, datagram, dport, who):
    """[RFC768]: the destination port; nobody there means port unreachable."""
    a, wire = bench()
    sockets = {"x": a.udp(7), "y": a.udp(8)}
    wire.send(datagram(a, wire, dport=dport))
    net.run(for_="1ms")
    with shows("RQ-768-05"):
        assert arrived(sockets) == who
        assert [p[ICMP].code for p in wire.sniff(timeout=0)] == ([] if who else [3])


@pytest.mark.parametrize("bound, dst, who", [
    ("10.0.0.1", "10.0.0.1", "x"), ("10.0.0.1", SECOND, ""), (SECOND, SECOND, "x"),
    (SECOND, "10.0.0.1", ""), (None, "10.0.0.1", "x"), (None, SECOND, "x")],
    ids=["own", "not-second", "second", "not-first", "any-first", "any-second"])
def test_a_bound_address_is_compared(net, bench, datagram, bound, dst, who):
    """Two addresses, one socket."""
    a, wire = bench()
    a.netif(net.segment("other"), ip=f"{SECOND}/24")
    sockets = {"x": a.udp(7, addr=bound)}
    wire.send(datagram(a, wire, dst=dst))
    net.run(for_="1ms")
    assert arrived(sockets) == who


def test_two_sockets_share_a_port_by_address(net, bench, datagram):
    """Each address has its own; both may have the port, a third for any address may not."""
    from lockwire.errors import LockwireError
    a, wire = bench()
    a.netif(net.segment("other"), ip=f"{SECOND}/24")
    sockets = {"x": a.udp(7, addr="10.0.0.1"), "y": a.udp(7, addr=SECOND)}
    for again in (None, "10.0.0.1", SECOND):
        with pytest.raises(LockwireError):
            a.udp(7, addr=again)
    for dst, who in (("10.0.0.1", "x"), (SECOND, "y")):
        wire.send(datagram(a, wire, dst=dst))
        net.run(for_="1ms")
        assert arrived(sockets) == who


@pytest.mark.parametrize("src, sport, who", [
    (PEER, 4000, "x"), (PEER, 4001, ""), (OTHER, 4000, ""), (OTHER, 4001, "")])
def test_a_connected_socket_hears_its_peer_only(net, bench, datagram, src, sport, who):
    """Address and port; for all others nobody is there, and they are told so."""
    a, wire = bench()
    a.arp_static(OTHER, wire.mac)
    s = a.udp(7)
    s.connect(PEER, 4000)
    wire.send(datagram(a, wire, src=src, sport=sport))
    net.run(for_="1ms")
    assert arrived({"x": s}) == who
    assert a.stats()["drops"] == ({} if who else {"udp_no_port": 1})
    assert wire.pending == (0 if who else 1)


@pytest.mark.parametrize("first", [0, 1], ids=["connected-first", "open-first"])
def test_each_peer_has_its_own_socket(net, bench, datagram, first):
    """Two connected sockets on one port, by different local addresses; made in either order."""
    a, wire = bench()
    a.netif(net.segment("other"), ip=f"{SECOND}/24")
    order = [("x", "10.0.0.1", 4000), ("y", SECOND, 4001)]
    sockets = {}
    for name, addr, port in order[first:] + order[:first]:
        sockets[name] = a.udp(7, addr=addr)
        sockets[name].connect(PEER, port)
    for sport, dst, who in ((4000, "10.0.0.1", "x"), (4001, SECOND, "y"), (4001, "10.0.0.1", ""),
                            (4000, SECOND, "")):
        wire.send(datagram(a, wire, sport=sport, dst=dst))
        net.run(for_="1ms")
        assert arrived(sockets) == who


def test_connecting_again_changes_the_peer(net, bench, datagram):
    """The last connect counts."""
    a, wire = bench()
    s = a.udp(7)
    s.connect(PEER, 4000)
    s.connect(PEER, 4001)
    wire.send([datagram(a, wire, b"old", sport=4000), datagram(a, wire, b"new", sport=4001)])
    assert s.recv(timeout=1).data == b"new"
    assert s.recv(timeout="1ms") is None


def test_a_closed_socket_hears_nothing_more(net, bench, datagram, still_hears):
    """Its port is free again, at once."""
    a, wire = bench()
    s = a.udp(7)
    s.close()
    wire.send(datagram(a, wire))
    assert wire.recv(timeout=1)[ICMP].code == 3
    again = a.udp(7)
    wire.send(datagram(a, wire, b"again"))
    assert again.recv(timeout=1).data == b"again"
    still_hears(a, wire)


def test_what_a_socket_knows_of_a_datagram(net, bench, datagram):
    """[RFC768 User Interface], [RFC1122 4.1.3.5]: source, source port, the address it was
    sent to; and its time to live."""
    a, wire = bench()
    s = a.udp(7)
    packet = datagram(a, wire, b"whole", sport=65535)
    packet.payload.ttl = 3
    wire.send(packet)
    got = s.recv(timeout=1)
    with shows("RQ-768-05"):
        assert (got.data, got.addr, got.port) == (b"whole", PEER, 65535)
        assert (got.dst, got.ttl) == ("10.0.0.1", 3)


def test_a_queue_holds_its_capacity(net, bench, datagram, still_hears):
    """The fourth and fifth of five are refused, those before are kept in order."""
    a, wire = bench()
    s = a.udp(7, capacity=3)
    wire.send([datagram(a, wire, bytes([i])) for i in range(5)])
    net.run(for_="1ms")
    assert [s.recv(timeout=0).data[0] for _ in range(3)] == [0, 1, 2]
    assert s.recv(timeout=0) is None and s.refused == 2
    wire.send(datagram(a, wire, b"room again"))
    assert s.recv(timeout=1).data == b"room again"
    still_hears(a, wire)
