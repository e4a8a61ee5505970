"""`lockwire run --sweep`: its values, what hosts get, names, who is left out, bad usage.

On the stand-in, whose hosts say in their recordings which options they were made with."""

import json
import xml.etree.ElementTree as ET

import pytest

from lockwire import recording, sweep

PLAIN = """
import pytest
def test_host(net):
    net.host("a", net.segment("lan"), ip="10.0.0.1/24")
@pytest.mark.parametrize("n", ["a b", "1@tick=7"])
def test_param(net, n):
    net.host("a")
def test_no_world(): pass
"""
FAILS = """
import pytest
@pytest.mark.parametrize("n", ["x"])
def test_late(net, n):
    a = net.host("a", net.segment("lan"), ip="10.0.0.1/24")
    assert net.sweep is None or net.sweep.value.text != "tick=250"
"""


def results(lockwire, out="lockwire-out"):
    summary = json.loads((lockwire.directory / out / "summary.json").read_text())
    return {s["name"]: s for s in summary["scenarios"]}


def hosts_of(lockwire, result):
    """The commands that made hosts, of a result's recording."""
    path, = [f for f in result["files"] if f.endswith("replay.lwr")]
    records = recording.read(lockwire.directory / "lockwire-out" / path)
    commands = [json.loads(r[1:]) for r in records if r[:1] == b"C"]
    return [c for c in commands if c["op"] == "host"]


# -- values ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("text, options", [
    ("tick=0", {"timer_phase_ms": 0, "clock_phase_ns": 0}),
    ("tick=250", {"timer_phase_ms": 250, "clock_phase_ns": 0}),
    ("tick=0.5", {"timer_phase_ms": 1, "clock_phase_ns": 500_000}),
    ("tick=0.000001", {"timer_phase_ms": 1, "clock_phase_ns": 999_999}),
    ("tick=998.999999", {"timer_phase_ms": 999, "clock_phase_ns": 1}),
    ("clock=wrap-0", {"boot_ms": 0}), ("clock=wrap-1", {"boot_ms": 2**32 - 1}),
    ("clock=half-10", {"boot_ms": 2**31 - 10}), ("clock=41", {"boot_ms": 41}),
    ("isn=wrap-1", {"tcp_isn": 2**32 - 1}), ("isn=half-0", {"tcp_isn": 2**31}),
    ("isn=1", {"tcp_isn": 1}), ("isn=ts-wrap-2", {"tcp_ts_start": 2**32 - 1}),
    ("isn=ts-0", {"tcp_ts_start": 1}),
    ("port=65535", {"tcp_port_first": 65535, "udp_port_first": 65535}),
])
def test_a_value_is_these_options(text, options):
    assert sweep.parse(text) == [sweep.Value(text, options)]


@pytest.mark.parametrize("kind, count", [("tick", 14), ("clock", 12), ("isn", 15), ("port", 4),
                                         ("tick:all", 1000), ("tick:250", 4), ("tick:999", 2)])
def test_a_kind_is_its_values(kind, count):
    values = sweep.parse(kind)
    assert len({v.text for v in values}) == len(values) == count
    assert all(sweep.parse(v.text) == [v] for v in values)
    assert len({tuple(v.options.items()) for v in values}) == count


WRONG = ["tock", "", "=", "tick=", "tick=-1", "tick=999.5", "tick=1000", "tick=1.0000001", "tick:0",
         "tick:1000", "tick:", "tick:\u0661",
         "clock:2", "clock=4294967296x", "clock=warp-1", "isn=0",
         "isn=wrap-0", "isn=ts-wrap-1", "isn=ts-", "port=80", "port=65536", "tick=\u0661"]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_value_is_one_clear_message(text):
    with pytest.raises(ValueError, match="expect") as info:
        sweep.parse(text)
    assert len(str(info.value).splitlines()) == 1
    assert (text.rpartition("=")[2] or text) in str(info.value)


@pytest.mark.parametrize("arguments, words", [
    (("s", "--sweep", "tock"),
     "expected tick, clock, isn, port, or one of their values such as tick=250, not 'tock'"),
    (("s", "--sweep", "tick=1000"),
     "tick= expects a number of ms from 0 to 999, with up to 6 decimals, not '1000'"),
    (("s", "--sweep"), "expected one argument"),
    (("s/test_a.py::test_host@tick=5",), "write s/test_a.py::test_host --sweep tick=5")])
def test_bad_usage_is_2(lockwire, arguments, words):
    lockwire.file("s/test_a.py", PLAIN)
    got = lockwire("run", *arguments)
    assert (got.returncode, got.stdout) == (2, "")
    assert words in got.stderr and len(got.stderr.splitlines()) <= 2, got.stderr


