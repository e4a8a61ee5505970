"""The machinery of the malformed frames: a busy host, and rows that say what is thrown at it.

A test file has a list ROWS of dictionaries (the fields of `Row`) and one test with the parameters
`busy` and `row`; each row becomes a scenario whose parameter is the row's id in the catalogue
(`MF-ETH-01/13-bytes`: row MF-ETH-01, one of its values). The scenario:

1. makes the host D busy (see Busy) and notes its counters, tables and memory;
2. sends the row's frames;
3. compares everything the host did with what the row says: frames sent (byte by byte, but for
   the IP identification, which is the host's own choice), drop reasons, lwIP's error counters,
   what the sockets got, the ARP table, what reassembly holds. What a row does not mention must
   not have happened;
4. lets what was begun before come to its end, and has an ordinary exchange with everybody;
5. waits until every timer has run if something is still held, and finds all memory given back.

A protocol that comes later (TCP, IPv6, DHCP) adds its state to Busy, its part to `exchange`, and a
test file with its rows."""

import itertools
from dataclasses import dataclass, field

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from scapy.utils import checksum

from lockwire import IcmpError, Net

D, D4 = "02:00:00:00:00:02", "10.0.0.2"        # the host under attack, on segment `lan`
T, T4 = "02:00:00:00:00:01", "10.0.0.1"        # the tester; so are all others on this segment:
GW, GW4 = "02:00:00:00:00:fe", "10.0.0.254"    # the host's gateway
P, P4 = "02:00:00:00:00:08", "10.0.0.8"        # a peer: sent half a datagram, connected by UDP
Q, Q4 = "02:00:00:00:00:09", "10.0.0.9"        # silent until the exchange; a packet waits
S, S4 = "02:00:00:00:00:0a", "10.0.0.10"       # a static entry of the ARP table
D2, D24 = "02:00:00:00:02:02", "10.2.0.2"      # the host on segment `far`; it forwards
F, F4 = "02:00:00:00:02:01", "10.2.0.1"        # a tester there
GROUP = "239.1.2.3"                            # joined on `lan`
NOBODY = "ff:ff:ff:ff:ff:ff"

ERRORS = ("drop", "chkerr", "lenerr", "memerr", "rterr", "proterr", "opterr", "err")


@dataclass(frozen=True)
class Row:
    """One malformed thing and what must come of it. Everything not given: nothing happens."""

    id: str
    what: str                                    # in words, one line
    frames: list                                 # packets, bytes, "5ms" to wait, or functions of b
    drops: dict = field(default_factory=dict)    # {reason: how often}
    counters: dict = field(default_factory=dict)  # {"etharp.lenerr": 1}; these and no others
    replies: object = ()     # "echo", ("error", type, code, word), packets, or a function of b
    far: object = ()         # frames to the far segment, likewise
    heard: dict = field(default_factory=dict)    # {"echo": [b"what the socket got"]}
    arp: dict = field(default_factory=dict)      # entries made or changed: {ip: (mac, state)}
    held: tuple = (0, 0)     # datagrams and receive buffers that reassembly keeps
    tcp: dict = field(default_factory=dict)      # what changed of BusyTcp's connections
    acks: dict = field(default_factory=dict)     # {"e": 1}: plain ACKs that connection answers with
    half: bool = True        # P's half datagram survives
    settle: str = "10ms"     # how long the reaction is watched
    exchange_drops: dict = field(default_factory=dict)  # what the exchange afterwards displaces
    late: object = ()        # frames while waiting for the end of what is held
    late_drops: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)  # of the host
    note: str = ""           # what was decided where the row leaves a choice

    @property
    def reaction(self):
        """What Busy.reaction() has to find."""
        return {"drops": self.drops, "counters": self.counters, "arp": self.arp,
                "held": self.held, "heard": self.heard,
                **({"tcp": self.tcp} if self.tcp else {})}


