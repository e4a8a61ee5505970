"""When memory runs out: which connection is given up for a new one; and transfers finish all the
same, with pools and heaps that hold a fraction of a window. [RFC2018 8, RFC9293 3.9.1] """

import pytest

from lockwire import shows

PORT = 80


class Two:
    """Hosts a and b on a cable of 1 Gbit/s with 1 ms each way; b listens."""

    def __init__(self, net, a=None, b=None):
        self.net = net
        self.lan = net.segment("lan", kind="link", rate="1G", latency="1ms")
        self.a = net.host("a", self.lan, ip="10.0.0.1/24", **(a or {}))
        self.b = net.host("b", self.lan, ip="10.0.0.2/24", **(b or {}))
        self.a.arp_static(self.b.ip, self.b.mac)
        self.b.arp_static(self.a.ip, self.a.mac)

    def transfer(self, size, timeout="1h"):
        """That many bytes from a to b; afterwards both hold what they held before."""
        held = self.a.allocs()["held"], self.b.allocs()["held"]
        listener = self.b.listen(PORT, expect=size)
        client = self.a.connect(self.b.ip, PORT, timeout="10min")
        client.send_pattern(size)
        server = listener.accept(timeout="10min")
        server.finish(timeout=timeout)
        client.close()
        server.close()
        listener.close()
        self.net.run(for_="10min")
        assert (self.a.allocs()["held"], self.b.allocs()["held"]) == held


# -- control blocks ------------------------------------------------------------------------------

def test_given_up_first_is_time_wait_then_last_ack_then_closing_then_low_priority(talk):
    """Nobody is hurt by the first three: both sides have closed. The fourth is told by a RST, and
    has to be of lower priority than the newcomer; then newcomers are refused."""
    t = talk(memp_num_tcp_pcb=5)
    low = t.h.listen(81, prio=1)
    listener = t.h.listen(80)
    made = []
    for i, (name, port) in enumerate([("closing", 80), ("low", 81), ("last_ack", 80), ("mine", 80),
                                      ("time_wait", 80)]):
        peer = t.peer(port, 40000 + i).connect()
        made.append(((low if port == 81 else listener).accept(timeout="1s"), peer))
    (closing, p0), (weak, p1), (last_ack, p2), (mine, p3), (time_wait, p4) = made
    closing.close()
    p0.expect("FA")
    p0.send("FA", ack=p0.rseq(1))               # our FIN is not acknowledged
    p2.fin()
    p2.expect("A")
    last_ack.close()
    p2.expect("FA")
    time_wait.close()
    p4.expect("FA")
    p4.fin()
    p4.expect("A")
    ends = [closing, weak, last_ack, mine, time_wait]

    def states():
        return [connection.state for connection in ends]
    assert states() == ["CLOSING", "ESTABLISHED", "LAST_ACK", "ESTABLISHED", "TIME_WAIT"]
    for wanted in (["CLOSING", "ESTABLISHED", "LAST_ACK", "ESTABLISHED", "CLOSED"],
                   ["CLOSING", "ESTABLISHED", "CLOSED", "ESTABLISHED", "CLOSED"],
                   ["CLOSED", "ESTABLISHED", "CLOSED", "ESTABLISHED", "CLOSED"],
                   ["CLOSED", "CLOSED", "CLOSED", "ESTABLISHED", "CLOSED"]):
        t.peer(80, 41000 + wanted.count("CLOSED")).connect()
        assert states() == wanted
    assert "R" in p1.expect(seq=p1.rseq(1)).flag_text
    assert (weak.error, mine.error) == ("ERR_ABRT", None)
    before = t.h.stats()["drops"].get("tcp_listen_memory", 0)
    late = t.peer(80, 42000)
    late.send("S")
    late.expect_nothing()
    assert t.h.stats()["drops"]["tcp_listen_memory"] == before + 1
    assert states() == ["CLOSED", "CLOSED", "CLOSED", "ESTABLISHED", "CLOSED"]
    mine.send(b"still here")
    p3.expect("PA", data=b"still here")