# -- runs ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("jobs", [1, 2])
def test_each_value_is_a_result_of_its_own(lockwire, jobs):
    """Named after it, in its own folder, with the plain scenario's seed; a test without a world
    stays what it is."""
    lockwire.file("s/test_a.py", PLAIN)
    got = lockwire("run", "s", "--sweep", "tick=250", "--sweep", "clock=wrap-10", "--sweep",
                   "tick=250", "--jobs", jobs, "--junit", "j.xml")
    assert (got.returncode, got.stdout, got.stderr) == (
        0, "6 runs of 3 scenarios\n7 passed, 0 failed, 0 skipped\n", "")
    found = results(lockwire)
    assert set(found) == {"s/test_a.py::test_no_world"} | {
        f"s/test_a.py::{name}@{value}" for name in ("test_host", "test_param[a b]",
                                                    "test_param[1@tick=7]")
        for value in ("tick=250", "clock=wrap-10")}
    one = found["s/test_a.py::test_host@tick=250"]
    host, = hosts_of(lockwire, one)
    assert [host[k] for k in ("timer_phase_ms", "clock_phase_ns", "boot_ms")] == [250, 0, 0]
    assert host["options"] == {} and one["line"] == 3
    host, = hosts_of(lockwire, found["s/test_a.py::test_param[1@tick=7]@clock=wrap-10"])
    assert [host[k] for k in ("timer_phase_ms", "boot_ms")] == [0, 2**32 - 10]
    names = {case.get("name") for case in ET.parse(lockwire.directory / "j.xml").iter("testcase")}
    assert "test_host@tick=250" in names and "test_param[a b]@clock=wrap-10" in names
    assert len(names) == 7


def test_a_world_is_the_plain_scenarios_but_for_the_value(lockwire):
    """tick=0 and clock=wrap-0 are the defaults: the same trace as without a sweep."""
    lockwire.file("s/test_a.py", PLAIN)
    lockwire("run", "s")
    plain = results(lockwire)["s/test_a.py::test_host"]["trace"]
    lockwire("run", "s", "--sweep", "tick=0", "--sweep", "clock=wrap-0", "--sweep", "tick=1")
    swept = results(lockwire)
    assert swept["s/test_a.py::test_host@tick=0"]["trace"] == plain
    assert swept["s/test_a.py::test_host@clock=wrap-0"]["trace"] == plain
    assert swept["s/test_a.py::test_host@tick=1"]["trace"] != plain


def test_a_failure_names_its_value_and_how_to_repeat_it(lockwire):
    lockwire.file("s/test_a.py", FAILS)
    got = lockwire("run", "s", "--sweep", "tick")
    assert got.returncode == 1 and got.stdout.endswith("13 passed, 1 failed, 0 skipped\n")
    assert "test_late[x]@tick=250" in got.stdout
    line = next(x for x in got.stdout.splitlines() if x.startswith("reproduce:"))
    assert line.endswith("run s/test_a.py::test_late[x] --seed 1 --sweep tick=250")
    again = lockwire(*line.split("lockwire ", 1)[1].split())
    assert again.returncode == 1 and again.stdout.endswith("0 passed, 1 failed, 0 skipped\n")
    assert list(results(lockwire)) == ["s/test_a.py::test_late[x]@tick=250"]


def test_repeats_and_shards_take_swept_scenarios(lockwire):
    lockwire.file("s/test_a.py", PLAIN)
    got = lockwire("run", "s/test_a.py::test_host", "--sweep", "tick=7", "--repeat", 3)
    assert got.returncode == 0 and got.stdout.endswith("1 passed, 0 failed, 0 skipped\n")
    parts = []
    for i in (1, 2, 3):
        lockwire("run", "s/test_a.py::test_host", "--sweep", "clock", "--shard", f"{i}/3")
        parts += results(lockwire)
    assert len(parts) == len(set(parts)) == 12


