"""A host answers an ARP request for its address, at once, and only for its address.

[RFC826 Packet Reception]: "?Am I the target protocol address?" then "Send the packet to the (new)
target hardware address on the same hardware on which the request was received"."""

from scapy.layers.l2 import ARP, Ether

from lockwire import shows, wire_time

BROADCAST = "ff:ff:ff:ff:ff:ff"


def test_arp_request_is_answered(net):
    lan = net.segment("lan", rate="100M", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    reply = wire.srp1(Ether(src=wire.mac, dst=BROADCAST) /
                      ARP(op="who-has", hwsrc=wire.mac, psrc="10.0.0.254", pdst="10.0.0.1"),
                      timeout=1)
    assert reply[ARP].hwsrc == a.mac
    # There and back, each over two cables, and nothing in between.
    assert net.now_ns == 4 * wire_time(60) + 2 * 50_000
    with shows("RQ-826-05"):
        assert (reply.src, reply.dst) == (a.mac, wire.mac)
        assert (reply[ARP].op, reply[ARP].psrc) == (2, "10.0.0.1")
        assert (reply[ARP].hwdst, reply[ARP].pdst) == (wire.mac, "10.0.0.254")


def test_arp_request_for_another_address_is_not_answered(net):
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    net.run(for_="1ms")  # past a's gratuitous ARP
    wire.clear()
    wire.send(Ether(dst=BROADCAST) / ARP(op=1, psrc="10.0.0.254", pdst="10.0.0.2"))
    assert len(wire.sniff(timeout="10s")) == 0
    # ... nor is the sender learnt: the packet was not for us and we had no entry to update.
    assert [e for e in a.arp_table() if e["ip"] == "10.0.0.254"] == []


def test_the_asker_is_learnt(net):
    """Who asks is about to talk: the target merges the sender's addresses before it answers."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    wire.srp1(Ether(dst=BROADCAST) / ARP(op=1, psrc="10.0.0.254", pdst="10.0.0.1"), timeout=1)
    entry, = [e for e in a.arp_table() if e["ip"] == "10.0.0.254"]
    assert entry["mac"] == wire.mac
