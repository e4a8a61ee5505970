"""scripts/mutants: each kind of mutant gets its verdict, and the exit status says so.

Needs the simulator's build: $LOCKWIRE_SIM's, else build/dev."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SIM = Path(os.environ.get("LOCKWIRE_SIM") or ROOT / "build" / "dev" / "harness" / "lockwire-sim")
KILL = "scenarios/arp/test_request.py"
SENT = "? WIRE_ARP_REPLY : WIRE_ARP_REQUEST;"
KILLED = ("stack/link/arp_send.c", SENT, "? WIRE_ARP_REQUEST : WIRE_ARP_REQUEST;")
HARMLESS = ("stack/link/arp_send.c", SENT, "? 2 : WIRE_ARP_REQUEST;")
NO_C = ("stack/link/arp_send.c", SENT, "? no such thing : WIRE_ARP_REQUEST;")
HANGS = ("stack/link/arp_input.c", "&& arp_observe(netif, &a)) {",
         "&& ({ for (volatile int i = 0; i == 0;) {} true; })) {")


def entry(name, change, kill=KILL, survives=""):
    file, old, new = change
    lines = [f'id = "{name}"', f'file = "{file}"', f'old = "{old}"', f'new = "{new}"',
             f'kill = "{kill}"']
    if survives:
        lines.append(f'survives = "{survives}"')
    return "[[mutant]]\n" + "\n".join(lines) + "\n"


@pytest.fixture
def mutants(tmp_path):
    """mutants(entries, *arguments): (exit status, standard output, standard error)."""
    def run(entries, *arguments):
        (tmp_path / "data.toml").write_text("".join(entries))
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        done = subprocess.run(
            [ROOT / "scripts" / "mutants", "--data", tmp_path, "--out", tmp_path / "out",
             "--build", SIM.resolve().parents[1], *arguments],
            capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr
    return run


def test_killed_and_an_expected_survivor_are_well(mutants, tmp_path):
    """Exit status 0; the table says who killed it."""
    status, out, err = mutants([entry("MUT-A", KILLED),
                                entry("MUT-B", HARMLESS, survives="the same number")])
    assert (status, err) == (0, "")
    assert out.splitlines()[-1] == ("mutants: 2, killed 1, survived as expected 1, wrong 0, "
                                    "broken 0")
    table = (tmp_path / "out" / "mutants.tsv").read_text().splitlines()
    assert table[1].startswith(f"MUT-A\tkilled\t{KILL}::test_")
    assert table[2] == "MUT-B\tSURVIVED\t"


def test_survivors_and_those_that_should_have_been_are_wrong(mutants):
    """Exit status 1, each by its name."""
    status, out, _ = mutants([entry("MUT-A", KILLED, survives="so it was thought"),
                              entry("MUT-B", HARMLESS)])
    assert status == 1
    assert "MUT-A: killed, but mutants.d says that it survives: so it was thought" in out
    assert f"MUT-B survived {KILL}" in out


def test_what_does_not_compile_or_run_is_no_verdict(mutants):
    """Exit status 2: neither is a killed mutant."""
    status, out, _ = mutants([entry("MUT-A", NO_C), entry("MUT-B", KILLED)])
    assert status == 2
    assert "MUT-A: does not compile or link" in out
    status, out, err = mutants([entry("MUT-A", KILLED, kill=KILL + "::test_nothing")])
    assert status == 2
    assert "do not pass on unchanged code: scenarios did not run" in err


def test_mutant_that_hangs_is_killed_by_its_cpu_time(mutants):
    """However busy the machine is, and whatever the clock says."""
    status, out, _ = mutants([entry("MUT-A", HANGS)], "--cpu", "5")
    assert (status, "killed    MUT-A" in out) == (0, True)


@pytest.mark.parametrize("change, words", [
    (("stack/link/arp_send.c", "no such text", "x"), "found 0 times, not once"),
    (("stack/link/arp_send.c", "struct netif *netif", "x"), "times, not once"),
    (("stack/link/arp_send.h", "x", "y"), "there is no C file stack/link/arp_send.h"),
    (("stack/link/none.c", "x", "y"), "there is no C file stack/link/none.c")])
def test_text_that_is_not_there_once_ends_it_at_once(mutants, change, words):
    """Exit status 2 before anything is built; --list finds it too."""
    for arguments in ((), ("--list",)):
        status, _, err = mutants([entry("MUT-A", change)], *arguments)
        assert (status, words in err) == (2, True)


def test_bad_descriptions(mutants):
    """Missing keys, unknown keys, ids given twice, no mutants, killers that are not there."""
    good = entry("MUT-A", KILLED)
    for entries, words in (
            ([good.replace("kill", "murder")], "expected the keys"), ([], "has no mutants"),
            ([good, good], "ids given twice: ['MUT-A']"), (["[[mutant]\n"], "data.toml"),
            ([entry("MUT-A", KILLED, kill="scenarios/none.py")], "no scenarios/none.py"),
            ([entry("MUT-A", KILLED).replace("old = ", "old = [").replace(";\"\nnew", ";\"]\nnew")
              .replace("new = ", "new = [\"x\", ").replace(";\"\nkill", ";\"]\nkill")],
             "lists of different lengths")):
        status, _, err = mutants(entries, "--list")
        assert (status, words in err) == (2, True), err
    status, _, err = mutants([good], "--only", "MUT-Z")
    assert (status, "there is no mutant MUT-Z" in err) == (2, True)
