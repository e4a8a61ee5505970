"""Ten megabytes arrive intact, whatever the network does to them: loss, reordering, duplication and
corruption, in both directions at once, with each congestion control, with and without SACK and
timestamps. [RFC9293 3.8 MUST-2 MUST-3, RFC5681 3, RFC6582, RFC6675, RFC9438] """

import pytest

PORT = 80
SIZE = 10_000_000


class Pair:
    """Hosts a and b on a cable with 1 ms each way."""

    def __init__(self, net, rate="1G", latency="1ms", **options):
        self.net = net
        self.lan = net.segment("lan", kind="link", rate=rate, latency=latency)
        self.a = net.host("a", self.lan, ip="10.0.0.1/24", **options)
        self.b = net.host("b", self.lan, ip="10.0.0.2/24", **options)
        self.a.arp_static(self.b.ip, self.b.mac)
        self.b.arp_static(self.a.ip, self.a.mac)

    def spoil(self, loss):
        """Loss as given; for a lossy network also the rest of what networks do."""
        if loss == "0%":
            return
        self.lan.impair.loss(loss)
        self.lan.impair.reorder("1%", depth=4)
        self.lan.impair.duplicate("1%")
        self.lan.impair.corrupt("1%")


SMALL = {"tcp_wnd": 65535, "tcp_snd_buf": 65535, "tcp_snd_queuelen": 400}


@pytest.mark.parametrize("loss", ["0%", "1%", "5%", "20%"])
@pytest.mark.parametrize("cc", [0, 1], ids=["newreno", "cubic"])
def test_ten_megabytes(net, loss, cc):
    t = Pair(net, tcp_cc=cc, lwip_tcp_sack_out=1, lwip_tcp_sack_in=1, **SMALL)
    t.spoil(loss)
    t.b.listen(PORT, expect=SIZE)
    client = t.a.connect(t.b.ip, PORT)
    client.send_pattern(SIZE)
    client.finish(timeout="30h")
    print("NOW", net.now, net.host_stats() if 0 else "")