def test_a_scenarios_own_choice_wins(lockwire):
    """tick is one choice, of phase and fraction; the two first ports are two. Runs in which no host
    took the value are counted."""
    lockwire.file("s/test_a.py", """
def test_mine(net):
    net.host("a", timer_phase_ms=5, boot_ms=0, tcp_port_first=50000)
def test_mixed(net):
    net.host("a", clock_phase_ns=3)
    net.host("b")
""")
    got = lockwire("run", "s", "--sweep", "tick=0.5", "--sweep", "clock=9", "--sweep", "port=65535")
    assert got.stdout == ("6 runs of 2 scenarios; in 2 of them each host chooses for itself, or "
                          "there is none\n6 passed, 0 failed, 0 skipped\n")
    made = {name.partition("::")[2]: [(h["timer_phase_ms"], h["clock_phase_ns"], h["boot_ms"],
                                       h["options"]) for h in hosts_of(lockwire, result)]
            for name, result in results(lockwire).items()}
    both = {"tcp_port_first": 65535, "udp_port_first": 65535}
    assert made == {
        "test_mine@tick=0.5": [(5, 0, 0, {"tcp_port_first": 50000})],
        "test_mine@clock=9": [(5, 0, 0, {"tcp_port_first": 50000})],
        "test_mine@port=65535": [(5, 0, 0, {"tcp_port_first": 50000, "udp_port_first": 65535})],
        "test_mixed@tick=0.5": [(0, 3, 0, {}), (1, 500_000, 0, {})],
        "test_mixed@clock=9": [(0, 3, 9, {}), (0, 0, 9, {})],
        "test_mixed@port=65535": [(0, 3, 0, both), (0, 0, 0, both)]}


# -- who is left out -------------------------------------------------------------------------------
MARKED = """
import pytest
@pytest.mark.sweep(exclude=["clock", "isn"], reason="reads the clock")
def test_marked(net):
    net.host("a")
@pytest.mark.exact_ms
@pytest.mark.parametrize("n", [1, 2])
def test_exact(net, n): net.host("a")
def test_plain(net): net.host("a")
"""


def test_who_is_left_out_is_listed_with_the_reason(lockwire):
    lockwire.file("s/test_a.py", MARKED)
    got = lockwire("run", "s", "--sweep", "clock", "--sweep", "tick=0.5")
    exact = "at fractions of a ms: has exact times, its hosts' clocks step on whole virtual ms"
    assert got.stdout == (
        "s/test_a.py::test_marked@clock: not swept: reads the clock\n"
        f"s/test_a.py::test_exact[1]@tick: not swept: {exact}\n"
        f"s/test_a.py::test_exact[2]@tick: not swept: {exact}\n"
        "38 runs of 4 scenarios\n38 passed, 0 failed, 3 skipped\n")
    one = results(lockwire)["s/test_a.py::test_marked@clock"]
    assert (one["result"], one["reason"]) == ("skipped", "not swept: reads the clock")
    got = lockwire("run", "s/test_a.py::test_marked", "--sweep", "clock")
    assert got.returncode == 2 and "every scenario was skipped" in got.stderr


def test_exact_times_hold_at_whole_ms(lockwire):
    """Only the fraction of the millisecond leaves exact_ms out: phases of whole ms are taken."""
    lockwire.file("s/test_a.py", MARKED)
    got = lockwire("run", "s", "--sweep", "tick")
    ran = [name for name in results(lockwire) if name.startswith("s/test_a.py::test_exact[1]@")]
    assert (ran[0], len(ran)) == ("s/test_a.py::test_exact[1]@tick=0", 12)
    assert "s/test_a.py::test_exact[1]@tick=250" in ran
    assert "s/test_a.py::test_exact[1]@tick" in ran
    assert got.stdout.endswith("50 runs of 4 scenarios\n50 passed, 0 failed, 2 skipped\n")


@pytest.mark.parametrize("marker", [
    'sweep(exclude=["tick"])', 'sweep(reason="x")', 'sweep(exclude=["tock"], reason="x")',
    'sweep("tick", reason="x")', 'sweep(exclude="tick", reason="x")',
    'sweep(exclude=["tick"], reason="")', "sweep"])
def test_a_marker_without_a_sweep_or_a_reason_is_refused(lockwire, marker):
    lockwire.file("s/test_a.py", "import pytest\n"
                  f"@pytest.mark.{marker}\ndef test_x(net): pass\n")
    got = lockwire("run", "s", "--sweep", "tick=1")
    assert got.returncode == 2 and "s/test_a.py::test_x: expected pytest.mark.sweep(" in got.stderr


def test_a_sweep_is_no_evidence(lockwire):
    lockwire.file("s/test_a.py", "from lockwire import shows\ndef test_x(net):\n"
                  "    net.host('a')\n    with shows('RQ-826-03'):\n        assert net\n")
    lockwire("run", "s", "--sweep", "tick=1")
    assert (lockwire.directory / "lockwire-out/evidence.tsv").read_text() == ""
    lockwire("run", "s")
    assert "RQ-826-03" in (lockwire.directory / "lockwire-out/evidence.tsv").read_text()