def pytest_generate_tests(metafunc):
    """ROWS of a test file become its scenarios."""
    if "row" in metafunc.fixturenames:
        rows = [Row(**entry) for entry in metafunc.module.ROWS]
        assert len({row.id for row in rows}) == len(rows), "a row's id is there twice"
        metafunc.parametrize("row", rows, ids=[row.id for row in rows])


def eth(packet, src=T, dst=D):
    """In a frame of the tester's."""
    return Ether(src=src, dst=dst) / packet


def arp(src, ip, target=D4, op=1, dst=D):
    """A well-formed ARP packet in its frame."""
    return Ether(src=src, dst=dst) / ARP(op=op, hwsrc=src, psrc=ip, pdst=target,
                                         hwdst=D if op == 2 else "00:00:00:00:00:00")


def padded(packet):
    """As a host of ours puts it on the wire: at least 60 bytes, filled up with zeros."""
    return bytes(packet).ljust(60, b"\0")


def with_id(packet, like):
    """The bytes of an expected frame; what is the host's own choice, the IP identification and the
    initial sequence number, is taken from the frame that came."""
    if isinstance(packet, bytes):
        return packet
    if IP in packet and len(like) >= 20 and like[12:14] == b"\x08\x00":
        packet = packet.copy()
        packet[IP].id = int.from_bytes(like[18:20], "big")
        if TCP in packet and packet[TCP].flags == "SA" and len(like) >= 54:
            packet[TCP].seq = int.from_bytes(like[38:42], "big")
    return padded(packet)


HALF = bytes(IP(src=P4, dst=D4) / UDP(sport=4000, dport=7) / Raw(bytes(range(100))))[20:]
# What everybody says when the storm is over, and what comes of it
PIECES = [eth(IP(src=P4, dst=D4, id=0x1111, proto=17, frag=at // 8,
                 flags="MF" if at == 0 else 0) / Raw(HALF[at:end]), src=P)
          for at, end in ((0, 56), (56, len(HALF)))]
FRESH = [bytes(eth(IP(src=P4, dst=D4, id=0x2222, proto=17, frag=at // 8,
                      flags="MF" if at == 0 else 0) / Raw(HALF[at:end]), src=P))
         for at, end in ((0, 56), (56, len(HALF)))]
PING = bytes(eth(IP(src=T4, dst=D4, id=1) / ICMP(id=7, seq=77) / b"still there?"))
PONG = Ether(src=D, dst=T) / IP(src=D4, dst=T4, ttl=255) / ICMP(type=0, id=7, seq=77) \
    / b"still there?"
MARCO = bytes(eth(IP(src=T4, dst=D4) / UDP(sport=4000, dport=7) / b"marco"))
POLO = Ether(src=D, dst=T) / IP(src=D4, dst=T4, ttl=255) / UDP(sport=7, dport=4000) / b"polo"
TALK = bytes(eth(IP(src=P4, dst=D4) / UDP(sport=6000, dport=5000) / b"connected", src=P))
CRUDE = bytes(eth(IP(src=T4, dst=D4, proto=253) / Raw(b"crude")))
TRANSIT = eth(IP(src=T4, dst=F4, id=9, ttl=9) / UDP(sport=1, dport=2) / b"passing by")
PASSED = padded(Ether(src=D2, dst=F) / IP(src=T4, dst=F4, id=9, ttl=8) / UDP(sport=1, dport=2)
                / b"passing by")
ANSWER = bytes(arp(Q, Q4, op=2))
WAITING = Ether(src=D, dst=Q) / IP(src=D4, dst=Q4, ttl=255) / UDP(sport=4001, dport=9) \
    / b"waits for an answer"
QUESTION = padded(Ether(src=D, dst=NOBODY) / ARP(op=1, hwsrc=D, psrc=D4, pdst=Q4))


