"""What an echo reply looks like, byte for byte: header fields, source address, options, fragments.

[RFC1122 3.2.2.6]: data, identifier and sequence number return, from the address that was asked;
route and time stamp options return with this host in them. [RFC1349 5.1]: with the request's TOS.
"""

import pytest
from scapy.layers.inet import (ICMP, IP, IPOption_EOL, IPOption_NOP, IPOption_RR,
                               IPOption_Timestamp, fragment)
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum

from lockwire import shows, wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"
LATENCY_NS = 50_000


def request(a, wire, data=b"", dst=HOST, mac=None, ident=7, seq=1, code=0, **ip):
    """An echo request of the tester."""
    return (Ether(src=wire.mac, dst=mac or a.mac) / IP(src=TESTER, dst=dst, **ip)
            / ICMP(type=8, code=code, id=ident, seq=seq) / Raw(data))


def reply(a, wire, data=b"", src=HOST, ident=7, seq=1, ip_id=0, ttl=255, tos=0, code=0, options=()):
    """The reply to it as it has to be, as bytes, padded; Scapy computes the checksums."""
    packet = (Ether(src=a.mac, dst=wire.mac) / IP(src=src, dst=TESTER, id=ip_id, ttl=ttl, tos=tos,
                                                  options=list(options))
              / ICMP(type=0, code=code, id=ident, seq=seq) / Raw(data))
    return bytes(packet).ljust(60, b"\0")


def counted(i):
    """i octets that differ from their neighbours."""
    return bytes((7 * k + 3) & 0xFF for k in range(i))


@pytest.mark.exact_virtual
@pytest.mark.parametrize("size", [0, 1, 7, 18, 56, 63, 1471, 1472])
def test_reply_is_exact_in_bytes_and_time(net, bench, size):
    """[RFC792 Echo]: only type, addresses and checksums differ; odd and even lengths alike."""
    a, wire = bench()
    sent = request(a, wire, counted(size), id=99)
    wire.send(sent)
    got = wire.recv_bytes(timeout=1)
    with shows("RQ-791-10", "RQ-792-01"):
        assert got.data == reply(a, wire, counted(size))
    assert got.t_ns == 1_000_000 + 4 * wire_time(len(sent)) + 2 * LATENCY_NS
    stats = a.stats()
    assert (stats["lwip"]["icmp"]["recv"], stats["lwip"]["icmp"]["xmit"]) == (1, 1)
    mib2 = stats["mib2"]
    assert (mib2["icmpinmsgs"], mib2["icmpinechos"]) == (1, 1)
    assert (mib2["icmpoutmsgs"], mib2["icmpoutechoreps"]) == (1, 1)
    assert stats["drops"] == {}


@pytest.mark.parametrize("options", [{"rx": "flat"}, {"pbuf_pool_bufsize": 96},
                                     {"pbuf_pool_bufsize": 513}], ids=["flat", "96", "513"])
@pytest.mark.parametrize("size", [0, 53, 54, 55, 480, 1471])
def test_reply_does_not_depend_on_the_buffers(net, bench, options, size):
    """[RFC1122 3.2.2.6]: from one buffer or a chain, cut at odd places, the request returns."""
    a, wire = bench(**options)
    for ip_id in range(2):
        wire.send(request(a, wire, counted(size)))
        assert wire.recv_bytes(timeout=1).data == reply(a, wire, counted(size), ip_id=ip_id)
    stats = a.stats()
    assert (stats["mem"]["used"], stats["memp"]["PBUF_POOL"]["used"]) == (0, 0)
    net.check()


@pytest.mark.parametrize("ident, seq, data", [(0, 0, b"\0" * 8), (0xF7FF, 0, b""),
                                              (0xFFFF, 0xFFFF, b"\xff" * 9)],
                         ids=["zeros", "sum-wraps", "all-ones-odd"])
def test_checksum_is_right_at_the_ends_of_its_range(bench, ident, seq, data):
    """[RFC792 Echo]: also where turning type 8 into 0 carries out of the sum's top."""
    a, wire = bench()
    wire.send(request(a, wire, data, ident=ident, seq=seq))
    assert wire.recv_bytes(timeout=1).data == reply(a, wire, data, ident=ident, seq=seq)


def test_checksum_that_could_be_either_zero_is_all_ones(bench):
    """[RFC792 Echo]: of the two zeros 0xffff verifies for any data, 0 not for data of zeros."""
    a, wire = bench()
    wire.send(request(a, wire, ident=0xFFFF, seq=0))
    got = Ether(wire.recv_bytes(timeout=1).data)
    assert (got[ICMP].chksum, bytes(got[ICMP])[4:8]) == (0xFFFF, b"\xff\xff\0\0")
    assert checksum(bytes(got[ICMP])[:8]) == 0


