#!/usr/bin/python3
"""A stand-in for lockwire-sim in the Python tests: the same protocol, a world of a few lines.

Every segment is a hub on which a frame arrives at all other ports after 100 us. A host answers ARP
requests for its address and echoes nothing else. A host's name can ask for trouble: "crash" dies
with a sanitizer's words, "oracle" and "panic" say X, "lost" leaves a problem for finish, "exit7"
ends with status 7, "hang" never answers. Recordings are message lists without checks. """

import hashlib
import heapq
import json
import os
import signal
import socket
import struct
import sys
import time

from fake_tcp import Tcp

NEVER = (1 << 64) - 1
LATENCY_NS = 100_000


class World(Tcp):
    """Everything, with `send` to reach the controller."""

    def __init__(self, seed, send, receive):
        self.send, self.receive = send, receive
        self.now, self.events, self.frames, self.sequence = 0, 0, 0, 0
        self.heap, self.ready = [], []
        self.segments, self.ports, self.hosts, self.faults, self.objects = [], [], [], [], []
        self.problems, self.status = [], 0
        self.digest = hashlib.sha256(struct.pack("<Q", seed))

    def at(self, t, what, *args):
        self.sequence += 1
        heapq.heappush(self.heap, (t, self.sequence, what, args))

    def transmit(self, source, frame):
        # As an event: a predicate may be asked only while the controller waits for something.
        self.at(self.now, self.spread, source, frame)

    def spread(self, source, frame):
        self.events -= 1
        for i, (segment, host) in enumerate(self.ports):
            if segment == self.ports[source][0] and i != source:
                verdict = self.judge(source, i, frame)
                if verdict is not None:
                    self.at(self.now + LATENCY_NS + verdict, self.arrive, i, frame)

    def judge(self, source, target, frame):
        """None: dropped, else extra delay."""
        extra = 0
        for number, fault in enumerate(self.faults, 1):
            if fault["predicate"]:
                self.send(b"P" + struct.pack("<IQI", number, self.now, number) + frame)
                if self.receive()[1:2] != b"\1":
                    continue
            fault["seen"] += 1
            if fault.get("nth") and fault["seen"] not in fault["nth"]:
                continue
            fault["fired"] += 1
            if fault["kind"] == "drop":
                return None
            extra += fault.get("delay_ns", 0)
        return extra

    def arrive(self, i, frame):
        self.frames += 1
        self.digest.update(struct.pack("<IQ", i, self.now) + frame)
        host = self.ports[i][1]
        if host is None:
            self.ready.append(b"F" + struct.pack("<IQ", i + 1, self.now) + frame)
        elif frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\1" and frame[38:42] == host["ip"]:
            reply = frame[6:12] + host["mac"] + frame[12:20] + b"\0\2" + host["mac"] + host["ip"]
            self.transmit(i, (reply + frame[22:32]).ljust(60, b"\0"))

    def advance(self, deadline):
        while True:
            if self.ready:
                return self.ready.pop(0)
            if not self.heap or self.heap[0][0] > deadline:
                if deadline == NEVER:
                    return b"Q" + struct.pack("<Q", self.now)
                self.now = max(self.now, deadline)
                return b"D" + struct.pack("<Q", self.now)
            self.now, _, what, args = heapq.heappop(self.heap)
            self.events += 1
            what(*args)

    def command(self, c):
        op = c.pop("op")
        handler = getattr(self, "op_" + op, None)
        if handler is None:
            return {"ok": False, "error": f"there is no op {op}", "kind": "usage"}
        if op != "hello":
            self.digest.update(json.dumps([op, c], sort_keys=True).encode())
        return {"ok": True, **(handler(**c) or {})}

    def op_hello(self, version, capture=None, trace=None):
        for path in (capture, trace):
            if path:
                with open(path, "wb") as out:
                    out.write(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
        return {"version": version, "build": "fake", "now": 0}

    def op_segment(self, name, **_):
        self.segments.append(name)
        return {"segment": len(self.segments)}

    def op_port(self, segment, name, mac):
        self.ports.append((segment, None))
        return {"port": len(self.ports)}

    def op_host(self, name, **_):
        if name == "crash":
            sys.stderr.write("==1==ERROR: AddressSanitizer: planted\n")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGABRT)
        if name in ("oracle", "panic"):
            self.send(b"X" + json.dumps({"error": "planted", "kind": name}).encode())
            sys.exit(3)
        if name == "hang":
            time.sleep(60)
        if name == "lost":
            self.problems.append("host lost: 1 pbuf is lost")
        if name == "exit7":
            self.status = 7
        mac = b"\2\0\0\0\0" + bytes([len(self.hosts)])
        self.hosts.append({"name": name, "ip": b"\0" * 4, "mac": mac})
        return {"host": len(self.hosts)}

    def op_netif(self, host, segment, ip, **_):
        entry = self.hosts[host - 1]
        entry["ip"] = socket.inet_aton(ip)
        self.ports.append((segment, entry))
        return {"netif": 1, "mac": entry["mac"].hex(":"), "port": entry["name"]}

    def op_fault(self, **fault):
        self.faults.append({**fault, "seen": 0, "fired": 0})
        return {"fault": len(self.faults)}

    def op_fault_status(self, fault):
        return {"fired": self.faults[fault - 1]["fired"]}

    def op_udp(self, **_):
        self.objects.append("udp")
        return {"object": len(self.objects), "port": 4000}

    def op_udp_recv(self, object):
        return {"empty": True}

    def op_object_close(self, object):
        return {}

    def op_options(self, host):
        return {"options": {"arp_maxage": 300}}

    def op_clock(self):
        return {"now": self.now, "events": self.events, "frames": self.frames}

    def op_finish(self):
        unfired = [i for i, f in enumerate(self.faults, 1) if not f["fired"]]
        return {"trace": self.trace(), "now": self.now, "events": self.events,
                "frames": self.frames, "problems": self.problems, "unfired": unfired}

    def trace(self):
        return self.digest.copy().hexdigest()[:32]