def test_of_equal_priority_the_one_that_was_idle_longest_goes(talk):
    t = talk(memp_num_tcp_pcb=3)
    weak = t.h.listen(81, prio=1)
    t.h.listen(80)
    ends = []
    for i in range(3):
        t.net.run(for_="100ms")
        peer = t.peer(81, 40000 + i).connect()
        ends.append((weak.accept(timeout="1s"), peer))
    t.net.run(for_="100ms")
    ends[0][1].send("PA", b"a sign of life")
    t.net.run(for_="1s")
    t.peer(80, 41000).connect()
    assert [end.state for end, _ in ends] == ["ESTABLISHED", "CLOSED", "ESTABLISHED"]


def test_time_wait_never_keeps_new_connections_out(net):
    """Thirty connections, one after the other, by the side that waits, with room for four."""
    t = Two(net, a={"memp_num_tcp_pcb": 4})
    listener = t.b.listen(PORT)
    for _ in range(30):
        client = t.a.connect(t.b.ip, PORT, timeout="1s")
        server = listener.accept(timeout="1s")
        client.close()
        assert server.recv(timeout="1s") == b""
        server.close()
        net.run(for_="10ms")
        assert client.state == "TIME_WAIT"
    assert t.a.allocs()["held"]["TCP_PCB"] == 4
    net.run(for_="5min")
    assert t.a.allocs()["held"].get("TCP_PCB", 0) == 0


# -- buffers ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("whose, options", [
    ("b", {"pbuf_pool_size": 4}), ("a", {"pbuf_pool_size": 1}),
    ("a", {"memp_num_tcp_seg": 2}), ("b", {"memp_num_tcp_seg": 1}), ("a", {"mem_size": 6000}),
    ("b", {"mem_size": 2500}), ("ab", {"mem_size": 12000, "pbuf_pool_size": 3,
                                       "memp_num_tcp_seg": 4}),
], ids=lambda value: value if isinstance(value, str) else "-".join(value))
@pytest.mark.parametrize("loss", ["0%", "3%"])
def test_little_memory_makes_it_slow_not_wrong(net, whose, options, loss):
    t = Two(net, **{name: options for name in whose})
    t.lan.impair.loss(loss)
    t.transfer(200_000)


def test_early_data_of_one_connection_does_not_starve_the_others(talk):
    """[RFC2018 8]: the pool is full of what a peer sent behind a gap. It is given up for others,
    is no longer reported, and counts as never received: the peer sends it again."""
    t = talk(pbuf_pool_size=10, rx="pool")
    greedy, hoarder = t.serve(80, 40000, sack=True)
    modest, other = t.serve(81, 40001)
    for i in range(10):
        hoarder.send("PA", b"x" * 100, seq=hoarder.seq(101 + 200 * i))
        hoarder.expect("A", ack=hoarder.seq(1))
    assert greedy.info().ooseq_segments == 10
    other.send("PA", b"lost for want of a buffer")
    other.expect_nothing()
    assert greedy.info().ooseq_segments == 0
    other.send("PA", b"lost for want of a buffer", seq=other.seq(1))
    assert modest.recv(timeout="10ms") == b"lost for want of a buffer"
    hoarder.send("PA", b"x" * 100, seq=hoarder.seq(501))
    block = (hoarder.seq(501), hoarder.seq(601))
    with shows("RQ-2018-08"):
        hoarder.expect("A", ack=hoarder.seq(1), options={"SAck": block})
    hoarder.send("PA", b"y" * 100, seq=hoarder.seq(1))
    hoarder.expect("A", ack=hoarder.seq(101))
    hoarder.send("PA", b"x" * 100, seq=hoarder.seq(101))
    hoarder.expect("A", ack=hoarder.seq(201))
    assert greedy.recv_exactly(200, timeout="10ms") == b"y" * 100 + b"x" * 100
