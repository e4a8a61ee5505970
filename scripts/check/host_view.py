"""What a host of ours saw at one of its interfaces, of many captures, in one file for tshark.

tshark follows a connection from one point of view. A capture of ours has many (a frame that host a
sends to host b is there twice), so each interface of a host becomes a view of its own: what it
sent, and what came in that the host could take. Left out are what was dropped on the way, what is
for another MAC address, and what has a wrong checksum or length, by fault or by a tester: tshark
would believe it. Of what came in only TCP is kept.

Views of many captures share a file, because starting tshark costs more than reading a capture, and
all of them use 10.0.0.1. So each address of a view is replaced by one that no other view has, with
the same sum of 16-bit words: every checksum remains what it was, right or wrong. """
import json
import struct
from typing import NamedTuple, Optional

from lockwire import capture, recording

PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 1 << 18, 1)  # nanoseconds, Ethernet
ADDRESSES_MAX = 0xDFFF  # 224.0.0.0 and above are no host's
TCP, SYN = 6, 0x02


WINDOW_SCALE = 3  # a TCP option


class Scene:
    """A capture's scenario: what its recording and its frames say was done."""

    def __init__(self, name, folder):
        self.name = name
        self.testers = set()       # full names of the ports that the controller sends from
        self.addresses = {}        # {host: its addresses}
        self.keepalive = False     # somebody asked for it, or runs a program that may
        self.calls = 0             # connections that hosts were told to open
        self.backlog = 255         # the smallest of any listener
        self.spoken = set()        # addresses in whose name testers sent TCP
        self.disturbed = False     # something was done to a frame on its way
        segments, hosts = [], []
        for record in recording.read(folder / "replay.lwr"):
            if record[:1] == b"C":
                self._command(json.loads(record[1:]), segments, hosts)

    def _command(self, command, segments, hosts):
        op = command.get("op")
        if op == "segment":
            segments.append(command["name"])
        elif op == "port":
            self.testers.add(f"{segments[command['segment'] - 1]}/{command['name']}")
        elif op == "host":
            hosts.append(command["name"])
        elif op in ("netif", "netif_set") and command.get("ip"):
            address = bytes(map(int, command["ip"].split(".")))
            self.addresses.setdefault(hosts[command["host"] - 1], set()).add(address)
        elif op == "tcp_connect":
            self.calls += 1
        elif op == "tcp_listen":
            self.backlog = min(self.backlog, command.get("backlog", self.backlog))
        if op == "app" or command.get("keepalive") is True:
            self.keepalive = True

    def own(self, interface):
        """Addresses of the host that an interface belongs to: "lan/h", or "lan/h.2"."""
        port = interface.partition("/")[2]
        return self.addresses.get(port) or self.addresses.get(port.rpartition(".")[0], set())

    def by_tester(self, address):
        """A tester speaks as this address, or nobody has it."""
        return address in self.spoken or all(address not in a for a in self.addresses.values())

    @property
    def crowded(self):
        """More connections are opened than a listener has room for: some SYNs find none."""
        return self.calls > self.backlog


class Stream:
    """The segments between two pairs of address and port, in one view: the numbers of the frames
    that came in by it, and of those with a SYN that went out."""

    def __init__(self, peer):
        self.peer, self.heard, self.syns = peer, [], []


class Frame(NamedTuple):
    """A frame of the file. `stream` None: no TCP, or passed on for others."""

    scene: Scene
    interface: str
    out: bool
    t_ns: int
    heard: int  # frames that had come in by the stream
    stream: Optional[Stream]


