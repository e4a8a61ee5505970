"""TCP headers that lie, ports and addresses that cannot be, flags that contradict each other
[RFC9293 3.1][RFC9293 3.10.7]."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
NOBODY = "ff:ff:ff:ff:ff:ff"
E = Ether(src=T, dst=D)
OPEN, CLOSED = 80, 81


def counted(reason, *names):
    """Dropped, with these of TCP's counters besides `drop`."""
    return dict(drops={reason: 1}, counters={f"tcp.{name}": 1 for name in ("drop", *names)})


def stranger(dport=OPEN, data=b"", sport=1025, seq=1000, **fields):
    """A segment of nobody's connection."""
    return E / IP(src=T4, dst=D4) / TCP(sport=sport, dport=dport, seq=seq, **fields) / Raw(data)


def known(peer, flags, data=b"", **more):
    """A segment of the connection `peer`; more: seq=, ack= are relative to where it stands."""
    def send(b):
        who = getattr(b, peer)
        seq, ack = more.get("seq", 0), more.get("ack", 0)
        rest = {k: v for k, v in more.items() if k not in ("seq", "ack")}
        who.send(flags, data, seq=who.snd_nxt + seq, ack=who.rcv_nxt + ack, **rest)
    return send


def rst(flags, seq=0, ack=0, sport=CLOSED, dport=1025):
    """What the host answers with."""
    return [Ether(src=D, dst=T) / IP(src=D4, dst=T4, ttl=255)
            / TCP(sport=sport, dport=dport, flags=flags, seq=seq, ack=ack, window=0)]


def syn_ack(mss=1460, ack=1001):
    """The host's SYN-ACK to a SYN without options, or with an MSS alone."""
    return [Ether(src=D, dst=T) / IP(src=D4, dst=T4, ttl=255, flags="DF")
            / TCP(sport=OPEN, dport=1025, flags="SA", ack=ack, window=64240,
                  options=[("MSS", mss)])]


