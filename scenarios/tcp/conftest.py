"""What the scenarios about TCP begin with: one host, one cable, and the tester at its other end.

Addresses are those of the catalogues' notation: the host is 10.0.0.2 (02:00:00:00:00:02), the
tester 10.0.0.1 (02:00:00:00:00:01). The cable takes no time of its own, so that a frame is there
when its last bit has been sent. """

import pytest

RATE = "1G"
HEADERS = 14 + 20 + 20  # of a segment without options, in bytes


class Talk:
    """`h` the host, `wire` the tester's port, `lan` the cable, `net` the world."""

    def __init__(self, net, **options):
        self.net = net
        self.lan = net.segment("lan", kind="link", rate=RATE)
        self.h = net.host("h", self.lan, ip="10.0.0.2/24", mac="02:00:00:00:00:02", **options)
        self.wire = self.lan.port("tester", mac="02:00:00:00:00:01", ip="10.0.0.1")
        self.h.arp_static(self.wire.ip, self.wire.mac)
        net.run(until="1ms")
        self.wire.clear()

    def peer(self, dport=80, sport=40000, **options):
        """The tester as the other end of a connection with the host's port; see wire.tcp()."""
        return self.wire.tcp(self.h, dport, sport, **options)

    @staticmethod
    def hop(what=HEADERS):
        """Nanoseconds that a frame needs to the other end: a segment, or a frame's length."""
        from lockwire import wire_time
        return wire_time(what if isinstance(what, int) else len(what.frame), RATE)

    def back(self, sent, length=0, options=0):
        """How long after `sent` the host's immediate answer is here, when that has so many bytes
        of data and of options: for peer.expect(at=talk.back(sent), since=sent)."""
        return self.hop(sent) + self.hop(HEADERS + options + length)

    def serve(self, dport=80, sport=40000, listen=None, **options):
        """(the host's end, the peer) of a connection that the peer opened; `listen` are
        arguments of host.listen(), the others are the peer's."""
        listener = self.h.listen(dport, **(listen or {}))
        peer = self.peer(dport, sport, **options).connect()
        return listener.accept(timeout="1s"), peer

    def call(self, sport=80, **options):
        """(the host's end, the peer) of a connection that the host opened to the peer's port."""
        peer = self.peer(None, sport, **options).listen()
        connection = self.h.connect(peer.ip, peer.sport, timeout="1s")
        return connection, peer.accept()


@pytest.fixture
def talk(net):
    """talk(**options): a Talk whose host has these options; it is 1 ms, all is quiet."""
    return lambda **options: Talk(net, **options)
