"""Worlds for the target tcp_state: one connection in each state, its other end the fuzzer's.

The host's port is 80, the peer's 40000; object 1 is the listener or the host's own connection,
object 2 what was accepted. What the host sends is a text of 251 bytes again and again, what it
gets is a function of the sequence number (tcp_state.c checks both). Options differ from world to
world: the peer's offers, coarse timers, congestion controls, RACK, ECN, small buffers."""

from __future__ import annotations

from typing import Callable

from lockwire.connection import Connection
from lockwire.tcp_peer import Peer
from lockwire.world import Net

TESTER = "02:00:00:00:00:fe"
HOST_MAC = "02:00:00:00:00:01"
HOST_PORT, PEER_PORT, ISN = 80, 40000, 1000
TEXT = bytes(range(251))
MUCH = dict(mem_size=49152, memp_num_tcp_seg=96)  # for a host that sends a window of data
EVERYTHING = dict(ws=3, sack=True, ts=100)


def stream(seq: int, n: int) -> bytes:
    """The peer's bytes from sequence number `seq` on."""
    return bytes(((seq + i) * 2654435761 & 0xFFFFFFFF) >> 24 for i in range(n))


class _Talk:
    """A host on a cable with the tester at its other end."""

    def __init__(self, net: Net, **options) -> None:
        self.net = net
        lan = net.segment("lan", kind="link", rate="1G")
        small = dict(memp_num_pbuf=24, pbuf_pool_size=24, pbuf_pool_bufsize=256, mem_size=16384,
                     memp_num_tcp_pcb=4, memp_num_tcp_pcb_listen=2, memp_num_tcp_seg=24)
        self.host = net.host("a", lan, ip="10.0.0.1/24", mac=HOST_MAC, **{**small, **options})
        self.wire = lan.port("tester", mac=TESTER, ip="10.0.0.254")
        net.limits(storm_instant=500, storm_second=4000)
        self.host.arp_static(self.wire.ip, self.wire.mac)
        net.run(for_="1ms")

    def peer(self, **offers) -> Peer:
        """The tester's end."""
        return self.wire.tcp(self.host, HOST_PORT, PEER_PORT, isn=ISN, **offers)

    def serve(self, **offers) -> tuple[Connection, Peer]:
        """Established, opened by the peer."""
        listener = self.host.listen(HOST_PORT, backlog=2)
        peer = self.peer(**offers).connect()
        return listener.accept(timeout="1s"), peer

    def call(self, **offers) -> tuple[Connection, Peer]:
        """Established, opened by the host."""
        peer = self.peer(**offers).listen()
        connection = self.host.connect(peer.ip, PEER_PORT, local_port=HOST_PORT, timeout="1s")
        return connection, peer.accept()

    def dial(self) -> Connection:
        """The host's SYN is out."""
        made = self.host.connect(self.wire.ip, PEER_PORT, local_port=HOST_PORT, wait=False)
        self.net.run(for_="1ms")
        return made


def _send(connection: Connection, texts: int) -> None:
    connection.send(TEXT * texts)


def _must(connection: Connection, state: str) -> None:
    if connection.state != state:
        raise SystemExit(f"{connection} is in {connection.state}, not in {state}")


def tcp_listen(net: Net) -> None:
    """A backlog of two."""
    _Talk(net).host.listen(HOST_PORT, backlog=2)


def tcp_syn_sent(net: Net) -> None:
    """The host's SYN has no answer yet."""
    _must(_Talk(net).dial(), "SYN_SENT")


def tcp_syn_received(net: Net) -> None:
    """The host has answered a SYN."""
    talk = _Talk(net)
    talk.host.listen(HOST_PORT, backlog=2)
    peer = talk.peer(**EVERYTHING)
    peer.send("S")
    peer.expect("SA")


def tcp_syn_received_crossed(net: Net) -> None:
    """Both have sent a SYN: simultaneous open."""
    talk = _Talk(net, lwip_tcp_ecn=1)
    peer = talk.peer(**EVERYTHING)
    connection = talk.host.connect(peer.ip, PEER_PORT, local_port=HOST_PORT, wait=False)
    peer.expect()
    peer.send("S")
    net.run(for_="1ms")
    _must(connection, "SYN_RCVD")


def tcp_established(net: Net) -> None:
    """Idle, with every option."""
    connection, peer = _Talk(net).serve(**EVERYTHING)
    peer.send("PA", stream(peer.snd_nxt, 100))
    net.run(for_="1s")
    connection.recv(100)
    _must(connection, "ESTABLISHED")


def tcp_in_flight(net: Net) -> None:
    """A window of data is out, more waits; RACK with its timers, ECN."""
    talk = _Talk(net, lwip_tcp_rack=1, lwip_tcp_ecn=1, **MUCH)
    connection, peer = talk.call(ecn=True, **EVERYTHING)
    _send(connection, 30)
    for _ in range(3):
        peer.ack(peer.expect(timeout="5ms").end)
    _send(connection, 60)
    net.run(for_="1ms")
    _must(connection, "ESTABLISHED")


