#!/usr/bin/python3
"""tshark judges every frame that a host of ours put on a wire: none may be malformed or carry a bad
checksum. What testers sent and what faults did to frames on the way is the scenarios' own affair.

usage: captures.py OUT     OUT: the directory that `lockwire run --out` wrote

A scenario in which a host sends such frames on purpose (raw packets with a header of their own)
is listed in captures_on_purpose.txt, one name a line; a line that no longer matches is a finding.
"""
import bisect
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from common import ROOT

sys.path.insert(0, str(ROOT / "harness" / "python"))
from lockwire import recording  # noqa: E402  (the path above)

LISTED = pathlib.Path(__file__).with_name("captures_on_purpose.txt")
BATCH = 200  # captures per run of tshark: starting it costs more than reading a capture
# An ICMP error quotes what the offender sent, malformed or not: only its checksum is ours.
WRONG = ("frame.packet_flags_direction == 2 && (ip.checksum.status == 0 || "
         "icmp.checksum.status == 0 || igmp.checksum.status == 0 || "
         "(!(icmp.type in {3, 5, 11, 12}) && (_ws.malformed || "
         "udp.checksum.status == 0 || tcp.checksum.status == 0)))")
# Frames are judged one by one: other scenarios in the batch use the same addresses. What UDP and
# TCP carry is nobody's protocol, whatever the port.
OPTIONS = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
           "-o", "tcp.check_checksum:TRUE", "-o", "ip.defragment:FALSE",
           "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "tcp.analyze_sequence_numbers:FALSE",
           "-d", "udp.port==1-65535,data", "-d", "tcp.port==1-65535,data"]
FIELDS = ["frame.number", "frame.interface_name", "frame.time_relative", "_ws.col.Info"]


def call(*command):
    """What a Wireshark tool prints; SystemExit when it fails or complains."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if not line.startswith("Running as user")]
    if done.returncode != 0 or said:
        print(f"{command[0]} ended with {done.returncode}: {' '.join(said)[:2000]}")
        sys.exit(1)
    return done.stdout


def testers(path):
    """Full names of the ports that the controller itself sends from."""
    segments, ports = [], set()
    for record in recording.read(path):
        if record[:1] != b"C":
            continue
        command = json.loads(record[1:])
        if command.get("op") == "segment":
            segments.append(command["name"])
        elif command.get("op") == "port":
            ports.add(f"{segments[command['segment'] - 1]}/{command['name']}")
    return ports


def judge(batch):
    """(frames, {scenario: findings}) for some (name, folder)."""
    files = [str(folder / "capture.pcapng") for _, folder in batch]
    counts = [int(row.split("\t")[1]) for row in call("capinfos", "-TrcM", *files).splitlines()]
    assert len(counts) == len(files), counts
    ends = list(itertools.accumulate(counts))
    with tempfile.NamedTemporaryFile(suffix=".pcapng") as merged:
        call("mergecap", "-a", "-w", merged.name, *files)
        fields = [word for field in FIELDS for word in ("-e", field)]
        rows = call("tshark", "-r", merged.name, *OPTIONS, "-Y", WRONG, "-T", "fields", *fields)
    found, sent_by_tester = {}, {}
    for row in rows.splitlines():
        number, interface = row.split("\t")[:2]
        name, folder = batch[bisect.bisect_left(ends, int(number))]
        if name not in sent_by_tester:
            sent_by_tester[name] = testers(folder / "replay.lwr")
        if interface not in sent_by_tester[name]:
            found.setdefault(name, []).append(row.partition("\t")[2])
    return sum(counts), found


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    out = pathlib.Path(sys.argv[1])
    listed = {line for line in LISTED.read_text().splitlines()
              if line and not line.startswith("#")} if LISTED.exists() else set()
    rows = []
    for row in json.loads((out / "summary.json").read_text())["scenarios"]:
        for name in row["files"]:
            if name.endswith("/capture.pcapng"):
                rows.append((row["name"], out / os.path.dirname(name)))
    frames, found = 0, {}
    for at in range(0, len(rows), BATCH):
        count, bad = judge(rows[at:at + BATCH])
        frames += count
        found.update(bad)
    for name in sorted(found.keys() - listed):
        print(f"{name}: {len(found[name])} bad frames")
        for line in found[name][:5]:
            print("   ", line)
    for name in sorted(listed - found.keys()):
        print(f"{name}: listed as bad on purpose, but nothing is wrong")
    failed = len(found.keys() ^ listed)
    print(f"captures: {len(rows)} files, {frames} frames, {failed} files with findings")
    sys.exit(2 if frames == 0 else 1 if failed else 0)


if __name__ == "__main__":
    main()
