"""Datagrams about which no ICMP error is ever sent, each next to one about which it is.

[RFC1122 3.2.2]: none about an ICMP error, a broadcast or multicast by IP or link address, a
fragment that is not the first, or a source that is not one host.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import shows

HOST, TESTER = "10.0.0.1", "10.0.0.254"
BROADCAST = "ff:ff:ff:ff:ff:ff"

#   name                    destination MAC        IP fields                         drops
NEVER = [
    ("subnet-broadcast", BROADCAST, {"dst": "10.0.0.255"}, {"udp_no_port": 1}),
    ("limited-broadcast", BROADCAST, {"dst": "255.255.255.255"}, {"udp_no_port": 1}),
    ("broadcast-in-a-unicast-frame", None, {"dst": "10.0.0.255"}, {"udp_no_port": 1}),
    ("multicast", "01:00:5e:00:00:01", {"dst": "224.0.0.1"}, {"udp_no_port": 1}),
    ("multicast-not-joined", "01:00:5e:01:02:03", {"dst": "239.1.2.3"}, {"ip4_not_member": 1}),
    ("link-broadcast", BROADCAST, {}, {"ip4_link_broadcast": 1}),
    ("link-multicast", "01:00:5e:00:00:01", {}, {"udp_no_port": 1}),
    ("from-0.0.0.0", None, {"src": "0.0.0.0"}, {"ip4_bad_source": 1}),
    ("from-0.1.2.3", None, {"src": "0.1.2.3"}, {"ip4_bad_source": 1}),
    ("from-127.0.0.1", None, {"src": "127.0.0.1"}, {"ip4_martian": 1}),
    ("from-127.9.9.9", None, {"src": "127.9.9.9"}, {"ip4_martian": 1}),
    ("from-subnet-broadcast", None, {"src": "10.0.0.255"}, {"ip4_bad_source": 1}),
    ("from-limited-broadcast", None, {"src": "255.255.255.255"}, {"ip4_bad_source": 1}),
    ("from-multicast", None, {"src": "224.0.0.5"}, {"ip4_bad_source": 1}),
    ("from-class-e", None, {"src": "240.0.0.1"}, {"ip4_bad_source": 1}),
    ("from-ourselves", None, {"src": HOST}, {"ip4_own_source": 1}),
    ("to-127.0.0.1", None, {"dst": "127.0.0.1"}, {"ip4_martian": 1}),
    ("to-another-host", None, {"dst": "10.0.0.9"}, {"ip4_not_ours": 1}),
    ("to-0.0.0.0", None, {"dst": "0.0.0.0"}, {"udp_no_port": 1}),
    ("to-class-e", None, {"dst": "240.0.0.1"}, {"ip4_not_ours": 1}),
]


@pytest.mark.wire_only(reason="a group that nobody joined does not pass the filter")
@pytest.mark.parametrize("mac, fields, drops", [n[1:] for n in NEVER], ids=[n[0] for n in NEVER])
def test_closed_port_is_not_told(bench, still_answers, mac, fields, drops):
    """[RFC1122 3.2.2], [RFC1122 3.2.1.3], [RFC1122 3.3.6]: unicast to the same port is answered."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / UDP(dport=9) / b"plain")
    assert wire.recv(timeout=1)[ICMP].type == 3
    before = a.stats()["drops"]
    wire.send(Ether(dst=mac or a.mac) / IP(**{"src": TESTER, "dst": HOST, **fields})
              / UDP(dport=9) / b"never")
    still_answers(a, wire)
    after = a.stats()["drops"]
    assert {k: n - before.get(k, 0) for k, n in after.items() if n != before.get(k, 0)} == drops


@pytest.mark.parametrize("type_", [3, 4, 5, 11, 12, 99])
def test_error_is_not_told_about(bench, still_answers, type_):
    """[RFC1122 3.2.2]: a bad option in an ICMP error; a type that nobody knows counts as one."""
    a, wire = bench()
    bad = dict(options=b"\x07\x0b\x04\x00")
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST, **bad) / ICMP(type=8))
    assert wire.recv(timeout=1)[ICMP].type == 12
    quote = IP(src=HOST, dst=TESTER) / UDP(dport=9)
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST, **bad)
              / ICMP(type=type_) / Raw(bytes(quote)))
    with shows("RQ-792-04"):
        still_answers(a, wire)
    assert a.stats()["drops"] == {"ip4_bad_option": 2}


def test_later_fragment_of_an_unknown_protocol(bench, still_answers):
    """[RFC792 Introduction]: only fragment zero is told about: neither protocol unreachable at
    once, nor time exceeded when the rest has not come."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST, proto=253, frag=50) / Raw(bytes(100)))
    with shows("RQ-792-05"):
        assert len(wire.sniff(timeout="2min")) == 0
        assert a.stats()["drops"] == {"ip4_reass_timeout": 1}
    still_answers(a, wire)


@pytest.mark.parametrize("offset", [1, 100, 8000])
def test_later_fragment_is_not_told_about(bench, still_answers, offset):
    """[RFC1122 3.2.2]: with fragment zero the bad option would be told, with another it is not."""
    a, wire = bench()
    bad = dict(src=TESTER, dst=HOST, flags="MF", options=b"\x07\x0b\x04\x00")
    wire.send(Ether(dst=a.mac) / IP(frag=0, **bad) / UDP(dport=9))
    assert wire.recv(timeout=1)[ICMP].type == 12
    wire.send(Ether(dst=a.mac) / IP(frag=offset, **bad) / Raw(bytes(8)))
    with shows("RQ-792-05"):
        still_answers(a, wire)
    assert a.stats()["drops"] == {"ip4_bad_option": 2}
