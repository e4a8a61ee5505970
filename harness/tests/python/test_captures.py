"""What scripts/check/captures.py finds in captures: each kind of finding once, and next to it the
same frames where something on purpose explains them. All are judged in one run, as CI does."""

import json
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

ROOT = Path(__file__).resolve().parents[3]
H, PEER, OTHER = "10.0.0.2", "10.0.0.1", "10.0.0.3"
MACS = {H: "02:00:00:00:00:02", PEER: "02:00:00:00:00:01", OTHER: "02:00:00:00:00:03"}


def frame(src, dst, flags, seq, ack=0, length=0, win=1000, **other):
    """A segment between port 80 of h and port 90 of its peer; `other`: mac, chksum."""
    ports = (80, 90) if H == src else (90, 80)
    layers = (Ether(src=MACS[src], dst=other.get("mac", MACS[dst])) / IP(src=src, dst=dst)
              / TCP(sport=ports[0], dport=ports[1], flags=flags, seq=seq, ack=ack, window=win,
                    chksum=other.get("chksum")))
    return bytes(layers / Raw(bytes(length)) if length else layers)


def out(flags, seq, ack=0, length=0, src=H, comment="", **other):
    return "out", frame(src, PEER, flags, seq, ack, length, **other), comment


def into(flags, seq, ack=0, length=0, comment="", **other):
    return "in", frame(PEER, H, flags, seq, ack, length, **other), comment


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind, body):
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(frames):
    """What h saw at lan/h, a frame every second."""
    data = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    data += block(1, struct.pack("<HHI", 1, 0, 0) + option(2, b"lan/h") + option(9, b"\x09"))
    for i, (direction, octets, comment) in enumerate(frames):
        t = i * 10**9
        data += block(6, struct.pack("<IIIII", 0, t >> 32, t & 0xFFFFFFFF, len(octets), len(octets))
                      + octets + bytes(-len(octets) % 4)
                      + (option(1, comment.encode()) if comment else b"")
                      + option(2, struct.pack("<I", 1 if direction == "in" else 2)) + bytes(4))
    return data


def recording(commands):
    data = b"LWR1\0" + bytes(12)
    for members in commands:
        body = b"C" + json.dumps(members).encode()
        data += struct.pack("<I", len(body)) + body + bytes(4)
    return data


LAN = [{"op": "segment", "name": "lan"}, {"op": "host", "name": "h"},
       {"op": "netif", "host": 1, "segment": 1, "ip": H}]
HOSTS = LAN + [{"op": "host", "name": "p"}, {"op": "netif", "host": 2, "segment": 1, "ip": PEER}]
TESTER = LAN + [{"op": "port", "segment": 1, "name": "tester"}]
OPEN = [into("S", 100), out("SA", 500, 101), into("A", 101, 501)]
DATA, DATA_ACK = out("PA", 501, 101, 10), into("A", 101, 511)
AGAIN = OPEN + [DATA, DATA]
ACKED = OPEN + [DATA, DATA_ACK, DATA]
SILENT = OPEN + [out("A", 500, 101)]
TWICE = OPEN + [into("PA", 101, 501, 9), out("A", 501, 110), out("A", 501, 110)]
PROBED = OPEN + [into("A", 101, 501, win=0), out("A", 501, 101, 1), into("A", 101, 502, win=0),
                 out("A", 502, 101, 1)]
OVERLAP = OPEN + [into("PA", 101, 501, 10), out("A", 501, 111), into("PA", 106, 501, 10),
                  out("A", 501, 116)]
CROSSED = [out("S", 500), into("S", 100), out("SA", 500, 101)]

EDGE = 101 + 1000  # of the window that h announces

