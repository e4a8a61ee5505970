"""A segment that came by a source route opens and disturbs no connection: such routes are refused
by IP, and TCP keeps none. [RFC9293 3.9.2.1] [RFC6274 3.13.2.3] """

import pytest
from scapy.layers.inet import ICMP, IP, TCP, IPOption_LSRR, IPOption_SSRR
from scapy.layers.l2 import Ether


def routed(t, peer, option, flags):
    """The peer's segment with a route that has been travelled, or one hop of which is left."""
    inner = TCP(sport=peer.sport, dport=peer.dport, flags=flags, seq=peer.snd_nxt,
                ack=peer.rcv_nxt if "A" in flags else 0)
    return Ether(src=t.wire.mac, dst=t.h.mac) / IP(src=peer.ip, dst="10.0.0.2",
                                                   options=[option]) / inner


@pytest.mark.parametrize("option", [IPOption_LSRR(routers=["10.0.0.9"], pointer=8),
                                    IPOption_SSRR(routers=["10.0.0.9"], pointer=8)],
                         ids=["loose", "strict"])
@pytest.mark.parametrize("flags", ["S", "PA"])
def test_travelled_route(talk, option, flags):
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    if flags == "PA":
        peer.connect()
        connection = listener.accept(timeout="1ms")
    before = t.h.allocs()["held"].get("TCP_PCB", 0)
    t.wire.send(routed(t, peer, option, flags))
    refusal = t.wire.recv(timeout="1ms")
    assert (refusal[ICMP].type, refusal[ICMP].code) == (3, 5)  # source route failed
    peer.expect_nothing(for_="5s")
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == before
    if flags == "PA":
        connection.send(b"on it goes")
        assert peer.expect("PA", data=b"on it goes")[IP].ihl == 5
