"""lockwire.wire: messages byte by byte, and a simulator that goes away in every way it can."""

import os
import signal
import struct
import sys
import threading

import pytest

from conftest import FAKE
from lockwire import wire
from lockwire.errors import CommandError, Fatal, SimulatorDied, UsageError


def test_encoding_is_the_protocols():
    assert wire.encode_command("udp", {"port": 7}) == b'C{"op":"udp","port":7}'
    assert wire.encode_send(3, b"abc") == b"S\3\0\0\0abc"
    assert wire.encode_advance(258) == b"A\2\1\0\0\0\0\0\0"
    assert wire.encode_advance(None) == b"A" + b"\xff" * 8
    assert wire.encode_verdict(True) == b"p\1" and wire.encode_verdict(False) == b"p\0"


@pytest.mark.parametrize("size", [0, 9217])
def test_a_frame_of_impossible_length_is_refused(size):
    with pytest.raises(UsageError, match=f"1 to 9216 bytes, not {size}"):
        wire.encode_send(1, bytes(size))


def test_a_command_that_is_too_long_or_no_json_is_refused():
    with pytest.raises(UsageError, match="limit"):
        wire.encode_command("x", {"data": "0" * (160 * 1024)})
    with pytest.raises(UsageError, match="x: "):
        wire.encode_command("x", {"data": object()})
    with pytest.raises(UsageError, match="x: "):
        wire.encode_command("x", {"data": float("nan")})


def test_decoding_of_every_event():
    assert wire.decode_event(b"F" + struct.pack("<IQ", 2, 99) + b"abc") == ("F", 99, 2, b"abc")
    assert wire.decode_event(b"N" + struct.pack("<IQ", 2, 99)) == ("N", 99, 2, b"")
    assert wire.decode_event(b"D" + struct.pack("<Q", 99)) == ("D", 99, 0, b"")
    assert wire.decode_event(b"Q" + struct.pack("<Q", 99)) == ("Q", 99, 0, b"")
    question = wire.decode_question(b"P" + struct.pack("<IQI", 1, 2, 3) + b"x")
    assert question == (1, 2, 3, b"x")


@pytest.mark.parametrize("whole", [b"F" + bytes(12), b"N" + bytes(12), b"D" + bytes(8),
                                   b"Q" + bytes(8)])
def test_every_truncation_of_an_event_is_noticed(whole):
    for size in range(len(whole)):
        with pytest.raises(ValueError):
            wire.decode_event(whole[:size])


def test_unknown_events_and_short_questions_are_noticed():
    with pytest.raises(ValueError, match="unexpected"):
        wire.decode_event(b"Z12345678")
    for size in range(17):
        with pytest.raises(ValueError):
            wire.decode_question((b"P" + bytes(16))[:size])


def test_a_refused_command_says_why(world):
    with pytest.raises(CommandError, match="nonsense: there is no op nonsense") as info:
        world.command("nonsense")
    assert info.value.kind == "usage"
    assert world.command("clock")["now"] == 0  # and the world lives on


def test_a_crash_is_told_with_signal_and_sanitizer_text(world):
    with pytest.raises(SimulatorDied) as info:
        world.host("crash")
    assert info.value.status == -signal.SIGABRT
    assert "killed by SIGABRT while answering the command 'host'" in str(info.value)
    assert "AddressSanitizer: planted" in str(info.value)
    assert world.wire.closed


@pytest.mark.parametrize("kind", ["oracle", "panic"])
def test_x_becomes_fatal(world, kind):
    with pytest.raises(Fatal, match=f"{kind}: planted") as info:
        world.host(kind)
    assert info.value.kind == kind


def test_a_kill_from_outside_is_noticed_while_waiting(world):
    threading.Timer(0.3, os.kill, (world.wire.process.pid, signal.SIGKILL)).start()
    with pytest.raises(SimulatorDied, match="killed by SIGKILL"):
        world.host("hang")


def test_a_kill_from_outside_is_noticed_when_sending(world):
    lan = world.segment("lan")
    port = lan.port("p")
    world.wire.process.kill()
    world.wire.process.wait()
    with pytest.raises(SimulatorDied, match="killed by SIGKILL"):
        for _ in range(1000):
            port.send(b"x" * 60)


def test_a_closed_world_says_so(world):
    world.close()
    with pytest.raises(UsageError, match="closed"):
        world.segment("lan")
    assert world.close() == world.close()


def test_a_missing_program_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot start"):
        wire.Wire(tmp_path / "absent", 1)


def test_the_simulator_is_not_in_our_process_group():
    one = wire.Wire(FAKE, 1)
    try:
        assert os.getpgid(one.process.pid) != os.getpgid(0)
    finally:
        one.close()


def test_a_wrapper_is_put_before_the_simulator(tmp_path):
    mark = tmp_path / "mark"
    script = tmp_path / "wrap.sh"
    script.write_text(f'#!/bin/sh\ntouch {mark}\nexec "$@"\n')
    script.chmod(0o755)
    one = wire.Wire(FAKE, 1, wrap=f"{script} {sys.executable}")
    assert one.command("clock")["now"] == 0
    one.close()
    assert mark.exists()
