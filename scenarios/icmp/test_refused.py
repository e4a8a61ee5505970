"""ICMP messages that are damaged, unknown, or ask too much of a host: silence, counted.

[RFC1122 3.2.2]: a message of unknown type is silently discarded. Source quench [RFC6633 3]
changes nothing; time stamp, information and mask requests get no answer.
"""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"


def lwip(a):
    """The counters of ICMP that are not 0."""
    return {k: v for k, v in a.stats()["lwip"]["icmp"].items() if v}


@pytest.mark.parametrize("length", range(8))
def test_message_shorter_than_its_header(bench, still_answers, length):
    """[RFC1122 3.2.2]: each cut of a good header is discarded for its length alone."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST, proto=1)
              / Raw(bytes(ICMP(type=8))[:length]))
    still_answers(a, wire)
    stats = a.stats()
    assert stats["drops"] == {"icmp_too_short": 1}
    assert lwip(a) == {"recv": 2, "xmit": 1, "lenerr": 1, "drop": 1}
    assert (stats["mib2"]["icmpinmsgs"], stats["mib2"]["icmpinerrors"]) == (2, 1)


@pytest.mark.parametrize("type_", [0, 3, 5, 8, 13, 200])
@pytest.mark.parametrize("flip", [0x0001, 0x8000], ids=hex)
def test_message_with_a_wrong_checksum(bench, still_answers, type_, flip):
    """[RFC1122 3.2.2]: one wrong bit, whatever the type, and it is no message."""
    a, wire = bench()
    good = ICMP(bytes(ICMP(type=type_) / Raw(b"odd"))).chksum
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST)
              / ICMP(type=type_, chksum=good ^ flip) / Raw(b"odd"))
    still_answers(a, wire)
    assert a.stats()["drops"] == {"icmp_bad_checksum": 1}
    assert lwip(a) == {"recv": 2, "xmit": 1, "chkerr": 1, "drop": 1}
    assert a.stats()["mib2"]["icmpinerrors"] == 1


@pytest.mark.parametrize("type_", [1, 2, 6, 7, 9, 10, 19, 30, 40, 127, 255])
def test_unknown_type_is_silently_discarded(bench, still_answers, type_):
    """[RFC1122 3.2.2]: no answer and no error, for types unassigned, of routers, or out of use."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / ICMP(type=type_) / Raw(bytes(8)))
    still_answers(a, wire)
    assert a.stats()["drops"] == {"icmp_unknown_type": 1}
    assert lwip(a) == {"recv": 2, "xmit": 1, "proterr": 1, "drop": 1}


@pytest.mark.parametrize("type_, counter", [(13, "icmpintimestamps"), (14, "icmpintimestampreps"),
                                            (15, None), (16, None), (17, "icmpinaddrmasks"),
                                            (18, "icmpinaddrmaskreps")],
                         ids=["timestamp", "timestamp reply", "information", "information reply",
                              "mask", "mask reply"])
def test_curious_request_is_not_answered(bench, still_answers, type_, counter):
    """[RFC1122 3.2.2.7], [RFC1122 3.2.2.8], [RFC1122 3.2.2.9]: none of these has to be answered."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / ICMP(type=type_))
    still_answers(a, wire)
    stats = a.stats()
    assert stats["drops"] == {"icmp_unanswered": 1}
    assert lwip(a) == {"recv": 2, "xmit": 1, "proterr": 1, "drop": 1}
    if counter is not None:
        assert stats["mib2"][counter] == 1


def test_echo_reply_that_nobody_waits_for(bench, still_answers):
    """[RFC1122 3.2.2.6]: it goes to the user interface, and there is none."""
    a, wire = bench()
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / ICMP(type=0, id=1, seq=1))
    still_answers(a, wire)
    assert a.stats()["drops"] == {"icmp_echo_reply": 1}
    assert a.stats()["mib2"]["icmpinechoreps"] == 1


def test_raw_socket_has_seen_what_is_ignored(bench, still_answers):
    """[RFC1122 3.2.2]: what a raw socket took is not lost, and not counted as dropped."""
    a, wire = bench()
    raw = a.raw(1)
    sent = IP(src=TESTER, dst=HOST, id=3) / ICMP(type=13)
    wire.send(Ether(dst=a.mac) / sent)
    assert raw.recv(timeout=1).data == bytes(sent)
    assert a.stats()["drops"] == {}
    still_answers(a, wire)


def test_source_quench_is_ignored(bench, still_answers):
    """[RFC6633 3]: the socket it is about hears nothing and sends on as before."""
    a, wire = bench()
    socket = a.udp(5000)
    socket.connect(TESTER, 7)
    socket.send(b"fast")
    sent = wire.recv(timeout=1)
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / ICMP(type=4)
              / Raw(bytes(sent[IP])[:28]))
    assert socket.recv(timeout="1s") is None
    socket.send(b"fast")
    assert wire.recv(timeout=1)[Raw].load == b"fast"
    assert a.stats()["drops"] == {"icmp_source_quench": 1}
    assert a.stats()["mib2"]["icmpinsrcquenchs"] == 1
    still_answers(a, wire)
