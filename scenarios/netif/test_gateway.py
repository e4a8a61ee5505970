"""A default gateway that dies: traffic turns to another interface's, and back when it speaks again.

[RFC1122 3.3.1.2]: a host MUST support several default gateways: here one on each interface, that of
the default interface being preferred. [RFC1122 3.3.1.4]: the failure of the one in use MUST be
detected, and another chosen; gateways MUST NOT be pinged all the time."""

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import ARP, Ether

from lockwire import shows

FAR = "192.0.2.1"


class Two:
    """Host a on two segments with a gateway at .254 of each; a tester on each who may bear it."""

    def __init__(self, net, gw=("10.1.0.254", "10.2.0.254"), **options):
        self.net = net
        self.left, self.right = net.segment("left", kind="hub"), net.segment("right", kind="hub")
        self.a = net.host("a", self.left, ip="10.1.0.1/24", gw=gw[0], **options)
        self.a.netif(self.right, ip="10.2.0.1/24", gw=gw[1])
        self.l = self.left.port("l", mac="02:00:00:00:00:0a")
        self.r = self.right.port("r", mac="02:00:00:00:00:0b")
        self.socket = self.a.udp(5000)
        net.run(until="1ms")
        self.clear()

    def clear(self):
        self.l.clear()
        self.r.clear()

    def answer(self, port, of="10.1.0.254"):
        """The gateway speaks to the host."""
        mac = self.a.interfaces[0 if port is self.l else 1].mac
        port.send(Ether(src=port.mac, dst=mac) / ARP(op=2, hwsrc=port.mac, psrc=of, hwdst=mac,
                                                     pdst=of.replace("254", "1")))
        self.net.run(for_="100us")

    def send(self, dst=FAR):
        """A datagram; what is then seen (left, right): whom ARP asks for, or "data"."""
        self.socket.send(b"x", dst, 9)
        self.net.run(for_="100us")
        return tuple([p[ARP].pdst if ARP in p else "data" for p in port.sniff(timeout=0)]
                     for port in (self.l, self.r))


@pytest.fixture
def dead(net):
    """dead(**options): a Two whose left gateway has not answered for five seconds."""
    def make(**options):
        b = Two(net, **options)
        b.answer(b.r, "10.2.0.254")
        assert b.send() == (["10.1.0.254"], [])
        net.run(until="6100ms" if options.get("timer") else "5100ms")
        assert b.a.stats()["drops"] == {"arp_unresolved": 1}
        b.clear()
        return b
    return make


def test_the_default_interface_has_the_preferred_gateway(net):
    """[RFC1122 3.3.1.2]: the other one carries nothing as long as this one lives."""
    b = Two(net)
    b.answer(b.l)
    b.answer(b.r, "10.2.0.254")
    with shows("RQ-1122-53"):
        assert b.send() == (["data"], [])
        assert b.send("10.2.0.9") == ([], ["10.2.0.9"])  # on the link: no gateway
    b.a.interfaces[0].set(ip="10.1.0.1/24", gw=None)
    with shows("RQ-1122-53"):
        with pytest.raises(Exception, match="ERR_RTE"):
            b.send()
        b.a.interfaces[1].set(default=True)
        assert b.send() == ([], ["data"])


def test_traffic_turns_to_the_other_gateway(dead):
    """[RFC1122 3.3.1.4]: from then on it leaves by the other interface, from its address."""
    b = dead()
    with shows("RQ-1122-54", "RQ-1122-53"):
        assert b.send() == ([], ["data"])
        b.socket.send(b"x", FAR, 9)
        assert b.r.recv(timeout="1ms")[IP].src == "10.2.0.1"
        # neighbours and groups need no gateway
        assert b.send("10.1.0.9") == (["10.1.0.9"], [])
        assert b.send("224.0.0.5") == (["data"], [])


def test_broadcast_needs_no_gateway(dead):
    """[RFC1122 3.3.6]: it still goes out by the default interface."""
    b = dead()
    with b.a.udp(5001, broadcast=True) as socket:
        socket.send(b"x", "255.255.255.255", 9)
    assert [p[IP].dst for p in b.l.sniff(timeout="1ms")] == ["255.255.255.255"]
    assert b.r.pending == 0


def test_bound_socket_keeps_its_address(dead):
    """[RFC1122 4.1.3.6]: it is told that there is no way out for it; nothing leaves from an
    address that is not the interface's."""
    b = dead()
    with b.a.udp(5001, addr="10.1.0.1") as socket:
        with pytest.raises(Exception, match="ERR_RTE"):
            socket.send(b"x", FAR, 9)
    assert (b.l.pending, b.r.pending) == (0, 0)


