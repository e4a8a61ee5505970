"""Scenarios with the kernel: when they are left out, what is refused, why they are skipped; network
namespaces that leave nothing behind. On the stand-in simulator; what needs root is skipped without
it."""

import os
import select
import subprocess
import sys

import pytest

from conftest import PYTHON
from lockwire import netns
from lockwire.errors import UsageError
from lockwire.netns import Namespace, namespace_path, unavailable

LIVE = "import pytest\npytestmark = pytest.mark.live\ndef test_live(net):\n    pass\n"
PLAIN = "def test_plain(net):\n    pass\n"
NO_NAMESPACE = unavailable()
needs_namespace = pytest.mark.skipif(NO_NAMESPACE is not None, reason=str(NO_NAMESPACE))


def test_live_scenarios_are_left_out_and_counted(lockwire):
    lockwire.file("s/test_live.py", LIVE)
    lockwire.file("s/test_plain.py", PLAIN)
    done = lockwire("run", "s")
    assert (done.returncode, done.stdout) == (0, "1 passed, 0 failed, 0 skipped\n")
    assert done.stderr == ("lockwire: left out: 1 that speak to this machine's kernel "
                           "(--paced runs them)\n")
    done = lockwire("run", "s", "--paced")
    assert (done.returncode, done.stdout) == (0, "2 passed, 0 failed, 0 skipped\n")
    assert done.stderr == ""


def test_live_scenarios_alone_need_paced_mode(lockwire):
    lockwire.file("s/test_live.py", LIVE)
    done = lockwire("run", "s")
    assert done.returncode == 2
    assert done.stderr == ("lockwire: no scenarios in s but those that speak to the kernel: they "
                           "need --paced\n")


@pytest.mark.parametrize("options, words", [
    ((), "tap: the kernel lives in real time: run with --paced"),
    (("--paced", "--repeat", "2"),
     "tap: a run with a TAP is not reproducible: leave out --repeat")])
def test_tap_is_refused_where_it_makes_no_sense(lockwire, options, words):
    lockwire.file("test_it.py", "def test_it(net):\n    net.segment('lan').tap('tap0')\n")
    done = lockwire("run", "test_it.py", *options)
    assert done.returncode == 1
    assert f"UsageError: {words}" in done.stdout


def test_skipped_run_says_why(lockwire):
    lockwire.file("test_it.py", "import pytest\ndef test_it(net):\n    pytest.skip('no root')\n")
    done = lockwire("run", "test_it.py")
    assert done.returncode == 2
    assert done.stderr == "lockwire: every scenario was skipped: nothing ran (no root)\n"


def test_what_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(netns.os, "geteuid", lambda: 1000)
    assert "needs root" in unavailable()
    with pytest.raises(UsageError, match="netns: needs root"):
        Namespace()
    monkeypatch.setattr(netns.os, "geteuid", lambda: 0)
    monkeypatch.setattr(netns, "TUN", tmp_path / "tun")
    assert unavailable() == f"there is no {tmp_path / 'tun'} on this machine"
    (tmp_path / "tun").touch()
    monkeypatch.setattr(netns.shutil, "which", lambda tool: None if tool == "nsenter" else tool)
    assert unavailable().startswith("there is no nsenter on this machine")


def test_namespaces_by_name_and_path():
    assert namespace_path(None) is None
    assert namespace_path("blue") == "/run/netns/blue"
    assert namespace_path("/proc/1/ns/net") == "/proc/1/ns/net"
    for wrong in ("", 7):
        with pytest.raises(UsageError, match="netns: expected a Namespace"):
            namespace_path(wrong)


@needs_namespace
def test_namespace_is_empty_and_goes_with_its_programs():
    with pytest.raises(RuntimeError):
        with Namespace() as space:
            assert space.do("ip", "-o", "link").count("\n") == 1  # loopback
            space.tap("tap0", "10.0.0.254/24")
            assert "10.0.0.254/24" in space.do("ip", "address")
            path, program = space.path, space.start(["cat", "/dev/zero"])
            assert os.path.exists(path) and not program.ended
            raise RuntimeError("in the middle of it")
    assert program.ended
    assert not os.path.exists(path)
    space.close()


@needs_namespace
def test_command_that_fails_is_named():
    with Namespace() as space, pytest.raises(UsageError, match="ip link set nobody up: "):
        space.do("ip", "link", "set", "nobody", "up")
    with Namespace() as space, pytest.raises(UsageError, match="nsenter"):
        space.do("there-is-no-such-program")


@needs_namespace
def test_program_has_input_output_and_status():
    with Namespace() as space:
        program = space.start(["sh", "-c", "cat; echo no >&2; exit 3"], b"in and out")
        program.process.wait()
        assert (program.output, program.errors, program.status) == (b"in and out", "no\n", 3)


@needs_namespace
def test_namespace_goes_with_a_process_that_is_killed():
    """Its holder ends when the pipe does, whatever became of us."""
    code = (f"import os, sys; sys.path.insert(0, {str(PYTHON)!r})\n"
            "from lockwire.netns import Namespace\n"
            "print(Namespace().path, flush=True); os.kill(os.getpid(), 9)")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as user:
        path = user.stdout.readline().strip()
        holder = int(path.split("/")[2])
        try:
            end = os.pidfd_open(holder)
        except ProcessLookupError:
            return  # it has gone already
        assert select.select([end], [], [], 60)[0] == [end]
        os.close(end)


def test_refusal_of_the_simulator_is_one_message(tmp_path):
    """This one needs the real simulator."""
    from lockwire.errors import CommandError
    from lockwire.paths import simulator
    from lockwire.world import Net
    net = Net(1, paced=True, program=simulator())
    try:
        with pytest.raises(CommandError) as refused:
            net.segment("lan").tap("tap0", str(tmp_path))
        assert str(refused.value).count("cannot be entered") == 1
        assert net.live is False
    finally:
        net.close()
