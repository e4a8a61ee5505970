"""Programs that cannot be loaded: the error names the file and what is wrong with it.

The world goes on: another program runs on the same host."""

import re

import pytest

from lockwire.errors import CommandError, UsageError


@pytest.fixture
def host(net):
    return net.host("a", net.segment("lan"), ip="10.0.0.1/24")


def test_a_file_that_is_not_there(net, host, program):
    """Said before anything is asked of the simulator."""
    with pytest.raises(UsageError, match="there is no file .*missing.so"):
        net.app(host, program("missing"))
    assert net.app(host, program("udp_echo")).output


@pytest.mark.parametrize("name, words", [
    ("no_main", "no_main.so has no function app_main"),
    ("unresolved", "unresolved.so cannot be loaded: undefined symbol")])
def test_a_shared_object_that_is_no_program(net, host, program, name, words):
    """Without app_main, or in need of what nobody has."""
    with pytest.raises(CommandError, match=words) as info:
        net.app(host, program(name))
    assert info.value.kind == "usage"
    assert net.app(host, program("udp_echo")).output


@pytest.mark.parametrize("contents", [b"", b"#!/bin/sh\n", b"\x7fELF" + bytes(60)],
                         ids=["empty", "script", "broken"])
def test_a_file_that_is_no_shared_object(net, host, program, tmp_path, contents):
    """The dynamic linker's words, with the file's own name."""
    path = tmp_path / "text.so"
    path.write_bytes(contents)
    with pytest.raises(CommandError, match=re.escape(str(path)) + " cannot be loaded: "):
        net.app(host, path)
    assert net.app(host, program("udp_echo")).output


def test_a_program_that_never_prints_what_is_expected(net, host, program):
    """expect() with a timeout gives None, without one the world's silence is a deadlock, which says
    who waited for what."""
    from lockwire import Deadlock
    app = net.app(host, program("udp_echo"))
    assert app.expect("no such line", timeout="10ms") is None
    with pytest.raises(Deadlock, match="should print 'no such line'"):
        app.expect("no such line")
