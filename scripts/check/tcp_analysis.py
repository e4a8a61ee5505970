"""Which findings of tshark's TCP analysis are explained by what a scenario did on purpose.

Judged are segments that a host of ours sent, as seen at its own interface (host_view.py): there
nothing that it sent is missing, and all that it acts upon is there. Then most of what tshark
suspects in captures of real networks cannot be, whatever the other end or the cable does. Nothing
is listed by scenario; what was done is read from the recording and the capture itself:

  flag                              a host may send it
  window_full, window_update        always: the peer's window is used, the own one opened
  zero_window, zero_window_probe    always: the program does not read, the peer's does not
  zero_window_probe_ack             always: the answer to a probe
  keep_alive_ack                    always: the answer to one
  keep_alive                        where keepalive was asked for; with data it is sent again
  retransmission, fast_, out_of_order
                                    when a rule or a cable has done something to some frame (its
                                    comment says so), or a tester is the peer; a SYN also when more
                                    connections are opened than the listener has room for, and
                                    with its first ACK, where two SYNs crossed
  duplicate_ack                     when each of them answers a frame that came in
  spurious_retransmission           never: what it saw acknowledged it does not send again; but an
                                    acknowledgement at the right edge of its window, which is full
                                    of early data, it may not take [RFC9293 3.10.7.4]
  lost_segment                      never: it leaves no hole, though tshark forgets the octet of a
                                    probe of a zero window that was taken, and that a SYN begins
  ack_lost_segment                  never: it acknowledges what came in, though tshark forgets the
                                    new part of what came partly before, and all before a SYN
  reused_ports                      when the peer is a tester: two hosts use new ports
"""
FLAGS = ("retransmission", "fast_retransmission", "out_of_order", "spurious_retransmission",
         "lost_segment", "ack_lost_segment", "duplicate_ack", "keep_alive", "keep_alive_ack",
         "zero_window", "zero_window_probe", "zero_window_probe_ack", "window_full",
         "window_update", "reused_ports")
NORMAL = {"window_full", "window_update", "zero_window", "zero_window_probe",
          "zero_window_probe_ack", "keep_alive_ack"}
AGAIN = {"retransmission", "fast_retransmission", "out_of_order"}
# tcp.len, tcp.ack: as in the frame. The others say which acknowledgement is repeated, how often.
FIELDS = ["tcp.len", "tcp.ack_raw", "tcp.analysis.duplicate_ack_frame",
          "tcp.analysis.duplicate_ack_num"] + [f"tcp.analysis.{flag}" for flag in FLAGS]
MOD = 1 << 32
ACK = 0x10
SYN = 0x02


class Judge:
    """Goes through the findings of one file of views, in its order."""

    def __init__(self, view):
        self._view = view
        self._probed = set()  # streams in which an octet went into a window of zero

    def unexplained(self, number, values):
        """Flags of a frame that a host sent for which there is no explanation. `values` are
        those of FIELDS."""
        frame = self._view.frames[number - 1]
        if frame.stream is None:
            return []
        length, ack, first, count = values[:4]
        flags = {flag for flag, value in zip(FLAGS, values[4:]) if value}
        if "zero_window_probe" in flags or ("keep_alive" in flags and length == "1"):
            self._probed.add(frame.stream)
        explained = set(NORMAL)
        tester = frame.scene.by_tester(frame.stream.peer)
        if tester or frame.scene.disturbed:
            explained |= AGAIN | ({"keep_alive"} if length != "0" else set())
        if number in frame.stream.syns:
            explained |= self._syn(frame, number)
        if frame.scene.keepalive:
            explained.add("keep_alive")
        if tester:
            explained.add("reused_ports")
        if "duplicate_ack" in flags and self._answers(frame, first, count):
            explained.add("duplicate_ack")
        if frame.stream in self._probed:
            explained.add("lost_segment")
        if "spurious_retransmission" in flags and self._untold(frame, number):
            explained.add("spurious_retransmission")
        if "ack_lost_segment" in flags and self._came(frame, int(ack)):
            explained.add("ack_lost_segment")
        return sorted(flags - explained)

    def _syn(self, frame, number):
        """What may be said of a segment with SYN."""
        crossed = [n for n in frame.stream.syns if self._view.segment(n)[2] & ACK][:1] == [number]
        begun = frame.stream.syns[0] < number
        if self._view.segment(number)[2] & ACK:
            return {"lost_segment"} | (AGAIN if crossed and begun else set())
        return {"lost_segment"} | (AGAIN if frame.scene.crowded else set())

    def _answers(self, frame, first, count):
        """As many frames came in since the acknowledgement that is repeated as it was repeated."""
        return frame.heard - self._view.frames[int(first) - 1].heard >= int(count)

    def _untold(self, frame, number):
        """All that acknowledged this segment came with a sequence number behind the window."""
        end, edge, shift, refused = self._view.segment(number)[1], None, 0, False
        numbers = [n for n, f in enumerate(self._view.frames[:number - 1], 1)
                   if f.stream is frame.stream]
        shifts = [self._view.answer(n)[2] for n in numbers if self._view.segment(n)[2] & SYN]
        scaled = len(shifts) > 1 and None not in shifts
        for n in numbers:
            ack, window, own = self._view.answer(n)
            seq, _, bits = self._view.segment(n)
            if self._view.frames[n - 1].out:
                shift = own if scaled and bits & SYN else shift
                edge = ack + (window << (0 if bits & SYN else shift))
            elif bits & ACK and (ack - end) % MOD < MOD // 2:
                if edge is None or (seq - edge) % MOD >= MOD // 2:
                    return False
                refused = True
        return refused

    def _came(self, frame, ack):
        """The octet before this number was in a segment that came in."""
        for number in frame.stream.heard[:frame.heard]:
            seq, end, _ = self._view.segment(number)
            if 0 < (ack - seq) % MOD <= end - seq:
                return True
        return False