class Busy:
    """A host that is in the middle of everything: it waits for ARP with a packet in its queue,
    holds half a datagram, has UDP, UDP-Lite and raw sockets, is connected, is in a group, and
    forwards to a second segment."""

    NOBODY, D, D4, T, T4 = NOBODY, D, D4, T, T4

    def __init__(self, net, capture=True, vlan=None, acd=False, **options):
        self.net, self.vlan = net, vlan
        self.forwards = options.get("ip_forward", 1)
        self.lan = net.segment("lan", kind="link", capture=capture)
        self.far_lan = net.segment("far", kind="link", capture=capture)
        self.d = net.host("D", self.lan, ip=f"{D4}/24", gw=GW4, mac=D, vlan=vlan, acd=acd,
                          **{"ip_forward": 1, **options})
        self.d.netif(self.far_lan, ip=f"{D24}/24", mac=D2)
        self.t = self.lan.port("tester", mac=T)
        self.f = self.far_lan.port("tester", mac=F)
        self.sent = []
        self.questions = 0  # that the host has asked for Q
        self._begin(20 if acd else 1)

    def _begin(self, start):
        d, net = self.d, self.net
        self.sockets = {"echo": d.udp(7, broadcast=True), "lite": d.udp(7, lite=True),
                        "talk": d.udp(5000), "out": d.udp(4001), "raw": d.raw(253)}
        self.sockets["talk"].connect(P4, 6000)
        d.igmp_join(GROUP)
        net.run(until=start)  # a group is reported twice
        d.arp_static(S4, S)
        self.empty = self.memory()
        self.say(PIECES[0])
        self.asked_ns = net.now_ns
        self.recover()
        self.before = self.look()

    # -- the wire ------------------------------------------------------------------------------
    def say(self, *frames):
        """What others on the segment send in good order: with the host's VLAN tag, if it has
        one."""
        for frame in frames:
            data = bytes(frame)
            if self.vlan is not None:
                data = data[:12] + b"\x81\x00" + self.vlan.to_bytes(2, "big") + data[12:]
            self.t.send(data)

    def came(self, port=None):
        """The frames that came by now, without their tags; not the host's questions for Q."""
        port, frames = port or self.t, []
        while port.pending:
            data = port.recv_bytes(timeout=0).data
            if self.vlan is not None and port is self.t:
                assert data[12:16] == b"\x81\x00" + self.vlan.to_bytes(2, "big"), data.hex()
                data = padded(data[:12] + data[16:])
            if data == QUESTION:
                self.questions += 1
            else:
                frames.append(data)
        return frames

    def throw(self, items):
        """Sends a row's frames; `sent` has them. Texts are pauses, functions get this object."""
        for item in items:
            if isinstance(item, str):
                self.net.run(for_=item)
            elif callable(item):
                item(self)
            else:
                self.sent.append(item)
                self.t.send(item)

    # -- expected frames -----------------------------------------------------------------------
    @staticmethod
    def echo(request, src=None, options=b"", mac=T):
        """The reply to an echo request: everything comes back, and nothing else."""
        ip = IP(bytes(request)[14:])
        reply = IP(src=src or ip.dst, dst=ip.src, ttl=255, tos=ip.tos & 0xFC, proto=1)
        if options:
            reply.options = options
        message = bytes(bytes(ip)[ip.ihl * 4:ip.len])
        message = b"\0\0\0\0" + message[4:]
        message = message[:2] + checksum(message).to_bytes(2, "big") + message[4:]
        return Ether(src=D, dst=mac) / reply / Raw(message)

    @staticmethod
    def error(offender, type_, code, word=0, mac=T, src=D4):
        """The ICMP error about a frame: its IP header with options, and 8 bytes more."""
        datagram = bytes(offender)[14:]
        datagram = datagram[:int.from_bytes(datagram[2:4], "big")]
        quote = datagram[:(datagram[0] & 15) * 4 + 8]
        message = bytes([type_, code, 0, 0]) + word.to_bytes(4, "big") + quote
        message = message[:2] + checksum(message).to_bytes(2, "big") + message[4:]
        to = ".".join(str(octet) for octet in datagram[12:16])
        return Ether(src=D, dst=mac) / IP(src=src, dst=to, ttl=255, proto=1) / Raw(message)

    @staticmethod
    def arp_reply(mac=T, ip=T4):
        """The host says where it is."""
        return Ether(src=D, dst=mac) / ARP(op=2, hwsrc=D, psrc=D4, hwdst=mac, pdst=ip)

    def expected(self, replies):
        """A row's `replies`, `far` or `late` as a list of packets."""
        if replies == "echo":
            return [self.echo(frame) for frame in self.sent if not isinstance(frame, str)]
        if isinstance(replies, tuple) and replies[:1] == ("error",):
            return [self.error(frame, *replies[1:]) for frame in self.sent]
        return list(replies(self) if callable(replies) else replies)

    # -- the host ------------------------------------------------------------------------------
    def memory(self):
        """What is in use of each pool and of the heap."""
        stats = self.d.stats()
        return {"heap": stats["mem"]["used"],
                **{name: pool["used"] for name, pool in stats["memp"].items() if pool["used"]}}

    def look(self):
        """Everything about the host that a row may say something about."""
        stats = self.d.stats()
        table = {e["ip"]: (e["mac"], e["state"]) for e in self.d.arp_table()}
        counters = {f"{group}.{name}": values[name] for group, values in stats["lwip"].items()
                    for name in ERRORS if name in values}
        return {"drops": stats["drops"], "counters": counters, "arp": table,
                "held": (stats["memp"]["REASSDATA"]["used"], stats["memp"]["PBUF_POOL"]["used"])}

    def heard(self):
        """What the sockets have got, by name."""
        got = {name: [] for name in self.sockets}
        for name, socket in self.sockets.items():
            while True:
                try:
                    datagram = socket.recv(timeout=0)
                except IcmpError as error:
                    got[name].append((error.type, error.code))
                    continue
                if datagram is None:
                    break
                got[name].append(datagram.data)
        return {name: data for name, data in got.items() if data}

    def reaction(self, before):
        """What has changed since look() returned `before`."""
        now = self.look()
        gone = {ip: None for ip in before["arp"] if ip not in now["arp"]}
        return {"drops": moved(before["drops"], now["drops"]),
                "counters": moved(before["counters"], now["counters"]),
                "arp": {**gone, **{ip: entry for ip, entry in now["arp"].items()
                                   if before["arp"].get(ip) != entry}},
                "held": tuple(b - a for a, b in zip(before["held"], now["held"])),
                "heard": self.heard()}

    def compare(self, name, packets, port=None):
        """The frames that came are these, byte by byte."""
        frames = self.came(port)
        packets = self.expected(packets)
        pairs = itertools.zip_longest(packets, frames, fillvalue=b"")
        wanted = [with_id(p, f) if p != b"" else p for p, f in pairs]
        wanted = wanted[:len(packets)]
        assert [f.hex() for f in frames] == [w.hex() for w in wanted], name

    def recover(self):
        """What a long wait or a poisoned table has undone: the others say again where they are,
        and a packet waits for Q as before."""
        self.say(*[arp(mac, ip) for mac, ip in ((T, T4), (GW, GW4), (P, P4))])
        self.f.send(arp(F, F4, D24, dst=D2))
        self.sockets["out"].send(b"waits for an answer", Q4, 9)
        self.net.run(for_="1ms")
        self.t.clear()
        self.f.clear()

    # -- what every row ends with --------------------------------------------------------------
    def exchange(self, half=True, drops=()):
        """Everybody is served, and what was begun before the storm comes to its end."""
        before = self.look()
        self.say(PING, TALK, CRUDE, ANSWER, MARCO, *(PIECES[1:] if half else FRESH))
        if self.forwards:
            self.say(TRANSIT)
        self.net.run(for_="2ms")
        self.compare("pong, and what waited for Q", [PONG, WAITING])
        self.compare("the transit datagram", [PASSED] if self.forwards else [], self.f)
        after = self.reaction(before)
        assert after["drops"] == dict(drops) and after["counters"] == {}
        data = bytes(range(100))
        assert after["heard"] == {"talk": [b"connected"], "echo": [b"marco", data],
                                  "raw": [after["heard"]["raw"][0]]}
        assert after["heard"]["raw"][0].endswith(b"crude")
        self.sockets["echo"].send(b"polo", T4, 4000)
        self.net.run(for_="1ms")
        self.compare("polo", [POLO])

    def finish(self, row):
        """All timers have run; all memory is back."""
        if row.held != (0, 0) or not row.half:
            before = self.look()
            self.net.run(for_="61s")
            self.compare("late frames", row.late)
            assert moved(before["drops"], self.look()["drops"]) == row.late_drops
        assert self.memory() == self.empty
        assert self.came(self.f) == self.came() == []

    def suffer(self, row):
        """The row's frames are thrown; what the host sends is what the row says."""
        self.throw(row.frames)
        self.net.run(for_=row.settle)
        self.compare("replies", row.replies)
        self.compare("frames on the far segment", row.far, self.f)
        seconds = (self.net.now_ns - self.asked_ns) // 1_000_000_000
        assert self.questions == seconds < 5  # one a second, as without the storm

    def recovers(self, row):
        """A normal exchange, and in the end all memory is back."""
        self.exchange(row.half, row.exchange_drops)
        self.finish(row)


