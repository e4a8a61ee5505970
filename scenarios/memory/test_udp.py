"""Datagrams in and out while allocations fail: delivered and answered whole, or not at all."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP, fragment
from scapy.layers.l2 import Ether
from scapy.packet import Raw

TESTER = "10.0.0.254"


def bench(net):
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    a.arp_static(TESTER, wire.mac)
    net.run(until="1ms")
    wire.clear()
    return a, wire


def datagram(wire, a, data, dport=7):
    """It as frames, cut if need be."""
    packet = IP(src=TESTER, dst=a.ip, id=7) / UDP(sport=4000, dport=dport) / Raw(data)
    return [bytes(Ether(src=wire.mac, dst=a.mac) / p) for p in fragment(packet, 1480)]


def joined(frames):
    """The UDP payload of one datagram's frames, in order; None when one is missing."""
    packets = [Ether(f)[IP] for f in frames]
    if not packets or packets[-1].flags.MF:
        return None
    octets = b"".join(bytes(p)[20:p.len] for p in packets)
    return octets[8:] if len(octets) == UDP(octets).len else None


@pytest.mark.parametrize("size", [64, 4000])
def test_echo(net, rounds, size):
    """What the socket gets is what was sent; what it sends back arrives whole, or the call says
    that it could not."""
    a, wire = bench(net)
    data = bytes((31 * i + 7) & 0xFF for i in range(size))
    frames = datagram(wire, a, data)

    def echo():
        with a.udp(7) as socket:
            wire.send(frames)
            net.run(for_="5ms")
            got = socket.recv(timeout=0)
            if got is None:
                return False
            assert (got.data, got.addr, got.port) == (data, TESTER, 4000)
            socket.send(got.data, got.addr, got.port)
        answer = rounds.heard(wire)
        assert joined(answer) == data  # the call has said that it was sent
        return True

    assert rounds(a, echo, wire) > 2


def test_nobody_at_the_port(net, rounds):
    """[RFC1122 4.1.3.1]: the ICMP error quotes the datagram as it came, or there is none."""
    a, wire = bench(net)
    frames = datagram(wire, a, b"anybody?", dport=9)

    def unreachable():
        wire.send(frames)
        answer = rounds.heard(wire)
        if not answer:
            return False
        error = Ether(answer[0])
        assert (error[ICMP].type, error[ICMP].code) == (3, 3)
        assert bytes(error[ICMP])[8:36] == frames[0][14:42]
        return len(answer) == 1

    assert rounds(a, unreachable, wire) == 3  # receive buffer, error


def test_datagram_that_never_becomes_whole(net, rounds):
    """[RFC1122 3.3.2]: its first fragment is quoted after a minute; all buffers come back."""
    a, wire = bench(net)
    frames = datagram(wire, a, bytes(4000))[:2]

    def timeout():
        wire.send(frames)
        answer = rounds.heard(wire, "61s")
        return [Ether(f)[ICMP].type for f in answer] == [11]

    assert rounds(a, timeout, wire) > 3
