"""A listening port: resets are ignored, acknowledgements reset, SYNs answered, everything else is
dropped. A SYN with a FIN is nobody's in earnest and is dropped, too. [RFC9293 3.10.7.2] """

import pytest

from lockwire import shows

FLAGS = "FSRPAU"


def letters(bits):
    """The flags of these six bits."""
    return "".join(c for i, c in enumerate(FLAGS) if bits >> i & 1)


def reaction(flags):
    """(flags of the answer, drop reason)."""
    if "R" in flags:
        return None, "tcp_listen_rst"
    if "A" in flags:
        return "R", "tcp_listen_ack"
    if "S" not in flags:
        return None, "tcp_listen_no_syn"
    if "F" in flags:
        return None, "tcp_listen_syn_fin"
    return "SA", None


def judge(t, peer, bits, data):
    """What is wrong with the host's reaction, as a list."""
    answer, reason = reaction(letters(bits))
    before = t.h.stats()["drops"]
    sent = peer.send(bits, data, seq=peer.iss, ack=77_000)
    came = peer.drain("10us")
    found = []
    if [c.flag_text for c in came] != ([answer] if answer else []):
        found.append(f"answers {came}, not {answer}")
    elif answer and (came[0].t_ns < sent.t_ns + t.back(sent) or
                     (answer == "R" and came[0].seq != 77_000) or
                     (answer == "SA" and came[0].ack != peer.seq(1))):
        found.append(f"answer {came[0]}")
    drops = {k: n for k, n in t.h.stats()["drops"].items() if n != before.get(k, 0)}
    if drops != ({reason: 1} if reason else {}):
        found.append(f"drops {drops}, not {reason}")
    held = t.h.allocs()["held"].get("TCP_PCB", 0)
    if held != (answer == "SA"):
        found.append(f"{held} connections afterwards")
    return [f"{letters(bits)}: {what}" for what in found]


@pytest.mark.parametrize("data", [b"", b"0123456789"], ids=["empty", "data"])
def test_every_combination_of_flags(talk, data):
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    start = t.net.snapshot()
    wrong = []
    for bits in range(64):
        t.net.restore(start)
        wrong += judge(t, peer, bits, data)
        other = t.peer(sport=40001).connect()
        wrong += [] if listener.accept(timeout="1ms").remote.port == other.sport else ["not usable"]
    with shows("RQ-9293-02"):
        assert not wrong, "\n".join(wrong)


def test_text_of_a_syn_waits_for_the_handshake(talk):
    """The SYN alone is acknowledged; what came with it is delivered once the connection is
    established, and acknowledged then. [RFC9293 3.10.7.2] """
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    peer.send("S", b"early bird")
    peer.expect("SA", ack=peer.seq(1))
    assert listener.pending == 0
    peer.send("A", seq=peer.seq(11))
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(11))
    connection = listener.accept(timeout=0)
    assert connection.recv(timeout=0) == b"early bird"


def test_text_of_a_syn_that_is_sent_again_counts_once(talk):
    """The usual peer repeats it behind the handshake. """
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    peer.send("S", b"early bird")
    peer.expect("SA", ack=peer.seq(1))
    peer.send("PA", b"early bird", seq=peer.seq(1))
    peer.expect("A", ack=peer.seq(11))
    connection = listener.accept(timeout=0)
    assert connection.recv(timeout=0) == b"early bird"
    assert connection.pending == 0


def test_a_syn_without_its_answer_is_asked_again(talk):
    """The SYN-ACK was lost: the peer's SYN comes again, with its text, and gets the same one; there
    is still one connection. [RFC9293 3.8.1] """
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    peer.send("S", b"text")
    first = peer.expect("SA", lost=True)
    sent = peer.send("S", b"text", seq=peer.iss, at="500ms", since=first)
    peer.expect("SA", seq=first.seq, ack=peer.seq(1), after=t.back(sent), since=sent)
    peer.send("A", seq=peer.seq(5))
    assert listener.accept(timeout="1ms").recv(timeout="1ms") == b"text"
    assert t.h.allocs()["held"]["TCP_PCB"] == 1


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_text_of_a_syn_beyond_the_window(talk):
    """What the window takes is kept, the rest asked for once more."""
    t = talk(tcp_wnd=1000, tcp_mss=500)
    listener = t.h.listen(80)
    peer = t.peer()
    data = bytes(range(250)) * 6
    peer.send("S", data[:1400])
    peer.expect("SA", ack=peer.seq(1), win=1000)
    sent = peer.send("A", seq=peer.seq(1))
    peer.expect("A", ack=peer.seq(1001), win=0, at=t.back(sent), since=sent)
    connection = listener.accept(timeout=0)
    assert connection.recv_exactly(1000, timeout=0) == data[:1000]
    peer.expect("A", ack=peer.seq(1001), win=1000)
    peer.send("PA", data[1000:], seq=peer.seq(1001))
    assert connection.recv(timeout="1ms") == data[1000:]
