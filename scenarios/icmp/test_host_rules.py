"""RFC 1122's rules for ICMP, a scenario for each row of scripts/catalogue/rfc.tsv.

[RFC1122 3.2.2]. Each says the rule once, from outside; the details have files of their own here.
The program is harness/tests/apps/ip_view.c: an application that uses lwIP's API alone."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import IcmpError, shows
from lockwire.paths import build_dir

HOST, TESTER, FAR = "10.0.0.1", "10.0.0.254", "192.0.2.9"
ALL, GROUP = "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"
PROGRAM = build_dir() / "apps" / "ip_view.so"
CLOSED = UDP(sport=4000, dport=4444) / b"closed"


def hears(wire):
    """(type, code) of every ICMP message that has come back."""
    return [(p[ICMP].type, p[ICMP].code) for p in wire.sniff(timeout="10ms")]


@pytest.mark.parametrize("type_", [1, 2, 7, *range(19, 30), *range(40, 256, 5), 255])
def test_unknown_type(bench, still_answers, type_):
    """[RFC1122 3.2.2]: silently discarded."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / ICMP(type=type_) / bytes(28))
    with shows("RQ-1122-27"):
        assert hears(wire) == []
        assert a.stats()["drops"] == {"icmp_unknown_type": 1}
    still_answers(a, wire)


@pytest.mark.parametrize("fields", [{}, dict(tos=0xB8, ttl=3, id=77, options=b"\x01" * 8)],
                         ids=["plain", "unusual"])
def test_quote_is_what_was_sent(bench, fields):
    """[RFC1122 3.2.2]: header with TTL and checksum, and 8 octets, as they came."""
    a, wire = bench()
    sent = bytes(IP(src=TESTER, dst=HOST, **fields) / CLOSED)
    wire.send(Ether(dst=a.mac, type=0x0800) / Raw(sent))
    error = wire.recv(timeout="1ms")[IP]
    header = (sent[0] & 15) * 4
    with shows("RQ-1122-28", "RQ-1122-65", "RQ-1122-36"):
        assert (error[ICMP].type, error[ICMP].code) == (3, 3)
        assert bytes(error)[28:error.len] == sent[:header + 8]
    with shows("RQ-1122-30"):
        assert error.tos == 0