def handle(world, message):
    """One message; True when the world is finished."""
    kind, body = message[:1], message[1:]
    if kind == b"C":
        command = json.loads(body)
        finished = command["op"] == "finish"
        world.send(b"R" + json.dumps(world.command(command)).encode())
        return finished
    world.digest.update(message)
    if kind == b"S":
        world.transmit(struct.unpack_from("<I", body)[0] - 1, body[4:])
    elif kind == b"A":
        world.send(world.advance(struct.unpack("<Q", body)[0]))
    return False


def live(arguments):
    wire = socket.socket(fileno=int(arguments["--control"]))
    try:
        record = open(arguments["--record"], "wb") if "--record" in arguments else None
        if record:
            record.write(b"LWR1\4fake" + struct.pack("<QI", int(arguments["--seed"]), 0))
    except OSError as why:
        sys.exit(f"lockwire-sim: cannot record: {why.strerror}")

    def keep(message):
        if record:
            record.write(struct.pack("<I", len(message)) + message + b"\0\0\0\0")
            record.flush()

    def receive():
        message = wire.recv(1 << 18)
        if message:
            keep(message)
        return message

    world = World(int(arguments["--seed"]), wire.send, receive)
    finished = False
    while message := receive():
        if handle(world, message):
            finished = True
            keep(b"H" + world.trace().encode())
    sys.exit(world.status if finished else 4)


def replay(arguments):
    with open(arguments["--replay"], "rb") as f:
        data = f.read()
    if data[:4] != b"LWR1":
        print("lockwire-sim: not a recording", file=sys.stderr)
        sys.exit(2)
    size = data[4]
    seed, at = struct.unpack_from("<Q", data, 5 + size)[0], 5 + size + 12
    messages = []
    while at < len(data):
        if at + 4 > len(data) or at + 8 + struct.unpack_from("<I", data, at)[0] > len(data):
            print(f"lockwire-sim: cut off at byte {at}", file=sys.stderr)
            sys.exit(2)
        length = struct.unpack_from("<I", data, at)[0]
        messages.append(data[at + 4:at + 4 + length])
        at += 8 + length
    if "--trace" in arguments:
        with open(arguments["--trace"], "w") as out:
            out.write('{"t": 0}\n')
    verdicts = [m for m in messages if m[:1] == b"p"]
    world = World(seed, lambda _: None, lambda: verdicts.pop(0))
    recorded = ""
    for message in messages:
        if message[:1] == b"H":
            recorded = message[1:].decode()
        elif message[:1] != b"p":
            if b'"hello"' not in message:
                handle(world, message)
    print(world.trace())
    sys.exit(0 if world.trace() == recorded else 1)


if __name__ == "__main__":
    given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    replay(given) if "--replay" in given else live(given)
