"""The stand-in simulator's TCP: connections without segments. What one side does reaches the other
after LATENCY_NS, a send buffer takes ROOM bytes until they have been read, a port that nobody
listens on resets, an address that nobody has is silent. """

import struct

LATENCY_NS = 100_000
ROOM = 1000
RST, ABRT, CLSD, CONN = -14, -13, -15, -11


class Tcp:
    """The commands tcp_*; a World has at(), now, hosts, objects, ready."""

    def _connection(self, host, local, remote):
        self.objects.append({"host": host, "local": local, "remote": remote, "in": b"",
                             "out": b"", "eof": False, "err": 0, "connected": False,
                             "closed": False, "events": [], "peer": None, "acked": 0, "told": 0,
                             "received": 0})
        return len(self.objects)

    def _told(self, id_, name=None, value=0):
        if name:
            self.objects[id_ - 1]["events"].append([self.now, name, value, 0, 0])
        self.ready.append(b"N" + struct.pack("<IQ", id_, self.now))

    def _ends(self, id_):
        c = self.objects[id_ - 1]
        return {"object": id_, "local": c["local"][0], "local_port": c["local"][1],
                "remote": c["remote"][0], "remote_port": c["remote"][1]}

    def op_tcp_listen(self, host, port, **_):
        if port == 9:
            return {"ok": False, "error": "tcp_listen: the stack answered err_t -8 (in use)",
                    "kind": "stack"}
        self.objects.append({"host": host, "port": port or 49152, "queue": []})
        return {"object": len(self.objects), "port": port or 49152}

    def op_tcp_connect(self, host, addr, port, local_port, **_):
        local = (".".join(map(str, self.hosts[host - 1]["ip"])), local_port or 49153)
        id_ = self._connection(host, local, (addr, port))
        self.at(self.now + LATENCY_NS, self._syn, id_, addr, port)
        return {"err": 0, **self._ends(id_)}

    def _syn(self, id_, addr, port):
        hosts = [i for i, h in enumerate(self.hosts, 1) if ".".join(map(str, h["ip"])) == addr]
        listeners = [i for i, o in enumerate(self.objects, 1)
                     if "queue" in o and o["host"] in hosts and o["port"] == port]
        if hosts:
            self.at(self.now + LATENCY_NS, self._answered, id_, (listeners or [None])[0])

    def _answered(self, id_, listener):
        c = self.objects[id_ - 1]
        if listener is None:
            c["err"] = RST
            self._told(id_, "error", RST)
            return
        c["connected"] = True
        self._told(id_, "connected")
        peer = self._connection(self.objects[listener - 1]["host"], c["remote"], c["local"])
        self.objects[peer - 1].update(connected=True, peer=id_)
        c["peer"] = peer
        self.objects[listener - 1]["queue"].append(peer)
        self._told(listener)

    def op_tcp_accept(self, object):
        queue = self.objects[object - 1]["queue"]
        return self._ends(queue.pop(0)) if queue else {"empty": True}

    def op_tcp_listener(self, object):
        return {"pending": len(self.objects[object - 1]["queue"]), "accepted": 0}

    def op_tcp_send(self, object, data, all=False):
        c, data = self.objects[object - 1], bytes.fromhex(data)
        if c["err"] or c["closed"]:
            return {"err": c["err"] or CLSD, "taken": 0}
        taken = len(data) if all else min(len(data), ROOM - (c["told"] - c["acked"]))
        c["out"] += data[:taken]
        self._pump(object)
        return {"err": 0, "taken": taken}

    def op_tcp_send_cancel(self, object):
        c = self.objects[object - 1]
        cancelled, c["out"] = len(c["out"]), b""
        return {"cancelled": cancelled}

    def _pump(self, id_):
        c = self.objects[id_ - 1]
        piece = c["out"][:ROOM - (c["told"] - c["acked"])]
        c["out"] = c["out"][len(piece):]
        c["told"] += len(piece)
        if piece:
            self.at(self.now + LATENCY_NS, self._arrived, c["peer"], piece)

    def _arrived(self, id_, data):
        c = self.objects[id_ - 1]
        c["in"] += data
        c["received"] += len(data)
        self._told(id_, "recv", len(data))

    def op_tcp_recv(self, object, max):
        c = self.objects[object - 1]
        data, c["in"] = c["in"][:max], c["in"][max:]
        if data:
            self.at(self.now + LATENCY_NS, self._acked, c["peer"], len(data))
            return {"data": data.hex()}
        return {"empty": True, "eof": c["eof"], "err": c["err"], "closed": c["closed"]}

    def _acked(self, id_, count):
        self.objects[id_ - 1]["acked"] += count
        self._told(id_, "sent", count)
        self._pump(id_)

    def op_tcp_end(self, object, how):
        c = self.objects[object - 1]
        if how == "wr" and c["closed"]:
            return {"err": CONN}
        c["closed"] = c["closed"] or how in ("close", "abort", "rdwr")
        if c["peer"]:
            self.at(self.now + LATENCY_NS, self._ended, c["peer"], how)
        return {"err": 0}

    def _ended(self, id_, how):
        c = self.objects[id_ - 1]
        if how == "abort":
            c["err"] = RST
            self._told(id_, "error", RST)
        else:
            c["eof"] = True
            self._told(id_, "closed")

    def op_tcp_set(self, **_):
        return {"err": 0}

    def op_tcp_plan(self, **_):
        return {}

    def op_tcp_status(self, object):
        c = self.objects[object - 1]
        state = "ESTABLISHED" if c["connected"] and not c["err"] else "CLOSED"
        return {**self._ends(object), "state": state, "err": c["err"], "connected": c["connected"],
                "eof": c["eof"], "closed": c["closed"], "pending": len(c["in"]),
                "waiting": len(c["out"]), "room": ROOM - (c["told"] - c["acked"]),
                "written": c["told"], "acked": c["acked"], "received": c["received"],
                "source_left": 0, "expect_left": 0, "drained": 0, "crc": 0}

    def op_tcp_info(self, object):
        c = self.objects[object - 1]
        if c["err"]:
            return {"gone": True}
        return {"state": "ESTABLISHED", "iss": 4294967295, "snd_nxt": 99, "cwnd": 14600,
                "soft_error": -4, "srtt_us": 1500, "timers": {"rexmit": self.now + 10**9},
                "blocks": [[5, 9]], "sack": True, "cc": "cubic"}

    def op_tcp_events(self, object, **from_):
        events = self.objects[object - 1]["events"][from_["from"]:]
        return {"events": events[:2], "more": len(events) > 2, "lost": 0}