def test_protocol_unreachable(bench):
    """[RFC1122 3.2.2.1]: code 2 where nobody speaks the protocol, code 3 where nobody is at the
    port."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST, proto=143) / bytes(8))
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / CLOSED)
    with shows("RQ-1122-36", "RQ-1122-65"):
        assert hears(wire) == [(3, 2), (3, 3)]


@pytest.mark.parametrize("type_", [3, 4, 5, 11, 12])
def test_no_error_about_an_error(bench, still_answers, type_):
    """[RFC1122 3.2.2]: though its option is malformed; about a ping there would be one."""
    a, wire = bench()
    bad = IP(src=TESTER, dst=HOST, options=b"\x07\x0b\x04\x00")
    quote = bytes(IP(src=HOST, dst=TESTER) / UDP(sport=5000, dport=7))
    wire.send(Ether(dst=a.mac) / bad / ICMP(type=type_) / Raw(quote))
    with shows("RQ-1122-31"):
        assert hears(wire) == []
    wire.send(Ether(dst=a.mac) / bad / ICMP(type=8))
    assert hears(wire) == [(12, 0)]
    still_answers(a, wire)


TO_MANY = [("10.0.0.255", ALL, "32"), ("255.255.255.255", ALL, "32"), ("10.0.0.255", None, "32"),
           ("224.0.0.1", GROUP, "32"), ("224.0.0.1", None, "32"), (HOST, ALL, "33"),
           (HOST, GROUP, "33")]


@pytest.mark.parametrize("what", ["port", "protocol", "option"])
@pytest.mark.parametrize("dst, mac, row", TO_MANY)
def test_no_error_to_what_was_sent_to_many(bench, still_answers, dst, mac, row, what):
    """[RFC1122 3.2.2]: by IP address or by link address; closed port, unknown protocol, bad
    option."""
    a, wire = bench()
    sent = {"port": IP(src=TESTER, dst=dst) / CLOSED,
            "protocol": IP(src=TESTER, dst=dst, proto=143) / bytes(8),
            "option": IP(src=TESTER, dst=dst, options=b"\x07\x0b\x04\x00") / CLOSED}[what]
    wire.send(Ether(src=wire.mac, dst=mac or a.mac) / sent)
    with shows(f"RQ-1122-{row}"):
        assert hears(wire) == []
        assert sum(a.stats()["drops"].values()) == 1
    sent[IP].dst = HOST
    del sent[IP].chksum
    wire.send(Ether(src=wire.mac, dst=a.mac) / sent)
    assert len(hears(wire)) == 1
    still_answers(a, wire)


@pytest.mark.parametrize("offset", [1, 8, 1000])
def test_no_error_about_a_later_fragment(bench, still_answers, offset):
    """[RFC1122 3.2.2]: with the same bad option, fragment zero is told about."""
    a, wire = bench()
    bad = dict(src=TESTER, dst=HOST, proto=17, flags="MF", options=b"\x07\x0b\x04\x00")
    wire.send(Ether(dst=a.mac) / IP(frag=offset, **bad) / bytes(8))
    with shows("RQ-1122-34"):
        assert hears(wire) == []
        assert a.stats()["drops"] == {"ip4_bad_option": 1}
    wire.send(Ether(dst=a.mac) / IP(frag=0, **bad) / bytes(8))
    assert hears(wire) == [(12, 0)]
    still_answers(a, wire)


@pytest.mark.parametrize("src", ["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.1.2.3", "10.0.0.255",
                                 "255.255.255.255", "224.0.0.5", "239.1.2.3", "240.0.0.1"])
@pytest.mark.parametrize("what", ["port", "protocol", "option"])
def test_no_error_to_what_is_not_one_host(bench, still_answers, src, what):
    """[RFC1122 3.2.2]: nobody to tell."""
    a, wire = bench()
    sent = {"port": IP(src=src, dst=HOST) / CLOSED,
            "protocol": IP(src=src, dst=HOST, proto=143) / bytes(8),
            "option": IP(src=src, dst=HOST, options=b"\x07\x0b\x04\x00") / CLOSED}[what]
    wire.send(Ether(dst=a.mac) / sent)
    with shows("RQ-1122-35"):
        assert wire.recv(timeout="10s") is None
        assert sum(a.stats()["drops"].values()) == 1
    still_answers(a, wire)


ERRORS = [(3, 0), (3, 1), (3, 2), (3, 3), (3, 4), (3, 5), (11, 0), (11, 1), (12, 0)]


@pytest.mark.parametrize("type_, code", ERRORS)
def test_error_goes_to_its_user_and_is_a_hint(net, bench, type_, code):
    """[RFC1122 3.2.2.1], [RFC1122 3.2.2.4], [RFC1122 3.2.2.5], [RFC1122 4.1.3.3]: the connected
    socket it is about is told, and so is an application that listens to ICMP; the socket goes on
    as before."""
    a, wire = bench()
    app = net.app(a, PROGRAM, 6000)
    socket, other = a.udp(5000), a.udp(5001)
    socket.connect(TESTER, 7)
    other.connect(TESTER, 7)
    socket.send(b"one")
    sent = wire.recv(timeout="1ms")
    wire.send(Ether(dst=a.mac) / IP(src=FAR, dst=HOST) / ICMP(type=type_, code=code)
              / Raw(bytes(sent[IP])[:28]))
    with shows("RQ-1122-29", "RQ-1122-67", *(["RQ-1122-41"] if type_ == 11 else [])):
        with pytest.raises(IcmpError) as told:
            socket.recv(timeout="1ms")
        assert (told.value.type, told.value.code, told.value.source) == (type_, code, FAR)
        assert other.recv(timeout="1ms") is None
        assert app.output == [
            f"icmp {type_}/{code} from {FAR} about protocol 17 to {TESTER} port 7"]
    with shows("RQ-1122-37"):
        socket.send(b"two")
        assert wire.recv(timeout="1ms")[Raw].load[:3] == b"two"
        wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / UDP(sport=7, dport=5000) / b"yes")
        assert socket.recv(timeout="1ms").data == b"yes"


def test_parameter_problem_names_the_octet(bench):
    """[RFC1122 3.2.2.5]: a bad option is answered with its place."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST, options=b"\x01\x01\x01\x07") / CLOSED)
    error = wire.recv(timeout="1ms")
    with shows("RQ-1122-42"):
        assert (error[ICMP].type, error[ICMP].code, error[ICMP].ptr) == (12, 0, 23)


