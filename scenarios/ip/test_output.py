"""What a host writes into the headers that it sends, and what it does not send at all.

[RFC791 3.2]: identification. [RFC1122 3.2.1.6]: the type of service is the sender's. [RFC1122
3.2.1.7]: so is the time to live, but never 0. [RFC1122 3.2.1.3(g)]: 127/8 never leaves. [RFC1122
3.3.4.3]: the source is the address of the interface."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import StackError, shows

HOST, TESTER = "10.0.0.1", "10.0.0.254"


def frame(b, ip):
    """The frame that has to leave for the tester."""
    return bytes(Ether(src=b.a.mac, dst=b.wire.mac) / ip).ljust(60, b"\0")


@pytest.mark.parametrize("ttl", [1, 2, 64, 255])
@pytest.mark.parametrize("tos", [0, 0x10, 0xB8, 0xFF], ids=hex)
def test_header_is_the_senders(bench, ttl, tos):
    """[RFC1122 3.2.1.6], [RFC1122 3.2.1.7]: every octet, with Scapy's checksum."""
    b = bench()
    b.socket.send(b"hello", TESTER, 9, ttl=ttl, tos=tos)
    with shows("RQ-791-01"):
        assert b.wire.recv_bytes(timeout=1).data == \
            frame(b, IP(src=HOST, dst=TESTER, id=0, ttl=ttl, tos=tos)
                  / UDP(sport=7, dport=9) / Raw(b"hello"))


@pytest.mark.parametrize("options, ttl", [({}, (255, 255)), ({"udp_ttl": 30}, (30, 255)),
                                          ({"ip_default_ttl": 31}, (255, 31))],
                                          ids=["default", "udp", "ip"])
def test_time_to_live_nobody_asked_for(bench, options, ttl):
    """[RFC1122 3.2.1.7]: configurable, for UDP and for what has no option of its own (raw
    sockets)."""
    b = bench(**options)
    raw = b.a.raw(253)
    b.socket.send(b"x", TESTER, 9)
    raw.send(b"x", TESTER)
    assert tuple(p[IP].ttl for p in b.wire.sniff(timeout="10ms")) == ttl


def test_identification_counts_datagrams_of_all_kinds(net, bench):
    """[RFC791 3.2]: one step each, whatever the protocol; every host has its own counter."""
    b = bench()
    raw = b.a.raw(253)
    b.socket.send(b"udp", TESTER, 9)
    raw.send(b"raw", TESTER)
    b.a.ping(TESTER, timeout="1ms")
    b.send(IP(src=TESTER, dst=HOST) / ICMP(type=8))
    b.net.run(for_="1ms")
    b.socket.send(b"udp", TESTER, 9)
    assert [(p[IP].proto, p[IP].id) for p in b.wire.sniff(timeout="10ms")] == \
        [(17, 0), (253, 1), (1, 2), (1, 3), (17, 4)]
    other = net.host("other", b.lan, ip="10.0.0.3/24")
    other.arp_static(TESTER, b.wire.mac)
    net.run(for_="1ms")
    b.wire.clear()
    other.udp(7).send(b"udp", TESTER, 9)
    assert b.wire.recv(timeout=1)[IP].id == 0


def test_reserved_flag_is_zero_in_whatever_leaves(bench):
    """[RFC791 3.1 Flags]: datagrams whole, cut and not to be cut, echo, errors, group messages."""
    b = bench()
    b.a.igmp_join("239.1.2.3")
    b.socket.send(b"whole", TESTER, 9)
    b.socket.send(bytes(4000), TESTER, 9)
    b.a.ping(TESTER, data=b"whole", df=True, timeout="1ms")
    b.send(IP(src=TESTER, dst=HOST, flags="evil+DF") / ICMP(type=8))
    b.send(IP(src=TESTER, dst=HOST, flags="evil") / UDP(dport=4444))
    got = b.wire.sniff(timeout="1s", lfilter=lambda p: IP in p)
    kinds = sorted((p[IP].proto, p[ICMP].type if ICMP in p else -1) for p in got)
    with shows("RQ-791-03"):
        assert kinds == [(1, 0), (1, 3), (1, 8), (2, -1), (2, -1), *[(17, -1)] * 4]
        assert {str(p[IP].flags) for p in got} == {"", "MF", "DF"}


def test_checksum_left_to_the_interface(bench):
    """[RFC1122 3.2.1.2]: NETIF_CHECKSUM_GEN_IP off: the field is 0, for the hardware to fill."""
    b = bench(checksum=0xFFFF & ~0x0001)
    b.socket.send(b"hello", TESTER, 9)
    assert b.wire.recv_bytes(timeout=1).data == \
        frame(b, IP(src=HOST, dst=TESTER, id=0, ttl=255, chksum=0) / UDP(sport=7,
                                                                         dport=9) / Raw(b"hello"))