def test_replies_count_their_identification_up(bench):
    """[RFC791 3.2]: the reply's IP id is the host's own counter, whatever the request's was."""
    a, wire = bench()
    for i in range(3):
        wire.send(request(a, wire, seq=i, id=0xFFFF - i))
        assert wire.recv_bytes(timeout=1).data == reply(a, wire, seq=i, ip_id=i)


@pytest.mark.parametrize("ttl", [1, 64, 255])
def test_time_to_live_is_the_hosts_own(bench, ttl):
    """[RFC1122 3.2.1.7]: a datagram for us is taken with any TTL, and answered with icmp_ttl."""
    a, wire = bench(icmp_ttl=63)
    wire.send(request(a, wire, ttl=ttl))
    assert wire.recv_bytes(timeout=1).data == reply(a, wire, ttl=63)


@pytest.mark.parametrize("tos, back", [(0x10, 0x10), (0xB8, 0xB8), (0xB9, 0xB8), (0x03, 0x00)],
                         ids=hex)
def test_type_of_service_comes_back_without_ecn(bench, tos, back):
    """[RFC1349 5.1]: the reply has the request's TOS; its two ECN bits belong to the path."""
    a, wire = bench()
    wire.send(request(a, wire, tos=tos))
    assert wire.recv_bytes(timeout=1).data == reply(a, wire, tos=back)


def test_dont_fragment_is_not_copied(bench):
    """[RFC1122 3.2.2.6]: DF of the request says nothing about the reply."""
    a, wire = bench()
    wire.send(request(a, wire, flags="DF"))
    assert wire.recv_bytes(timeout=1).data == reply(a, wire)


@pytest.mark.parametrize("code", [1, 255])
def test_request_with_a_code_is_answered_with_it(bench, code):
    """[RFC1122 1.2.2]: liberal in what is accepted: the code has no meaning and stays as it is."""
    a, wire = bench()
    wire.send(request(a, wire, code=code))
    assert wire.recv_bytes(timeout=1).data == reply(a, wire, code=code)


def test_reply_comes_from_the_address_that_was_asked(net, bench):
    """[RFC1122 3.2.2.6]: another interface's address answers as itself, the way it came in."""
    a, wire = bench()
    other = net.segment("other", latency="50us")
    a.netif(other, ip="10.9.0.1/24")
    far = other.port("far")
    net.run(for_="1ms")
    far.clear()
    wire.send(request(a, wire, dst="10.9.0.1"))
    assert wire.recv_bytes(timeout=1).data == reply(a, wire, src="10.9.0.1")
    assert far.pending == 0


BROADCASTS = [("10.0.0.255", "ff:ff:ff:ff:ff:ff", "lwip_broadcast_ping"),
              ("255.255.255.255", "ff:ff:ff:ff:ff:ff", "lwip_broadcast_ping"),
              ("224.0.0.1", "01:00:5e:00:00:01", "lwip_multicast_ping")]


@pytest.mark.parametrize("dst, mac, option", BROADCASTS, ids=["subnet", "limited", "all-systems"])
def test_ping_to_many_is_ignored_unless_allowed(bench, still_answers, dst, mac, option):
    """[RFC1122 3.2.2.6]: it may be silently discarded; the option decides, while the host runs."""
    a, wire = bench()
    wire.send(request(a, wire, dst=dst, mac=mac))
    assert len(wire.sniff(timeout="1s")) == 0
    assert a.stats()["drops"] == {"icmp_echo_broadcast": 1}
    a.options[option] = 1
    wire.send(request(a, wire, dst=dst, mac=mac))
    assert wire.recv_bytes(timeout=1).data == reply(a, wire)
    a.options[option] = 0
    wire.send(request(a, wire, dst=dst, mac=mac))
    assert a.stats()["drops"] == {"icmp_echo_broadcast": 1}  # still on its way
    assert len(wire.sniff(timeout="1s")) == 0
    assert a.stats()["drops"] == {"icmp_echo_broadcast": 2}


def test_options_for_the_other_kind_of_ping_do_not_count(bench):
    """[RFC1122 3.2.2.6]: broadcast and multicast are allowed each for itself."""
    a, wire = bench(lwip_multicast_ping=1)
    wire.send(request(a, wire, dst="10.0.0.255", mac="ff:ff:ff:ff:ff:ff"))
    assert len(wire.sniff(timeout="1s")) == 0
    a.options["lwip_multicast_ping"], a.options["lwip_broadcast_ping"] = 0, 1
    wire.send(request(a, wire, dst="224.0.0.1", mac="01:00:5e:00:00:01"))
    assert len(wire.sniff(timeout="1s")) == 0
    assert a.stats()["drops"] == {"icmp_echo_broadcast": 2}


