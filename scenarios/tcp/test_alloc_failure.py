"""Any allocation of a connection fails, at both ends: `lockwire run --fail-alloc all` runs this
with the 1st allocation of each host failing, then the 2nd, and so on until none does.
[RFC9293 3.9.1]

What is asserted here holds then too. A call that needs memory may say that there is none; what it
took is delivered all the same: a segment that could not be made or kept is like one that was lost.
At the end both ends know how it ended, and nothing is held any more. """

import pytest

from lockwire import CommandError, ConnectionLost, ConnectionRefused, ConnectionReset, StackError
from lockwire.tcp_info import pattern

pytestmark = pytest.mark.strict_alloc

PORT = 80
ERR_MEM = -1
LIMIT = "20min"  # longer than any schedule of timeouts
UP, DOWN = pattern(6000, seed=1), pattern(9000, seed=2)


class NoMemory(Exception):
    """A call has said so."""


def ask(call, *arguments, **options):
    """What the call returns; NoMemory if it says so. Nothing else is an excuse."""
    try:
        return call(*arguments, **options)
    except ConnectionLost:
        raise
    except StackError as why:
        assert why.err == ERR_MEM, why
        raise NoMemory from why
    except CommandError as why:
        assert why.kind == "stack", why
        raise NoMemory from why


class Pair:
    """The hosts a and b, and what they hold while nobody is connected."""

    def __init__(self, net, **options):
        self.net = net
        self.lan = net.segment("lan", kind="link", latency="1ms")
        self.a = ask(net.host, "a", self.lan, ip="10.0.0.1/24", **options)
        self.b = ask(net.host, "b", self.lan, ip="10.0.0.2/24", **options)
        for host, other in ((self.a, self.b), (self.b, self.a)):
            ask(host.arp_static, other.ip, other.mac)
        self.held = self.holds()
        self.ends = []

    def holds(self):
        return [host.allocs()["held"] for host in (self.a, self.b)]

    def known(self, end):
        """An end that asks whether the other one is still there, so that it hears even of an
        abort whose RST could not be made."""
        self.ends.append(end)
        end.set(keepalive=("1min", "10s", 3))
        return end

    def connect(self):
        """(a's end, b's end)."""
        listener = ask(self.b.listen, PORT)
        try:
            client = self.known(ask(self.a.connect, self.b.ip, PORT, timeout=LIMIT))
            return client, self.known(listener.accept(timeout=LIMIT))
        finally:
            listener.close()




def play(net, act, **options):
    """act(pair), in which a call may have no memory: then the application gives up. Either way both
    ends get to know, and what they held is given back."""
    pair = None
    try:
        pair = Pair(net, **options)
        act(pair)
    except NoMemory:
        assert net.allocs_failed() > 0
        for end in pair.ends if pair else ():
            end.abort()
    if pair is not None:
        net.run(for_="10min")
        assert [end.state for end in pair.ends] == ["CLOSED"] * len(pair.ends)
        assert pair.holds() == pair.held


def talk_both_ways(client, server):
    ask(client.sendall, UP, timeout=LIMIT)
    ask(server.sendall, DOWN, timeout=LIMIT)
    assert server.recv_exactly(len(UP), timeout=LIMIT) == UP
    assert client.recv_exactly(len(DOWN), timeout=LIMIT) == DOWN


def goodbye(*ends):
    """Each says FIN in turn, and hears the other's."""
    for end in ends:
        ask(end.shutdown, "wr")
    for end in ends:
        assert end.recv(timeout=LIMIT) == b""
        end.close()


CALM: dict = {}
SLOW = {"tcp_wnd": 2920}
BARE = {"lwip_tcp_sack_out": False, "timer": "coarse"}


@pytest.mark.parametrize("options", [CALM, SLOW, BARE], ids=["calm", "small-window", "bare"])
@pytest.mark.parametrize("first", ["client", "server"])
def test_talk_and_close(net, first, options):
    """What was sent has arrived in both directions before either end is closed."""
    def act(pair):
        client, server = pair.connect()
        talk_both_ways(client, server)
        goodbye(*((client, server) if first == "client" else (server, client)))
    play(net, act, **options)


@pytest.mark.parametrize("fault", ["drop", "reorder", "corrupt"])
def test_bad_network(net, fault):
    """A segment of each end's data gets lost, or overtaken, or damaged: there is more to keep, and
    more to send again."""
    def act(pair):
        client, server = pair.connect()
        for host in pair.a, pair.b:
            hurt = getattr(pair.lan.faults, fault)
            hurt(nth=2, src=host.name, match={"tcp.len": (">", 0)}, optional=True,
                 **({"depth": 2} if fault == "reorder" else {}))
        talk_both_ways(client, server)
        goodbye(client, server)
    play(net, act)


def test_reader_that_waits(net):
    """The window closes, is probed, and opens."""
    def act(pair):
        client, server = pair.connect()
        ask(client.sendall, UP, timeout=LIMIT)
        net.run(for_="30s")
        assert server.recv_exactly(len(UP), timeout=LIMIT) == UP
        goodbye(client, server)
    play(net, act, tcp_wnd=2920)


@pytest.mark.parametrize("who", ["client", "server"])
def test_abort(net, who):
    """The other end is told, by the RST or by what its questions are answered with."""
    def act(pair):
        client, server = pair.connect()
        talk_both_ways(client, server)
        one, other = (client, server) if who == "client" else (server, client)
        one.abort()
        with pytest.raises(ConnectionReset):
            other.recv(timeout=LIMIT)
    play(net, act)


def test_nobody_listens(net):
    """The RST that could not be made: then the next one."""
    def act(pair):
        with pytest.raises(ConnectionRefused):
            ask(pair.a.connect, pair.b.ip, PORT, timeout=LIMIT)
    play(net, act)


def test_both_open(net):
    """Each end's SYN meets the other's."""
    def act(pair):
        near = pair.known(ask(pair.a.connect, pair.b.ip, 2000, local_port=1000, wait=False))
        far = pair.known(ask(pair.b.connect, pair.a.ip, 1000, local_port=2000, wait=False))
        for end in near, far:
            end.wait_connected(timeout=LIMIT)
        talk_both_ways(near, far)
        goodbye(near, far)
    play(net, act)
