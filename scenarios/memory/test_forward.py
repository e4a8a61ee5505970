"""A router while allocations fail: what goes on is whole, what does not is gone."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

NEAR, FAR = "10.1.0.9", "10.2.0.9"


@pytest.mark.parametrize("size, ttl, mtu", [(100, 64, 1500), (1200, 64, 576), (100, 1, 1500)],
                         ids=["as it is", "cut", "expired"])
def test_router(net, rounds, size, ttl, mtu):
    """[RFC1812 5.3.1], [RFC791 3.2]: through, in fragments, or back as an ICMP error."""
    left, right = net.segment("left"), net.segment("right")
    r = net.host("r", left, ip="10.1.0.1/24", ip_forward=1)
    out = r.netif(right, ip="10.2.0.1/24", mtu=mtu)
    near = left.port("near", mac="02:00:00:00:00:01")
    far = right.port("far", mac="02:00:00:00:00:02")
    r.arp_static(NEAR, near.mac)
    r.arp_static(FAR, far.mac)
    net.run(until="10ms")
    near.clear()
    far.clear()
    data = bytes((3 * i) & 0xFF for i in range(size))
    packet = IP(src=NEAR, dst=FAR, id=0x1234, ttl=ttl) / UDP(sport=4000, dport=9) / Raw(data)
    frame = bytes(Ether(src=near.mac, dst=r.mac) / packet)
    whole = bytes(packet)[20:]

    def cross():
        near.send(frame)
        through = [Ether(f)[IP] for f in rounds.heard(far)]
        back = [Ether(f) for f in rounds.heard(near)]
        octets = b"".join(bytes(p)[20:p.len] for p in through)
        assert whole.startswith(octets) and all(p.ttl == ttl - 1 for p in through)
        assert all(p[ICMP].type == 11 and bytes(p[ICMP])[8:36] == frame[14:42] for p in back)
        return (len(back) == 1 and not through) if ttl == 1 else (octets == whole and not back)

    assert rounds(r, cross, near, far) > 1
    assert out.info()["counters"]["ifoutdiscards"] == 0
