"""PAWS: a segment with a timestamp from the past is answered and dropped, whatever its sequence
number; one without, where they were agreed on, is dropped. [RFC7323 3.2], [RFC7323 5.3],
[RFC7323 5.5] """

import pytest
from lockwire import shows

DAY = 24 * 3600


def begin(talk, **options):
    t = talk(**options)
    connection, peer = t.serve(ts=1_000_000)
    peer.send("PA", b"first", options=peer.timestamps(val=2_000_000))
    peer.expect("A", ack=peer.seq(6))
    return t, connection, peer


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("back", [1, 1000, 2**31 - 1])
def test_older_timestamp_is_answered_and_dropped(talk, back):
    t, connection, peer = begin(talk)
    old = (2_000_000 - back) % 2**32
    sent = peer.send("PA", b"old!!", advance=False, options=peer.timestamps(val=old))
    with shows("RQ-7323-16", "MB-DATA-24"):
        peer.expect("A", seq=peer.rseq(1), ack=peer.seq(6), at=t.back(sent, options=12), since=sent)
        assert connection.pending == 5 and t.h.stats()["drops"] == {"tcp_paws": 1}
    peer.send("PA", b"right", options=peer.timestamps(val=2_000_000))
    peer.expect("A", ack=peer.seq(11))
    assert connection.recv(99) == b"firstright"


def test_answers_to_old_syns_have_a_limit(talk):
    """A stranger's, as a rule, wherever they are. [RFC5961 7]"""
    _, connection, peer = begin(talk, tcp_challenge_ack_limit=10)
    for i in range(50):
        peer.send("S", seq=peer.seq(100 * i), options=peer.timestamps(val=1))
    assert 5 <= len(peer.drain("900ms")) <= 10
    assert connection.state == "ESTABLISHED"


@pytest.mark.parametrize("ahead", [0, 1, 2**31 - 1])
def test_same_or_newer_timestamp_is_taken(talk, ahead):
    t, connection, peer = begin(talk)
    peer.send("PA", b"next", options=peer.timestamps(val=(2_000_000 + ahead) % 2**32))
    peer.expect("A", ack=peer.seq(10))
    assert connection.info().ts_recent == (2_000_000 + ahead) % 2**32


def test_reset_with_an_old_timestamp_resets(talk):
    t, connection, peer = begin(talk)
    with shows("RQ-7323-17"):
        peer.send("R", options=peer.timestamps(val=1))
        t.net.run(for_="1ms")
        assert connection.error == "ERR_RST"


@pytest.mark.parametrize("kind", ["data", "ack", "fin"])
def test_segment_without_timestamp(talk, kind):
    t, connection, peer = begin(talk)
    with shows("RQ-7323-10", "MF-TCP-31"):
        peer.send("FA" if kind == "fin" else "PA", b"none" if kind == "data" else b"", options=[],
                  advance=False, win=7)
        peer.expect_nothing(for_="100ms")
        assert connection.pending == 5 and connection.info().snd_wnd == 65_535
        assert t.h.stats()["drops"] == {"tcp_no_timestamp": 1}
    with shows("RQ-7323-11"):
        assert connection.state == "ESTABLISHED"
        peer.send("PA", b"more", options=peer.timestamps(val=2_000_001))
        peer.expect("A", ack=peer.seq(10))


def test_reset_without_timestamp_resets(talk):
    t, connection, peer = begin(talk)
    peer.send("R", options=[])
    t.net.run(for_="1ms")
    assert connection.error == "ERR_RST"


@pytest.mark.parametrize("bad", ["ack", "seq"])
def test_timestamp_from_the_future_does_not_poison(talk, bad):
    t, connection, peer = begin(talk)
    future = peer.timestamps(val=2_000_000 + 2**31 - 1)
    with shows("MF-TCP-33", "RQ-7323-14"):
        if bad == "ack":
            peer.send("PA", b"evil", ack=peer.rseq(500_000), options=future, advance=False)
        else:
            peer.send("PA", b"evil", seq=peer.seq(400), options=future)
        t.net.run(for_="100ms")
        assert connection.info().ts_recent == 2_000_000
        peer.drain()
        peer.send("PA", b"good", options=peer.timestamps(val=2_000_001))
        peer.expect("A", ack=peer.seq(10))


@pytest.mark.sweep(exclude=["clock"], reason="24 days: the clock's half comes in anyway")
@pytest.mark.parametrize("days, taken", [(23, False), (25, True), (40, True)])
def test_recent_is_forgotten_after_24_days_of_silence(talk, days, taken):
    """A peer whose clock is far ahead by then, so that its value looks old. """
    t, connection, peer = begin(talk)
    old = peer.timestamps(val=2_000_000 - 5)
    t.net.run(until=f"{days * DAY}s")
    peer.send("PA", b"late", advance=taken, options=old)
    with shows("RQ-7323-18"):
        peer.expect("A", ack=peer.seq(10 if taken else 6))
        assert connection.pending == (9 if taken else 5)
    if taken:
        assert connection.info().ts_recent == 2_000_000 - 5


@pytest.mark.parametrize("field", [b"\x08\x09" + bytes(7), b"\x08\x0b" + bytes(9),
                                   b"\x01\x01\x08\x0a" + bytes(4)], ids=["9", "11", "cut"])
def test_timestamp_of_wrong_length_is_none(talk, field):
    t, connection, peer = begin(talk)
    dataofs = 5 + (len(field) + 3) // 4
    with shows("MF-TCP-29"):
        peer.send("PA", b"x", options=field + bytes(-len(field) % 4), dataofs=dataofs,
                  advance=False)
        peer.expect_nothing(for_="100ms")
        assert connection.state == "ESTABLISHED" and connection.pending == 5


@pytest.mark.parametrize("field", [b"\x08\x09" + bytes(7), b"\x08\x0b" + bytes(9)],
                         ids=["9", "11"])
def test_timestamp_of_wrong_length_in_a_syn(talk, field):
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer(80)
    with shows("MF-TCP-29"):
        peer.send("S", options=b"\x02\x04\x02\x00" + field)
        peer.expect("SA", options={"Timestamp": None})
        peer.ack()
        assert listener.accept(timeout=1).info().mss_peer == 512
