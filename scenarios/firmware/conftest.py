"""What the scenarios with firmware share: the image on a board, its cable's other end, small images
made by hand."""

import struct

import pytest

from lockwire import paths


@pytest.fixture
def emulator():
    """Skips where no processor can be emulated."""
    if paths.emulator() is None:
        pytest.skip("the simulator was built without Unicorn (libunicorn-dev)")


@pytest.fixture
def boot(net, emulator):
    """boot(name, segment, number=2, up=True, image=None, **options): the image, 10.0.0.<number>;
    time passes until its link is up."""
    def make(name, segment, number=2, up=True, image=None, **options):
        image = image or net.firmware_path
        if image is None:
            pytest.skip("there is no image: gcc-arm-none-eabi is missing (or give --firmware)")
        settings = options.pop("settings", {})
        if number != 2:
            settings = {"board_ip": bytes([10, 0, 0, number]),
                        "board_mac": bytes([2, 0, 0, 0, 0, number]), **settings}
        made = net.firmware(name, image, segment, settings=settings, **options)
        if up:
            made.expect("link up")
        return made
    return make


def elf(code, machine=40, bits=32, entry=0, address=0, kind=2, length=None):
    """An ELF file with one segment: `code` at `address`. The defaults are right for the chip."""
    head = b"\x7fELF" + bytes([2 if bits == 64 else 1, 1, 1]) + bytes(9)
    if bits == 64:
        return head + struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, entry, 0, 0, 0, 64, 56, 0, 0,
                                  0, 0)
    length = len(code) if length is None else length
    head += struct.pack("<HHIIIIIHHHHHH", kind, machine, 1, entry, 52, 0, 0x05000000, 52, 32, 1,
                        0, 0, 0)
    segment = struct.pack("<IIIIIIII", 1, 84, address, address, length, length, 5, 4)
    return head + segment + code


@pytest.fixture
def tiny(net, emulator, tmp_path):
    """tiny(words, **options): an image of these ARM instructions, from address 0 on, on a board of
    its own; options are of elf()."""
    def make(*words, **options):
        path = tmp_path / "tiny.elf"
        path.write_bytes(elf(b"".join(struct.pack("<I", word) for word in words), **options))
        return net.firmware("tiny", path, net.segment("lan"))
    return make


@pytest.fixture
def image_file(tmp_path):
    """image_file(cut, **options): a file with what elf() makes of the options, cut after so many
    bytes."""
    def make(cut, **options):
        path = tmp_path / "image.elf"
        path.write_bytes(elf(**options)[:cut])
        return path
    return make