class View:
    """Frames of many captures as their hosts saw them: `frames` in the order of the file, whose
    contents are `octets`, a list of byte strings, two for each frame behind the header."""

    def __init__(self):
        self.frames, self.octets = [], [PCAP_HEADER]
        self._given, self._streams, self._macs = {}, {}, {}

    def add(self, scene, path):
        """Appends what the hosts of a capture saw. Returns how many frames the capture has."""
        frames = capture.read(path)
        for frame in frames:
            scene.disturbed |= frame.comment != ""
            at = tcp_header_of_ip(frame.data)
            if frame.interface_name in scene.testers:
                if at and frame.direction == "out":
                    scene.spoken.add(frame.data[at + 12:at + 16])
            elif frame.direction == "out":
                self._macs.setdefault((scene.name, frame.interface_name), frame.data[6:12])
                self._append(scene, frame, at)
            elif at and "dropped" not in frame.comment and takeable(frame.data, at) and (
                    frame.data[:6] == self._macs.get((scene.name, frame.interface_name))):
                self._append(scene, frame, at)
        return len(frames)

    def segment(self, number):
        """(sequence number, that behind its end, flags) of a TCP frame of the file."""
        data = self.octets[2 * number]
        at = tcp_header_of_ip(data)
        tcp = at + (data[at] & 15) * 4
        flags = data[tcp + 13]
        length = int.from_bytes(data[at + 2:at + 4], "big") - (tcp - at) - (data[tcp + 12] >> 4) * 4
        seq = int.from_bytes(data[tcp + 4:tcp + 8], "big")
        return seq, seq + length + (flags & 1) + (flags >> 1 & 1), flags

    def answer(self, number):
        """(acknowledgement number, window field, window scale option or None) of a TCP frame."""
        data = self.octets[2 * number]
        tcp = tcp_header_of_ip(data)
        tcp += (data[tcp] & 15) * 4
        options, shift = data[tcp + 20:tcp + (data[tcp + 12] >> 4) * 4], None
        while len(options) >= 3 and options[0] != 0:
            if options[0] == WINDOW_SCALE and options[1] == 3:
                shift = options[2]
            options = options[1:] if options[0] == 1 else options[max(options[1], 2):]
        return (int.from_bytes(data[tcp + 8:tcp + 12], "big"),
                int.from_bytes(data[tcp + 14:tcp + 16], "big"), shift)

    def _append(self, scene, frame, at):
        data, stream = frame.data, None
        if at:
            key = (scene.name, frame.interface_name)
            src, dst = data[at + 12:at + 16], data[at + 16:at + 20]
            stream = self._stream(scene, frame, at, src, dst)
            data = data[:at + 12] + self._give(key, src) + self._give(key, dst) + data[at + 20:]
        self.frames.append(Frame(scene, frame.interface_name, frame.direction == "out", frame.t_ns,
                                 len(stream.heard) if stream else 0, stream))
        self.octets += [struct.pack("<IIII", frame.t_ns // 10**9, frame.t_ns % 10**9,
                                    len(data), len(data)), data]
        if stream and frame.direction == "in":
            stream.heard.append(len(self.frames))
        elif stream and data[at + (data[at] & 15) * 4 + 13] & SYN:
            stream.syns.append(len(self.frames))

    def _stream(self, scene, frame, at, src, dst):
        tcp = at + (frame.data[at] & 15) * 4
        ports = frame.data[tcp:tcp + 2], frame.data[tcp + 2:tcp + 4]
        if frame.direction == "in":
            src, dst, ports = dst, src, ports[::-1]
        if src not in scene.own(frame.interface_name):
            return None
        key = scene.name, frame.interface_name, src, dst, ports
        if key not in self._streams:
            self._streams[key] = Stream(dst)
        return self._streams[key]

    def _give(self, view, address):
        """The address that stands for another in a view: the first half counts those given, the
        second keeps the sum."""
        given = self._given.get((view, address))
        if given is None:
            count = len(self._given) + 1
            assert count <= ADDRESSES_MAX, "smaller batches are needed"
            high, low = struct.unpack(">HH", address)
            given = struct.pack(">HH", count, (high + low - count) % 0xFFFF)
            self._given[view, address] = given
        return given


def tcp_header_of_ip(data):
    """Where the IPv4 header of a TCP segment begins, 0 in other frames: also in one that a
    fragment carries, or that has no TCP header left."""
    at = 18 if data[12:14] == b"\x81\0" else 14
    if data[at - 2:at] != b"\x08\0" or len(data) < at + 40 or data[at + 9] != TCP:
        return 0
    return at


def takeable(data, at):
    """A host may take this segment: lengths and checksums are right. Fragments are not followed:
    tshark is told not to put them together."""
    header, total = (data[at] & 15) * 4, int.from_bytes(data[at + 2:at + 4], "big")
    if header < 20 or total < header + 20 or at + total > len(data):
        return False
    if data[at + 6] & 0x3F or data[at + 7]:
        return False
    if int.from_bytes(data[at:at + header], "big") % 0xFFFF:
        return False
    rest = data[at + header:at + total] + bytes(total - header & 1)
    pseudo = int.from_bytes(data[at + 12:at + 20], "big") + TCP + total - header
    return (pseudo + int.from_bytes(rest, "big")) % 0xFFFF == 0
