"""Echo requests while allocations fail: the answer is the question, or there is none."""

import pytest
from scapy.layers.inet import ICMP, IP, fragment
from scapy.layers.l2 import Ether
from scapy.packet import Raw

TESTER = "10.0.0.254"


def two_hosts(net):
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    a.arp_static(TESTER, wire.mac)
    net.run(until="1ms")
    wire.clear()
    return a, b, wire


@pytest.mark.parametrize("size", [56, 3000])
def test_host_answers(net, rounds, size):
    """[RFC1122 3.2.2.6]: same identifier, number and data."""
    a, _b, wire = two_hosts(net)
    data = bytes((7 * i) & 0xFF for i in range(size))
    echo = ICMP(type=8, id=77, seq=5) / Raw(data)
    frames = [bytes(Ether(src=wire.mac, dst=a.mac) / p)
              for p in fragment(IP(src=TESTER, dst=a.ip, id=9) / echo, 1480)]
    expected = bytes(ICMP(type=0, id=77, seq=5) / Raw(data))

    def ask():
        wire.send(frames)
        packets = [Ether(f)[IP] for f in rounds.heard(wire)]
        octets = b"".join(bytes(p)[20:p.len] for p in packets)
        assert expected.startswith(octets)  # part of the answer at worst
        return octets == expected

    assert rounds(a, ask, wire) > 1


@pytest.mark.parametrize("target", ["10.0.0.2", "10.0.0.1", "127.0.0.1"])
def test_host_asks(net, rounds, target):
    """Its own request: refused with ERR_MEM, lost, or answered; also by itself."""
    a, _b, wire = two_hosts(net)

    def ask():
        pong = a.ping(target, timeout="3s", data=b"0123456789")
        if pong is None:
            return False
        assert (pong.data, pong.source) == (b"0123456789", target)
        return True

    assert rounds(a, ask, wire) > 2
