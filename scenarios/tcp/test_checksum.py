"""The TCP checksum: over the pseudo-header on all that is sent, judged on all that comes.
[RFC9293 3.1 MUST-2, MUST-3] """

import struct

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern


def reference(segment):
    """The checksum by the book, 16 bits at a time [RFC1071]: not the tester's own."""
    length = struct.unpack_from("!H", segment.frame, 16)[0] - 20
    tcp = bytearray(segment.frame[34:34 + length])
    tcp[16:18] = b"\0\0"
    data = segment.src + segment.dst + struct.pack("!BBH", 0, 6, length) + tcp + bytes(length % 2)
    total = 0
    for (word,) in struct.iter_unpack("!H", data):
        total += word
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def heard(peer):
    return [entry.segment for entry in peer.log if not entry.sent]


@pytest.mark.parametrize("timestamps", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 535, 1448, 4001])
def test_every_segment_has_the_right_one(talk, size, timestamps):
    """Handshake, odd and even data, several segments, a retransmission, FIN."""
    t = talk(lwip_tcp_timestamps=timestamps)
    connection, peer = t.serve(listen={"nodelay": True})
    connection.send(pattern(size))
    t.net.run(for_="5s")  # nobody acknowledges: some are sent again
    while peer.drain():
        peer.ack()
        t.net.run(for_="1s")
    connection.close()
    t.net.run(for_="1s")
    segments = heard(peer)
    assert len(segments) > 4 and {s.flag_text for s in segments} >= {"SA", "PA", "FA"}
    with shows("RQ-9293-MUST-2"):
        assert [s.checksum for s in segments] == [reference(s) for s in segments]


def test_reset_has_the_right_one(talk):
    t = talk()
    peer = t.peer()
    peer.send("S")
    with shows("RQ-9293-MUST-2"):
        reset = peer.expect("RA")
        assert reset.checksum == reference(reset)


def flipped(made, bit):
    """The segment's frame with one bit behind the IP header inverted."""
    frame = bytearray(made.frame)
    frame[34 + bit // 8] ^= 1 << bit % 8
    return bytes(frame)


@pytest.mark.parametrize("bit", [0, 31, 47, 64, 105, 128, 143, 160, 199])
def test_one_wrong_bit_is_dropped_and_counted(talk, bit):
    """Ports, numbers, flags, checksum, data; the sound copy is taken."""
    t = talk()
    connection, peer = t.serve()
    before = t.h.stats()
    made = peer.make("PA", b"hello")
    t.wire.send(flipped(made, bit))
    t.net.run(for_="1s")
    after = t.h.stats()
    with shows("RQ-9293-MUST-3"):
        assert peer.pending == 0 and connection.info().rcv_nxt == peer.snd_nxt
        assert after["lwip"]["tcp"]["chkerr"] == before["lwip"]["tcp"]["chkerr"] + 1
        assert after["drops"]["tcp_bad_checksum"] == 1
        peer.send("PA", b"hello")
        assert connection.recv(9, timeout="1s") == b"hello"


def test_a_syn_with_a_wrong_bit_opens_nothing(talk):
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    made = peer.make("S")
    t.wire.send(flipped(made, 40))
    with shows("RQ-9293-MUST-3"):
        peer.expect_nothing("3s")
        assert t.h.stats()["lwip"]["tcp"]["chkerr"] == 1
        peer.send("S")
        peer.expect("SA", ack=peer.seq(1))
