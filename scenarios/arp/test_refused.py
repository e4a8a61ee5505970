"""ARP packets that nobody should believe: each is dropped for its own reason, and changes nothing.

[RFC826 Packet Reception]: hardware, protocol and lengths are checked first, the opcode last;
[RFC1812 3.3.2]: broadcast and group addresses are no host's.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import shows

BROADCAST = "ff:ff:ff:ff:ff:ff"


def lan(net):
    """A host that knows the tester (10.0.0.254); it is 1 ms."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24")
    wire = segment.port("tester")
    wire.send(packet(wire))
    net.run(until="1ms")
    wire.clear()
    return a, wire


def packet(wire, **fields):
    """A request for the host by the tester, with some fields bent."""
    members = {"op": 1, "hwsrc": wire.mac, "psrc": "10.0.0.254", "pdst": "10.0.0.1"} | fields
    return Ether(src=wire.mac, dst=BROADCAST) / ARP(**members)


def knows(a):
    """The ARP table as pairs."""
    return {e["ip"]: e["mac"] for e in a.arp_table()}


def refused(net, a, wire, frame, reason, counter):
    """Sends a frame: no answer, one drop, one count, an unchanged table; then all is well."""
    before = a.stats()["lwip"]["etharp"]
    wire.send(frame)
    assert wire.recv(timeout="2s") is None
    after = a.stats()
    assert after["drops"] == {reason: 1}
    changed = {k: v - before[k] for k, v in after["lwip"]["etharp"].items() if v != before[k]}
    assert changed == {"recv": 1, "drop": 1} | counter
    assert knows(a) == {"10.0.0.254": wire.mac}
    wire.send(packet(wire))
    assert wire.recv(timeout="1ms")[ARP].hwsrc == a.mac


@pytest.mark.parametrize("fields, reason", [
    pytest.param({"hwtype": 0}, "arp_hardware", id="hardware-0"),
    pytest.param({"hwtype": 6}, "arp_hardware", id="hardware-ieee802"),
    pytest.param({"hwtype": 0x0100}, "arp_hardware", id="hardware-swapped"),
    pytest.param({"ptype": 0}, "arp_protocol", id="protocol-0"),
    pytest.param({"ptype": 0x86DD}, "arp_protocol", id="protocol-ipv6"),
    pytest.param({"ptype": 0x0806}, "arp_protocol", id="protocol-arp"),
])
def test_foreign_hardware_or_protocol_is_refused(net, fields, reason):
    """[RFC826 Packet Reception]: "Do I have the hardware type? Do I speak the protocol?" """
    a, wire = lan(net)
    with shows("RQ-826-02"):
        refused(net, a, wire, packet(wire, **fields), reason, {"proterr": 1})


@pytest.mark.parametrize("lengths", [(0, 4), (5, 4), (8, 4), (255, 4), (6, 0), (6, 3), (6, 16),
                                     (6, 255), (4, 6)], ids=lambda p: f"{p[0]}-and-{p[1]}")
def test_lying_address_lengths_are_refused(net, lengths):
    """[RFC826 Packet Reception]: lengths other than 6 and 4 are an error, not an offset to
    follow."""
    a, wire = lan(net)
    frame = bytearray(bytes(packet(wire)))
    frame[18], frame[19] = lengths
    with shows("RQ-826-02"):
        refused(net, a, wire, bytes(frame), "arp_lengths", {"proterr": 1})


@pytest.mark.wire_only
@pytest.mark.parametrize("length", [1, 6, 8, 20, 27])
def test_cut_packet_is_refused(net, length):
    """[RFC826 Packet Reception]: a packet that ends before its last address is not read."""
    a, wire = lan(net)
    refused(net, a, wire, bytes(packet(wire))[:14 + length], "arp_short", {"lenerr": 1})


