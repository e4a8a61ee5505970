"""What the scenarios about UDP begin with: one host, and a tester that it can reach without ARP."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"


@pytest.fixture
def datagram():
    """datagram(a, wire, payload, sport, dport, **fields of UDP): a frame from the tester to the
    host; src, dst, mac and id are those of the headers below."""
    def make(a, wire, payload=b"data", sport=4000, dport=7, src=TESTER, dst=HOST, mac=None, id=1,
             **fields):
        return (Ether(src=wire.mac, dst=mac or a.mac) / IP(src=src, dst=dst, id=id)
                / UDP(sport=sport, dport=dport, **fields) / Raw(payload))
    return make


@pytest.fixture
def still_hears(net, datagram):
    """still_hears(a, wire): nothing is left on the wire, and a datagram still arrives, in time."""
    def check(a, wire, port=7777):
        assert [bytes(p) for p in wire.sniff(timeout="10ms")] == []
        with a.udp(port) as s:
            start = net.now_ns
            wire.send(datagram(a, wire, b"still there", dport=port))
            got = s.recv(timeout=1)
            assert (got.data, got.t_ns) == (b"still there", start + 2 * wire_time(60) + 50_000)
    return check
