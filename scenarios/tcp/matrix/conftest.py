"""What [RFC9293 3.10.7] and [RFC5961] say about a segment, and a world to hold a host against it.

`react` is a model of its own: it knows the RFCs and nothing of the stack. It gets the connection's
variables as they show from outside (Tcb) and a segment (Seg) and says what has to come of it
(Reaction). `bring` leads a host into a state; `judge` sends a segment there, compares everything
the host does with the Reaction, and then goes on with an ordinary exchange. Where an RFC leaves a
choice the model says which one this stack has made, and why. """

from dataclasses import dataclass, field, replace

import pytest

WND, PEER_WND = 4000, 3000  # the host's receive window, the tester's
OURS = bytes(100)           # what the host has sent and nobody has acknowledged, where it may send
RECEIVING = ("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2")
BEHIND_FIN = ("CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT")


def ahead(a, b):
    """By how much a is ahead of b [RFC9293 3.4], negative when behind."""
    return (a - b + 2**31) % 2**32 - 2**31


@dataclass(frozen=True)
class Seg:
    """A segment: flags in Scapy's letters; `urg` is the urgent pointer."""

    flags: str
    seq: int
    ack: int
    data: bytes = b""
    urg: int = 0

    def has(self, flag):
        return flag in self.flags

    @property
    def len(self):
        """SEG.LEN: data, SYN and FIN."""
        return len(self.data) + self.has("S") + self.has("F")


@dataclass(frozen=True)
class Tcb:
    """A connection's variables [RFC9293 3.3.1]. fin: the last number before SND.NXT is our FIN.
    passive: SYN-RECEIVED was reached from LISTEN. closed: the application has called close."""

    state: str
    irs: int
    rcv_nxt: int
    rcv_wnd: int
    snd_una: int
    snd_nxt: int
    max_wnd: int = PEER_WND
    fin: bool = False
    passive: bool = False
    closed: bool = False


@dataclass(frozen=True)
class Reaction:
    """What the host does: `frames` at once, as (flags, seq, ack), ack None without the flag;
    `later`: or an ACK within half a second, because it may wait; why it dropped the segment; what
    the application hears; and the connection afterwards (state CLOSED: it is gone)."""

    tcb: Tcb
    frames: tuple = ()
    later: bool = False
    drop: str | None = None
    data: bytes = b""
    urgent: int | None = None
    error: str | None = None
    reopened: bool = False  # TIME-WAIT gave way to a new connection
    notes: dict = field(default_factory=dict)


# -- the model: synchronised states and SYN-RECEIVED [RFC9293 3.10.7.4] ----------------------------
def in_window(tcb, seg):
    """The table of four cases."""
    def inside(number):
        return 0 <= ahead(number, tcb.rcv_nxt) < tcb.rcv_wnd
    if tcb.rcv_wnd == 0:
        return seg.len == 0 and seg.seq == tcb.rcv_nxt
    if seg.len == 0:
        return inside(seg.seq)
    return inside(seg.seq) or inside(seg.seq + seg.len - 1)


def react(tcb, seg):
    """The steps in their order; the first that has an answer ends it."""
    tcb, seg, done = figure_8(tcb, seg)
    if done is not None:
        return done
    for step in (time_wait, sequence, reset, syn, no_ack, bad_ack):
        reaction = step(tcb, seg)
        if reaction is not None:
            return reaction
    return text(take_ack(tcb, seg), seg)


def ack_of(tcb):
    """The ACK that answers what cannot be accepted: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>."""
    return (("A", tcb.snd_nxt, tcb.rcv_nxt),)


