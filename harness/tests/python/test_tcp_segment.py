"""lockwire.tcp_segment against Scapy: fields, checksums, options; cut and lying frames."""

import random

import pytest
from scapy.layers.inet import IP, TCP, IPOption
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum as scapys

from lockwire.errors import UsageError
from lockwire.tcp_segment import (TcpSegment, ahead, checksum, decode_options, encode_options,
                                  flag_bits, flag_text, options_text)

ALL = [("MSS", 1460), ("NOP", None), ("WScale", 7), ("SAckOK", b""),
       ("Timestamp", (1, 2 ** 32 - 1)),
       ("SAck", (1, 2, 3, 4)), (30, b"\1\2")]


def frame(*, options=(), data=b"", ip=None, **tcp):
    packet = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / \
        IP(src="10.0.0.1", dst="10.0.0.2", **(ip or {})) / TCP(options=list(options), **tcp)
    return bytes(packet / Raw(data) if data else packet)


def test_fields_and_checksums_are_those_that_scapy_writes():
    dice = random.Random(1)
    for length in range(0, 64):
        given = dict(sport=dice.randrange(65536), dport=dice.randrange(65536),
                     seq=dice.randrange(2 ** 32), ack=dice.randrange(2 ** 32),
                     window=dice.randrange(65536), urgptr=dice.randrange(65536),
                     flags=dice.randrange(512), reserved=dice.randrange(8))
        data = dice.randbytes(length)
        got = TcpSegment(frame(data=data, ip={"tos": 3, "id": 9, "ttl": 7, "flags": "DF"}, **given)
                         + bytes(length % 3), 5)
        assert (got.sport, got.dport, got.seq, got.ack, got.win, got.urg, got.flags,
                got.reserved) == tuple(given[k] for k in (
                    "sport", "dport", "seq", "ack", "window", "urgptr", "flags", "reserved"))
        assert (got.payload, got.tos, got.ecn, got.id, got.ttl, got.df, got.dataofs) == \
            (data, 3, 3, 9, 7, True, 5)
        assert got.wrongs() == [] and got.time.ns == 5
        assert got.space == length + bool(got.flags & 1) + bool(got.flags & 2)
        assert got.end == (got.seq + got.space) % 2 ** 32


def test_every_wrong_bit_is_seen():
    whole = frame(data=b"odd", flags="PA", seq=7)
    for bit in range(14 * 8, len(whole) * 8):
        broken = bytearray(whole)
        broken[bit // 8] ^= 1 << bit % 8
        try:
            assert TcpSegment(bytes(broken), 0).wrongs() != [], bit
        except ValueError:  # version, lengths, fragments, protocol
            assert bit // 8 in (14, 16, 17, 20, 21, 23), bit


def test_cut_frames_and_others_are_refused():
    whole = frame(data=b"data", options=[("MSS", 9)])
    for length in range(len(whole)):
        with pytest.raises(ValueError):
            TcpSegment(whole[:length], 0)
    for other in (frame(ip={"proto": 17}), frame(ip={"frag": 1}), frame(ip={"flags": "MF"}),
                  frame(ip={"len": 39}), frame(ip={"len": 41}), frame(ip={"ihl": 4}),
                  frame(ip={"version": 6}), b"\xff" * 100):
        with pytest.raises(ValueError):
            TcpSegment(other, 0)


def test_ip_options_stand_before_the_segment():
    got = TcpSegment(frame(data=b"x", ip={"options": [IPOption(b"\x94\4\0\0")]}), 0)
    assert (got.payload, got.wrongs()) == (b"x", [])


@pytest.mark.parametrize("dataofs", range(16))
def test_any_data_offset_leaves_all_bytes_somewhere(dataofs):
    got = TcpSegment(frame(dataofs=dataofs, data=bytes(range(32))), 0)
    assert got.option_bytes + got.payload == bytes(range(32))
    assert len(got.option_bytes) == min(max(dataofs * 4 - 20, 0), 32)
    assert [w[:11] for w in got.wrongs()] == (["data offset"] if not 5 <= dataofs <= 13 else [])


def test_options_are_written_and_read_as_scapy_does():
    for option in ALL:
        field = encode_options([option])
        assert decode_options(field) == [option]
        if isinstance(option[0], str):
            padded = field + bytes(-len(field) % 4)
            assert TcpSegment(frame(options=[option]), 0).option_bytes == padded
    assert decode_options(encode_options(ALL)) == ALL
    assert encode_options(b"\1\2") == b"\1\2"


def test_every_truncation_of_options_ends_as_broken():
    field = encode_options(ALL)
    ends = [len(encode_options(ALL[:n])) for n in range(len(ALL) + 1)]
    for length in range(len(field)):
        found = decode_options(field[:length])
        n = max(i for i, end in enumerate(ends) if end <= length)
        assert found[:n] == ALL[:n]
        assert found[n:] == ([("broken", field[ends[n]:length])] if length > ends[n] else [])


@pytest.mark.parametrize("field, found", [
    (b"\2\3\1", [(2, b"\1")]), (b"\2\0", [("broken", b"\2\0")]), (b"\x08", [("broken", b"\x08")]),
    (b"\1\0\2\4", [("NOP", None), ("EOL", None)]), (b"\4\3\0", [(4, b"\0")]),
    (b"\5\4\0\0", [(5, b"\0\0")]), (b"\5\2", [("SAck", ())]), (b"\2\x29", [("broken", b"\2\x29")])])
def test_options_of_wrong_length(field, found):
    assert decode_options(field) == found
    assert isinstance(options_text(found), str)


@pytest.mark.parametrize("option", [("EOL",), ("MSS", 65536), ("MSS", None), ("WScale", b"\1"),
                                    ("Timestamp", 1), ("None", 1), (300, b""), (3, 7), 5])
def test_impossible_options_are_refused(option):
    with pytest.raises(UsageError, match="options: expected a list"):
        encode_options([option])


def test_flags():
    for bits in range(512):
        assert flag_bits(flag_text(bits)) == flag_bits(bits) == bits
    assert flag_bits("AS") == 0x12
    for wrong in ("SS", "s", 512, -1, None, True):
        with pytest.raises(UsageError, match="flags"):
            flag_bits(wrong)


def test_ahead_is_signed_and_wraps():
    assert [ahead(5, 3), ahead(3, 5), ahead(1, 2 ** 32 - 1), ahead(2 ** 31, 0)] == \
        [2, -2, 2, -2 ** 31]


def test_checksum_of_anything_is_scapys():
    dice = random.Random(2)
    for length in range(80):
        data = dice.randbytes(length)
        assert checksum(data) == scapys(data)
    assert [checksum(b""), checksum(bytes(8)), checksum(b"\xff" * 6), checksum(b"\x12")] == \
        [0xFFFF, 0xFFFF, 0, 0xEDFF]