def tcp_recovery(net: Net) -> None:
    """The first of ten segments is lost, SACK said so; CUBIC."""
    connection, peer = _Talk(net, tcp_snd_buf=40000, **MUCH).serve(**EVERYTHING)
    connection.set(cc="cubic")
    _send(connection, 80)
    net.run(for_="1ms")
    got = [peer.expect(lost=i == 0) for i in range(peer.pending)]
    for segment in got[1:5]:
        peer.send("A", ack=got[0].seq, options=peer.sacks((
            got[1].seq - (peer.rcv_isn or 0), segment.end - (peer.rcv_isn or 0))))
    net.run(for_="1ms")
    if connection.info().recovery == "none":
        raise SystemExit(f"{connection} is in no recovery")


def tcp_reassembly(net: Net) -> None:
    """Three pieces lie behind holes, and a little in order that nobody has read."""
    connection, peer = _Talk(net, tcp_wnd=6000).serve(**EVERYTHING)
    peer.send("PA", stream(peer.snd_nxt, 300))
    for at, n in ((1000, 200), (2000, 100), (1500, 50)):
        peer.send("A", stream(peer.seq(at), n), seq=peer.seq(at))
    net.run(for_="500ms")
    _must(connection, "ESTABLISHED")


def tcp_zero_window(net: Net) -> None:
    """The peer takes nothing, the host has something to send: persist."""
    connection, peer = _Talk(net).serve(ws=3)
    peer.win = 0
    peer.ack()
    net.run(for_="1ms")
    _send(connection, 4)
    net.run(for_="300ms")
    if connection.info().snd_wnd != 0:
        raise SystemExit("the window is not closed")


def tcp_plain(net: Net) -> None:
    """No options at all, lwIP's coarse timers, NewReno, a full receive buffer, a little in
    flight."""
    talk = _Talk(net, timer="coarse", tcp_wnd=2000, tcp_mss=500, tcp_snd_buf=2000,
                 lwip_tcp_sack_out=0, lwip_tcp_timestamps=0, lwip_wnd_scale=0)
    connection, peer = talk.serve(mss=None)
    connection.set(cc="newreno", keepalive=(10, 5, 3), user_timeout="100s")
    for _ in range(4):
        peer.send("PA", stream(peer.snd_nxt, 490))
        net.run(for_="1ms")
    _send(connection, 7)
    net.run(for_="1ms")
    _must(connection, "ESTABLISHED")


def tcp_fin_wait_1(net: Net) -> None:
    """Data and the FIN behind it are out; nobody reads any more."""
    connection, _ = _Talk(net).serve(**EVERYTHING)
    _send(connection, 10)
    connection.close()
    net.run(for_="1ms")
    _must(connection, "FIN_WAIT_1")


def tcp_fin_wait_2(net: Net) -> None:
    """Half-closed: the application still reads."""
    connection, peer = _Talk(net).serve(**EVERYTHING)
    connection.shutdown("wr")
    peer.expect("FA")
    peer.ack()
    net.run(for_="1ms")
    _must(connection, "FIN_WAIT_2")


def tcp_close_wait(net: Net) -> None:
    """The peer has closed, the host still sends."""
    connection, peer = _Talk(net).serve(**EVERYTHING)
    peer.fin()
    _send(connection, 6)
    net.run(for_="1ms")
    _must(connection, "CLOSE_WAIT")


def tcp_closing(net: Net) -> None:
    """Both FINs have crossed."""
    connection, peer = _Talk(net).serve(**EVERYTHING)
    connection.close()
    peer.expect("FA", lost=True)
    peer.fin()
    net.run(for_="1ms")
    _must(connection, "CLOSING")


def tcp_last_ack(net: Net) -> None:
    """Only the last ACK is missing."""
    connection, peer = _Talk(net).serve(**EVERYTHING)
    peer.fin()
    net.run(for_="1ms")
    _send(connection, 2)
    connection.close()
    net.run(for_="1ms")
    _must(connection, "LAST_ACK")


def tcp_time_wait(net: Net) -> None:
    """Over, but for what may still be on its way; the port listens on."""
    connection, peer = _Talk(net).serve(**EVERYTHING)
    connection.close()
    peer.expect("FA")
    peer.fin()
    net.run(for_="1ms")
    _must(connection, "TIME_WAIT")


WORLDS: dict[str, Callable[[Net], None]] = {
    "tcp-" + f.__name__[4:].replace("_", "-"): f
    for f in (tcp_listen, tcp_syn_sent, tcp_syn_received, tcp_syn_received_crossed,
              tcp_established, tcp_in_flight, tcp_recovery, tcp_reassembly, tcp_zero_window,
              tcp_plain, tcp_fin_wait_1, tcp_fin_wait_2, tcp_close_wait, tcp_closing,
              tcp_last_ack, tcp_time_wait)}
