"""Groups while allocations fail: a join that was accepted is a membership, one that was refused is
none; a report that could not be sent is like one that was lost."""

from scapy.contrib.igmp import IGMP
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

from lockwire import StackError

REPORT, LEAVE, QUERY = 0x16, 0x17, 0x11
GROUP = "239.1.2.3"


def test_join_query_leave(net, rounds):
    """[RFC2236 3]: two reports after the join, one after the query, a leave."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    net.run(until="1ms")
    wire.clear()
    query = bytes(Ether(src=wire.mac, dst="01:00:5e:00:00:01")
                  / IP(src="10.0.0.254", dst="224.0.0.1", ttl=1, proto=2)
                  / IGMP(type=QUERY, mrcode=50))

    def membership():
        try:
            a.igmp_join(GROUP)
        except StackError as why:
            assert why.err == -1
            assert "IGMP_GROUP" not in a.allocs()["held"] or \
                a.allocs()["held"]["IGMP_GROUP"] == 1  # 224.0.0.1 alone
            return False
        said = rounds.heard(wire, "12s")
        wire.send(query)
        said += rounds.heard(wire, "12s")
        a.igmp_leave(GROUP)
        said += rounds.heard(wire)
        kinds = [Ether(f)[IGMP].type for f in said]
        return kinds == [REPORT] * 3 + [LEAVE]

    assert rounds(a, membership, wire) > 4
