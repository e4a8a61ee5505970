"""A thousand hosts on one switch: nothing is lost, and the end is exact.

Their gratuitous ARPs at time 0 are a thousand broadcasts; then each talks to its neighbour."""

from lockwire import wire_time

HOSTS = 1000
ONE_WAY_NS = 2 * wire_time(60, "1G") + 10_000


def test_a_thousand_hosts_announce_themselves_and_talk(net):
    """[RFC5227 2.3]: one announcement each; 999 frames queue for every cable, no more than it
    holds."""
    lan = net.segment("lan", rate="1G", latency="10us", capture=False)
    hosts = [net.host(f"h{i}", lan, ip=f"10.0.{i >> 8}.{i & 255}/16", mac=mac(i))
             for i in range(1, HOSTS + 1)]
    last = ONE_WAY_NS + (HOSTS - 2) * wire_time(60, "1G", gap=True)
    net.run(until=f"{last - 1}ns")
    assert net.clock()["frames"] == HOSTS * (HOSTS - 2)
    net.run(until=f"{last}ns")
    assert net.clock()["frames"] == HOSTS * (HOSTS - 1)
    sockets = [h.udp(7) for h in hosts]
    for i, h in enumerate(hosts):
        neighbour = hosts[(i + 1) % HOSTS]
        h.arp_static(neighbour.ip, neighbour.mac)
        sockets[i].send(i.to_bytes(2, "big"), neighbour.ip, 7)
    net.run(for_="1ms")
    assert net.clock()["frames"] == HOSTS * HOSTS  # the switch floods none of these
    for i, s in enumerate(sockets):
        got = s.recv(timeout=0)
        assert (got.data, got.t_ns) == (((i - 1) % HOSTS).to_bytes(2, "big"), last + ONE_WAY_NS)
    assert {str(h.stats()["drops"]) for h in hosts[::100]} == {"{}"}


def mac(i):
    """A MAC for each."""
    return f"02:00:00:00:{i >> 8:02x}:{i & 255:02x}"