@pytest.mark.parametrize("opcode", [0, 3, 4, 8, 9, 0x0100, 0xFFFF])
def test_unknown_opcode_from_a_stranger_is_refused(net, opcode):
    """[RFC826 Packet Reception]: no answer to, and no new entry from, what is neither request nor
    reply."""
    a, wire = lan(net)
    frame = packet(wire, op=opcode, psrc="10.0.0.77", hwsrc="02:00:00:00:00:77")
    refused(net, a, wire, frame, "arp_opcode", {"err": 1})


@pytest.mark.parametrize("mac", [
    pytest.param(BROADCAST, id="broadcast"),
    pytest.param("01:00:5e:00:00:01", id="group"),
    pytest.param("00:00:00:00:00:00", id="zero"),
])
@pytest.mark.parametrize("who", ["10.0.0.77", "10.0.0.254", "0.0.0.0"],
                         ids=["stranger", "known", "probe"])
@pytest.mark.parametrize("opcode", [1, 2], ids=["request", "reply"])
def test_impossible_sender_mac_is_believed_from_nobody(net, mac, who, opcode):
    """[RFC1812 3.3.2]: neither learnt, nor put in place of what is known, nor answered to."""
    a, wire = lan(net)
    refused(net, a, wire, packet(wire, op=opcode, psrc=who, hwsrc=mac), "arp_bad_sender_mac", {})


@pytest.mark.parametrize("address", [
    pytest.param("10.0.0.255", id="directed-broadcast"),
    pytest.param("255.255.255.255", id="limited-broadcast"),
    pytest.param("224.0.0.1", id="multicast"),
    pytest.param("239.255.255.255", id="last-multicast"),
    pytest.param("127.0.0.1", id="loopback"),
])
@pytest.mark.parametrize("opcode", [1, 2], ids=["request", "reply"])
def test_impossible_sender_address_is_refused(net, address, opcode):
    """[RFC1812 3.3.2]: an address that no single host can have makes no entry and gets no
    answer."""
    a, wire = lan(net)
    refused(net, a, wire, packet(wire, op=opcode, psrc=address), "arp_bad_sender_ip", {})


@pytest.mark.parametrize("target", ["10.0.0.1", "10.0.0.254", "10.0.0.9"],
                         ids=["gratuitous", "asks-another", "asks-third"])
@pytest.mark.parametrize("opcode", [1, 2], ids=["request", "reply"])
def test_sender_with_our_address_is_refused(net, target, opcode):
    """[RFC5227 2.4]: whoever bears our address is not learnt and not answered (no ACD on this
    host)."""
    a, wire = lan(net)
    refused(net, a, wire, packet(wire, op=opcode, psrc="10.0.0.1", pdst=target), "arp_own_address",
            {})


def test_own_packets_coming_back_are_refused(net):
    """[RFC826 Packet Reception]: a cable that echoes does not make the host talk to itself."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24")
    wire = segment.port("tester")
    announcement = wire.recv(timeout="1ms")
    wire.send(bytes(announcement))
    assert wire.recv(timeout="2s") is None
    assert a.stats()["drops"] == {"arp_own_address": 1}
    assert a.arp_table() == []


def test_reply_with_zero_mac_leaves_the_question_open(net):
    """[RFC1812 3.3.2]: a packet waits on for an answer that can be believed."""
    a, wire = lan(net)
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    assert wire.recv(timeout="1ms")[ARP].pdst == "10.0.0.9"
    answer = packet(wire, op=2, psrc="10.0.0.9", hwsrc="00:00:00:00:00:00")
    wire.send(answer)
    net.run(for_="1ms")
    assert wire.pending == 0
    assert [e["state"] for e in a.arp_table() if e["ip"] == "10.0.0.9"] == ["pending"]
    answer[ARP].hwsrc = wire.mac
    wire.send(answer)
    assert wire.recv(timeout="1ms")["UDP"].load == b"x"
    assert a.stats()["drops"] == {"arp_bad_sender_mac": 1}