def test_record_route_returns_with_this_host_in_it(bench):
    """[RFC1122 3.2.2.6]: the option is updated to include the replying host and goes back."""
    a, wire = bench()
    option = IPOption_RR(length=11, pointer=4, routers=["0.0.0.0", "0.0.0.0"])
    wire.send(request(a, wire, b"route", options=[option]))
    got = wire.recv_bytes(timeout=1).data
    back = IPOption_RR(length=11, pointer=8, routers=["10.0.0.1", "0.0.0.0"])
    assert got == reply(a, wire, b"route", options=[back])


def test_full_record_route_returns_unchanged(bench):
    """[RFC791 3.1]: with no slot free the datagram goes on without being recorded."""
    a, wire = bench()
    option = IPOption_RR(length=7, pointer=8, routers=["10.1.2.3"])
    wire.send(request(a, wire, b"full", options=[option]))
    assert wire.recv_bytes(timeout=1).data == reply(a, wire, b"full", options=[option])


def test_padded_options_are_read_to_their_end(bench):
    """[RFC791 3.1]: no operation is skipped, end of list fills the word; the data begins behind
    it."""
    a, wire = bench()
    wire.send(Ether(src=wire.mac, dst=a.mac)
              / IP(src=TESTER, dst=HOST, options=[IPOption_NOP()] * 3 + [IPOption_EOL()])
              / ICMP(type=8, id=7, seq=1) / Raw(b"data"))
    with shows("RQ-791-09"):
        assert wire.recv_bytes(timeout=1).data == reply(a, wire, b"data")


@pytest.mark.exact_ms
def test_time_stamp_option_returns_with_a_stamp(bench):
    """[RFC1122 3.2.2.6]: milliseconds of a clock that is not midnight's have the high bit set."""
    a, wire = bench(boot_ms=41_000)
    option = IPOption_Timestamp(length=8, pointer=5, flg=0, oflw=0, timestamp=0)
    wire.send(request(a, wire, b"time", options=[option]))
    stamped = 41_000 + 1  # 1 ms since boot, and 110 us on two cables
    back = IPOption_Timestamp(length=8, pointer=9, flg=0, oflw=0, timestamp=stamped | 0x80000000)
    assert wire.recv_bytes(timeout=1).data == reply(a, wire, b"time", options=[back])


@pytest.mark.parametrize("order", ["in order", "backwards"])
def test_fragmented_request_is_answered_in_fragments(net, bench, order):
    """[RFC1122 3.2.2.6]: a request that was reassembled is returned entire, cut to the MTU."""
    a, wire = bench()
    data = counted(3000)
    pieces = fragment(IP(src=TESTER, dst=HOST, id=5) / ICMP(type=8, id=7, seq=1) / Raw(data), 1480)
    for piece in pieces if order == "in order" else pieces[::-1]:
        wire.send(Ether(src=wire.mac, dst=a.mac) / piece)
    whole = fragment(IP(src=HOST, dst=TESTER, id=0, ttl=255)
                     / ICMP(type=0, id=7, seq=1) / Raw(data), 1480)
    expected = [bytes(Ether(src=a.mac, dst=wire.mac) / piece).ljust(60, b"\0") for piece in whole]
    assert [len(f) for f in expected] == [1514, 1514, 14 + 20 + 48]
    got = wire.sniff(timeout="1s")
    assert [bytes(p) for p in got] == expected
    # They follow each other as fast as the cable takes them.
    assert [later.time.ns - one.time.ns for one, later in zip(got, got[1:])] == \
        [wire_time(1514, gap=True), wire_time(82, gap=True)]
    mib2 = a.stats()["mib2"]
    assert (mib2["ipreasmreqds"], mib2["ipreasmoks"]) == (3, 1)
    assert (mib2["ipfragoks"], mib2["ipfragcreates"]) == (1, 3)


def test_reply_that_has_no_way_out_is_counted(bench, still_answers):
    """[RFC1122 3.2.2.6]: a stranger's ping without a gateway to answer through ends here."""
    a, wire = bench()
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src="192.0.2.1", dst=HOST) / ICMP(type=8))
    still_answers(a, wire)
    stats = a.stats()
    assert stats["drops"] == {"arp_no_gateway": 1, "icmp_echo_failed": 1}
    assert stats["lwip"]["icmp"]["err"] == 1
