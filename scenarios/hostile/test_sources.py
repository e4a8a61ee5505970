"""Who a packet says it is from, and where it says it goes: no lie makes the host speak.

[RFC1122 3.2.1.3], [RFC1122 3.2.2]: a host with two interfaces, so that each address has a wrong
side; whatever the source, no frame leaves on either cable, and no application sees it."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

HOST, TESTER, OTHER = "10.0.0.1", "10.0.0.254", "10.1.0.1"
BROADCAST = "ff:ff:ff:ff:ff:ff"

LIARS = ["0.0.0.0", "0.0.0.1", "10.0.0.255", "10.1.0.255", "255.255.255.255", "224.0.0.1",
         "239.255.255.255", "240.0.0.1", "127.0.0.1", "127.255.255.255", HOST, OTHER]
UPPER = [("echo", ICMP(type=8)), ("service", UDP(sport=9, dport=7)), ("nobody", UDP(dport=9)),
         ("protocol", Raw(b"12345678"))]


@pytest.mark.parametrize("upper", [u[1] for u in UPPER], ids=[u[0] for u in UPPER])
@pytest.mark.parametrize("src", LIARS)
def test_no_answer_goes_to_who_cannot_be(net, target, src, upper):
    """[RFC1122 3.2.1.3]: not even to the broadcast address of the other cable (fraggle, land)."""
    t = target(lwip_broadcast_ping=1, lwip_multicast_ping=1)
    right = net.segment("right", kind="hub")
    far = right.port("far")
    t.a.netif(right, ip=f"{OTHER}/24")
    net.run(for_="1ms")
    far.clear()
    proto = {} if not isinstance(upper, Raw) else {"proto": 200}
    for dst in (HOST, OTHER, "10.0.0.255", "255.255.255.255", "224.0.0.1"):
        t.send(IP(src=src, dst=dst, **proto) / upper, mac=BROADCAST if dst[-1] == "5" else None)
    assert [p.summary() for p in t.answers("10s")] == []
    assert [p.summary() for p in far.sniff(timeout=0)] == []
    assert t.socket.recv(timeout=0) is None
    assert sum(t.drops().values()) == 5
    t.still_works(idle=False)


@pytest.mark.parametrize("dst", ["255.255.255.255", "0.0.0.0"])
def test_addressless_interface_takes_the_limited_broadcast_as_its_own(net, dst):
    """[RFC2131 4.1]: a DHCP client hears the server's broadcast, though another interface has an
    address; nothing is answered from 0.0.0.0."""
    left, right = net.segment("left", kind="hub"), net.segment("right", kind="hub")
    a = net.host("a", left, lwip_broadcast_ping=1)
    a.netif(right, ip=f"{OTHER}/24")
    wire, far = left.port("tester"), right.port("far")
    socket = a.udp(68, broadcast=True)
    net.run(until="1ms")
    far.clear()
    frame = Ether(src=wire.mac, dst=BROADCAST) / IP(src="10.0.0.9", dst=dst)
    wire.send(frame / UDP(sport=67, dport=68) / Raw(b"offer"))
    assert socket.recv(timeout="1ms").data == b"offer"
    wire.send([frame / ICMP(type=8), frame / UDP(dport=9), frame / Raw(b"12345678")])
    assert ([p.summary() for p in wire.sniff(timeout="1min")], far.pending) == ([], 0)


@pytest.mark.wire_only(reason="a group that nobody joined does not pass the filter")
def test_unicast_in_a_frame_to_a_group_is_heard_and_not_complained_about(target):
    """[RFC1122 3.3.6] is about link-layer broadcasts; in one to a group a unicast datagram is
    delivered, and about nothing in it an error leaves."""
    t = target()
    group = "01:00:5e:00:00:05"
    t.send(IP(src=TESTER, dst=HOST) / UDP(sport=9, dport=7) / Raw(b"heard"), mac=group)
    assert t.socket.recv(timeout="1ms").data == b"heard"
    t.send(IP(src=TESTER, dst=HOST) / UDP(dport=9), IP(src=TESTER, dst=HOST, proto=200) / Raw(b"?"),
           IP(src=TESTER, dst=HOST, options=b"\x07\x0b\x04\x00") / UDP(dport=7),
           IP(src=TESTER, dst=HOST, flags="MF", id=3) / Raw(b"12345678"), mac=group)
    assert [p.summary() for p in t.answers("2min")] == []
    t.still_works()


ARP_LIES = [
    ("our MAC for a neighbour", {"hwsrc": "HOST", "psrc": "10.0.0.9"}),
    ("our MAC for the gateway, as a reply", {"op": 2, "hwsrc": "HOST", "psrc": "10.0.0.9"}),
    ("zero MAC", {"hwsrc": "00:00:00:00:00:00", "psrc": "10.0.0.9"}),
    ("group MAC", {"hwsrc": "01:00:5e:00:00:01", "psrc": "10.0.0.9"}),
    ("broadcast MAC", {"op": 2, "hwsrc": BROADCAST, "psrc": "10.0.0.9"}),
    ("broadcast address", {"psrc": "10.0.0.255"}),
    ("multicast address", {"op": 2, "psrc": "224.0.0.1"}),
    ("loopback address", {"psrc": "127.0.0.1"}),
    ("our address", {"psrc": HOST}),
    ("RARP reply", {"op": 4, "psrc": "10.0.0.9"}),
    ("InARP request", {"op": 8, "psrc": "10.0.0.9"}),
    ("opcode with a byte too many", {"op": 0x0101, "psrc": "10.0.0.9"}),
]


@pytest.mark.parametrize("lie", [a[1] for a in ARP_LIES], ids=[a[0] for a in ARP_LIES])
def test_arp_liar_is_neither_believed_nor_answered(target, lie):
    """[RFC826 Packet Reception], [RFC1812 3.3.2]: the table is as it was, nothing is said."""
    t = target()
    fields = {"op": 1, "hwsrc": t.wire.mac, "psrc": TESTER, "pdst": HOST, **lie}
    if fields["hwsrc"] == "HOST":
        fields["hwsrc"] = t.a.mac
    for dst in (BROADCAST, t.a.mac):
        t.wire.send(Ether(src=t.wire.mac, dst=dst) / ARP(**fields))
    assert [p.summary() for p in t.answers("10s")] == []
    assert [(e["ip"], e["mac"]) for e in t.a.arp_table()] == [(TESTER, t.wire.mac)]
    assert sum(t.drops().values()) == 2
    t.still_works()
