"""Writes what fuzzing begins with: prepared worlds (worlds.py), a seed corpus for each target, a
dictionary. Run by the build; the same input gives the same bytes.

    seeds.py LOCKWIRE-FUZZ DIRECTORY
        DIRECTORY/worlds/*.lwr  DIRECTORY/seeds/TARGET/*  DIRECTORY/dictionary
"""

import random
import shutil
import struct
import sys
from pathlib import Path

from scapy.contrib.igmp import IGMP
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_RR, IPOption_Timestamp, fragment
from scapy.layers.l2 import ARP, LLC, SNAP, Dot1Q, Dot3, Ether
from scapy.packet import Packet, Raw

from lockwire.recording import read

import seeds_tcp
import worlds
import worlds_tcp

SECOND_MAC = "02:00:00:00:00:a2"
TO_ALL = "ff:ff:ff:ff:ff:ff"
GROUP_MAC = "01:00:5e:01:02:03"
ALL_HOSTS_MAC = "01:00:5e:00:00:01"


def arp_frames(mac: str) -> list[Packet]:
    """Requests, replies, probes, announcements, conflicts."""
    mine = worlds.TESTER
    ether = Ether(src=mine, dst=TO_ALL)
    frames = [ether / ARP(op=op, hwsrc=mine, psrc=psrc, pdst=pdst)
              for op, psrc, pdst in ((1, "10.0.0.254", "10.0.0.1"), (1, "0.0.0.0", "10.0.0.1"),
                                     (1, "10.0.0.1", "10.0.0.1"), (1, "10.0.0.55", "10.0.0.55"))]
    frames += [Ether(src=mine, dst=mac) / ARP(op=2, hwsrc=mine, psrc=psrc, hwdst=mac, pdst=pdst)
               for psrc, pdst in (("10.0.0.55", "10.0.0.1"), ("10.0.0.1", "10.0.0.1"),
                                  ("10.0.1.1", "10.0.1.1"), ("10.0.0.254", "10.0.0.9"))]
    return frames


def quotes() -> list[Packet]:
    """Datagrams that an ICMP error may quote: the host's own, and others."""
    return [IP(src="10.0.0.1", dst="10.0.0.254", id=1) / UDP(sport=5001, dport=9) / Raw(b"quoted"),
            IP(src="10.0.0.1", dst="10.0.0.254", id=1, proto=136) / Raw(bytes(8)),
            IP(src="10.0.0.1", dst="10.0.0.254") / ICMP(id=1, seq=1) / Raw(b"12345678"),
            IP(src="10.0.0.9", dst="10.0.0.254", options=[IPOption_RR(routers=["0.0.0.0"])]) /
            UDP(sport=1, dport=2) / Raw(b"x")]


def icmp_packets() -> list[Packet]:
    """Every type, with what belongs to it."""
    ip = IP(src="10.0.0.254", dst="10.0.0.1")
    packets = [ip / ICMP(type=8, id=1, seq=n) / Raw(bytes(size))
               for n, size in enumerate((0, 1, 56, 500, 1472))]
    packets += [ip / ICMP(type=t) / Raw(bytes(12)) for t in (0, 9, 10, 13, 14, 15, 16, 17, 18, 40)]
    packets += [ip / ICMP(type=t, code=c, nexthopmtu=576 if c == 4 else 0) / bytes(q)
                for t, c in ((3, 1), (3, 3), (3, 4), (4, 0), (11, 0), (12, 0)) for q in quotes()]
    packets += [ip / ICMP(type=5, code=1, gw="10.0.0.253") / bytes(q) for q in quotes()]
    packets += [IP(src="10.0.0.254", dst=dst) / ICMP(id=2, seq=9) / Raw(b"all")
                for dst in ("10.0.0.255", "255.255.255.255", "224.0.0.1", "10.0.1.1")]
    return packets


def igmp_packets() -> list[Packet]:
    """Queries of both versions, reports, leaves."""
    result = []
    everybody, one = "0.0.0.0", "225.1.2.3"
    for type_, time, group in ((0x11, 100, everybody), (0x11, 0, everybody), (0x11, 10, one),
                               (0x12, 0, one), (0x16, 0, one), (0x17, 0, one),
                               (0x22, 0, everybody)):
        to = group if group == one else "224.0.0.1"
        result.append(IP(src="10.0.0.254", dst=to, ttl=1, proto=2,
                         options=[b"\x94\x04\x00\x00"]) /
                      IGMP(type=type_, mrcode=time, gaddr=group))
    return result


