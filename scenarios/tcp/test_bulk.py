"""Ten megabytes arrive intact and once, whatever the network does to them: loss, reordering,
duplication and corruption, one way and both at once, with each congestion control, with and
without SACK, time stamps, RACK and large windows. [RFC9293 3.8, RFC5681 3, RFC6582 3, RFC6675 5,
RFC9438 4] """

import pytest

PORT = 80
SIZE = 10_000_000

CC = {"newreno": 0, "cubic": 1}
SACK = {"sack": 1, "nosack": 0}
TS = {"ts": 1, "nots": 0}


class Pair:
    """Hosts a and b on a cable of 1 Gbit/s with 1 ms each way."""

    def __init__(self, net, **options):
        self.net = net
        self.lan = net.segment("lan", kind="link", rate="1G", latency="1ms")
        self.a = net.host("a", self.lan, ip="10.0.0.1/24", **options)
        self.b = net.host("b", self.lan, ip="10.0.0.2/24", **options)
        self.a.arp_static(self.b.ip, self.b.mac)
        self.b.arp_static(self.a.ip, self.a.mac)

    def spoil(self, loss):
        """The loss, and the rest of what networks do, each to one frame in a hundred."""
        self.lan.impair.loss(loss)
        self.lan.impair.reorder("1%", depth=4)
        self.lan.impair.duplicate("1%")
        self.lan.impair.corrupt("1%")

    def transfer(self, there=SIZE, back=0):
        """So many bytes each way at the same time; all of them arrive, nothing else does, and then
        both ends close without an error. With every fifth frame lost, ACKs as well, measured round
        trips contain timeouts, and it takes hours."""
        listener = self.b.listen(PORT)
        client = self.a.connect(self.b.ip, PORT)
        server = listener.accept(timeout="10min")
        for sender, receiver, size, seed in ((client, server, there, 1), (server, client, back, 2)):
            if size:
                sender.send_pattern(size, seed)
                receiver.expect_pattern(size, seed)
        client.finish(timeout="1000h")
        server.finish(timeout="1000h")
        took = self.net.now_ns
        assert (client.progress().received, server.progress().received) == (back, there)
        client.close()
        server.recv_all(timeout="1h")
        server.close()
        self.net.run(for_="2h")
        assert (client.state, server.state) == ("CLOSED", "CLOSED")
        assert (client.error, server.error) == (None, None)
        return took


def case(loss, cc, sack, ts):
    return pytest.param(loss, cc, sack, ts, id=f"{loss}-{cc}-{sack}-{ts}")


@pytest.mark.parametrize("loss, cc, sack, ts", [
    *[case(loss, cc, "sack", "ts") for loss in ("0%", "1%", "5%", "20%") for cc in CC],
    *[case(loss, cc, "nosack", "nots") for loss in ("1%", "5%", "20%") for cc in CC],
    case("5%", "cubic", "sack", "nots"), case("5%", "newreno", "nosack", "ts"),
    case("20%", "newreno", "sack", "nots"), case("20%", "cubic", "nosack", "ts"),
])
def test_ten_megabytes(net, loss, cc, sack, ts):
    """From a to b."""
    t = Pair(net, tcp_cc=CC[cc], lwip_tcp_sack_out=SACK[sack], lwip_tcp_sack_in=SACK[sack],
             lwip_tcp_timestamps=TS[ts])
    t.spoil(loss)
    t.transfer()


@pytest.mark.parametrize("loss", ["0%", "1%", "5%"])
def test_both_ways_at_once(net, loss):
    """ACKs ride on data, and a lost segment takes them along."""
    t = Pair(net)
    t.spoil(loss)
    t.transfer(SIZE, SIZE)


@pytest.mark.parametrize("loss", ["0%", "1%", "5%"])
def test_large_windows(net, loss):
    """[RFC7323 2]: a scaled window of 1 MB; queues as long as that."""
    t = Pair(net, tcp_wnd=1 << 20, tcp_snd_buf=1 << 20, tcp_snd_queuelen=2000, tcp_rcv_scale=5,
             memp_num_tcp_seg=4000, memp_num_pbuf=4000, pbuf_pool_size=2000, mem_size=8 << 20)
    t.spoil(loss)
    t.transfer()


@pytest.mark.parametrize("loss", ["1%", "5%", "20%"])
def test_rack(net, loss):
    """[RFC8985 5]: with RACK-TLP."""
    t = Pair(net, lwip_tcp_rack=1, tcp_cc=CC["cubic"])
    t.spoil(loss)
    t.transfer()


@pytest.mark.parametrize("options", [
    {"timer_granularity_ms": 250}, {"tcp_queue_ooseq": 0}, {"tcp_mss": 536}, {"tcp_wnd": 2920},
    {"tcp_delack_ms": 0}, {"tcp_ooseq_max_pbufs": 4}, {"lwip_tcp_ecn": 1},
], ids=lambda options: "-".join(options))
def test_options(net, options):
    """One megabyte through 5 % loss, with what a small device might have configured."""
    t = Pair(net, **options)
    t.spoil("5%")
    t.transfer(1_000_000, 100_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_nothing_lost_is_as_fast_as_the_cable(net):
    """The cable is never idle once the window covers its 2 ms: ten megabytes in 1500-byte
    frames (1448 bytes of data in 1538 on the cable) take 85 ms at 1 Gbit/s."""
    t = Pair(net, tcp_wnd=1 << 20, tcp_snd_buf=1 << 20, tcp_snd_queuelen=2000, tcp_rcv_scale=5,
             memp_num_tcp_seg=4000, memp_num_pbuf=4000, pbuf_pool_size=2000, mem_size=8 << 20)
    took = t.transfer()
    on_cable = SIZE * 1538 * 8 // 1448
    assert on_cable < took < on_cable + 20_000_000  # slow start from ten segments
