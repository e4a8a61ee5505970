"""Faults of boards as a user of the command line meets them: what was declared has to happen, a
guest error has to be announced, and both are told in words. With the real simulator."""

import pytest

from lockwire import paths

SIMULATOR = paths.build_dir() / "harness" / "lockwire-sim"
SCENARIO = """
def test_it(net):
    lan = net.segment("lan", kind="link")
    a = net.host("a", lan, ip="10.0.0.1/24", driver="lpc2468")
    wire = lan.port("tester")
    board = a.interfaces[0]
    net.run(for_="1ms")
    {body}
    net.run(for_="50ms")
"""
FEED = "wire.send([bytes.fromhex('ffffffffffff0200000000fe0806') + bytes(46)] * 3)"
# an overrun is to be recovered from when the clock has gone
NO_CLOCK = f"board.fault('stall', 'in'); a.pause('1ms'); {FEED}; net.run(for_='500us'); " \
           "board.clock(False)"


@pytest.fixture
def run(lockwire):
    """run(body): the scenario with this body; its exit status and output."""
    if not SIMULATOR.is_file():
        pytest.skip("there is no simulator")

    def make(body):
        lockwire.file("test_it.py", SCENARIO.format(body=body))
        done = lockwire("run", "test_it.py", LOCKWIRE_SIM=str(SIMULATOR))
        return done.returncode, done.stdout
    return make


@pytest.mark.parametrize("fault, text", [
    ("'crc', after=3", "declared but never fired: a.interfaces[0].fault('crc', 'in', after=3, "
                       "count=1)"),
    ("'crc', after=1, count=5", "declared but fired 2 of 5 times: a.interfaces[0].fault('crc', "),
    ("'runt', bytes=20, after=9", "fault('runt', 'in', after=9, count=1, bytes=20)"),
    ("'collision'", "never fired: a.interfaces[0].fault('collision', 'out', after=0, count=1) (it "
                    "needs a half-duplex link)"),
])
def test_fault_that_did_not_fire_fails_the_scenario(run, fault, text):
    """Or not as often as declared; optional, it may."""
    status, output = run(f"board.fault({fault}); {FEED}")
    assert status == 1 and text in output
    assert run(f"board.fault({fault}, optional=True); {FEED}")[0] == 0


def test_fault_that_fired_is_fine(run):
    """As often as declared."""
    assert run(f"board.fault('crc', after=1, count=2); {FEED}")[0] == 0


def test_guest_error_of_our_driver_has_to_be_expected(run):
    """Unexpected it ends the run, expected it passes; expected and not come, it fails."""
    status, output = run(NO_CLOCK)
    assert status == 1 and "guest error of host a: no_clock: write to Command" in output
    assert run(f"a.expect_guest_errors('no_clock'); {NO_CLOCK}")[0] == 0
    status, output = run("a.expect_guest_errors('no_clock', 'duplex')")
    assert status == 1
    assert "expected but never came: guest error 'duplex' of host a" in output
    assert "expected but never came: guest error 'no_clock' of host a" in output


def test_faults_and_expectations_go_with_a_snapshot(run):
    """What was declared behind the snapshot is forgotten with it."""
    assert run("s = net.snapshot(); board.fault('crc', after=9); net.restore(s)")[0] == 0
    assert run("s = net.snapshot(); a.expect_guest_errors('cpu'); net.restore(s)")[0] == 0
    assert run(f"s = net.snapshot(); board.fault('crc'); {FEED}; net.run(for_='1ms'); "
               f"net.restore(s); {FEED}; net.run(for_='1ms'); "
               "assert board.chip()['mac'].get('rx_error', 0) == 0")[0] == 0