def udp_packets() -> list[Packet]:
    """To every kind of pcb, to none, with and without checksum, with options."""
    ip = IP(src="10.0.0.254", dst="10.0.0.1")
    packets = [ip / UDP(sport=9, dport=port) / Raw(b"datagram") for port in
               (7, 5000, 5001, 5002, 5003, 5004, 12345)]
    packets += [ip / UDP(sport=9, dport=7, chksum=0) / Raw(b"no sum"), ip / UDP(sport=9, dport=7),
                ip / UDP(sport=9, dport=7) / Raw(bytes(1472))]
    packets += [IP(src="10.0.0.254", dst=dst) / UDP(sport=9, dport=port) / Raw(b"to many")
                for dst, port in (("10.0.0.255", 5002), ("255.255.255.255", 5002),
                                  ("225.1.2.3", 5004))]
    lite = struct.pack(">HHHH", 9, 5003, 8, 0) + b"lite data"
    packets.append(IP(src="10.0.0.254", dst="10.0.0.1", proto=136) / Raw(lite))
    routes = [IPOption_RR(routers=["0.0.0.0"] * 3)]
    packets += [IP(src="10.0.0.254", dst="10.0.0.1", options=o) / ICMP(id=1, seq=1) / Raw(b"opt")
                for o in (routes, [IPOption_Timestamp(timestamp=0)],
                          [b"\x83\x07\x04\x0a\x00\x01\x01"], [b"\x89\x07\x08\x0a\x00\x01\x01"],
                          [b"\x01\x01\x01\x00"], [b"\x44\x08\x05\x01\x00\x00\x00\x00"])]
    packets += [IP(src="10.0.0.254", dst="10.0.0.1", proto=p) / Raw(b"who?") for p in (99, 6, 41)]
    return packets


def forwarded_packets() -> list[Packet]:
    """Through the host: on, too big, out of time, back, nowhere."""
    ip = dict(src="10.0.0.254", dst="10.0.1.254")
    udp = UDP(sport=1, dport=2)
    return [IP(**ip) / udp / Raw(b"through"), IP(**ip) / udp / Raw(bytes(1400)),
            IP(**ip, flags="DF") / udp / Raw(bytes(1400)), IP(**ip, ttl=1) / udp,
            IP(src="10.0.0.254", dst="10.0.0.253") / udp, IP(src="10.0.0.254", dst="10.0.1.255") /
            udp, IP(src="10.0.0.254", dst="8.8.8.8") / udp]


def pieces() -> list[list[Packet]]:
    """Fragments that complete what the world holds, and datagrams of their own."""
    body = UDP(sport=9, dport=7) / Raw(bytes(range(256)) + bytes(64))
    lists = [fragment(IP(src="10.0.0.254", dst="10.0.0.1", id=id_) / body, 128)
             for id_ in (0x1111, 0x2222, 0x3333, 0x4444)]
    lists.append(fragment(IP(src="10.0.0.254", dst="10.0.0.1", id=7) / ICMP(id=1, seq=1) /
                          Raw(bytes(3000)), 1480))
    lists.append([IP(src="10.0.0.254", dst="10.0.0.1", id=0x1111, flags=f, frag=o, proto=17) /
                  Raw(bytes(n)) for f, o, n in ((1, 0, 16), (1, 1, 16), (0, 3, 9), (1, 0x1fff, 8))])
    return lists


