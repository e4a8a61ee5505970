"""SYN-SENT: a wrong acknowledgement is reset, unless it comes with a reset; a reset counts only
with the right one; SYN and the right ACK establish; SYN alone crosses ours; the rest is dropped.
[RFC9293 3.10.7.3] """

import pytest

FLAGS = "FSRPAU"
TEN = b"0123456789"


def letters(bits):
    """The flags of these six bits."""
    return "".join(c for i, c in enumerate(FLAGS) if bits >> i & 1)


def reaction(flags, ack, iss, room):
    """(frame: flags, seq, ack behind the peer's SYN; drop reason; state; error)."""
    acks = ack == (iss + 1) % 2**32
    if "A" in flags and not acks:
        return None if "R" in flags else ("R", ack, None), "tcp_synsent_ack", "SYN_SENT", None
    if "R" in flags:
        return (None, None, "CLOSED", "ERR_RST") if "A" in flags else \
            (None, "tcp_synsent_rst", "SYN_SENT", None)
    if "S" not in flags:
        return None, "tcp_synsent_no_syn", "SYN_SENT", None
    if "A" in flags:
        return ("A", iss + 1, room), None, "CLOSE_WAIT" if "F" in flags else "ESTABLISHED", None
    if "F" in flags:  # a choice: nobody sends that in earnest
        return None, "tcp_synsent_syn_fin", "SYN_SENT", None
    return ("SA", iss, 1), None, "SYN_RCVD", None


def judge(t, peer, connection, bits, ack, data):
    """What is wrong with the host's reaction, as a list."""
    flags = letters(bits)
    room = 1 + len(data) + ("F" in flags)
    answer, reason, state, error = reaction(flags, ack, peer.rcv_isn, room)
    before = t.h.stats()["drops"]
    peer.send(bits, data, seq=peer.iss, ack=ack)
    came = [(c.flag_text, c.seq, c.ack if "A" in c.flag_text else None)
            for c in peer.drain("10us")]
    want = []
    if answer is not None:
        behind = answer[2]
        want = [(answer[0], answer[1] % 2**32, None if behind is None else peer.seq(behind))]
    found = [] if came == want else [f"frames {came}, not {want}"]
    drops = {k: n for k, n in t.h.stats()["drops"].items() if n != before.get(k, 0)}
    if drops != ({reason: 1} if reason else {}):
        found.append(f"drops {drops}, not {reason}")
    if (connection.state, connection.error) != (state, error):
        found.append(f"{connection.state}, {connection.error}, not {state}, {error}")
    return found or goes_on(t, peer, connection, state, data)


def goes_on(t, peer, connection, state, data):
    """The handshake is completed, then text arrives."""
    if state == "CLOSED":
        return [] if t.h.allocs()["held"].get("TCP_PCB", 0) == 0 else ["it is still there"]
    iss = peer.rcv_isn
    if state == "SYN_SENT":
        peer.send("SA", seq=peer.iss, ack=iss + 1)
        data = b""
    elif state == "SYN_RCVD":
        peer.send("A", seq=peer.seq(1 + len(data)), ack=iss + 1)
    more = b"" if state == "CLOSE_WAIT" else b"and more"
    if more:
        peer.send("PA", more, seq=peer.seq(1 + len(data)), ack=iss + 1)
    t.net.run(for_="100us")
    got = connection.recv(timeout=0)
    return [] if got == data + more or (state == "CLOSE_WAIT" and got == data) else [f"then {got}"]


@pytest.mark.parametrize("data", [b"", TEN], ids=["empty", "data"])
@pytest.mark.parametrize("ack", [-1000, 0, 1, 2, 2**31],
                         ids=[f"RQ-9293-03/{name}" for name in
                              ("old", "ISS", "ISS+1", "ISS+2", "far")])
def test_every_combination_of_flags(talk, ack, data):
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    t.net.run(for_="10us")
    start = t.net.snapshot()
    wrong = []
    for bits in range(64):
        t.net.restore(start)
        wrong += [f"{letters(bits)}: {what}"
                  for what in judge(t, peer, connection, bits, peer.rseq(ack), data)]
    assert not wrong, "\n".join(wrong)
