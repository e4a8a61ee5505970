"""Conflict detection while allocations fail: an address is taken only after three probes and two
announcements that really left, however long that takes."""

from scapy.layers.l2 import ARP, Ether


def test_address_is_won_by_probes_that_left(net, rounds):
    """[RFC5227 2.1.1], [RFC5227 2.3]: neither a probe nor an announcement that could not be sent
    counts."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24", acd=True)
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    net.run(until="20s")
    wire.clear()
    addresses = iter(range(10, 250))

    def probe_and_announce():
        ip = f"10.0.0.{next(addresses)}"
        a.interfaces[0].set(ip=f"{ip}/24")
        packets = [Ether(f)[ARP] for f in rounds.heard(wire, "40s")]
        probes = [p for p in packets if (p.psrc, p.pdst) == ("0.0.0.0", ip)]
        announcements = [p for p in packets if (p.psrc, p.pdst) == (ip, ip)]
        won = a.acd()["state"] == "ok"
        if won:
            assert (len(probes), len(announcements)) == (3, 2)
        return won

    assert rounds(a, probe_and_announce, wire) == 6  # three probes, two announcements