def framed(mac: str) -> list[bytes]:
    """All frames, with the host's MAC or the group's."""
    def of(packet: Packet) -> bytes:
        dst = {"225.1.2.3": GROUP_MAC, "224.0.0.1": ALL_HOSTS_MAC, "10.0.0.255": TO_ALL,
               "255.255.255.255": TO_ALL}.get(packet[IP].dst, mac)
        return bytes(Ether(src=worlds.TESTER, dst=dst) / packet)

    frames = [bytes(f) for f in arp_frames(mac)]
    frames += [of(p) for p in icmp_packets() + igmp_packets() + udp_packets() + forwarded_packets()]
    frames += [of(p) for some in pieces() for p in some]
    echo = IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(id=1, seq=1) / Raw(b"tagged")
    frames.append(bytes(Ether(src=worlds.TESTER, dst=mac) / Dot1Q(vlan=0) / echo))
    frames.append(bytes(Ether(src=worlds.TESTER, dst=mac) / Dot1Q(vlan=5, prio=3) / Dot1Q() / echo))
    frames.append(bytes(Dot3(src=worlds.TESTER, dst=mac) / LLC() / SNAP(code=0x800) / echo))
    return [f.ljust(60, b"\0") for f in frames]


def record_of(head: bytes, data: bytes) -> bytes:
    """harness/fuzz/records.h"""
    return head + struct.pack("<H", len(data)) + data


def frames_inputs(frames: list[bytes], mac: str) -> list[bytes]:
    """Conversations: fragments in order and reversed, the same twice, everything shuffled."""
    def conversation(world: int, some: list[bytes], unit: int = 1, count: int = 1) -> bytes:
        return bytes([world]) + b"".join(record_of(bytes([unit << 2, count]), f) for f in some)

    ether = Ether(src=worlds.TESTER, dst=mac)
    cut = [[bytes(ether / p).ljust(60, b"\0") for p in some] for some in pieces()]
    result = [conversation(w, some) for w in (0, 1, 2) for some in cut]
    result += [conversation(1, some[::-1], 3, 10) for some in cut]
    result += [conversation(0x80, [f, f], 5, 7) for f in frames[::4]]
    order = random.Random(1)
    for world in range(12):
        result.append(conversation(world % 3, order.sample(frames, 8), order.randrange(7),
                                   order.randrange(20)))
    return result


# On the world control-small: 4 listens on host 2, 5 (host 1) and 6 (host 2) are connected.
TCP_COMMANDS = [
    '{"op":"tcp_listen","host":1,"port":7,"backlog":2,"echo":true,"closes":true}',
    '{"op":"tcp_listen","host":1,"addr":"10.0.0.1","port":0,"source":3000,"seed":2}',
    '{"op":"tcp_accept","object":4}', '{"op":"tcp_listener","object":4}',
    '{"op":"tcp_connect","host":1,"addr":"10.0.0.2","port":80,"local_port":4000,"nodelay":true}',
    '{"op":"tcp_connect","host":2,"addr":"10.0.0.2","port":80,"discard":true,"expect":100}',
    '{"op":"tcp_send","object":5,"data":"00ff"}', '{"op":"tcp_send_cancel","object":5}',
    '{"op":"tcp_send","object":6,"data":"616263","all":true}', '{"op":"tcp_recv","object":6}',
    '{"op":"tcp_recv","object":6,"max":1}', '{"op":"tcp_status","object":5}',
    '{"op":"tcp_write","object":5,"data":"00","copy":false,"more":true,"output":false}',
    '{"op":"tcp_write","object":5,"data":"00","urgent":true}', '{"op":"tcp_write","object":5}',
    '{"op":"tcp_set","object":5,"keepalive":true,"keep_idle_ms":1000,"keep_intvl_ms":1000,'
    '"keep_cnt":2,"user_timeout_ms":3000,"cc":"newreno","prio":3,"tos":1,"ttl":2,"poll":1}',
    '{"op":"tcp_plan","object":6,"call":"recv","action":"refuse","count":2}',
    '{"op":"tcp_plan","object":5,"call":"sent","action":"abort"}',
    '{"op":"tcp_plan","object":6,"call":"poll","action":"close"}',
    '{"op":"tcp_plan","object":4,"call":"accept","action":"abort"}',
    '{"op":"tcp_bulk","object":5,"send":9000,"seed":3}',
    '{"op":"tcp_bulk","object":6,"expect":9000,"seed":3,"discard":true}',
    '{"op":"tcp_info","object":5}', '{"op":"tcp_events","object":6,"from":0}',
    *(f'{{"op":"tcp_end","object":5,"how":"{how}"}}'
      for how in ("close", "abort", "rd", "wr", "rdwr"))]