# name: (what the scenario did, the frames, what is found)
CASES = {
    "clean": (HOSTS, OPEN + [DATA, DATA_ACK, into("PA", 101, 511, 5), out("A", 511, 106)], []),
    "bad-checksum": (TESTER, OPEN + [out("PA", 501, 101, 9, chksum=1)],
                     ["malformed or a bad checksum"]),
    "hole": (TESTER, OPEN + [DATA, out("PA", 521, 101, 10)], ["lost_segment"]),
    "octet-of-a-probe": (TESTER, PROBED, []),
    "another-number-for-a-syn": (TESTER, OPEN + [into("S", 9000), out("SA", 7000, 9001)], []),
    "ack-of-nothing": (TESTER, OPEN + [out("A", 501, 102)], ["ack_lost_segment"]),
    "ack-of-the-new-part": (TESTER, OVERLAP, []),
    "ack-beyond-the-new-part": (TESTER, OVERLAP[:-1] + [out("A", 501, 117)], ["ack_lost_segment"]),
    "again": (HOSTS, AGAIN, ["retransmission"]),
    "again-to-a-tester": (TESTER, AGAIN, []),
    "again-after-a-loss": (HOSTS, AGAIN + [into("A", 101, 511, comment="dropped: loss")], []),
    "again-though-acknowledged": (TESTER, ACKED, ["spurious_retransmission"]),
    "that-was-dropped": (HOSTS, OPEN + [DATA, into("A", 101, 511, comment="dropped: loss"), DATA],
                         []),
    "that-had-a-bad-checksum": (TESTER, OPEN + [DATA, into("A", 101, 511, chksum=1), DATA], []),
    "that-was-for-others": (TESTER, OPEN + [DATA, into("A", 101, 511, mac=MACS[OTHER]), DATA], []),
    "that-came-at-the-edge": (TESTER, OPEN + [DATA, into("A", EDGE, 511), DATA], []),
    "that-came-before-the-edge": (TESTER, OPEN + [DATA, into("A", EDGE - 1, 511), DATA],
                                  ["spurious_retransmission"]),
    "of-a-router": (HOSTS, OPEN + [out("PA", 501, 101, 10, src=OTHER)] * 2, []),
    "same-ack-unasked": (TESTER, TWICE, ["duplicate_ack"]),
    "same-ack-answers": (TESTER, TWICE[:-1] + [into("PA", 105, 501, 5), TWICE[-1]], []),
    "same-ack-twice-for-one": (TESTER, TWICE[:-1] + [into("PA", 105, 501, 5)] + TWICE[-1:] * 2,
                               ["duplicate_ack"]),
    "keepalive-unasked": (TESTER, SILENT, ["keep_alive"]),
    "keepalive": (TESTER + [{"op": "tcp_set", "object": 1, "keepalive": True}], SILENT, []),
    "keepalive-of-a-program": (TESTER + [{"op": "app", "host": 1}], SILENT, []),
    "syns-crossed": (HOSTS, CROSSED, []),
    "syns-crossed-answer-again": (HOSTS, CROSSED + CROSSED[-1:], ["retransmission"]),
    "syn-again": (HOSTS, CROSSED[:1] * 2, ["retransmission"]),
    "syn-again-to-a-crowd": (HOSTS + [{"op": "tcp_listen", "host": 2, "backlog": 1},
                                      {"op": "tcp_connect", "host": 1},
                                      {"op": "tcp_connect", "host": 1}], CROSSED[:1] * 2, []),
}


class Out:
    """A copy of the check with a list of its own, and a directory as `lockwire run` writes it."""

    def __init__(self, folder):
        self.check = folder / "scripts" / "check"
        self.check.mkdir(parents=True)
        for name in ("captures.py", "host_view.py", "tcp_analysis.py", "common.py"):
            shutil.copy(ROOT / "scripts" / "check" / name, self.check)
        self.folder = folder / "out"
        self.folder.mkdir()

    def judge(self, cases, listed=()):
        """(exit status, {name: kinds of findings}, last line)."""
        scenarios = []
        for name, (commands, frames, *_) in cases.items():
            place = self.folder / name
            place.mkdir(exist_ok=True)
            (place / "capture.pcapng").write_bytes(pcapng(frames))
            (place / "replay.lwr").write_bytes(recording(commands))
            scenarios.append({"name": name, "files": [f"{name}/capture.pcapng"]})
        (self.folder / "summary.json").write_text(json.dumps({"scenarios": scenarios}))
        (self.check / "captures_on_purpose.txt").write_text("".join(f"{n}\n" for n in listed))
        done = subprocess.run(
            ["/usr/bin/python3", self.check / "captures.py", self.folder], capture_output=True,
            text=True, check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT / "harness" / "python")})
        assert done.stderr == ""
        *lines, last = done.stdout.splitlines()
        found = {}
        for line in lines:
            if line.startswith("    "):
                found[name].append(line.split(": ")[1])
            else:
                name = line.split(": ")[0]
                found[name] = []
        return done.returncode, found, last


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    return Out(tmp_path_factory.mktemp("captures")).judge(CASES)


@pytest.mark.parametrize("case", CASES)
def test_what_is_found(judged, case):
    assert judged[1].get(case, []) == CASES[case][2]


def test_findings_are_counted_and_fail(judged):
    status, found, last = judged
    dirty = sum(kinds != [] for _, _, kinds in CASES.values())
    frames = sum(len(frames) for _, frames, _ in CASES.values())
    assert (status, len(found)) == (1, dirty)
    assert last == f"captures: {len(CASES)} files, {frames} frames, {dirty} files with findings"


def test_what_is_listed_has_to_be_found(tmp_path):
    directory = Out(tmp_path)
    cases = {name: CASES[name] for name in ("clean", "hole", "bad-checksum")}
    assert directory.judge(cases, ["hole", "bad-checksum"])[:2] == (0, {})
    status, found, last = directory.judge(cases, ["clean", "hole", "bad-checksum"])
    assert (status, found) == (1, {"clean": []})


def test_what_testers_send_is_their_affair(tmp_path):
    """Malformed datagrams at a tester's port, which is an interface too, are not looked at."""
    broken = bytes(Ether() / IP(src=PEER, dst=H) / UDP(chksum=1) / Raw(b"data"))
    commands = [TESTER[0], {"op": "port", "segment": 1, "name": "h"}]
    assert Out(tmp_path).judge({"a": (commands, [("out", broken, "")])})[:2] == (0, {})


def test_nothing_to_look_at_is_no_success(tmp_path):
    assert Out(tmp_path).judge({})[0] == 2
