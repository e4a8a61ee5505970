#!/usr/bin/python3
"""Replays every recording of a run in another build: the trace hashes must be those of the run.

usage: replays.py LOCKWIRE_SIM OUT     OUT: the directory that `lockwire run --out` wrote
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys


def recordings(out):
    """(scenario's name, recording, trace hash) of every scenario of a run."""
    summary = json.loads((out / "summary.json").read_text())
    for row in summary["scenarios"]:
        for name in row["files"]:
            if name.endswith(".lwr"):
                yield row["name"], out / name, row["trace"]


def replay(sim, path):
    """Exit status, printed hash and everything that was said."""
    env = dict(os.environ, ASAN_OPTIONS="abort_on_error=1", UBSAN_OPTIONS="halt_on_error=1")
    p = subprocess.run([sim, "--replay", str(path)], capture_output=True, text=True, env=env,
                       timeout=300, check=False)
    return p.returncode, p.stdout.split()[0] if p.stdout.split() else "", p.stdout + p.stderr


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sim, out = sys.argv[1], pathlib.Path(sys.argv[2])
    rows = list(recordings(out))
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = pool.map(lambda row: replay(sim, row[1]), rows)
        for (name, path, trace), (status, hash_, text) in zip(rows, results):
            if status != 0 or trace not in text:
                bad += 1
                print(f"{name}: status {status}, recorded {trace}, got {hash_ or 'nothing'}\n"
                      f"  {sim} --replay {path}\n  {text.strip()[:2000]}")
    print(f"{len(rows) - bad} passed, {bad} failed")
    sys.exit(2 if not rows else 1 if bad else 0)


if __name__ == "__main__":
    main()
