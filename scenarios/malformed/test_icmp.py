"""ICMP messages that are cut, of unknown types, about datagrams never sent, or bad advice."""

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
GW, GW4, P4, ELSEWHERE = "02:00:00:00:00:fe", "10.0.0.254", "10.0.0.8", "192.0.2.9"
E = Ether(src=T, dst=D)
BASE = IP(src=T4, dst=D4)
# A datagram of the connected socket, and a segment of a connection, as an error would quote them
LIVE = bytes(IP(src=D4, dst=P4, ttl=255) / UDP(sport=5000, dport=6000) / b"data")[:28]
SEGMENT = bytes(IP(src=D4, dst=T4, ttl=255) / TCP(sport=80, dport=1025, seq=7, flags="A"))[:28]


def message(type_, code=0, data=b"", **fields):
    """A frame with a message of 8 octets and data."""
    raw = bytearray(bytes(ICMP(type=8, id=0, seq=0) / Raw(data)))
    raw[0], raw[1], raw[2:4] = type_, code, b"\0\0"
    raw[4:8] = fields.get("word", 0).to_bytes(4, "big")
    raw[2:4] = summed(raw)
    return E / BASE.copy() / Raw(bytes(raw)) if not fields.get("ip") else \
        E / IP(proto=1, **fields["ip"]) / Raw(bytes(raw))