class BusyTcp(Busy):
    """The same host with TCP in all its moods; the tester is everybody's peer, at T4.

    `e` (connection `ce`): established, no options; data went both ways, three bytes are unread.
    `o` (`co`): with window scale, SACK and timestamps; bytes 11 to 20 wait for the first ten.
    `h`: half open; its SYN-ACK is not answered.
    `web` listens on port 80. What a row does not mention, in `tcp` and `acks`, stays as it is."""

    def _begin(self, start):
        self.web = self.d.listen(80)
        self.peers = {}
        super()._begin(start)
        self.e, self.ce = self.opened(40001)
        self.e.send("PA", b"abc")
        self.net.run(for_="10us")
        self.ce.sendall(b"xyz")
        self.e.expect("PA", data=b"xyz", ack=self.e.snd_nxt)
        self.e.ack()
        self.o, self.co = self.opened(40002, sack=True, ts=1000, ws=3)
        self.o.send("PA", b"K" * 10, seq=self.o.seq(11))
        self.o.expect("A", ack=self.o.seq(1))
        self.h = self.peer(40003)
        self.h.send("S")
        self.h.expect("SA")
        self.h_ns = self.net.now_ns
        self.peers = {"e": self.e, "o": self.o}
        self.net.run(for_="1ms")
        self.before = self.look()

    def peer(self, sport, dport=80, **options):
        """A stranger at T4 who has not said anything yet."""
        return self.t.tcp(self.d, dport, sport, ip=T4, arp=False, **options)

    def opened(self, sport, **options):
        """(peer, the host's connection) of one more connection to port 80."""
        peer = self.peer(sport, **options).connect()
        return peer, self.web.accept(timeout="1ms")

    def part(self, peer, connection):
        """The peer closes, then the host; nothing of it stays."""
        peer.fin()
        peer.expect("A", ack=peer.snd_nxt)
        assert connection.recv(timeout="1ms") == b""
        connection.close()
        peer.expect("FA")
        peer.ack()
        peer.expect_nothing(for_="1ms")
        assert connection.info().gone and connection.error is None

    def arp_again(self):
        """The others say where they are, after a long wait."""
        self.recover()

    # -- what a row may say about it -----------------------------------------------------------
    def look(self):
        """Of the host, and of both connections."""
        seen = super().look()
        if self.peers:
            seen["tcp"] = {"pcbs": self.memory().get("TCP_PCB", 0),
                           **{f"{name}.{key}": value for name, c in (("e", self.ce), ("o", self.co))
                              for key, value in [*vars(c.info()).items(), ("pending", c.pending),
                                                 ("error", c.error)]
                              if key not in ("now_ns", "timers", "ends")}}
        return seen

    def reaction(self, before):
        """What has changed; numbers by how much."""
        got = super().reaction(before)
        if "tcp" in before:
            now, then = self.look()["tcp"], before["tcp"]
            changes = {key: value - then[key] if isinstance(value, int) and
                       not isinstance(value, bool) else value
                       for key, value in now.items() if value != then[key]}
            if changes:
                got["tcp"] = changes
        return got

    def suffer(self, row):
        """As for every host; then what each connection has said, and no more."""
        super().suffer(row)
        for name, peer in self.peers.items():
            for _ in range(row.acks.get(name, 0)):
                peer.expect("A", seq=peer.rcv_nxt, ack=peer.snd_nxt, length=0, timeout=0)
            assert peer.pending == 0, f"{name}: {peer}"
        self.half_open()

    def half_open(self):
        """The SYN-ACK has been sent again as often as it must have been [RFC6298 5.5]."""
        due = [self.h_ns + n * 1_000_000_000 for n in (1, 3, 7, 15, 31, 63)]
        repeats = sum(t <= self.net.now_ns for t in due)
        for _ in range(repeats):
            self.h.expect("SA", seq=self.h.rseq(0), ack=self.h.seq(1), timeout=0)
        assert self.h.pending == 0, str(self.h)
        self.h_repeats = repeats

    def exchange(self, half=True, drops=()):
        """UDP and all else as ever; then every connection goes on, and comes to its end."""
        super().exchange(half, drops)
        before = self.look()["drops"]
        left = self.ce.pending
        self.e.send("PA", b"ping")
        self.net.run(for_="1ms")
        assert self.ce.recv(timeout=0)[left:] == b"ping" and not self.ce.pending
        self.ce.sendall(b"pong")
        self.e.expect("PA", data=b"pong", ack=self.e.snd_nxt)
        self.e.ack()
        self.o.send("PA", b"J" * 10)
        self.o.snd_nxt = self.o.seq(21)
        self.o.expect("A", ack=self.o.snd_nxt, options={"SAck": None})
        assert self.co.recv(timeout=0) == b"J" * 10 + b"K" * 10
        self.h.drain()
        self.h.ack()
        ch = self.web.accept(timeout="1ms")
        for peer, connection in ((self.e, self.ce), (self.o, self.co), (self.h, ch)):
            self.part(peer, connection)
        assert self.look()["drops"] == before


