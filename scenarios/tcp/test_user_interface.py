"""What TCP asks IP for, and what the application may choose: DiffServ, TTL, local addresses.
[RFC9293 3.9.1.1] [RFC9293 3.9.1.1 MUST-46] [RFC9293 3.9.1.9] [RFC9293 3.9.2]
[RFC9293 3.9.1.9] [RFC9293 3.9.2] """

import struct

import pytest
from lockwire import StackError, shows
from lockwire.tcp_segment import checksum


def settle(t):
    t.net.run(for_="1ms")


def host_segments(peer):
    return [e.segment for e in peer.log if not e.sent]


def conversation(t, connection, peer):
    """Data, its ACK, a retransmission, an ACK alone and a RST of the host's."""
    connection.send(b"data")
    peer.expect("PA", lost=True)
    peer.expect("PA", timeout="2s")
    peer.ack()
    peer.send("PA", b"question")
    peer.expect("A", timeout="1s")
    connection.abort()
    peer.expect("RA")


@pytest.mark.parametrize("tos", [0x00, 0xB8, 0xFC, 0x04])
def test_diffserv_of_every_segment(talk, tos):
    t = talk()
    peer = t.peer(None, 80).listen()
    connection = t.h.connect(peer.ip, 80, timeout="1s", tos=tos)
    peer.accept()
    conversation(t, connection, peer)
    with shows("RQ-9293-MUST-48"):
        assert len(host_segments(peer)) == 6 and {s.tos for s in host_segments(peer)} == {tos}


def test_diffserv_may_change(talk):
    t = talk()
    connection, peer = t.serve(listen={"tos": 0x20, "nodelay": True})
    connection.send(b"a")
    first = peer.expect("PA")
    connection.set(tos=0x48)
    connection.send(b"b")
    second = peer.expect("PA")
    with shows("RQ-9293-SHLD-21"):
        assert (first.tos, second.tos) == (0x20, 0x48)


def test_all_code_points_reach_the_header(talk):
    t = talk()
    connection, peer = t.serve(listen={"nodelay": True})
    seen = []
    with shows("RQ-9293-SHLD-22"):
        for dscp in range(64):
            connection.set(tos=dscp << 2)
            connection.send(b"x")
            seen.append(peer.expect("PA").tos)
            peer.ack()
        assert seen == [dscp << 2 for dscp in range(64)]


def test_diffserv_is_stable_by_itself(talk):
    t = talk()
    connection, peer = t.serve(listen={"tos": 0x50})
    conversation(t, connection, peer)
    with shows("RQ-9293-SHLD-23"):
        assert len({s.tos for s in host_segments(peer)[1:]}) == 1


@pytest.mark.parametrize("ttl", [1, 5, 255])
def test_ttl_of_every_segment(talk, ttl):
    t = talk()
    peer = t.peer(None, 80).listen()
    connection = t.h.connect(peer.ip, 80, timeout="1s", ttl=ttl)
    peer.accept()
    conversation(t, connection, peer)
    with shows("RQ-9293-MUST-49"):
        assert len(host_segments(peer)) == 6 and {s.ttl for s in host_segments(peer)} == {ttl}


def test_default_ttl_is_the_hosts(talk):
    t = talk(tcp_ttl=77)
    connection, peer = t.serve()
    conversation(t, connection, peer)
    with shows("RQ-9293-MUST-49"):
        assert {s.ttl for s in host_segments(peer)} == {77}
    peer.send("PA", b"gone")
    assert peer.expect("R").ttl == 77


@pytest.mark.parametrize("options", [b"\x44\x0c\x0d\x00" + bytes(8), b"\x07\x07\x08" + bytes(5),
                                     b"\x01\x01\x01\x00", b"\x94\x04\x00\x00"],
                         ids=["timestamp-full", "record-route-full", "nop", "router-alert"])
def test_ip_options_are_ignored(talk, options):
    """On the SYN, and on data; the announced MSS is the same [RFC6691 5.1]. """
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()

    def send(flags, data=b""):
        made = peer.make(flags, data)
        length = struct.unpack_from("!H", made.frame, 16)[0]  # of the IP packet, without padding
        head = bytearray(made.frame[14:34]) + options
        head[0] += len(options) // 4
        struct.pack_into("!H", head, 2, length + len(options))
        struct.pack_into("!H", head, 10, 0)
        struct.pack_into("!H", head, 10, checksum(bytes(head)))
        peer.snd_nxt = made.end
        t.wire.send(made.frame[:14] + bytes(head) + made.frame[34:14 + length])
        settle(t)
    with shows("RQ-9293-MUST-50", "RQ-6691-03"):
        send("S")
        assert peer.expect("SA", ack=peer.seq(1)).option("MSS") == 1460
        send("A")
        connection = listener.accept(timeout=1)
        send("PA", b"hello")
        assert connection.recv(99) == b"hello"


