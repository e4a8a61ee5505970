"""One frame to everybody, and everybody could answer: nobody does, or each once.

[RFC1122 3.2.2], [RFC1122 3.2.2.6], [RFC1812 5.3.1]: broadcasts with every flaw that would provoke
an error in a unicast; packets that could go round for ever."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

BROADCAST = "ff:ff:ff:ff:ff:ff"
HOSTS = 8
SRC = "10.0.0.254"

CROWD = [
    ("closed port", IP(src=SRC, dst="10.0.0.255") / UDP(dport=9)),
    ("closed port, limited", IP(src=SRC, dst="255.255.255.255") / UDP(dport=9)),
    ("closed port, group", IP(src=SRC, dst="224.0.0.1") / UDP(dport=9)),
    ("closed port, zeros", IP(src=SRC, dst="0.0.0.0") / UDP(dport=9)),
    ("unicast inside", IP(src=SRC, dst="10.0.0.1") / UDP(dport=9)),
    ("unicast ping inside", IP(src=SRC, dst="10.0.0.1") / ICMP()),
    ("ping", IP(src=SRC, dst="10.0.0.255") / ICMP()),
    ("ping of a group", IP(src=SRC, dst="224.0.0.1") / ICMP()),
    ("protocol", IP(src=SRC, dst="10.0.0.255", proto=200) / Raw(b"12345678")),
    ("bad option", IP(src=SRC, dst="10.0.0.255", options=b"\x07\x0b\x04\x00") / UDP(dport=9)),
    ("source route", IP(src=SRC, dst="10.0.0.255", options=b"\x83\x07\x04\x0a\x00\x00\x09\x00")
     / UDP(dport=9)),
    ("half a datagram", IP(src=SRC, dst="10.0.0.255", flags="MF", id=1) / Raw(b"12345678")),
    ("timestamp request", IP(src=SRC, dst="10.0.0.255") / ICMP(type=13)),
    ("mask request", IP(src=SRC, dst="10.0.0.255") / ICMP(type=17)),
    ("TTL at its end", IP(src=SRC, dst="10.9.9.9", ttl=1) / UDP(dport=9)),
    ("no route", IP(src=SRC, dst="192.0.2.1") / UDP(dport=9)),
    ("too big to go on", IP(src=SRC, dst="10.9.9.9", flags="DF") / UDP(dport=9) / Raw(bytes(1400))),
    ("error about an error", IP(src=SRC, dst="10.0.0.255") / ICMP(type=3, code=3)
     / Raw(bytes(IP(src="10.0.0.1", dst=SRC) / UDP(dport=9)))),
]


@pytest.mark.parametrize("forward", [0, 1], ids=["hosts", "routers"])
@pytest.mark.parametrize("packet", [c[1] for c in CROWD], ids=[c[0] for c in CROWD])
def test_broadcast_is_answered_by_nobody(net, packet, forward):
    """[RFC1122 3.2.2]: eight hosts, one frame, two minutes of silence."""
    lan = net.segment("lan", kind="hub")
    for i in range(HOSTS):
        net.host(f"h{i}", lan, ip=f"10.0.0.{i + 1}/24", gw=SRC, ip_forward=forward)
    wire = lan.port("tester")
    net.run(until="10ms")
    wire.clear()
    wire.send(Ether(src=wire.mac, dst=BROADCAST) / packet)
    assert [p.summary() for p in wire.sniff(timeout="2min")] == []


def test_two_routers_that_send_each_other_everything_end(net):
    """[RFC1812 5.3.1]: each is the other's gateway; the datagram goes round until its TTL is gone,
    then its source is told once. Time exceeded about that message is not."""
    lan = net.segment("lan", kind="hub")
    pair = [net.host(f"r{i}", lan, ip=f"10.0.0.{i + 1}/24", gw=f"10.0.0.{2 - i}", ip_forward=1,
                     ip_forward_allow_tx_on_rx_netif=1, icmp_error_rate=1, icmp_error_burst=100)
            for i in range(2)]
    wire = lan.port("tester")
    for r, other in zip(pair, pair[::-1]):
        r.arp_static(other.ip.partition("/")[0], other.mac)
        r.arp_static(SRC, wire.mac)
    net.run(until="10ms")
    wire.clear()
    wire.send(Ether(src=wire.mac, dst=pair[0].mac) / IP(src=SRC, dst="192.0.2.1", ttl=64)
              / UDP(dport=9))
    seen = wire.sniff(timeout="1min")
    onward = [p for p in seen if p[IP].dst == "192.0.2.1"]
    assert [p[IP].ttl for p in onward] == list(range(63, 0, -1))
    errors = [p[ICMP].type for p in seen if p[IP].dst == SRC]
    assert (errors.count(11), set(errors) - {5}) == (1, {11})


def test_frames_sent_back_by_the_network_end(net):
    """A switch with a loop returns every frame once: nothing is answered twice, no table learns."""
    lan = net.segment("lan", kind="hub")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester")
    wire.send(Ether(src=wire.mac, dst=BROADCAST) / ARP(hwsrc=wire.mac, psrc=SRC, pdst="10.0.0.1"))
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src=SRC, dst="10.0.0.1") / ICMP() / Raw(b"x"))
    socket = a.udp(4000, broadcast=True)
    socket.send(b"all", "10.0.0.255", 4000)
    socket.send(b"one", "10.0.0.77", 4000)
    seen = wire.sniff(timeout="100ms")
    known = [(e["ip"], e["mac"]) for e in a.arp_table()]
    for p in seen:
        back = bytes(p)
        wire.send([back, bytes.fromhex(a.mac.replace(":", "")) + back[6:]])
    assert [p.summary() for p in wire.sniff(timeout="500ms")] == []
    assert [(e["ip"], e["mac"]) for e in a.arp_table()] == known
    assert socket.recv(timeout=0) is None