ROWS = [
    *[dict(id=f"MF-TCP-02/{k}-words", what="a header of less than five words",
           frames=[stranger(dataofs=k, flags="S", data=b"data")],
           **counted("tcp_offset_small", "lenerr")) for k in range(5)],
    dict(id="MF-TCP-03", what="a header of 60 octets in 20",
         frames=[stranger(dataofs=15, flags="S")], **counted("tcp_offset_large", "lenerr")),
    dict(id="MF-TCP-03/established", what="the same on a connection",
         frames=[known("e", "PA", b"x", dataofs=15)], **counted("tcp_offset_large", "lenerr")),
    *[dict(id=f"short/{n}-octets", what="less than a TCP header",
           frames=[E / IP(src=T4, dst=D4, proto=6) / Raw(bytes(n))],
           **counted("tcp_short", "lenerr")) for n in (0, 1, 19)],
    dict(id="MF-TCP-04", what="a wrong checksum", frames=[stranger(flags="S", chksum=0xBEEF)],
         **counted("tcp_bad_checksum", "chkerr")),
    dict(id="MF-TCP-04/established", what="the same on a connection",
         frames=[known("e", "PA", b"x", checksum=0xBEEF)],
         **counted("tcp_bad_checksum", "chkerr")),
    dict(id="MF-TCP-05/to-0", what="to port 0", frames=[stranger(dport=0, flags="S")],
         **counted("tcp_port_zero", "proterr")),
    dict(id="MF-TCP-05/from-0", what="from port 0", frames=[stranger(sport=0, flags="S")],
         **counted("tcp_port_zero", "proterr")),
    dict(id="MF-TCP-06/broadcast", what="to the subnet's broadcast address",
         frames=[Ether(src=T, dst=NOBODY) / IP(src=T4, dst="10.0.0.255")
                 / TCP(sport=1025, dport=OPEN, flags="S")],
         **counted("tcp_not_unicast", "proterr")),
    dict(id="MF-TCP-06/all-ones", what="to everybody",
         frames=[Ether(src=T, dst=NOBODY) / IP(src=T4, dst="255.255.255.255")
                 / TCP(sport=1025, dport=OPEN, flags="S")],
         **counted("tcp_not_unicast", "proterr")),
    dict(id="MF-TCP-06/multicast", what="to all hosts' group",
         frames=[Ether(src=T, dst="01:00:5e:00:00:01") / IP(src=T4, dst="224.0.0.1")
                 / TCP(sport=1025, dport=OPEN, flags="S")],
         **counted("tcp_not_unicast", "proterr")),
    dict(id="MF-TCP-06/ipv6", what="to all nodes, over IPv6",
         frames=[Ether(src=T, dst="33:33:00:00:00:01") / IPv6(src="fe80::1", dst="ff02::1")
                 / TCP(sport=1025, dport=OPEN, flags="S")],
         drops={"eth_unknown_type": 1}, counters={"etharp.proterr": 1, "etharp.drop": 1},
         note="there is no IPv6 yet: not even the frame is taken"),
    dict(id="MF-TCP-06/link-broadcast", what="to the host's address in a broadcast frame",
         frames=[Ether(src=T, dst=NOBODY) / IP(src=T4, dst=D4)
                 / TCP(sport=1025, dport=OPEN, flags="S")],
         drops={"ip4_link_broadcast": 1}, counters={"ip.drop": 1}),
    dict(id="MF-TCP-07/listen", what="no flag at all, to a listener",
         frames=[stranger(flags=0)], **counted("tcp_listen_no_syn")),
    dict(id="MF-TCP-07/closed", what="the same to a closed port: a RST that takes it all",
         frames=[stranger(CLOSED, flags=0, data=b"data")], replies=rst("RA", ack=1004),
         **counted("tcp_no_connection", "proterr")),
    dict(id="MF-TCP-07/established", what="the same, with data, on a connection",
         frames=[known("e", 0, b"data")], **counted("tcp_no_ack")),
    dict(id="MF-TCP-08/listen", what="FIN, PSH and URG to a listener",
         frames=[stranger(flags="FPU")], **counted("tcp_listen_no_syn")),
    dict(id="MF-TCP-08/closed", what="the same to a closed port",
         frames=[stranger(CLOSED, flags="FPU")], replies=rst("RA", ack=1001),
         **counted("tcp_no_connection", "proterr")),
    dict(id="MF-TCP-08/established", what="the same on a connection",
         frames=[known("e", "FPU")], **counted("tcp_no_ack")),
    dict(id="MF-TCP-09/syn-fin", what="SYN with FIN", frames=[stranger(flags="SF")],
         **counted("tcp_listen_syn_fin", "proterr")),
    dict(id="MF-TCP-09/syn-fin-urg", what="and with urgent data",
         frames=[stranger(flags="SFU", urgptr=10)], **counted("tcp_listen_syn_fin", "proterr")),
    dict(id="MF-TCP-10", what="SYN with RST", frames=[stranger(flags="SR")],
         **counted("tcp_listen_rst")),
    dict(id="MF-TCP-72/ack-to-listen", what="an ACK to a listener: RST at its number, alone",
         frames=[stranger(flags="A", ack=5000)], replies=rst("R", seq=5000, sport=OPEN),
         **counted("tcp_listen_ack")),
    dict(id="MF-TCP-72/syn-ack-to-listen", what="a SYN-ACK to a listener: no connection",
         frames=[stranger(flags="SA", ack=5000)], replies=rst("R", seq=5000, sport=OPEN),
         **counted("tcp_listen_ack")),
    dict(id="MF-TCP-72/syn-ack-to-closed", what="a SYN-ACK to a closed port",
         frames=[stranger(CLOSED, flags="SA", ack=5000)], replies=rst("R", seq=5000),
         **counted("tcp_no_connection", "proterr")),
    dict(id="MF-TCP-72/rst-to-closed", what="a RST to a closed port: silence",
         frames=[stranger(CLOSED, flags="R")], **counted("tcp_no_connection", "proterr")),
    dict(id="MF-TCP-72/rst-ack-to-closed", what="a RST with ACK to a closed port: silence",
         frames=[stranger(CLOSED, flags="RA", ack=5000)],
         **counted("tcp_no_connection", "proterr")),
    dict(id="MF-TCP-72/rst-to-listen", what="a RST to a listener: silence",
         frames=[stranger(flags="RA", ack=5000)], **counted("tcp_listen_rst")),
]


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
def test_segment(busy_tcp, row):
    """What a segment is not, it does not bring about."""
    b = busy_tcp(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)