def test_dead_gateway_is_asked_for_every_half_minute(dead):
    """[RFC1122 3.3.1.4]: while traffic flows it is asked for again 30 s after it was given up; no
    datagram waits for that."""
    b = dead()
    asked = []
    for tick in range(52, 1000):  # a datagram each 100 ms until 100 s
        b.net.run(until=tick / 10)
        left, right = b.send()
        assert right == ["data"]
        if left:
            asked.append((tick * 100, left))
    with shows("RQ-1122-54"):
        # given up at 5.001 s; each time five questions, the usual second apart
        assert asked == [(ms + 1000 * i, ["10.1.0.254"]) for ms in (35_100, 70_100)
                         for i in range(5)]


@pytest.mark.parametrize("phase", [0, 350, 999])
def test_dead_gateway_is_asked_for_as_rarely_with_coarse_timers(dead, phase):
    """[RFC1122 3.3.1.4]: traffic does not keep a question alive that nobody answers."""
    b = dead(timer="coarse", timer_phase_ms=phase)
    asked = []
    for tick in range(70, 1000):
        b.net.run(until=tick / 10)
        left, right = b.send()
        assert right == ["data"]
        asked += [tick] * len(left)
    rounds = [[t for t in asked if low <= t < low + 300] for low in (300, 650)]
    with shows("RQ-1122-54"):
        assert [len(r) for r in rounds] == [5, 5]
        assert sum(rounds, []) == asked


def test_answer_to_the_question_brings_it_back(dead):
    """[RFC1122 3.3.1.4]: at once, with the very next datagram."""
    b = dead()
    b.net.run(until="36s")
    assert b.send() == (["10.1.0.254"], ["data"])
    b.answer(b.l)
    with shows("RQ-1122-54"):
        assert b.send() == (["data"], [])
        assert b.a.stats()["drops"] == {"arp_unresolved": 1}


def test_idle_host_asks_nobody(dead):
    """[RFC1122 3.3.1.4]: gateways MUST NOT be pinged, nor asked for, while there is no traffic."""
    b = dead()
    b.send()
    b.clear()
    with shows("RQ-1122-55"):
        assert [bytes(p) for p in b.l.sniff(timeout="1h")] == []
        assert b.r.pending == 0


def test_both_dead(dead):
    """[RFC1122 3.3.1.4]: then the preferred one is asked for as ever, at most once a second."""
    b = dead()
    b.a.interfaces[1].set(ip="10.2.0.1/24", gw="10.2.0.253")
    assert b.send() == ([], ["10.2.0.253"])
    b.net.run(until="12s")
    b.clear()
    with shows("RQ-1122-54"):
        assert b.send() == (["10.1.0.254"], [])
        for _ in range(9):
            b.net.run(for_="99900us")
            assert b.send() == ([], [])


def test_one_interface_asks_on(net):
    """[RFC1122 3.3.1.4] and [RFC1122 2.3.2.1]: without another gateway nothing is poured into a
    black hole: packets wait, at most one question a second."""
    lan = net.segment("lan", kind="hub")
    a = net.host("a", lan, ip="10.0.0.1/24", gw="10.0.0.254")
    wire = lan.port("tester")
    net.run(until="1ms")
    wire.clear()
    socket = a.udp(5000)
    asked = 0
    for _ in range(200):
        socket.send(b"x", FAR, 9)
        frames = wire.sniff(timeout="100ms")
        asked += len(frames)
        assert all(ARP in p and p[ARP].pdst == "10.0.0.254" for p in frames)
    with shows("RQ-1122-54"):
        assert asked == 20
        drops = a.stats()["drops"]
        # the last three have just been given up
        assert drops["arp_queue_full"] + drops["arp_unresolved"] == 200


CHANGES = {
    "gateway": dict(ip="10.1.0.1/24", gw="10.1.0.253"),
    "address": dict(ip="10.1.0.2/24", gw="10.1.0.254"),
    "mask": dict(ip="10.1.0.1/16", gw="10.1.0.254"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_new_settings_are_a_new_chance(dead, change):
    """[RFC1122 3.3.1.4]: nothing is known of the gateway any more."""
    b = dead()
    b.a.interfaces[0].set(**change)
    b.net.run(for_="1ms")
    b.clear()
    assert b.send() == ([change["gw"]], [])


def test_link_that_comes_back_is_a_new_chance(dead):
    """[RFC1122 3.3.1.4]: the cable was out: perhaps it leads elsewhere now."""
    b = dead()
    b.a.interfaces[0].link(up=False)
    b.a.interfaces[0].link(up=True)
    b.net.run(for_="1ms")
    b.clear()
    assert b.send() == (["10.1.0.254"], [])


@pytest.mark.parametrize("options", [dict(ip_dead_gateway=0), dict(ip_forward=1)],
                         ids=["switched-off", "router"])
def test_host_that_does_not_turn_away(dead, options):
    """[RFC1122 3.3.1.4]: an option; a router's ways are not decided here."""
    b = dead(**options)
    assert b.send() == (["10.1.0.254"], [])


def test_interface_without_gateway_is_no_way_out(dead):
    """[RFC1122 3.3.1.2]: the other interface has none: the dead one is asked for."""
    b = dead(gw=("10.1.0.254", None))
    assert b.send() == (["10.1.0.254"], [])
    assert b.r.pending == 0
