"""What the scenarios about ICMP begin with: a host, and a tester it reaches without ARP."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"
LATENCY_NS = 50_000


@pytest.fixture
def still_answers(net):
    """still_answers(a, wire): nothing is left on the wire, and an echo comes back, in time."""
    def check(a, wire):
        assert [bytes(p) for p in wire.sniff(timeout="10ms")] == []
        start = net.now_ns
        wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST, id=77)
                  / ICMP(type=8, id=7, seq=9) / Raw(b"still there"))
        reply = wire.recv(timeout=1)
        assert (reply[ICMP].type, reply[ICMP].id, reply[ICMP].seq) == (0, 7, 9)
        assert reply.time.ns == start + 4 * wire_time(60) + 2 * LATENCY_NS
    return check