@pytest.mark.parametrize("_id", ["MF-TCP-11"])
def test_data_in_a_syn(make_busy_tcp, quiet_row, _id):
    """It is not acknowledged with the SYN; what is kept of it until the handshake is over and what
    the peer then repeats are one [RFC9293 3.10.7.2]."""
    b = make_busy_tcp()
    peer = b.peer(1025)
    peer.send("S", bytes(range(100)))
    peer.snd_nxt = peer.seq(1)
    peer.expect("SA", ack=peer.seq(1))
    peer.send("PA", bytes(range(100)))
    peer.expect("A", ack=peer.seq(101))
    connection = b.web.accept(timeout="1ms")
    assert connection.recv(timeout=0) == bytes(range(100))
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("_id", ["MF-TCP-42"])
def test_urgent_leftovers_of_a_syn(make_busy_tcp, quiet_row, _id):
    """A SYN with a cut option and one with FIN and urgent data leave nothing behind: the normal one
    makes a connection, and the program gets exactly what was sent."""
    b = make_busy_tcp()
    first = b.peer(1024)
    first.send("S", options=b"\x1d\x03\x00\x00")  # kind 29, cut
    first.expect("SA", options=[("MSS", 1460)])
    first.reset()
    peer = b.peer(1025, isn=1_000_000)
    peer.send("SFU", seq=0, urg=10)
    peer.expect_nothing(for_="1ms")
    assert b.memory()["TCP_PCB"] == b.before["tcp"]["pcbs"]
    peer.connect()
    connection = b.web.accept(timeout="1ms")
    peer.send("A", bytes(1024))
    peer.expect("A", ack=peer.seq(1025))
    assert connection.recv(100, timeout=0) == bytes(100)
    assert connection.pending == 924 and connection.recv_exactly(924) == bytes(924)
    assert connection.urgent == []
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("_id", ["MF-TCP-45"])
def test_urgent_leftovers_of_a_syn_ack(make_busy_tcp, quiet_row, _id):
    """A SYN-ACK with FIN and urgent data whose ACK is wrong changes nothing; the right one makes a
    connection without anything urgent."""
    b = make_busy_tcp()
    peer = b.peer(8080, None)
    connection = b.d.connect(T4, 8080, wait=False)
    peer.expect("S")
    peer.send("SAFU", seq=77, ack=peer.rseq(100), urg=10)
    peer.expect_rst(seq=peer.rseq(100))
    assert connection.state == "SYN_SENT"
    peer.send("SA")
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1))
    peer.send("PA", b"data")
    b.net.run(for_="1ms")
    assert connection.recv(timeout=0) == b"data" and connection.urgent == []
    peer.expect("A", ack=peer.seq(5))
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("_id", ["MF-TCP-44"])
def test_urgent_pointer_behind_the_segment(make_busy_tcp, quiet_row, _id):
    """It announces data that is yet to come; the ten octets are data like any [RFC9293 3.8.5]."""
    b = make_busy_tcp()
    b.e.send("AU", b"ten octets", urg=0xFFFF)
    b.e.expect("A", ack=b.e.snd_nxt, win=64240 - 13, length=0)
    assert b.ce.recv_exactly(13) == b"abcten octets"
    assert [event.value for event in b.ce.urgent] == [65535]
    after = b.reaction(b.before)
    assert after["drops"] == after["counters"] == {}
    b.recovers(quiet_row)
