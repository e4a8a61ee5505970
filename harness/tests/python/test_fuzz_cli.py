"""lockwire fuzz: bad input ends with one clear message and status 2, before anything is built. The
command on real targets: harness/tests/fuzz."""

import struct

import pytest

from lockwire import fuzz

RIGHT = ("fuzz", "frame", "--runs", 10)


@pytest.mark.parametrize("arguments,words", [
    (("fuzz", "fram"), "there is no fuzz target 'fram': did you mean frame, frames?"),
    (("fuzz", "zzz"), "there is no fuzz target 'zzz': there are frame, frames, tcp_state, control"),
    (("fuzz", "frame", "--minimize", "absent"), "--minimize: there is no file absent"),
    (("fuzz", "frame", "--corpus", "file"), "--corpus: file is not a directory"),
    (("fuzz", "frame", "--captures", "absent"), "--captures: there is no absent"),
    (("fuzz", "wire_arp", "--captures", "file"), "only the targets frame and frames take captures"),
    (("fuzz", "frame", "--time", "0"), "--time"),
    (("fuzz", "frame", "--runs", "many"), "--runs"),
    (("fuzz",), "TARGET"),
])
def test_bad_usage_is_2_with_a_clear_message(lockwire, arguments, words):
    lockwire.file("file", "")
    got = lockwire(*arguments)
    assert got.returncode == 2 and words in got.stderr and got.stdout == ""
    assert "Traceback" not in got.stderr
    assert not (lockwire.directory / "lockwire-out").exists()


def test_without_clang_it_says_so(lockwire):
    empty = lockwire.directory / "nothing-here"
    empty.mkdir()
    got = lockwire(*RIGHT, PATH=str(empty))
    assert got.returncode == 2
    assert got.stderr == ("lockwire: fuzzing needs clang, which is not here (scripts/setup "
                          "installs it, with the others of scripts/packages.txt)\n")


def test_a_build_directory_without_a_fuzzer_is_named(lockwire):
    got = lockwire(*RIGHT, LOCKWIRE_FUZZ_BUILD="elsewhere")
    assert got.returncode == 2 and "there is no fuzzer at elsewhere/" in got.stderr


def stand_in(lockwire, script):
    """A fuzzer that is a shell script."""
    program = lockwire.file("build/harness/fuzz/lockwire-fuzz", f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"LOCKWIRE_FUZZ_BUILD": str(lockwire.directory / "build")}


def test_a_fuzzer_that_cannot_begin_is_2_with_its_words(lockwire):
    got = lockwire(*RIGHT, **stand_in(lockwire, "echo 'lockwire-fuzz: no worlds' >&2; exit 2"))
    assert got.returncode == 2 and "it says: lockwire-fuzz: no worlds" in got.stderr


def test_running_nothing_is_no_success(lockwire):
    got = lockwire(*RIGHT, **stand_in(lockwire, "exit 0"))
    assert got.returncode == 2 and "status 0 and left no input" in got.stderr


def test_a_find_is_told_with_its_input_and_what_to_do(lockwire):
    script = ("for w in \"$@\"; do case $w in -artifact_prefix=*) to=${w#*=};; esac; done\n"
              "[ -z \"$to\" ] && exit 77\n"
              "echo 'lockwire-fuzz: found: too much' >&2; echo x >${to}crash-1\n"
              "echo \"Test unit written to ${to}crash-1\" >&2; echo '#12 DONE cov: 3' >&2; exit 77")
    got = lockwire(*RIGHT, **stand_in(lockwire, script))
    assert got.returncode == 1
    assert "frame: 12 inputs in" in got.stdout and "found:     too much\n" in got.stdout
    assert "finds/crash-1 (2 bytes" in got.stdout
    assert "fuzz frame --minimize" in got.stdout


def test_minimizing_what_does_not_fail_is_2(lockwire):
    lockwire.file("input", "x")
    got = lockwire("fuzz", "frame", "--minimize", "input", **stand_in(lockwire, "exit 0"))
    assert got.returncode == 2 and "input does not fail (any more)" in got.stderr


def test_a_conversation_keeps_order_and_roughly_the_gaps():
    got = fuzz.conversation(2, [(5, b"one"), (1_000_005, b"two"), (3_001_000_005, b"three")])
    assert got == (b"\2" + bytes([0, 0]) + struct.pack("<H", 3) + b"one"
                   + bytes([3 << 2, 1]) + struct.pack("<H", 3) + b"two"
                   + bytes([6 << 2, 3]) + struct.pack("<H", 5) + b"three")
