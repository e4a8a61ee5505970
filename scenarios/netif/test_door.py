"""The host's door: how a frame becomes a pbuf, what it is charged to, and how long it takes.

Pool buffers are chained as lwIP drivers do (`rx="pool"`), or the frame is one piece (`rx="flat"`);
on the wire nobody can tell. [RFC1122 3.3.2] holds for datagrams in any number of pieces.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"


@pytest.fixture
def cable():
    """A hub: what one sends is heard wire_time() later."""
    return {"kind": "hub", "latency": "0"}


def echo(a, wire, data, seq=1):
    """An echo request for a."""
    return (Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST, id=seq)
            / ICMP(type=8, id=7, seq=seq) / Raw(data))


@pytest.mark.parametrize("size", [0, 1, 85, 86, 87, 214, 1472])
@pytest.mark.parametrize("options", [{"rx": "flat"}, {"rx": "pool"}, {"pbuf_pool_bufsize": 128}],
                         ids=["flat", "pool", "chain"])
def test_pieces_cannot_be_told_from_the_wire(bench, options, size):
    """[RFC1122 3.2.2.6]: the data comes back whole, at the same instant, however it was held."""
    a, wire = bench(**options)
    data = bytes(i * 7 & 0xFF for i in range(size))
    request = echo(a, wire, data)
    wire.send(request)
    reply = wire.recv(timeout="10ms")
    length = len(bytes(request))
    assert bytes(reply[ICMP].payload)[:size] == data
    assert reply.time.ns == 1_000_000 + wire_time(length) + wire_time(max(length, 60))


def test_each_piece_is_charged_to_the_pool(net, bench):
    """1514 bytes in buffers of 128 are 12 of them; with 11 there is no room and it is counted."""
    a, wire = bench(pbuf_pool_bufsize=128, pbuf_pool_size=11)
    wire.send(echo(a, wire, bytes(1472)))
    assert wire.recv(timeout="10ms") is None
    stats = a.stats()
    assert (stats["lwip"]["link"]["memerr"], stats["lwip"]["link"]["drop"]) == (1, 1)
    wire.send(echo(a, wire, bytes(1300), seq=2))
    assert wire.recv(timeout="10ms")[ICMP].seq == 2


@pytest.mark.exact_virtual(reason="the ring is short, and one interrupt serves all that is in it")
def test_processing_takes_the_time_it_is_given(net, bench):
    """With cpu="10us" frames are processed one after the other, 10 us each; replies queue."""
    a, wire = bench(cpu="10us")
    for seq in (1, 2, 3):
        wire.send(echo(a, wire, b"", seq))
    replies = wire.sniff(timeout="10ms")
    assert [p[ICMP].seq for p in replies] == [1, 2, 3]
    gap, trip = wire_time(42, gap=True), wire_time(60)
    arrived = [1_000_000 + n * gap + trip for n in range(3)]
    done, free = [], 0
    for at in arrived:
        free = max(free, at) + 10_000
        done.append(free)
    assert [p.time.ns for p in replies] == [at + trip for at in done]


@pytest.mark.parametrize("area", [0, 20, 28, 32])
@pytest.mark.parametrize("what", ["udp", "closed", "echo"])
def test_header_in_two_pieces(net, bench, area, what):
    """[RFC791 3.1]: options fill the first buffer up to the transport's header, or into it: it is
    read across, and an error quotes it across."""
    a, wire = bench(pbuf_pool_bufsize=68)
    socket = a.udp(7)
    ip = IP(src="10.0.0.254", dst="10.0.0.1", id=9,
            options=b"\x01" * (area - 1) + b"\x00" if area else b"")
    data = bytes(range(1, 100))
    sent = ip / (ICMP(type=8, id=1, seq=2) if what == "echo" else
                 UDP(sport=4000, dport=7 if what == "udp" else 9)) / Raw(data)
    wire.send(Ether(src=wire.mac, dst=a.mac) / sent)
    if what == "udp":
        got = socket.recv(timeout="1ms")
        assert (got.data, got.port) == (data, 4000)
    else:
        got = wire.recv(timeout="1ms")[ICMP]
        if what == "echo":
            assert (got.type, got.id, got.seq, got.load) == (0, 1, 2, data)
        else:
            assert (got.type, got.code) == (3, 3)
            assert bytes(got.payload)[:28 + area] == bytes(sent)[:28 + area]
    assert a.stats()["memp"]["PBUF_POOL"]["used"] == 0
    assert a.stats()["mem"]["used"] == 0