def figure_8(tcb, seg):
    """Simultaneous open: the other side's SYN-ACK repeats a SYN that is known; its ACK counts
    [RFC9293 3.5 figure 8]. A repeated SYN says that our SYN-ACK was lost: it is sent again."""
    if tcb.state != "SYN_RCVD" or not seg.has("S") or seg.seq != tcb.irs or seg.has("R"):
        return tcb, seg, None
    if not seg.has("A"):
        return tcb, seg, Reaction(tcb, (("SA", tcb.snd_una, tcb.rcv_nxt),),
                                  drop="tcp_outside_window")
    if not tcb.passive and seg.ack == tcb.snd_nxt:
        seg = replace(seg, flags=seg.flags.replace("S", ""), seq=seg.seq + 1)
    return tcb, seg, None


def time_wait(tcb, seg):
    """Resets are ignored [RFC1337 3 F1]; a SYN beyond everything that came opens anew [MAY-2]."""
    if tcb.state != "TIME_WAIT":
        return None
    if seg.has("R"):
        return Reaction(tcb, drop="tcp_time_wait_rst")
    if seg.has("S") and not seg.has("A") and not seg.has("F") and ahead(seg.seq, tcb.rcv_nxt) > 0:
        return Reaction(replace(tcb, state="CLOSED"), (("SA", None, seg.seq + 1),), reopened=True,
                        error="ERR_CLSD")
    return None


def sequence(tcb, seg):
    """First."""
    if in_window(tcb, seg):
        return None
    if seg.has("R"):
        return Reaction(tcb, drop="tcp_rst_outside_window")
    return Reaction(tcb, ack_of(tcb), drop="tcp_outside_window")


def reset(tcb, seg):
    """Second, with [RFC5961 3.2]. After both FINs a reset takes nothing from the application."""
    if not seg.has("R"):
        return None
    if seg.seq != tcb.rcv_nxt:
        return Reaction(tcb, ack_of(tcb), drop="tcp_rst_not_exact")
    error = "ERR_RST"
    if tcb.state in ("CLOSING", "LAST_ACK"):
        error = None if tcb.closed else "ERR_CLSD"
    return Reaction(replace(tcb, state="CLOSED"), error=None if tcb.passive else error)


def syn(tcb, seg):
    """Fourth, with [RFC5961 4.2]."""
    if not seg.has("S"):
        return None
    if tcb.passive:  # back to LISTEN
        return Reaction(replace(tcb, state="CLOSED"), drop="tcp_syn_in_window")
    return Reaction(tcb, ack_of(tcb), drop="tcp_syn_in_window")


def no_ack(tcb, seg):
    """Fifth: without ACK nothing happens."""
    return None if seg.has("A") else Reaction(tcb, drop="tcp_no_ack")


def bad_ack(tcb, seg):
    """Fifth: SYN-RECEIVED resets what does not acknowledge the SYN; later, [RFC5961 5.2]."""
    if tcb.state == "SYN_RCVD":
        if 0 < ahead(seg.ack, tcb.snd_una) and ahead(seg.ack, tcb.snd_nxt) <= 0:
            return None
        return Reaction(tcb, (("R", seg.ack, None),), drop="tcp_synrcvd_ack")
    if ahead(seg.ack, tcb.snd_nxt) > 0:
        return Reaction(tcb, ack_of(tcb), drop="tcp_ack_unsent")
    if ahead(seg.ack, tcb.snd_una) < -tcb.max_wnd:
        return Reaction(tcb, ack_of(tcb), drop="tcp_ack_old")
    return None


AFTER_OUR_FIN = {"FIN_WAIT_1": "FIN_WAIT_2", "CLOSING": "TIME_WAIT", "LAST_ACK": "CLOSED"}


def take_ack(tcb, seg):
    """Fifth: what the ACK leads to."""
    state = "ESTABLISHED" if tcb.state == "SYN_RCVD" else tcb.state
    if tcb.fin and seg.ack == tcb.snd_nxt:
        state = AFTER_OUR_FIN.get(state, state)
    una = seg.ack if ahead(seg.ack, tcb.snd_una) > 0 else tcb.snd_una
    return replace(tcb, state=state, snd_una=una, passive=False)


