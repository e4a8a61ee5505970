"""Interfaces by name and number, up and down, their addresses, and what they count.

[RFC1122 3.3.1.1]: an interface that is down carries nothing either way; a new address is
answered for at once and the old one no more.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether

from lockwire import StackError, wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"
TRIP = 2 * wire_time(60) + 50_000


def echo(a, wire, dst=HOST):
    """Who answers a ping to `dst`, at once; None: nobody."""
    wire.clear()
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=dst) / ICMP(type=8))
    reply = wire.recv(timeout="1ms")
    return reply[IP].src if reply is not None else None


def test_names_and_numbers(net, bench):
    """[RFC1122 3.3.4.1]: one number counts all interfaces; lo0 came first and has index 1."""
    a, _ = bench()
    second = a.netif(net.segment("other"), ip="10.9.0.1/16", gw="10.9.0.254", mtu=576)
    one, two = a.interfaces[0].info(), second.info()
    assert (one["name"], two["name"]) == ("et1", "et2")
    assert [i.index for i in a.interfaces] == [2, 3]
    assert one["mac"] == a.mac != two["mac"]
    assert (one["ip"], one["prefix"], one["gw"], one["mtu"]) == (HOST, 24, "0.0.0.0", 1500)
    assert (two["ip"], two["prefix"], two["gw"], two["mtu"]) == ("10.9.0.1", 16, "10.9.0.254", 576)
    assert all(i[flag] for i in (one, two) for flag in ("up", "link"))


def test_interface_that_is_down_takes_and_gives_nothing(net, bench):
    """[RFC1122 3.3.1.1]: what arrives is dropped by its name, what is sent has no route."""
    a, wire = bench()
    a.interfaces[0].set(up=False)
    info = a.interfaces[0].info()
    assert (info["up"], info["link"]) == (False, True)
    assert echo(a, wire) is None
    wire.send(Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=TESTER, pdst=HOST))
    assert len(wire.sniff(timeout="1s")) == 0
    with pytest.raises(StackError) as caught:
        a.udp(5000).send(b"out", TESTER, 9)
    assert caught.value.err == -4
    assert a.stats()["drops"] == {"ip4_netif_down": 1, "arp_netif_down": 1}
    assert a.stats()["lwip"]["ip"]["rterr"] == 1
    assert a.stats()["mib2"]["ipoutnoroutes"] == 1
    a.interfaces[0].set(up=True)
    assert wire.recv(timeout="1ms")[ARP].psrc == HOST
    a.arp_static(TESTER, wire.mac)  # what was known of the link is forgotten with it
    assert echo(a, wire) == HOST


def test_unplugged_interface_hears_nothing(net, bench):
    """[RFC1122 3.3.1.1]: without link there is no route; it returns with the cable."""
    a, wire = bench()
    a.link(up=False)
    info = a.interfaces[0].info()
    assert (info["up"], info["link"]) == (True, False)
    assert echo(a, wire) is None
    with pytest.raises(StackError) as caught:
        a.ping(TESTER)
    assert caught.value.err == -4
    start = net.now_ns
    a.link(up=True)
    announced = wire.recv(timeout="1s")
    assert (announced[ARP].psrc, announced.time.ns) == (HOST, start + TRIP)
    assert len(wire.sniff(timeout="1s")) == 0
    a.arp_static(TESTER, wire.mac)  # what was known of the link is forgotten with it
    assert echo(a, wire) == HOST


def test_new_address_is_answered_and_the_old_one_not(bench):
    """[RFC1122 3.2.1.3]: from one instant to the next."""
    a, wire = bench()
    a.interfaces[0].set(ip="10.0.0.77/24")
    assert wire.recv(timeout="1ms")[ARP].psrc == "10.0.0.77"
    assert echo(a, wire, HOST) is None
    assert a.stats()["drops"] == {"ip4_not_ours": 1}
    assert echo(a, wire, "10.0.0.77") == "10.0.0.77"
    ask = Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=TESTER, hwsrc=wire.mac, pdst=HOST)
    wire.send(ask)
    assert wire.recv(timeout="1ms") is None
    ask[ARP].pdst = "10.0.0.77"
    wire.send(ask)
    assert wire.recv(timeout="1ms")[ARP].psrc == "10.0.0.77"


def test_socket_bound_to_the_address_moves_with_it(bench):
    """[RFC1122 4.1.3.5]: as in lwIP, a socket that was bound to the old address has the new one."""
    a, wire = bench()
    socket = a.udp(5000, addr=HOST)
    a.interfaces[0].set(ip="10.0.0.77/24")
    wire.clear()
    socket.send(b"from", TESTER, 9)
    frames = [p for p in wire.sniff(timeout="1ms") if UDP in p]
    assert [p[IP].src for p in frames] == ["10.0.0.77"]
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst="10.0.0.77") / UDP(sport=9, dport=5000) / b"to")
    assert socket.recv(timeout="1ms").data == b"to"


def test_octets_and_packets_are_counted_exactly(bench):
    """[RFC1122 3.3.4.1]: whole frames, padded, without FCS; groups apart from single stations."""
    a, wire = bench()
    start = a.interfaces[0].info()["counters"]
    assert (start["ifoutoctets"], start["ifoutnucastpkts"], start["ifoutucastpkts"]) == (60, 1, 0)
    socket = a.udp(5000, broadcast=True)
    socket.send(bytes(100), TESTER, 9)
    socket.send(bytes(200), "10.0.0.255", 9)
    socket.send(b"", TESTER, 9)
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / UDP(dport=5000) / bytes(50))
    wire.send(Ether(dst="ff:ff:ff:ff:ff:ff") / IP(src=TESTER, dst="10.0.0.255") / UDP(dport=5000)
              / bytes(70))
    wire.send(Ether(dst="02:00:00:00:00:aa") / IP(dst=HOST) / UDP(dport=5000))  # not ours: not seen
    wire.sniff(timeout="1ms")
    counters = a.interfaces[0].info()["counters"]
    assert counters == {
        "ifinoctets": 92 + 112, "ifinucastpkts": 1, "ifinnucastpkts": 1, "ifindiscards": 0,
        "ifinerrors": 0, "ifinunknownprotos": 0, "ifoutoctets": 60 + 142 + 242 + 60,
        "ifoutucastpkts": 2, "ifoutnucastpkts": 2, "ifoutdiscards": 0, "ifouterrors": 0}
    link = a.stats()["lwip"]["link"]
    assert (link["xmit"], link["recv"], link["drop"]) == (4, 2, 0)


def test_unknown_type_is_counted_for_the_interface(bench):
    """[RFC1122 2.3.1]: ifinunknownprotos, and the drop by its name."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac, type=0x9999) / bytes(46))
    wire.send(Ether(dst=a.mac, type=0x88B5) / bytes(46))
    assert len(wire.sniff(timeout="1ms")) == 0
    assert a.interfaces[0].info()["counters"]["ifinunknownprotos"] == 2
    assert a.stats()["drops"] == {"eth_unknown_type": 2}
    assert echo(a, wire) == HOST