@pytest.mark.parametrize("length", [0, 1, 56, 1472])
def test_echo_server(net, bench, length):
    """[RFC1122 3.2.2.6]: same identifier, number and data, from the address that was asked."""
    a, wire = bench()
    a.netif(net.segment("other"), ip="10.9.0.1/24")
    data = bytes(i * 3 & 0xFF for i in range(length))
    for seq, dst in enumerate((HOST, "10.9.0.1")):
        wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=dst) / ICMP(type=8, id=7, seq=seq) / data)
        got = wire.recv(timeout="1ms")[IP]
        with shows("RQ-1122-43", "RQ-1122-60"):
            assert (got.src, got.dst, got[ICMP].type, got[ICMP].id, got[ICMP].seq) == (
                dst, TESTER, 0, 7, seq)
            assert bytes(got)[28:got.len] == data


@pytest.mark.parametrize("dst", ["10.0.0.255", "255.255.255.255", "224.0.0.1"])
def test_ping_to_many(bench, dst):
    """[RFC1122 3.2.2.6]: discarded, unless an option says otherwise: then from a unicast
    address."""
    a, wire = bench()
    ping = Ether(src=wire.mac, dst=GROUP if dst == "224.0.0.1" else ALL) / IP(
        src=TESTER, dst=dst) / ICMP(type=8)
    wire.send(ping)
    with shows("RQ-1122-44"):
        assert hears(wire) == []
        assert a.stats()["drops"] == {"icmp_echo_broadcast": 1}
        a.options["lwip_broadcast_ping"] = a.options["lwip_multicast_ping"] = 1
        wire.send(ping)
        assert [(p[IP].src, p[ICMP].type) for p in wire.sniff(timeout="1ms")] == [(HOST, 0)]


def test_ping_of_the_hosts_own(net, bench):
    """[RFC1122 3.2.2.6]: the reply goes to the user, who learns the round trip."""
    a, _wire = bench()
    lan = net.segments["lan"]
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.ping(b.ip)
    with shows("RQ-1122-45"):
        pong = a.ping(b.ip, data=b"how long?")
        assert (pong.source, pong.data) == (b.ip, b"how long?")
        assert pong.rtt_ns > 100_000  # two times 50 us of latency at least


@pytest.mark.parametrize("type_, row", [(13, 48), (14, 48), (15, 47), (16, 47), (17, 49), (18, 49)])
def test_curious_requests(bench, still_answers, type_, row):
    """[RFC1122 3.2.2.7], [RFC1122 3.2.2.8], [RFC1122 3.2.2.9]: information, time stamp and address
    mask: none is answered."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / ICMP(type=type_) / bytes(12))
    with shows(f"RQ-1122-{row}"):
        assert hears(wire) == []
        assert a.stats()["drops"] == {"icmp_unanswered": 1}
    still_answers(a, wire)


def test_host_sends_no_redirect(net, bench):
    """[RFC1122 3.2.2.2]: not even one that knows a better way, as long as it is no router."""
    a, wire = bench(gw="10.0.0.253", ip_forward_allow_tx_on_rx_netif=1)
    a.arp_static("10.0.0.253", "02:00:00:00:00:fd")
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=FAR) / CLOSED)
    with shows("RQ-1122-38"):
        assert hears(wire) == []
    a.options["ip_forward"] = 1
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=FAR) / CLOSED)
    assert [p[ICMP].type for p in wire.sniff(timeout="1ms") if ICMP in p] == [5]
