"""A port that nobody listens on answers everything but resets by the reset that its sender will
believe: at SEG.ACK, or, without ACK, behind all that the segment takes of the sequence space.
[RFC9293 3.10.7.1] [RFC9293 3.5.2] """

import pytest

from lockwire import shows

FLAGS = "FSRPAU"


def letters(bits):
    """The flags of these six bits."""
    return "".join(c for i, c in enumerate(FLAGS) if bits >> i & 1)


def reaction(flags, seq, ack, length):
    """(flags, seq, ack) of the only answer, or None."""
    if "R" in flags:
        return None
    if "A" in flags:
        return ("R", ack, 0)
    return ("RA", 0, (seq + length + ("S" in flags) + ("F" in flags)) % 2**32)


@pytest.mark.parametrize("data", [b"", b"0123456789"], ids=["empty", "data"])
@pytest.mark.parametrize("seq", [5000, 2**32 - 3], ids=["5000", "wraps"])
def test_every_combination_of_flags(talk, data, seq):
    t = talk()
    peer = t.peer(9)
    wrong = []
    for bits in range(64):
        flags = letters(bits)
        sent = peer.send(bits, data, seq=seq, ack=77_000)
        came = [(c.flag_text, c.seq, c.ack, c.length, c.t_ns) for c in peer.drain("10us")]
        want = reaction(flags, seq, 77_000, len(data))
        if came != ([] if want is None else [(*want, 0, sent.t_ns + t.back(sent))]):
            wrong.append(f"{flags}: {came}, not {want}")
    with shows("RQ-9293-01"):
        assert not wrong, "\n".join(wrong)
    assert t.h.stats()["drops"]["tcp_no_connection"] == 64
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == 0


def test_a_host_that_has_restarted_resets_what_it_does_not_know(talk):
    """Half-open: the other end still believes in a connection of before. [RFC9293 3.5.1]"""
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    with shows("RQ-9293-16"):
        sent = peer.send("PA", b"as if nothing had happened", seq=4711, ack=815)
        peer.expect_rst(seq=815, at=t.back(sent), since=sent)
    peer.expect_nothing(for_="1min")


def test_its_reset_ends_a_connection_attempt_of_ours(talk):
    """The host's SYN finds a half-open connection: its ACK is refused, by a reset with its number,
    and the attempt goes on. [RFC9293 3.5.1 figure 9] """
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    syn = peer.expect("S")
    peer.send("A", seq=90_000, ack=syn.seq - 5000)
    peer.expect_rst(seq=syn.seq - 5000)
    peer.expect("S", seq=syn.seq, timeout="2s")
    peer.send("SA", ack=syn.seq + 1)
    peer.expect("A", seq=syn.seq + 1, ack=peer.seq(1))
    assert connection.state == "ESTABLISHED"
