"""Many connections: all at once, more than a backlog takes, more than there are ports; what belongs
to one never reaches another, and all memory comes back. [RFC9293 3.4.1, RFC6056 3.3] """

import pytest

from lockwire import StackError

PORT = 80
SECOND = 1_000_000_000
POOLS = {"memp_num_tcp_pcb": 600, "memp_num_tcp_seg": 8000, "memp_num_pbuf": 8000,
         "pbuf_pool_size": 8000, "mem_size": 16 << 20}


class Two:
    """Hosts a and b on a cable of 1 Gbit/s with 1 ms each way; b listens."""

    def __init__(self, net, a=None, b=None, latency="1ms", **options):
        self.net = net
        self.lan = net.segment("lan", kind="link", rate="1G", latency=latency)
        self.a = net.host("a", self.lan, ip="10.0.0.1/24", **(options | (a or {})))
        self.b = net.host("b", self.lan, ip="10.0.0.2/24", **(options | (b or {})))
        self.a.arp_static(self.b.ip, self.b.mac)
        self.b.arp_static(self.a.ip, self.a.mac)

    def held(self):
        return self.a.allocs()["held"], self.b.allocs()["held"]

    def connect(self, **more):
        return self.a.connect(self.b.ip, PORT, wait=False, **more)


@pytest.mark.parametrize("spoilt", [False, True], ids=["clean", "lossy"])
def test_five_hundred_at_once(net, spoilt):
    """Each sends its own 5000 bytes, and gets the other's 3000; then all close."""
    t = Two(net, **POOLS)
    if spoilt:
        t.lan.impair.loss("2%")
        t.lan.impair.reorder("2%", depth=3)
    held = t.held()
    listener = t.b.listen(PORT, source=3000, expect=5000, seed=7)
    clients = [t.connect(source=5000, expect=3000, seed=7) for _ in range(500)]
    net.run(for_="10min")
    assert {c.progress().received for c in clients} == {3000}
    servers = [listener.accept(timeout=0) for _ in range(500)]
    assert {s.progress().received for s in servers} == {5000}
    net.run(for_="1h")  # each has closed when it had sent all
    assert {c.state for c in clients + servers} == {"CLOSED"}
    assert {c.error for c in clients + servers} == {None}
    listener.close()
    assert t.held() == held


def test_a_small_backlog_serves_all_in_the_end(net):
    """SYNs beyond the backlog are not answered and come again [RFC9293 3.10.7.2]; nobody is
    refused."""
    t = Two(net)
    listener = t.b.listen(PORT, backlog=2, echo=True)
    clients = []
    for _ in range(40):
        clients.append(t.connect(source=1000, expect=1000))
        net.run(for_="700us")  # three in a round trip
    net.run(for_="3min")
    assert listener.accepted == 40
    assert t.b.stats()["drops"]["tcp_listen_backlog"] > 0
    assert {c.progress().received for c in clients} == {1000}


def test_half_open_connections_fill_the_backlog(net):
    """SYN-ACKs that are never acknowledged hold places until they are given up; then others come
    in."""
    t = Two(net)
    listener = t.b.listen(PORT, backlog=3)
    t.lan.impair.loss("100%", src=t.b.name, dst=t.a.name)
    lost = [t.connect() for _ in range(3)]
    net.run(for_="10ms")
    t.connect()
    net.run(for_="10ms")
    assert t.b.stats()["drops"]["tcp_listen_backlog"] == 1
    assert listener.pending == 0 and {c.state for c in lost} == {"SYN_SENT"}


def test_ports_run_out_and_come_back(net):
    """[RFC6056 3.3]: every ephemeral port is in use for one destination; the next connect() is
    refused at once, not given somebody else's port, until one is free."""
    t = Two(net, a={"memp_num_tcp_pcb": 20000, "mem_size": 64 << 20, "memp_num_tcp_seg": 20000})
    t.lan.impair.loss("100%")
    count = 0xFFFF - 49152 + 1
    clients = []
    for _ in range(count):
        clients.append(t.connect())
        if len(clients) % 4096 == 0:
            net.run(for_="1us")  # so many SYNs at one instant would look like a storm
    assert sorted(c.local.port for c in clients) == list(range(49152, 65536))
    with pytest.raises(StackError, match="ERR_USE|ERR_BUF"):
        t.connect()
    clients[77].abort()
    assert t.connect().local.port == clients[77].local.port