AFTER_PEERS_FIN = {"ESTABLISHED": "CLOSE_WAIT", "FIN_WAIT_1": "CLOSING", "FIN_WAIT_2": "TIME_WAIT"}


def text(tcb, seg):
    """Sixth to eighth: urgent, text, FIN. What lies before RCV.NXT or beyond the window is cut off;
    what is not next is kept and acknowledged at once."""
    if tcb.state == "CLOSED" or not seg.len:
        return Reaction(tcb, urgent=urgent(tcb, seg))
    if tcb.state in BEHIND_FIN:
        return Reaction(tcb, ack_of(tcb), drop="tcp_text_state")
    start = max(0, -ahead(seg.seq, tcb.rcv_nxt))
    room = tcb.rcv_wnd - ahead(seg.seq, tcb.rcv_nxt)
    data, fin = seg.data[start:room], seg.has("F") and seg.len <= room
    if ahead(seg.seq, tcb.rcv_nxt) > 0:
        return Reaction(tcb, ack_of(tcb), urgent=urgent(tcb, seg))
    after = replace(tcb, rcv_nxt=(tcb.rcv_nxt + len(data) + fin) % 2**32,
                    rcv_wnd=tcb.rcv_wnd - len(data) - fin,
                    state=AFTER_PEERS_FIN[tcb.state] if fin else tcb.state)
    return Reaction(after, ack_of(after) if fin else (), not fin, data=data,
                    urgent=urgent(tcb, seg))


def urgent(tcb, seg):
    """Bytes up to the end of urgent data that is news [RFC9293 3.8.5 MUST-32, MUST-62]."""
    up = ahead(seg.seq + seg.urg, tcb.rcv_nxt)
    return up if seg.has("U") and tcb.state in RECEIVING and up > 0 else None


