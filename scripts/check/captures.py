#!/usr/bin/python3
"""tshark judges every frame that a host of ours put on a wire: none may be malformed or carry a bad
checksum, and its analysis of TCP may find nothing in a connection but what the scenario did on
purpose. What testers sent and what faults did to frames on the way is the scenarios' own affair.

usage: captures.py OUT     OUT: the directory that `lockwire run --out` wrote

A scenario in which a host sends such frames on purpose (raw packets with a header of their own)
is listed in captures_on_purpose.txt, one name a line; a line that no longer matches is a finding.
What explains a finding of the analysis: tcp_analysis.py. How tshark is made to see a connection as
the host does: host_view.py.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from common import ROOT

sys.path.insert(0, str(ROOT / "harness" / "python"))
import host_view  # noqa: E402  (the path above)
import tcp_analysis  # noqa: E402

LISTED = pathlib.Path(__file__).with_name("captures_on_purpose.txt")
BATCH, BATCH_BYTES = 200, 64 << 20  # captures per run of tshark, and what may be in memory at once
CHECKSUMS = ["ip", "icmp", "igmp", "udp", "tcp"]
SUSPECT = " || ".join(["_ws.malformed", "tcp.analysis.flags"]
                      + [f"{protocol}.checksum.status == 0" for protocol in CHECKSUMS])
# What UDP and TCP carry is nobody's protocol, whatever the port.
OPTIONS = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
           "-o", "tcp.check_checksum:TRUE", "-o", "ip.defragment:FALSE",
           "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "tcp.analyze_sequence_numbers:TRUE",
           "-d", "udp.port==1-65535,data", "-d", "tcp.port==1-65535,data"]
FIELDS = ["frame.number", "_ws.col.Info", "_ws.malformed", "icmp.type"] + [
    f"{protocol}.checksum.status" for protocol in CHECKSUMS]
ERRORS = {"3", "5", "11", "12"}  # types of ICMP errors


def call(*command):
    """What a Wireshark tool prints; SystemExit when it fails or complains."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if not line.startswith("Running as user")]
    if done.returncode != 0 or said:
        print(f"{command[0]} ended with {done.returncode}: {' '.join(said)[:2000]}")
        sys.exit(1)
    return done.stdout


def wrong(malformed, icmp_type, ip, icmp, igmp, udp, tcp):
    """A frame is malformed or has a bad checksum. An ICMP error quotes what the offender sent,
    malformed or not: only its checksum is ours."""
    if any("0" in status.split(",") for status in (ip, icmp, igmp)):
        return True
    return icmp_type not in ERRORS and (
        malformed != "" or any("0" in status.split(",") for status in (udp, tcp)))


def judge(batch):
    """(frames, {scenario: findings}) for some (name, folder)."""
    view, count = host_view.View(), 0
    for name, folder in batch:
        count += view.add(host_view.Scene(name, folder), folder / "capture.pcapng")
    with tempfile.NamedTemporaryFile(suffix=".pcap") as views:
        views.writelines(view.octets)
        views.flush()
        fields = [word for field in FIELDS + tcp_analysis.FIELDS for word in ("-e", field)]
        rows = call("tshark", "-r", views.name, *OPTIONS, "-Y", SUSPECT, "-T", "fields", *fields)
    found, analysis = {}, tcp_analysis.Judge(view)
    for row in rows.splitlines():
        number, info, *values = row.split("\t")
        frame = view.frames[int(number) - 1]
        if not frame.out:
            continue
        faults = analysis.unexplained(int(number), values[len(FIELDS) - 2:])
        if wrong(*values[:len(FIELDS) - 2]):
            faults.append("malformed or a bad checksum")
        if faults:
            found.setdefault(frame.scene.name, []).append(
                f"{frame.interface} {frame.t_ns} ns: {', '.join(faults)}: {info}")
    return count, found


def batches(rows):
    """Cuts a list of (name, folder) into pieces of a size that tshark and memory can bear."""
    piece, size = [], 0
    for row in rows:
        length = (row[1] / "capture.pcapng").stat().st_size
        if piece and (len(piece) == BATCH or size + length > BATCH_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(row)
        size += length
    if piece:
        yield piece


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
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for count, bad in pool.map(judge, batches(rows)):
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