@pytest.mark.parametrize("pool, size, taken", [(0, 100, 0), (1, 100, 1), (1, 1472, 1)])
def test_frame_without_a_buffer_is_a_discard(net, bench, pool, size, taken):
    """[RFC1122 3.3.4.1]: no receive buffer: ifindiscards and link.memerr, and nothing else."""
    a, wire = bench(pbuf_pool_size=pool)
    socket = a.udp(5000)
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / UDP(dport=5000) / bytes(size))
    got = socket.recv(timeout="1ms")
    assert (got is not None) == bool(taken)
    assert a.interfaces[0].info()["counters"]["ifindiscards"] == 1 - taken
    assert a.stats()["lwip"]["link"]["memerr"] == 1 - taken
    assert a.stats()["memp"]["PBUF_POOL"]["used"] == 0
    net.check()


def test_mib2_counts_each_datagram_once(bench):
    """[RFC1122 3.2.1]: what is received is delivered or an error; requests are what was sent."""
    a, wire = bench()
    socket = a.udp(5000)
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / UDP(dport=5000) / b"taken")
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / UDP(dport=9) / b"no port")
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST, chksum=1) / UDP(dport=5000) / b"bad")
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst="10.0.0.9") / UDP(dport=5000) / b"not ours")
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST, proto=99) / b"no protocol")
    assert socket.recv(timeout="1ms").data == b"taken"
    assert len(wire.sniff(timeout="1ms")) == 2  # two errors
    mib2 = a.stats()["mib2"]
    assert {k: v for k, v in mib2.items() if v} == {
        "ipinreceives": 5, "ipindelivers": 2, "ipinhdrerrors": 1, "ipinaddrerrors": 1,
        "ipindiscards": 1, "ipinunknownprotos": 1, "udpindatagrams": 1, "udpnoports": 1,
        "ipoutrequests": 2, "icmpoutmsgs": 2, "icmpoutdestunreachs": 2}
    assert a.stats()["drops"] == {"udp_no_port": 1, "ip4_bad_checksum": 1, "ip4_not_ours": 1,
                                  "ip4_no_protocol": 1}