def summed(raw):
    """The Internet checksum."""
    total = sum(int.from_bytes(raw[i:i + 2].ljust(2, b"\0"), "big")
                for i in range(0, len(raw), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")


def dropped(reason, *counters, times=1):
    """Dropped, with these of ICMP's counters besides `drop`."""
    return dict(drops={reason: times},
                counters={f"icmp.{name}": times for name in ("drop", *counters)})


def talking(b):
    """The socket that an error's quote may be about has said something."""
    b.sockets["talk"].send(b"data")
    b.net.run(for_="1ms")
    b.t.clear()


def redirected(code, quote, gateway, src):
    """A redirect, from the gateway unless it is the tester's own."""
    word = int.from_bytes(bytes(int(o) for o in gateway.split(".")), "big")
    return Ether(src=GW if src == GW4 else T, dst=D) \
        / message(5, code, quote, word=word, ip={"src": src, "dst": D4})[IP]


def say_far_away(b):
    """The host has something to say to somebody behind the gateway."""
    b.sockets["out"].send(b"far", ELSEWHERE, 9)


def through(mac):
    """What it says, and by whom."""
    return Ether(src=D, dst=mac) / IP(src=D4, dst=ELSEWHERE, ttl=255) \
        / UDP(sport=4001, dport=9) / b"far"


BASE.proto = 1
QUOTE = {"bad": dropped("icmp_bad_quote", "lenerr", "err"),
         "foreign": dropped("icmp_bad_quote", "err")}
FAR_QUOTE = bytes(IP(src=D4, dst=ELSEWHERE, ttl=255) / UDP(sport=4001, dport=9) / b"far")[:28]
NOT_OURS = bytes(IP(src=T4, dst=P4) / UDP(sport=5000, dport=6000) / b"data")[:28]

ROWS = [
    dict(id="MF-ICMP-02/echo", what="a wrong checksum",
         frames=[E / BASE / ICMP(type=8, chksum=0xDEAD) / b"data"],
         **dropped("icmp_bad_checksum", "chkerr")),
    dict(id="MF-ICMP-02/error", what="a wrong checksum in an error about a live socket",
         frames=[talking, E / BASE / ICMP(type=3, code=3, chksum=0xDEAD) / Raw(LIVE)],
         **dropped("icmp_bad_checksum", "chkerr")),
    *[dict(id=f"MF-ICMP-05/{dst}", what="a ping for everybody",
           frames=[Ether(src=T, dst=mac) / IP(src=T4, dst=dst) / ICMP()],
           **dropped("icmp_echo_broadcast", "err"),
           note="not answered unless lwip_broadcast_ping or lwip_multicast_ping is set")
      for dst, mac in (("10.0.0.255", "ff:ff:ff:ff:ff:ff"), ("255.255.255.255",
                                                              "ff:ff:ff:ff:ff:ff"),
                       ("224.0.0.1", "01:00:5e:00:00:01"), ("239.1.2.3", "01:00:5e:01:02:03"))],
    *[dict(id=f"MF-ICMP-05/{dst}-allowed", what="the same where it is to be answered",
           frames=[Ether(src=T, dst=mac) / IP(src=T4, dst=dst) / ICMP()],
           options={"lwip_broadcast_ping": 1, "lwip_multicast_ping": 1},
           replies=lambda b: [b.echo(b.sent[0], src=D4)], note="from the host's own address")
      for dst, mac in (("10.0.0.255", "ff:ff:ff:ff:ff:ff"), ("224.0.0.1", "01:00:5e:00:00:01"))],
    dict(id="MF-ICMP-06", what="a ping from the broadcast address",
         frames=[E / IP(src="10.0.0.255", dst=D4) / ICMP(type=8) / Raw(bytes(32))],
         drops={"ip4_bad_source": 1}, counters={"ip.drop": 1}),
    *[dict(id=f"MF-ICMP-07/type-{name}", what="a type that nobody knows, code 255",
           frames=[message(n, 255, bytes(8)) for n in types],
           **dropped("icmp_unknown_type", "proterr", times=len(types)))
      for name, types in (("1", [1]), ("2", [2]), ("6", [6]), ("7", [7]), ("19", [19]),
                          ("29", [29]), ("40", [40]), ("42", [42]), ("255", [255]),
                          ("20-28", range(20, 29)), ("41-254", range(41, 255)))],
    dict(id="MF-ICMP-08/4-bytes", what="an error that quotes four bytes",
         frames=[message(3, 3, LIVE[:4])], **QUOTE["bad"]),
    dict(id="MF-ICMP-08/12-bytes", what="an error that quotes twelve",
         frames=[message(3, 3, LIVE[:12])], **QUOTE["bad"]),
    dict(id="MF-ICMP-08/27-bytes", what="an error whose quote lacks one byte",
         frames=[talking, message(3, 3, LIVE[:27])], **QUOTE["bad"]),
    dict(id="MF-ICMP-08/ihl-15", what="an error whose quoted header is cut within its options",
         frames=[talking, message(3, 3, b"\x4f" + LIVE[1:20])], **QUOTE["bad"]),
    dict(id="MF-ICMP-08/ihl-0", what="an error whose quoted header has no length",
         frames=[talking, message(3, 3, b"\x40" + LIVE[1:])], **QUOTE["bad"]),
    dict(id="MF-ICMP-08/header-only", what="an ICMP message of four bytes",
         frames=[E / BASE / Raw(b"\x03\x03\xfc\xfc")], **dropped("icmp_too_short", "lenerr")),
    *[dict(id=f"MF-ICMP-10/code-{code}-{name}", what="a hard error about what was never sent",
           frames=[talking, message(3, code, quote)], **result,
           note="UDP's part of the row; a connection's sequence numbers come with TCP")
      for code in (2, 3, 4)
      for name, quote, result in (
          ("foreign-port", LIVE[:20] + b"\x13\x89" + LIVE[22:], {}),
          ("foreign-peer", LIVE[:16] + bytes([10, 0, 0, 7]) + LIVE[20:], {}),
          ("not-our-source", NOT_OURS, QUOTE["foreign"]),
          ("later-fragment", LIVE[:6] + b"\0\x01" + LIVE[8:], QUOTE["foreign"]),
          ("tcp", SEGMENT, dict(drops={"tcp_error_stray": 1})))],
    dict(id="MF-ICMP-11", what="port unreachable about a live socket's datagram",
         frames=[talking, message(3, 3, LIVE)], heard={"talk": [(3, 3)]},
         note="UDP's part of the row: told at once; the socket goes on"),
    *[dict(id=f"MF-ICMP-12/{name}", what="a source quench", frames=[talking, message(4, 0, quote)],
           **dropped("icmp_source_quench")) for name, quote in (("udp", LIVE), ("tcp", SEGMENT))],
    *[dict(id=f"MF-ICMP-13/{name}", what="a redirect that cannot be right",
           frames=[redirected(code, quote, word, src), "1ms", say_far_away],
           replies=lambda b: [through(GW)], options={"ip_forward": 0}, **result)
      for name, code, quote, word, src, result in (
          ("not-from-the-gateway", 1, FAR_QUOTE, P4, T4, dropped("icmp_redirect_source")),
          ("from-the-new-gateway", 1, FAR_QUOTE, T4, T4, dropped("icmp_redirect_source")),
          ("gateway-off-link", 1, FAR_QUOTE, "192.0.2.1", GW4, dropped("icmp_redirect_gateway")),
          ("gateway-is-the-host", 1, FAR_QUOTE, D4, GW4, dropped("icmp_redirect_gateway")),
          ("gateway-is-everybody", 1, FAR_QUOTE, "10.0.0.255", GW4,
           dropped("icmp_redirect_gateway")),
          ("gateway-0", 1, FAR_QUOTE, "0.0.0.0", GW4, dropped("icmp_redirect_gateway")),
          ("own-network", 0, LIVE, T4, GW4, dropped("icmp_redirect_destination")),
          ("never-sent", 1, FAR_QUOTE[:12] + NOT_OURS[12:16] + FAR_QUOTE[16:], T4, GW4,
           dropped("icmp_bad_quote", "err")),
          ("cut", 1, FAR_QUOTE[:27], T4, GW4, dropped("icmp_bad_quote", "err")),
          ("code-4", 4, FAR_QUOTE, T4, GW4, dropped("icmp_bad_code", "err")),
          ("code-255", 255, FAR_QUOTE, T4, GW4, dropped("icmp_bad_code", "err")))],
    dict(id="MF-ICMP-14/host", what="a redirect from the gateway, to the tester",
         frames=[say_far_away, "1ms", redirected(1, FAR_QUOTE, T4, GW4), "1ms", say_far_away],
         replies=lambda b: [through(GW), through(T)], options={"ip_forward": 0}),
    dict(id="MF-ICMP-14/router", what="the same to a router: it does not obey [RFC1812 5.2.7.2]",
         frames=[say_far_away, "1ms", redirected(1, FAR_QUOTE, T4, GW4), "1ms", say_far_away],
         replies=lambda b: [through(GW)] * 2, **dropped("icmp_redirect")),
    *[dict(id=f"MF-ICMP-15/{name}", what="a timestamp request", frames=[message(13, 0, data)],
           **dropped("icmp_unanswered", "proterr"), note="never answered, cut or whole")
      for name, data in (("cut", b""), ("whole", bytes(12)))],
    dict(id="MF-ICMP-16", what="a mask reply nobody asked for",
         frames=[message(18, 0, bytes(4))], **dropped("icmp_unanswered", "proterr")),
    *[dict(id=f"MF-ICMP-17/type-{n}", what="an obsolete request", frames=[message(n, 0, bytes(12))],
           **dropped("icmp_unanswered" if n in (15, 16, 17) else "icmp_unknown_type", "proterr"))
      for n in (15, 16, 17, 30, 37, 40)],
    *[dict(id=f"MF-ICMP-18/{name}", what="an error about an ICMP message",
           frames=[message(3, 3, bytes(IP(src=D4, dst=T4) / ICMP(type=type_) / Raw(LIVE))[:28])],
           **dropped("icmp_error_unused"))
      for name, type_ in (("error", 3), ("echo", 8), ("echo-reply", 0))],
    dict(id="MF-ICMP-18/never-sent", what="an error with a bad option: no error about an error",
         frames=[message(3, 3, LIVE, ip={"src": T4, "dst": D4, "options": b"\x07\x0b\x04\x00"})],
         drops={"ip4_bad_option": 1}, counters={"ip.opterr": 1, "ip.drop": 1}),
]


def test_message(busy, row):
    """Nobody is told who did not ask, and nothing changes by hearsay."""
    b = busy(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)


def reassembled(frames):
    """(MACs, header without length and fragment fields, payload) of a datagram's frames."""
    data, heads = {}, set()
    for frame in frames:
        p = Ether(frame)
        data[p[IP].frag * 8] = bytes(p[IP].payload)[:p[IP].len - 20]
        heads.add((p.dst, p.src, p[IP].src, p[IP].dst, p[IP].ttl, p[IP].tos, p[IP].proto))
    whole = b"".join(data[at] for at in sorted(data))
    assert all(at == sum(len(d) for a, d in data.items() if a < at) for at in data)
    return heads, whole


@pytest.mark.parametrize("order", [pytest.param(n, id=f"MF-ICMP-04/{name}") for n, name in
                                   ((1, "in-order"), (-1, "reversed"))])
def test_largest_ping(make_busy, order):
    """65507 octets of data: the reply is as large as a datagram can be, and the same octets."""
    b = make_busy()
    data = bytes(i * 7 & 0xFF for i in range(65507))
    request = bytearray(bytes(ICMP(type=8, id=1, seq=2))) + data
    request[2:4] = b"\0\0"
    request[2:4] = summed(request)
    frames = [E / IP(src=T4, dst=D4, id=21, proto=1, frag=at // 8,
                     flags="MF" if at + 1480 < len(request) else 0)
              / Raw(bytes(request[at:at + 1480])) for at in range(0, len(request), 1480)]
    b.t.send(frames[::order])
    b.net.run(for_="20ms")
    heads, whole = reassembled(b.came())
    assert heads == {(T, D, D4, T4, 255, 0, 1)}
    reply = bytearray(b"\0" + bytes(request[1:]))
    reply[2:4] = b"\0\0"
    reply[2:4] = summed(reply)
    assert whole == bytes(reply)
    assert b.reaction(b.before) == {"drops": {}, "counters": {}, "arp": {}, "held": (0, 0),
                                    "heard": {}}
    b.exchange()
    assert b.memory() == b.empty


@pytest.mark.parametrize("mtu", [pytest.param(n, id=f"MF-ICMP-09/{n}") for n in
                                 (0, 67, 68, 552, 1500, 65535)])
def test_path_mtu(make_busy, mtu):
    """Fragmentation needed, whatever MTU it speaks of: the socket is told, and the next datagram of
    1472 octets leaves in one piece as before; an error about a TCP segment unsent is nobody's."""
    b = make_busy()
    b.throw([talking, message(3, 4, LIVE, word=mtu), message(3, 4, SEGMENT, word=mtu), "1ms"])
    assert b.reaction(b.before) == {
        "drops": {"tcp_error_stray": 1}, "counters": {}, "arp": {},
        "held": (0, 0), "heard": {"talk": [(3, 4)]}}
    b.sockets["talk"].send(bytes(1472))
    b.net.run(for_="1ms")
    b.compare("whole", [Ether(src=D, dst="02:00:00:00:00:08") / IP(src=D4, dst=P4, ttl=255)
                        / UDP(sport=5000, dport=6000) / Raw(bytes(1472))])
    b.exchange()
    assert b.memory() == b.empty


@pytest.mark.parametrize("rate, burst, options", [
    pytest.param(1000, 50, {}, id="MF-ICMP-21/as-it-comes"),
    pytest.param(100, 10, {"icmp_error_rate": 100, "icmp_error_burst": 10},
                 id="MF-ICMP-21/100-per-second"),
    pytest.param(1, 1, {"icmp_error_rate": 1, "icmp_error_burst": 1},
                 id="MF-ICMP-21/1-per-second")])
@pytest.mark.exact_ms
def test_errors_are_limited(make_busy, rate, burst, options):
    """1000 datagrams for closed ports within 100 ms: the burst is answered, then the rate; what is
    not an error is served all the while."""
    b = make_busy(**options)
    frame = E / IP(src=T4, dst=D4) / UDP(sport=9, dport=99) / b"anybody?"
    ping = E / IP(src=T4, dst=D4) / ICMP(id=1, seq=2) / b"served"
    for _ in range(10):
        b.t.send(bytes(frame), count=100)
        b.say(ping)
        b.net.run(for_="10ms")
    frames = b.came()
    errors, pongs = ([f for f in frames if f[34] == t] for t in (3, 0))
    assert len(pongs) == 10 and len(errors) + len(pongs) == len(frames)
    assert len(errors) == burst + rate * 90 // 1000  # the last hundred arrive at 90 ms
    seen = b.reaction(b.before)
    assert seen["drops"] == {"udp_no_port": 1000, "icmp_error_limited": 1000 - len(errors)}
    b.exchange()
    b.net.run(for_="2s")
    b.t.send(frame)
    b.net.run(for_="1ms")
    b.compare("after the storm", [b.error(frame, 3, 3)])
    assert b.memory() == b.empty
