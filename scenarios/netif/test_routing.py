"""Which interface and which gateway a datagram leaves by, and how changes of either take effect.

[RFC1122 3.3.1.1]: what is on an interface's network goes there directly, all else to the default
interface's gateway. Of interfaces with the same network the latest added wins, as in lwIP.
"""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw


@pytest.fixture
def two(net):
    """two(): host a on two segments, 10.1.0.1/24 and 10.2.0.1/24, gateways .254; two testers."""
    def make(second="10.2.0.1/24", gw="10.2.0.254"):
        left, right = net.segment("left", latency="50us"), net.segment("right", latency="50us")
        a = net.host("a", left, ip="10.1.0.1/24", gw="10.1.0.254")
        a.netif(right, ip=second, gw=gw)
        ports = left.port("l", mac="02:00:00:00:00:0a"), right.port("r", mac="02:00:00:00:00:0b")
        net.run(until="1ms")
        for port in ports:
            port.clear()
        return (a, *ports)
    return make


def asked(port):
    """Whom the host looks for at this port just now."""
    return [p[ARP].pdst for p in port.sniff(timeout="1ms") if ARP in p]


def send(a, dst):
    """One datagram from a fresh socket."""
    with a.udp() as socket:
        socket.send(b"x", dst, 9)


@pytest.mark.parametrize("dst, left, right", [
    ("10.1.0.9", ["10.1.0.9"], []), ("10.2.0.9", [], ["10.2.0.9"]),
    ("192.0.2.1", ["10.1.0.254"], []), ("10.3.0.9", ["10.1.0.254"], [])],
    ids=["left-net", "right-net", "far", "neighbouring-net"])
def test_network_decides_then_the_default(two, dst, left, right):
    """[RFC1122 3.3.1.1]: the first interface is the default one and its gateway is asked for."""
    a, l, r = two()
    send(a, dst)
    assert (asked(l), asked(r)) == (left, right)


def test_source_is_the_address_of_the_way_out(two):
    """[RFC1122 3.3.4.3]: an application that leaves the source open gets the interface's."""
    a, l, r = two()
    a.arp_static("10.1.0.9", l.mac)
    a.arp_static("10.2.0.9", r.mac)
    send(a, "10.1.0.9")
    send(a, "10.2.0.9")
    assert l.recv(timeout="1ms")[IP].src == "10.1.0.1"
    assert r.recv(timeout="1ms")[IP].src == "10.2.0.1"


def test_default_interface_can_be_switched(two):
    """[RFC1122 3.3.1.1]: the very next datagram takes the other gateway, and back."""
    a, l, r = two()
    a.interfaces[1].set(default=True)
    send(a, "192.0.2.1")
    assert (asked(l), asked(r)) == ([], ["10.2.0.254"])
    a.interfaces[0].set(default=True)
    send(a, "192.0.2.1")
    assert (asked(l), [w for w in asked(r) if w != "10.2.0.254"]) == (["10.1.0.254"], [])


def test_latest_added_interface_wins_whatever_the_masks(two):
    """[RFC1122 3.3.1.1]: lwIP's rule: both networks match, the second's mask is the wider one."""
    a, l, r = two(second="10.1.0.2/16", gw=None)
    send(a, "10.1.0.9")
    assert (asked(l), asked(r)) == ([], ["10.1.0.9"])


@pytest.mark.parametrize("how", ["interface", "cable"])
def test_interface_that_is_down_is_passed_over(two, how):
    """[RFC1122 3.3.1.1]: the other interface of the same network takes over."""
    a, l, r = two(second="10.1.0.2/24", gw=None)
    if how == "cable":
        a.interfaces[1].link(up=False)
    else:
        a.interfaces[1].set(up=False)
    send(a, "10.1.0.9")
    assert (asked(l), asked(r)) == (["10.1.0.9"], [])


def test_mask_decides_what_is_on_the_link(two):
    """[RFC1122 3.3.1.1]: the same destination by the gateway, then directly, then by it again."""
    a, l, _ = two()
    one = a.interfaces[0]
    send(a, "10.1.7.9")
    assert asked(l) == ["10.1.0.254"]
    one.set(ip="10.1.0.1/16", gw="10.1.0.254")
    send(a, "10.1.7.9")
    assert asked(l) == ["10.1.7.9"]
    assert one.info()["prefix"] == 16
    a.arp_static("10.1.0.254", l.mac)
    one.set(ip="10.1.0.1/24", gw="10.1.0.254")
    assert len(l.sniff(timeout="1ms")) == 1  # what waited for the gateway at the start
    send(a, "10.1.7.9")
    frames = [p for p in l.sniff(timeout="1ms") if UDP in p]
    assert [(p.dst, p[IP].dst) for p in frames] == [(l.mac, "10.1.7.9")]


def test_gateway_can_be_changed(two):
    """[RFC1122 3.3.1.1]: from the next datagram on; without one the sender is told."""
    a, l, _ = two()
    a.arp_static("10.1.0.254", "02:00:00:00:00:01")
    a.arp_static("10.1.0.253", "02:00:00:00:00:02")
    send(a, "192.0.2.1")
    a.interfaces[0].set(ip="10.1.0.1/24", gw="10.1.0.253")
    send(a, "192.0.2.1")
    got = [p.dst for p in l.sniff(timeout="1ms") if UDP in p]
    assert got == ["02:00:00:00:00:01", "02:00:00:00:00:02"]
    a.interfaces[0].set(ip="10.1.0.1/24", gw=None)
    with pytest.raises(Exception, match="ERR_RTE"):
        send(a, "192.0.2.1")
    assert a.stats()["drops"] == {"arp_no_gateway": 1}


@pytest.mark.parametrize("mtu, cuts", [(1500, [1000 + 28]), (1028, [1028]), (1027, [1020, 28]),
                                       (576, [572, 476]), (68, [68] * 21)])
def test_mtu_is_what_datagrams_are_cut_to(two, mtu, cuts):
    """[RFC1122 3.3.3]: total lengths of the pieces of 1000 octets, by the interface's MTU."""
    a, l, _ = two()
    a.arp_static("10.1.0.9", l.mac)
    a.interfaces[0].set(mtu=mtu)
    data = bytes(i & 0xFF for i in range(1000))
    with a.udp(5000) as socket:
        socket.send(data, "10.1.0.9", 9)
    pieces = [p[IP] for p in l.sniff(timeout="10ms")]
    assert [p.len for p in pieces] == cuts
    assert [p.frag * 8 for p in pieces] == [sum(q.len - 20 for q in pieces[:i])
                                            for i in range(len(pieces))]
    assert [int(p.flags) & 1 for p in pieces] == [1] * (len(pieces) - 1) + [0]
    assert len({p.id for p in pieces}) == 1
    whole = b"".join(bytes(p)[20:p.len] for p in pieces)
    assert UDP(whole).sport == 5000 and whole[8:] == data
    a.interfaces[0].set(mtu=1500)
    with a.udp(5000) as socket:
        socket.send(data, "10.1.0.9", 9)
    assert l.recv(timeout="1ms")[Raw].load == data


def test_datagram_for_the_other_interface_is_taken(two):
    """[RFC1122 3.3.4.2]: the weak host model: an address is the host's, wherever it is used."""
    a, l, r = two()
    socket = a.udp(5000)
    l.send(Ether(dst=a.mac) / IP(src="10.1.0.9", dst="10.2.0.1")
           / UDP(sport=9, dport=5000) / b"weak")
    got = socket.recv(timeout="1ms")
    assert (got.data, got.dst) == (b"weak", "10.2.0.1")
    assert r.pending == 0
