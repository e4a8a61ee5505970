"""ICMP errors that come in: believed only about what this host sent, told only whom they concern.

[RFC1122 3.2.2.1]: an unreachable goes to the transport, which reports it to the application
[RFC1122 4.1.3.3]; a connected UDP socket hears of its own datagrams and of no others.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import IcmpError

HOST, TESTER, ROUTER = "10.0.0.1", "10.0.0.254", "10.0.0.253"
ERRORS = [(3, code) for code in range(16)] + [(11, 0), (11, 1), (12, 0), (12, 1), (12, 2)]


@pytest.fixture
def connected(bench):
    """Host a, the tester, a socket of port 5000 connected to its port 7, a datagram it sent."""
    a, wire = bench()
    socket = a.udp(5000)
    socket.connect(TESTER, 7)
    socket.send(b"are you there")
    sent = wire.recv(timeout=1)
    return a, wire, socket, sent


def tell(a, wire, quote, src=ROUTER, type=3, code=3, **icmp):
    """An error about `quote` reaches the host."""
    wire.send(Ether(dst=a.mac) / IP(src=src, dst=HOST) / ICMP(type=type, code=code, **icmp)
              / Raw(quote))


@pytest.mark.parametrize("type_, code", ERRORS)
def test_connected_socket_is_told(connected, still_answers, type_, code):
    """[RFC1122 4.1.3.3]: each code assigned of unreachable, time exceeded, parameter problem."""
    a, wire, socket, sent = connected
    tell(a, wire, bytes(sent[IP])[:28], type=type_, code=code)
    with pytest.raises(IcmpError) as caught:
        socket.recv(timeout=1)
    assert (caught.value.type, caught.value.code, caught.value.source) == (type_, code, ROUTER)
    assert a.stats()["drops"] == {}
    counter = {3: "icmpindestunreachs", 11: "icmpintimeexcds", 12: "icmpinparmprobs"}[type_]
    assert a.stats()["mib2"][counter] == 1
    assert socket.recv(timeout="1s") is None  # told once; the socket goes on
    socket.send(b"again")
    assert wire.recv(timeout=1)[Raw].load[:5] == b"again"
    still_answers(a, wire)


@pytest.mark.parametrize("type_, code", [(3, 16), (3, 255), (11, 2), (12, 3)])
def test_unassigned_code_means_nothing(connected, still_answers, type_, code):
    """[RFC1122 3.2.2]: dropped by its name, and the socket hears nothing."""
    a, wire, socket, sent = connected
    tell(a, wire, bytes(sent[IP])[:28], type=type_, code=code)
    assert socket.recv(timeout="1s") is None
    assert a.stats()["drops"] == {"icmp_bad_code": 1}
    assert a.stats()["mib2"]["icmpinerrors"] == 1
    still_answers(a, wire)


def test_other_sockets_hear_nothing(connected):
    """[RFC1122 4.1.3.3]: neither one that is not connected, nor one with another peer."""
    a, wire, socket, sent = connected
    loose, other_port, other_peer = a.udp(5001), a.udp(5002), a.udp(5003)
    other_port.connect(TESTER, 8)
    other_peer.connect(ROUTER, 7)
    tell(a, wire, bytes(sent[IP])[:28])
    with pytest.raises(IcmpError):
        socket.recv(timeout=1)
    assert [s.recv(timeout="10ms") for s in (loose, other_port, other_peer)] == [None] * 3


def test_unconnected_socket_is_not_told_of_its_own_datagram(bench):
    """[RFC1122 4.1.3.3]: it could not say which of its datagrams it was."""
    a, wire = bench()
    socket = a.udp(5000)
    socket.send(b"are you there", TESTER, 7)
    sent = wire.recv(timeout=1)
    tell(a, wire, bytes(sent[IP])[:28])
    assert socket.recv(timeout="1s") is None


QUOTES = {
    "foreign-source": dict(src="10.0.0.77"), "later-fragment": dict(frag=3),
    "version": dict(version=6), "header-length": dict(ihl=4),
}


@pytest.mark.parametrize("spoilt", QUOTES.values(), ids=QUOTES)
def test_quote_of_what_we_cannot_have_sent(connected, still_answers, spoilt):
    """[RFC1122 3.2.2]: anybody can forge an error; one that does not quote us is refused."""
    a, wire, socket, sent = connected
    quote = IP(bytes(sent[IP])[:28])
    for field, value in spoilt.items():
        setattr(quote, field, value)
    tell(a, wire, bytes(quote)[:28])
    assert socket.recv(timeout="1s") is None
    assert a.stats()["drops"] == {"icmp_bad_quote": 1}
    still_answers(a, wire)


@pytest.mark.parametrize("length", [0, 1, 19, 20, 27])
def test_quote_that_is_too_short(connected, still_answers, length):
    """[RFC1122 3.2.2]: less than header and 8 octets is no quote."""
    a, wire, socket, sent = connected
    tell(a, wire, bytes(sent[IP])[:length])
    assert socket.recv(timeout="1s") is None
    assert a.stats()["drops"] == {"icmp_bad_quote": 1}
    assert a.stats()["lwip"]["icmp"]["lenerr"] == 1
    still_answers(a, wire)


@pytest.mark.parametrize("field, value", [("sport", 5999), ("dport", 8)])
def test_quote_of_ports_that_are_not_connected(connected, field, value):
    """[RFC1122 4.1.3.3]: an error finds its socket by both ports and both addresses."""
    a, wire, socket, sent = connected
    quote = IP(bytes(sent[IP])[:28])
    setattr(quote[UDP], field, value)
    tell(a, wire, bytes(quote)[:28])
    assert socket.recv(timeout="1s") is None
    assert a.stats()["drops"] == {}


def test_error_about_a_protocol_without_transport(bench, still_answers):
    """[RFC1122 3.2.2]: nobody could have an interest in it."""
    a, wire = bench()
    tell(a, wire, bytes(IP(src=HOST, dst=TESTER, proto=132)) + bytes(8))
    still_answers(a, wire)
    assert a.stats()["drops"] == {"icmp_error_unused": 1}


def test_both_ends_of_a_refused_datagram(net):
    """[RFC1122 4.1.3.1]: without a tester: one host's closed port is the other socket's error."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    client = a.udp(5000)
    client.connect("10.0.0.2", 9)
    client.send(b"anyone")
    with pytest.raises(IcmpError) as caught:
        client.recv(timeout=1)
    assert (caught.value.type, caught.value.code, caught.value.source) == (3, 3, "10.0.0.2")
    assert b.stats()["drops"] == {"udp_no_port": 1}