class TwoNets:
    """Host h between two cables, with the tester at the end of either."""

    def __init__(self, net):
        self.net = net
        one, two = net.segment("one", kind="link"), net.segment("two", kind="link")
        self.h = net.host("h", one, ip="10.0.0.2/24", gw="10.0.0.1")
        self.h.netif(two, ip="10.0.1.2/24")
        self.ports = {"10.0.0": one.port("p1", ip="10.0.0.1"),
                      "10.0.1": two.port("p2", ip="10.0.1.1")}

    def called(self, of, to, sport=99, **more):
        """A peer at 10.0.`of`.1 that the host calls from its address `to`."""
        peer = self.ports[of].tcp(to, None, sport, to_mac=self.h.mac, **more).listen()
        return peer


@pytest.mark.parametrize("of", ["10.0.0", "10.0.1"])
def test_unbound_connections_have_the_address_of_their_interface(net, of):
    n = TwoNets(net)
    peer = n.called(of, f"{of}.2")
    connection = n.h.connect(f"{of}.1", 99, wait=False)
    net.run(for_="1s")
    with shows("RQ-9293-MUST-44"):
        assert connection.error is None
        assert peer.log[0].segment.src == bytes([10, 0, int(of[-1]), 2])


def test_local_address_is_a_parameter(net):
    """Two addresses; the second is chosen though the route leaves by the first. """
    n = TwoNets(net)
    peer = n.called("10.0.0", "10.0.1.2")
    connection = n.h.connect("10.0.0.1", 99, wait=False, ip="10.0.1.2", local_port=5555)
    net.run(for_="1s")
    with shows("RQ-9293-MUST-43"):
        syn = peer.log[0].segment
        assert (syn.src, syn.sport) == (bytes([10, 0, 1, 2]), 5555)
    assert connection.local == ("10.0.1.2", 5555)


def test_listener_with_an_address_hears_that_one_only(net):
    n = TwoNets(net)
    n.h.listen(80, ip="10.0.0.2")
    hears = n.ports["10.0.0"].tcp("10.0.0.2", 80, to_mac=n.h.mac)
    other = n.ports["10.0.0"].tcp("10.0.1.2", 80, 40001, to_mac=n.h.mac)
    with shows("RQ-9293-MUST-43"):
        hears.send("S")
        hears.expect("SA")
        other.send("S")
        other.expect_rst(ack=other.seq(1), seq=0)


def test_address_stays_for_the_connections_life(net):
    """A new interface, with an address and a gateway of its own, does not move what exists. """
    n = TwoNets(net)
    peer = n.called("10.0.0", "10.0.0.2")
    connection = n.h.connect("10.0.0.1", 99, timeout="1s")
    peer.accept()
    n.h.netif(net.segment("three", kind="link"), ip="10.0.2.2/24", gw="10.0.2.1")
    connection.send(b"hello")
    with shows("RQ-9293-MUST-45"):
        got = peer.expect("PA", data=b"hello", timeout="3s")
        assert got.src == bytes([10, 0, 0, 2])


@pytest.mark.parametrize("addr", ["10.0.0.255", "255.255.255.255", "224.0.0.1", "0.0.0.0"])
def test_open_to_more_than_one_host_is_refused(talk, addr):
    t = talk()
    with shows("RQ-9293-MUST-46"):
        with pytest.raises(StackError):
            t.h.connect(addr, 80, wait=False)
        t.net.run(for_="5s")
        assert t.wire.pending == 0


def test_listening_disturbs_no_connection(talk):
    """The listener is closed and made again; the connection goes on. """
    t = talk()
    listener = t.h.listen(80, reuse=True)
    peer = t.peer().connect()
    connection = listener.accept(timeout=1)
    listener.close()
    again = t.h.listen(80, reuse=True)
    with shows("RQ-9293-MUST-41"):
        connection.send(b"still")
        peer.expect("PA", data=b"still")
        peer.ack()
        peer.send("PA", b"here")
        peer.expect("A", ack=peer.seq(5))
        assert connection.recv(99) == b"here" and again.pending == 0


def test_listening_on_the_port_of_a_connection_attempt(talk):
    t = talk()
    connection = t.h.connect("10.0.0.1", 80, wait=False, local_port=7000, reuse=True)
    with shows("RQ-9293-MUST-42"):
        listener = t.h.listen(7000, reuse=True)
        peer = t.peer(7000, 40_000).connect()
        assert listener.accept(timeout=1).state == "ESTABLISHED"
        assert connection.state == "SYN_SENT" and peer.rcv_nxt == peer.rseq(1)