# -- the world -------------------------------------------------------------------------------------
class Matrix:
    """A host in a state: `t` the talk, `peer`, `connection` (None before it is accepted), `tcb`."""

    def __init__(self, talk, state):
        self.t = talk(tcp_challenge_ack_limit=0, tcp_wnd=WND)
        self.listener = self.connection = None
        self.fin = False
        getattr(self, state.lower())()
        self.t.net.run(for_="100us")  # the last frame is through
        last = self.last
        self.tcb = Tcb("SYN_RCVD" if state.startswith("SYN_RCVD") else state, self.peer.iss,
                       self.peer.snd_nxt, (last.ack + last.win - self.peer.snd_nxt) % 2**32,
                       self.peer.snd_una_of_host, last.end, PEER_WND, self.fin,
                       state == "SYN_RCVD_PASSIVE", state == "LAST_ACK")
        self.drops = self.t.h.stats()["drops"]
        self.snapshot = self.t.net.snapshot()

    def took(self, segment, acked=True):
        """Remembers the host's last segment, and what of the host's numbers is acknowledged."""
        self.last = segment
        if acked:
            self.peer.snd_una_of_host = segment.end
        return segment

    def syn_rcvd_passive(self):
        self.listener = self.t.h.listen(80)
        self.peer = self.t.peer(win=PEER_WND)
        self.peer.send("S")
        answer = self.took(self.peer.expect("SA"))
        self.peer.snd_una_of_host = answer.seq

    def syn_rcvd_active(self):
        self.peer = self.t.peer(None, 80, win=PEER_WND)
        self.connection = self.t.h.connect(self.peer.ip, 80, wait=False)
        self.peer.expect("S")
        self.peer.send("S")
        answer = self.took(self.peer.expect("SA"))
        self.peer.snd_una_of_host = answer.seq

    def established(self):
        self.open()
        self.say()

    def open(self):
        self.connection, self.peer = self.t.serve(win=PEER_WND)
        self.peer.snd_una_of_host = self.peer.rcv_nxt

    def say(self):
        self.connection.send(OURS)
        self.took(self.peer.expect("PA", data=OURS), acked=False)

    def close_wait(self):
        self.open()
        self.peer.fin()
        self.peer.expect("A")
        self.say()

    def fin_wait_1(self):
        self.open()
        self.connection.shutdown("wr")
        self.took(self.peer.expect("FA"), acked=False)
        self.fin = True

    def fin_wait_2(self):
        self.fin_wait_1()
        self.took(self.last)
        self.peer.ack()

    def closing(self):
        self.fin_wait_1()
        self.peer.fin(ack=self.peer.rseq(1))
        self.took(self.peer.expect("A"), acked=False)

    def last_ack(self):
        self.open()
        self.peer.fin()
        self.peer.expect("A")
        self.connection.close()
        self.took(self.peer.expect("FA"), acked=False)
        self.fin = True

    def time_wait(self):
        self.fin_wait_2()
        self.peer.fin()
        self.took(self.peer.expect("A"))

    # -- what may be sent ------------------------------------------------------------------------
    def seqs(self, length):
        """Sequence numbers at both edges of the window, by name."""
        nxt, wnd = self.tcb.rcv_nxt, self.tcb.rcv_wnd
        places = {"all of it old": -length, "RCV.NXT-1": -1, "RCV.NXT": 0, "middle": wnd // 2,
                  "last byte": wnd - 1, "edge": wnd, "edge+1": wnd + 1, "far": 2**30}
        return {name: (nxt + n) % 2**32 for name, n in places.items()}

    def acks(self):
        """Acknowledgement numbers round SND.UNA and SND.NXT, by name."""
        una, nxt, most = self.tcb.snd_una, self.tcb.snd_nxt, self.tcb.max_wnd
        places = {"UNA-MAX-1": una - most - 1, "UNA-MAX": una - most, "UNA-1": una - 1,
                  "UNA": una, "NXT": nxt, "NXT+1": nxt + 1}
        return {name: n % 2**32 for name, n in places.items()}

    # -- judging ---------------------------------------------------------------------------------
    def wrongs(self, seg):
        """Everything in which the host differs from the model; nothing when it is right."""
        self.t.net.restore(self.snapshot)
        want = react(self.tcb, seg)
        sent = self.peer.send(seg.flags or 0, seg.data, seq=seg.seq, ack=seg.ack, urg=seg.urg)
        at_once = self.t.back(sent) + sent.t_ns
        came = self.peer.drain("300ms")
        found = self.frames_wrong(want, came, at_once)
        found += self.told_wrong(want)
        return found or self.exchange_wrong(want)

    @staticmethod
    def frames_wrong(want, came, at_once):
        expected = want.frames or ((("A", want.tcb.snd_nxt, want.tcb.rcv_nxt),) if want.later
                                   else ())
        shown = [(c.flag_text, c.seq, c.ack if "A" in c.flag_text else None) for c in came]
        right = len(shown) == len(expected) and all(
            got[0] == flags and got[1] == (got[1] if seq is None else seq % 2**32) and
            got[2] == (None if ack is None else ack % 2**32)
            for got, (flags, seq, ack) in zip(shown, expected))
        if not right:
            return [f"frames {shown}, not {list(expected)}"]
        late = [c for c in came if (c.t_ns > at_once + 40) is not want.later]
        return [f"came at {c.time}, the first that is possible was {at_once} ns" for c in late]

    def told_wrong(self, want):
        """Drop reasons, state, error, data, urgent."""
        drops = {name: n - self.drops.get(name, 0) for name, n in self.t.h.stats()["drops"].items()
                 if n != self.drops.get(name, 0)}
        found = []
        if drops != ({want.drop: 1} if want.drop else {}):
            found.append(f"drops {drops}, not {want.drop}")
        if self.connection is None:
            return found
        if self.connection.state != want.tcb.state:
            found.append(f"state {self.connection.state}, not {want.tcb.state}")
        if self.connection.error != want.error:
            found.append(f"error {self.connection.error}, not {want.error}")
        if want.error is None and self.connection.pending != len(want.data):
            found.append(f"{self.connection.pending} bytes for the application, "
                         f"not {len(want.data)}")
        heard = [event.value for event in self.connection.urgent]
        if heard != ([] if want.urgent is None else [want.urgent]):
            found.append(f"urgent data announced {heard}, not {want.urgent}")
        return found

    def exchange_wrong(self, want):
        """The ordinary next thing in the state that was reached."""
        peer, tcb = self.peer, want.tcb
        peer.snd_nxt, peer.rcv_nxt = tcb.rcv_nxt, tcb.snd_nxt
        if want.reopened:
            return self.accept_anew()
        if self.connection is None:
            return self.handshake(tcb)
        if tcb.state == "CLOSED":
            return self.is_gone()
        peer.send("A" if tcb.state != "TIME_WAIT" else "FA", seq=tcb.rcv_nxt - (
            tcb.state == "TIME_WAIT"))
        if tcb.state in ("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "SYN_RCVD"):
            peer.send("PA", b"still here")
            peer.expect("A", seq=tcb.snd_nxt, ack=tcb.rcv_nxt + 10)
            got = self.connection.recv_exactly(len(want.data) + 10, timeout=0)
            return [] if got == want.data + b"still here" else [f"then {got!r} was delivered"]
        if tcb.state == "CLOSE_WAIT":
            self.connection.send(b"more")
            peer.expect("PA", seq=tcb.snd_nxt, ack=tcb.rcv_nxt, data=b"more")
            return []
        if tcb.state == "TIME_WAIT":
            peer.expect("A", seq=tcb.snd_nxt, ack=tcb.rcv_nxt)
        state = self.after("300ms")
        right = {"CLOSING": "TIME_WAIT", "LAST_ACK": "CLOSED", "TIME_WAIT": "TIME_WAIT"}
        return [] if state == right[tcb.state] else [f"and then state {state}"]

    def after(self, span):
        self.peer.expect_nothing(for_=span)
        return self.connection.state

    def handshake(self, tcb):
        """SYN-RECEIVED from LISTEN: the ACK that completes it, or, without a connection, gets a
        reset; then somebody else connects."""
        if tcb.state == "CLOSED":
            self.peer.send("A")
            self.peer.expect("R", seq=tcb.snd_nxt)
            other = self.t.peer(sport=40001).connect()
            accepted = self.listener.accept(timeout="1ms")
            return [] if accepted.remote.port == other.sport else ["somebody else was accepted"]
        if tcb.state == "SYN_RCVD":
            self.peer.send("A")
        connection = self.listener.accept(timeout="1ms")
        self.peer.send("PA", b"hello") if tcb.state != "CLOSE_WAIT" else None
        heard = connection.recv_all if tcb.state == "CLOSE_WAIT" else connection.recv
        return [] if connection.state in ("ESTABLISHED", "CLOSE_WAIT") and \
            heard(timeout="1s") is not None else [f"then state {connection.state}"]

    def accept_anew(self):
        answer = self.peer.log[-1].segment
        self.peer.send("A", seq=answer.ack, ack=answer.seq + 1)
        self.peer.send("PA", b"anew", seq=answer.ack, ack=answer.seq + 1)
        self.peer.drain("100ms")
        return [] if ahead(answer.seq, self.tcb.snd_nxt) > 0 else \
            ["the new connection's numbers begin within the old one's"]

    def is_gone(self):
        """Nobody is there any more: the listener resets what has an ACK."""
        self.peer.send("A")
        self.peer.expect("R", seq=self.peer.rcv_nxt)
        return []


@pytest.fixture
def bring():
    """bring(talk, state): a Matrix."""
    return Matrix


@pytest.fixture
def segment():
    """segment(flags, seq, ack, data, urg): a Seg."""
    return Seg
