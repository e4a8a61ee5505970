"""A datagram that would leave by the interface it came in by: dropped, or forwarded with a
redirect.

Dropped is lwIP's default; ip_forward_allow_tx_on_rx_netif forwards it. [RFC1812 5.2.7.2]: a
redirect for the host goes to the source if source and next hop are neighbours."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether

from lockwire import shows

NEAR, OTHER, LEFT, GATEWAY = "10.1.0.9", "10.1.0.8", "10.1.0.1", "10.1.0.77"
NEXT_MAC = "02:00:00:00:00:08"


@pytest.mark.parametrize("dst", [OTHER, "192.0.2.1"], ids=["neighbour", "through the gateway"])
def test_same_interface_is_dropped(bench, dst):
    """[RFC1812 5.2.7.2]: by default neither forwarded nor redirected."""
    b = bench(gw=GATEWAY)
    b.send(b.datagram(dst=dst))
    assert b.quiet()
    stats = b.r.stats()
    assert (stats["drops"], stats["mib2"]["ipforwdatagrams"]) == ({"ip4_forward_same_netif": 1}, 0)
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.parametrize("dst, next_hop", [(OTHER, OTHER), ("192.0.2.1", GATEWAY)],
                         ids=["neighbour", "through the gateway"])
def test_neighbour_is_redirected(bench, dst, next_hop):
    """[RFC1812 5.2.7.2], [RFC792 Redirect]: type 5 code 1 with the better next hop, about the
    datagram as it came; and it is forwarded all the same, right behind."""
    b = bench(gw=GATEWAY, ip_forward_allow_tx_on_rx_netif=1)
    b.r.arp_static(next_hop, NEXT_MAC)
    packet = b.datagram(dst=dst)
    times = b.send(packet)
    redirect, forwarded = b.near.recv_bytes(timeout=1), b.near.recv_bytes(timeout=1)
    with shows("RQ-792-07"):
        assert redirect.data == b.error(packet, type=5, code=1, gw=next_hop)
    ip = IP(bytes(packet))
    ip.ttl -= 1
    del ip.chksum
    assert forwarded.data == bytes(Ether(src=b.left.mac, dst=NEXT_MAC) / ip)
    assert [redirect.t_ns, forwarded.t_ns] == b.switched(times * 2, [70, 142])
    stats = b.r.stats()
    assert (stats["mib2"]["ipforwdatagrams"], stats["mib2"]["icmpoutmsgs"]) == (1, 1)
    assert stats["drops"] == {}
    b.still_works()


def test_stranger_is_not_redirected(bench):
    """[RFC1812 5.2.7.2]: a source beyond another router could not use the advice."""
    b = bench(gw=GATEWAY, ip_forward_allow_tx_on_rx_netif=1)
    b.r.arp_static(OTHER, NEXT_MAC)
    b.send(b.datagram(src="192.0.2.7", dst=OTHER))
    got = b.near.recv(timeout=1)
    assert (got.dst, got[IP].dst, ICMP in got) == (NEXT_MAC, OTHER, False)
    b.still_works()


def test_time_to_live_counts_before_the_advice(bench):
    """[RFC1812 5.3.1]: used up is used up: time exceeded and no redirect."""
    b = bench(gw=GATEWAY, ip_forward_allow_tx_on_rx_netif=1)
    packet = b.datagram(dst=OTHER, ttl=1)
    b.send(packet)
    assert b.near.recv_bytes(timeout=1).data == b.error(packet, type=11, code=0)
    assert b.quiet()
    b.still_works()
