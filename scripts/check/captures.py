#!/usr/bin/python3
"""tshark judges every frame that a host of ours put on a wire: none may be malformed or carry a bad
checksum. What testers sent and what faults did to frames on the way is the scenarios' own affair.

usage: captures.py OUT     OUT: the directory that `lockwire run --out` wrote

A scenario in which a host sends such frames on purpose (raw packets with a header of their own)
is listed in captures_on_purpose.txt, one name a line; a line that no longer matches is a finding.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

from common import ROOT

sys.path.insert(0, str(ROOT / "harness" / "python"))
from lockwire import recording  # noqa: E402  (the path above)

LISTED = pathlib.Path(__file__).with_name("captures_on_purpose.txt")
WRONG = ("_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || "
         "icmp.checksum.status == 0 || igmp.checksum.status == 0")
OPTIONS = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
           "--disable-protocol", "http"]
FIELDS = ["frame.number", "frame.interface_name", "frame.time_relative", "_ws.col.Info"]


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


def judge(folder):
    """(frames that hosts sent, findings) for one scenario's folder."""
    capture, record = folder / "capture.pcapng", folder / "replay.lwr"
    info = subprocess.run(["capinfos", "-c", "-M", str(capture)], capture_output=True, text=True,
                          check=False)
    if info.returncode != 0:
        return 0, [f"capinfos: {info.stderr.strip()}"]
    ours = "frame.packet_flags_direction == 2"
    for port in sorted(testers(record)):
        ours += f' && !(frame.interface_name == "{port}")'
    command = ["tshark", "-r", str(capture), *OPTIONS, "-Y", f"({ours}) && ({WRONG})",
               "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    out = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in out.stderr.splitlines() if not line.startswith("Running as user")]
    if out.returncode != 0 or said:
        return 0, [f"tshark: {' '.join(said) or out.returncode}"]
    frames = int(info.stdout.split("=")[-1].split()[-1])
    return frames, out.stdout.splitlines()


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    out = pathlib.Path(sys.argv[1])
    listed = {line for line in LISTED.read_text().splitlines()
              if line and not line.startswith("#")} if LISTED.exists() else set()
    summary = json.loads((out / "summary.json").read_text())
    folders = {}
    for row in summary["scenarios"]:
        for name in row["files"]:
            if name.endswith("/capture.pcapng"):
                folders[row["name"]] = out / os.path.dirname(name)
    frames = bad = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for name, (count, found) in zip(folders, pool.map(judge, folders.values())):
            frames += count
            if bool(found) != (name in listed):
                bad += 1
                print(f"{name}: " + (f"{len(found)} bad frames" if found else
                                     "listed as bad on purpose, but nothing is wrong"))
                for line in found[:5]:
                    print("   ", line)
    print(f"captures: {len(folders)} files, {frames} frames, {bad} files with findings")
    sys.exit(2 if frames == 0 else 1 if bad else 0)


if __name__ == "__main__":
    main()