def control_inputs(recordings: list[Path]) -> list[bytes]:
    """The worlds' own conversations, and single commands on the prepared world."""
    result = []
    for path in recordings:
        messages = [r for r in read(path) if r[:1] in b"CSAp" and len(r) < 4000]
        result.append(b"\0" + b"".join(record_of(b"", m) for m in messages[:40]))
    commands = ['{"op":"stats","host":1}', '{"op":"arp_table","host":1}',
                '{"op":"options","host":1}', '{"op":"udp_recv","object":1}',
                '{"op":"udp_send","object":1,"addr":"10.0.0.2","port":5001,"data":"00ff"}',
                '{"op":"udp_connect","object":1,"addr":"10.0.0.2","port":5001}',
                '{"op":"udp","host":1,"addr":null,"port":0,"lite":true,"broadcast":false,'
                '"capacity":4}', '{"op":"raw","host":1,"proto":1,"hdrincl":true,"eat":true,'
                '"capacity":4}', '{"op":"raw_send","object":3,"addr":"10.0.0.1","data":"00"}',
                '{"op":"raw_recv","object":3}', '{"op":"object_close","object":1}',
                '{"op":"ping","host":1,"addr":"10.0.0.2","id":1,"seq":1,"data":"00"}',
                '{"op":"ping_result","object":4}', '{"op":"snapshot"}',
                '{"op":"restore","snapshot":1}', '{"op":"clock"}', '{"op":"check"}',
                '{"op":"limits","storm_instant":100,"storm_second":1000}',
                '{"op":"link","segment":1,"port":null,"up":false}',
                '{"op":"netif_set","host":1,"netif":2,"up":false}',
                '{"op":"netif_set","host":1,"netif":2,"ip":"10.0.0.9","prefix":24,"gw":"10.0.0.2"}',
                '{"op":"netif_info","host":1,"netif":2}', '{"op":"acd","host":1,"netif":2}',
                '{"op":"igmp","host":1,"netif":2,"group":"225.1.2.3","join":true}',
                '{"op":"arp_static","host":1,"ip":"10.0.0.7","mac":"02:00:00:00:00:07"}',
                '{"op":"option_set","host":1,"name":"ip_forward","value":1}',
                '{"op":"fault_status","fault":1}', '{"op":"impair_remove","impair":1}',
                '{"op":"finish"}', *TCP_COMMANDS]
    commands += [f'{{"op":"impair","segment":1,"src":null,"dst":"a","kind":"{kind}",{more}}}'
                 for kind, more in (("loss", '"p":[1,2]'), ("delay", '"delay_ns":1000'),
                                    ("jitter", '"jitter_ns":1000'),
                                    ("duplicate", '"p":[1,1],"copies":2,"gap_ns":10'),
                                    ("reorder", '"p":[1,2],"depth":2'),
                                    ("corrupt", '"p":[1,1],"bits":3,"repair":true'),
                                    ("truncate", '"p":[1,1],"length":20'),
                                    ("rate", '"rate_bps":1000'),
                                    ("burst", '"p_enter":[1,2],"p_leave":[1,2],'
                                              '"p_loss_good":[0,1],"p_loss_bad":[1,1]'))]
    commands += [f'{{"op":"fault","segment":1,"kind":"{kind}","src":"a","dst":null,"nth":[1,2],'
                 f'"match":[["udp.dport","==",7],["bytes","==",0,"02"]],{more}}}'
                 for kind, more in (("drop", '"count":1'), ("partition", '"groups":[["a"],["b"]]'),
                                    ("delay", '"delay_ns":5'), ("drop", '"predicate":true'))]
    advance = b"A" + struct.pack("<Q", 10_000_000_000)
    send = b"C" + b'{"op":"udp_send","object":2,"addr":"10.0.0.1","port":7,"data":"68656c6c6f"}'
    result += [b"\1" + record_of(b"", b"C" + c.encode()) + record_of(b"", send) +
               record_of(b"", advance) * 3 + record_of(b"", b"p\1") for c in commands]
    return result


