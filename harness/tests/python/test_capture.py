"""mend(): a capture whose writer was killed ends with its last whole block."""

import struct

from lockwire.capture import mend


def block(kind, body):
    """One pcapng block, padded to 32 bits."""
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


BLOCKS = [block(0x0A0D0D0A, b"\x4d\x3c\x2b\x1a" + bytes(12)), block(1, bytes(8)),
          block(6, b"frame one"), block(6, bytes(range(40)))]


def test_every_cut_leaves_the_whole_blocks_before_it(tmp_path):
    whole = b"".join(BLOCKS)
    ends = [sum(map(len, BLOCKS[:n])) for n in range(len(BLOCKS) + 1)]
    path = tmp_path / "c.pcapng"
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        end = max(e for e in ends if e <= cut)
        assert mend(path) == cut - end
        assert path.read_bytes() == whole[:end]


def test_a_length_that_lies_ends_the_file(tmp_path):
    path = tmp_path / "c.pcapng"
    for lie in (0, 11, 2**32 - 1):
        path.write_bytes(BLOCKS[0] + struct.pack("<II", 6, lie) + bytes(20))
        assert mend(path) == 28
        assert path.read_bytes() == BLOCKS[0]


def test_a_missing_file_is_left_missing(tmp_path):
    assert mend(tmp_path / "none") == 0
    assert list(tmp_path.iterdir()) == []