def moved(before, after):
    """What counted up, and by how much."""
    return {name: n - before.get(name, 0) for name, n in after.items() if n != before.get(name, 0)}


@pytest.fixture
def make_busy(net):
    """make_busy(**options): a Busy host; for scenarios that a row cannot tell."""
    return lambda **options: Busy(net, **options)


@pytest.fixture
def busy(make_busy):
    """busy(row): a busy host at which the row's frames were thrown; what it sent is checked."""
    def make(row):
        b = make_busy(**row.options)
        b.suffer(row)
        return b
    return make


@pytest.fixture
def make_busy_tcp(net):
    """make_busy_tcp(**options): a BusyTcp host; for scenarios that a row cannot tell."""
    return lambda **options: BusyTcp(net, **options)


@pytest.fixture
def busy_tcp(make_busy_tcp):
    """busy_tcp(row): a BusyTcp host at which the row's frames were thrown."""
    def make(row):
        b = make_busy_tcp(**row.options)
        b.suffer(row)
        return b
    return make


@pytest.fixture
def quiet_row():
    """A row of which nothing comes: for b.recovers() behind a scenario of its own."""
    return Row(id="", what="", frames=[])


@pytest.fixture
def world():
    """world(seed): one more world; it is closed at the end."""
    made = []

    def make(seed):
        made.append(Net(seed))
        return made[-1]
    yield make
    for net in made:
        net.close()