def test_source_is_that_of_the_interface_that_sends(bench):
    """[RFC1122 3.3.4.3]: the network of the destination chooses the interface, and that the
    source."""
    b = bench()
    other = b.net.segment("other")
    second = b.a.netif(other, ip="10.9.0.1/24")
    far = other.port("far", mac="02:00:00:00:00:fd")
    b.a.arp_static("10.9.0.7", far.mac)
    b.net.run(for_="1ms")
    far.clear()
    b.socket.send(b"near", TESTER, 9)
    b.socket.send(b"far", "10.9.0.7", 9)
    assert b.wire.recv(timeout=1)[IP].src == HOST
    got = far.recv(timeout=1)
    assert (got[IP].src, got.src) == ("10.9.0.1", second.mac)


@pytest.mark.parametrize("dest, mac", [("255.255.255.255", "ff:ff:ff:ff:ff:ff"),
                                       ("10.0.0.255", "ff:ff:ff:ff:ff:ff"),
                                       ("239.129.2.3", "01:00:5e:01:02:03")])
def test_frame_to_many(bench, dest, mac):
    """[RFC1122 3.3.6]: broadcasts go to all ones, [RFC1112 6.4] groups to the low 23 bits of
    theirs."""
    b = bench()
    b.socket.send(b"many", dest, 9)
    got = b.wire.recv(timeout=1)
    assert (got.dst, got[IP].dst, got[Raw].load[:4]) == (mac, dest, b"many")


def refused(b, reason, err, send):
    """send() fails with err, nothing leaves, and the drop is counted."""
    with pytest.raises(StackError) as why:
        send()
    assert why.value.err == err
    assert len(b.wire.sniff(timeout="1s")) == 0
    stats = b.a.stats()
    assert (stats["drops"], stats["mib2"]["ipoutdiscards"]) == ({reason: 1}, 1)
    b.still_works()


def test_time_to_live_0_never_leaves(bench):
    """[RFC1122 3.2.1.7]: a host MUST NOT send a datagram with a TTL of zero."""
    b = bench()
    with shows("RQ-791-08"):
        refused(b, "ip4_out_ttl", -6, lambda: b.socket.send(b"x", TESTER, 9, ttl=0))


@pytest.mark.parametrize("src, dst", [("127.0.0.1", TESTER), ("127.255.0.1", TESTER)])
def test_loopback_address_never_leaves(bench, src, dst):
    """[RFC1122 3.2.1.3(g)]: not even in a header that the application wrote."""
    b = bench()
    raw = b.a.raw(253, hdrincl=True)
    refused(b, "ip4_out_loopback_on_wire", -4,
            lambda: raw.send(bytes(IP(src=src, dst=dst, proto=253) / Raw(b"x")), dst))


GOOD = bytes(IP(src=HOST, dst=TESTER, proto=253, id=9) / Raw(b"payload!"))
LIES = [("version", b"\x65" + GOOD[1:]), ("short header", b"\x44" + GOOD[1:]),
        ("header beyond the end", b"\x4f" + GOOD[1:]), ("longer than it is",
                                                        GOOD[:3] + b"\x1d" + GOOD[4:]),
        ("shorter than it is", GOOD[:3] + b"\x1b" + GOOD[4:]),
        ("shorter than its header", GOOD[:3] + b"\x13" + GOOD[4:])]


@pytest.mark.parametrize("octets", [x[1] for x in LIES], ids=[x[0] for x in LIES])
def test_ready_made_header_must_be_true(bench, octets):
    """[RFC791 3.1]: neither the receiver nor fragmentation could make sense of it otherwise."""
    b = bench()
    raw = b.a.raw(253, hdrincl=True)
    refused(b, "ip4_out_bad_header", -2, lambda: raw.send(octets, TESTER))
    assert b.a.stats()["lwip"]["ip"]["err"] == 1


def test_ready_made_header_leaves_as_it_is(bench):
    """[RFC791 3.1]: identification, flags, options and even the checksum are the application's."""
    b = bench()
    raw = b.a.raw(253, hdrincl=True)
    sent = IP(src="192.0.2.9", dst=TESTER, proto=99, id=0xABCD, ttl=3, tos=7, flags="DF",
              chksum=0xDEAD,
              options=b"\x94\x04\x00\x00") / Raw(b"as it is")
    raw.send(bytes(sent), TESTER)
    assert b.wire.recv_bytes(timeout=1).data == frame(b, sent)
    assert b.a.stats()["mib2"]["ipoutrequests"] == 1


def test_no_way_out(bench):
    """[RFC1122 3.3.1.1]: no gateway, and the destination is on no link: nothing leaves. Without a
    link there is no route at all, and the caller is told."""
    b = bench()
    b.a.link(up=False)
    with pytest.raises(StackError) as why:
        b.socket.send(b"x", "192.0.2.1", 9)
    assert why.value.err == -4
    assert b.a.stats()["mib2"]["ipoutnoroutes"] == 1
    b.a.link(up=True)
    b.net.run(for_="5s")
    b.wire.clear()
    b.a.arp_static(TESTER, b.wire.mac)
    b.still_works()