def tcp_headers() -> list[bytes]:
    """A handshake's, data's, loss's, and the end's, with the options that go with them."""
    stamp = ("Timestamp", (1000, 2000))
    blocks = (1, 2, 5, 8, 0xfffffff0, 3, 20, 30)
    syn = [("MSS", 1460), ("SAckOK", b""), stamp, ("NOP", None), ("WScale", 7)]
    kinds: list[tuple[str, list[tuple[str, object]]]] = [
        ("S", syn), ("SA", syn[:1]), ("SEC", syn[3:]), ("A", []),
        ("PA", [("NOP", None)] * 2 + [stamp]),
        ("A", [("NOP", None)] * 2 + [("SAck", blocks)]),
        ("A", [("NOP", None)] * 2 + [stamp] + [("NOP", None)] * 2 + [("SAck", blocks[:6])]),
        ("FA", [stamp]), ("R", []), ("FPU", [(99, b"unknown")])]
    return [bytes(TCP(sport=9, dport=7, seq=1, ack=0xffffffff, flags=flags, options=options))
            for flags, options in kinds]


def wire_inputs(frames: list[bytes]) -> dict[str, list[bytes]]:
    """The layer that each parser is about, of all frames."""
    ip = [f[14:] for f in frames if f[12:14] == b"\x08\x00"]
    header = [(p, (p[0] & 15) * 4) for p in ip]
    def proto(number: int) -> list[bytes]:
        return [p[n:] for p, n in header if p[9] == number]
    return {"wire_ethernet": frames, "wire_decode": frames,
            "wire_arp": [f[14:42] for f in frames if f[12:14] == b"\x08\x06"],
            "wire_ip4": [b"\0" + p for p in ip], "wire_igmp": proto(2), "wire_icmp": proto(1),
            "wire_ip4_options": [p[20:n] for p, n in header if n > 20],
            "wire_udp": [b"\0" + p for p in proto(17) + proto(136)],
            "wire_tcp": [b"\0" + h for h in tcp_headers()],
            "tcp_options": [h[20:] for h in tcp_headers() if len(h) > 20],
            "wire_checksum": [bytes([7, i % 8]) + f for i, f in enumerate(frames[::5])]}


def dictionary(mac: str) -> str:
    """Words that libFuzzer puts in: addresses, ports, types; of commands, names and members."""
    words = [bytes.fromhex(m.replace(":", "")) for m in (mac, worlds.TESTER, TO_ALL, GROUP_MAC)]
    words += [bytes(map(int, a.split("."))) for a in
              ("10.0.0.1", "10.0.0.254", "10.0.0.55", "10.0.1.1", "225.1.2.3", "224.0.0.1")]
    words += [b"\x08\x00", b"\x08\x06", b"\x81\x00", b"\x20\x00", b"\x13\x88", b"\xaa\xaa\x03"]
    words += [f'"{w}"'.encode() for w in
              ("op", "host", "segment", "kind", "name", "port", "addr", "data", "object", "netif",
               "options", "value", "match", "udp.dport", "ip.src", "bytes", "predicate")]
    words += [b"C{", b"null", b"true", b"LWR1"]
    return "".join('"' + "".join(f"\\x{b:02x}" for b in w) + '"\n' for w in words)


def write(folder: Path, inputs: list[bytes]) -> None:
    """One file each, without doubles."""
    folder.mkdir(parents=True)
    for i, data in enumerate(dict.fromkeys(inputs)):
        (folder / f"seed-{i:03d}").write_bytes(data)


def main(program: Path, out: Path) -> None:
    """Everything anew."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "worlds").mkdir(parents=True)
    recordings = [worlds.record(program, out / "worlds", name) for name in worlds.WORLDS
                  if not name.startswith("tcp-")]
    for name in worlds_tcp.WORLDS:
        worlds.record(program, out / "worlds", name)
    mac = worlds.host_mac(program)
    frames = framed(mac)
    # the octet of choices: world by turns, time that goes on now and then
    inputs = {"frame": [bytes([(i % 3) << 3 | (4 if i % 7 == 0 else 0)]) + f
                        for i, f in enumerate(frames)],
              "frames": frames_inputs(frames, mac), "control": control_inputs(recordings),
              "tcp_state": seeds_tcp.tcp_inputs(),
              "replay": [p.read_bytes() for p in recordings if p.stat().st_size < 16000],
              **wire_inputs(frames)}
    for target, some in inputs.items():
        write(out / "seeds" / target, some)
    (out / "dictionary").write_text(dictionary(mac))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
