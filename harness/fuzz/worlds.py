"""The worlds that inputs meet: each is a scenario, and its recording is what the fuzzer begins
with. A name begins with the target's: `frame` and `frames` share worlds, `control` has its own.

A world for frames is small and busy: what it is doing is what an attacker may disturb. Everything
is the sim profile, but for small pools (their end is reachable) and tight storm limits (an input of
one frame may cause a few hundred, not more)."""

from pathlib import Path
from typing import Callable

from scapy.layers.inet import ICMP, IP, UDP, fragment
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from lockwire.world import Net

import worlds_tcp

SEED = 1
TESTER = "02:00:00:00:00:fe"   # 10.0.0.254, known to the host
SILENT = "10.0.0.55"           # never answers ARP: packets wait for it
FAR = "02:00:00:00:00:fd"      # the tester's port on the second segment


def _lans(net: Net) -> tuple:
    lan = net.segment("lan", kind="link", rate="1G")
    far = net.segment("far", kind="link", rate="1G")
    wire, wire2 = lan.port("tester", mac=TESTER), far.port("far", mac=FAR)
    return lan, far, wire, wire2


def _tell(wire, host, mac: str, ip: str, to: str) -> None:
    """Tells the host who has `ip`."""
    wire.send(Ether(src=mac, dst=host.mac) / ARP(op="is-at", hwsrc=mac, psrc=ip, hwdst=host.mac,
                                                 pdst=to))


def _half_datagrams(wire, mac: str) -> None:
    """Datagrams of which the middle, the end, or the beginning is missing; identifications as in
    mutate.c."""
    for number, missing in ((0x1111, 1), (0x2222, 2), (0x3333, 0)):
        whole = IP(src="10.0.0.254", dst="10.0.0.1", id=number) / UDP(sport=9, dport=7) / Raw(
            bytes(range(256)) + bytes(64))
        for i, piece in enumerate(fragment(whole, 128)):
            if i != missing:
                wire.send(Ether(src=TESTER, dst=mac) / piece)


def _sockets(host) -> None:
    """Every kind of UDP pcb, and raw ones that only look."""
    host.udp(7)
    host.udp(5000, addr=host.ip)
    host.udp(5001).connect("10.0.0.254", 9)
    host.udp(5002, broadcast=True)
    host.udp(5003, lite=True)
    host.udp(5004, addr="225.1.2.3")
    host.raw(99)
    host.raw(1)


def _busy(net: Net, acd_far: bool, **options) -> None:
    """A router with two interfaces in the middle of things."""
    lan, far, wire, wire2 = _lans(net)
    options = dict(memp_num_pbuf=24, pbuf_pool_size=24, mem_size=32768, arp_table_size=10,
                   ip_forward=1, **options)
    host = net.host("a", lan, ip="10.0.0.1/24", gw="10.0.0.254", **options)
    host.netif(far, ip="10.0.1.1/24", mtu=576, mac="02:00:00:00:00:a2", acd=acd_far)
    net.limits(storm_instant=500, storm_second=4000)
    _sockets(host)
    host.interfaces[0].igmp("225.1.2.3")
    host.interfaces[1].igmp("239.255.255.255")
    net.run(for_="20s")                      # first reports are out, conflict detection is done
    _tell(wire, host, TESTER, "10.0.0.254", "10.0.0.1")
    _tell(wire2, host, FAR, "10.0.1.254", "10.0.1.1")
    host.udp(6000).send(b"0123456789" * 20, addr="10.0.0.254", port=9)
    net.run(for_="1ms")
    _half_datagrams(wire, host.mac)
    waiting = host.udp(6001)
    for size in (1, 100):
        waiting.send(bytes(size), addr=SILENT, port=9)
    wire2.send(Ether(src=FAR, dst="02:00:00:00:00:a2") / IP(src="10.0.1.254", dst="10.0.0.56") /
               UDP(sport=1, dport=2) / Raw(b"to be forwarded"))
    wire.send(Ether(src=TESTER, dst="01:00:5e:00:00:01") /
              IP(src="10.0.0.254", dst="224.0.0.1", ttl=1, proto=2,
                 options=[b"\x94\x04\x00\x00"]) / Raw(bytes.fromhex("1164ee9b00000000")))
    net.run(for_="1ms")


def frame_pool(net: Net) -> None:
    """Received frames are chains of small pool buffers: headers may lie across them."""
    _busy(net, acd_far=True, rx="pool", pbuf_pool_bufsize=128)


def frame_flat(net: Net) -> None:
    """Received frames are one piece; lwIP's coarse timers; source routes are obeyed nowhere."""
    _busy(net, acd_far=False, rx="flat", timer="coarse")


def frame_acd(net: Net) -> None:
    """A host that probes its address, and one that defends it."""
    lan, far, wire, wire2 = _lans(net)
    small = dict(memp_num_pbuf=24, pbuf_pool_size=24, mem_size=32768, arp_table_size=4,
                 pbuf_pool_bufsize=256)
    host = net.host("a", lan, ip="10.0.0.1/24", gw="10.0.0.254", acd=True, **small)
    net.limits(storm_instant=500, storm_second=4000)
    host.udp(7)
    net.run(for_="20s")
    _tell(wire, host, TESTER, "10.0.0.254", "10.0.0.1")
    wire.send(Ether(src=TESTER, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op="who-has", hwsrc=TESTER, psrc="10.0.0.1", pdst="10.0.0.1"))  # a conflict
    net.run(for_="1ms")
    host.netif(far, ip="10.0.1.1/24", mac="02:00:00:00:00:a2", acd=True)          # probing
    net.run(for_="1ms")


def control_small(net: Net) -> None:
    """One of everything that a command can name."""
    lan = net.segment("lan")
    port = lan.port("tester", mac=TESTER)
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    hub = net.segment("hub", kind="hub", rate="10M", latency="1ms")
    hub.port("listener")
    lan.faults.drop(nth=100, src="a", optional=True)
    lan.faults.delay("1ms", match=[("udp.dport", "==", 53)], optional=True)
    sock, other = a.udp(7), b.udp(5001)
    other.send(b"hello", addr="10.0.0.1", port=7)
    b.raw(99)
    net.run(for_="1ms")
    port.send(Ether(src=TESTER, dst=a.mac) / IP(src="10.0.0.254", dst="10.0.0.1") / ICMP())
    net.run(for_="1ms")
    sock.recv(timeout=0)
    listener = b.listen(80)                                                       # object 4
    client = a.connect(b.ip, 80, timeout="1s")
    listener.accept(timeout="1s")
    client.sendall(b"hello")
    net.run(for_="1ms")


def planted_frame(net: Net) -> None:
    """For the fuzzer's own test: some frame makes an assertion fail (check/plant.h)."""
    frame_pool(net)
    net.command("plant", kind="frame", host=1)


WORLDS: dict[str, Callable[[Net], None]] = {
    "frame-acd": frame_acd,
    "frame-flat": frame_flat,
    "frame-pool": frame_pool,
    "control-small": control_small,
    "planted-frame": planted_frame,
    **worlds_tcp.WORLDS,
}


def record(program: Path, folder: Path, name: str) -> Path:
    """Runs a world's scenario and leaves its recording in `folder`."""
    import tempfile
    with tempfile.TemporaryDirectory(prefix="lockwire-fuzz-") as scratch:
        net = Net(SEED, Path(scratch), program=program)
        try:
            WORLDS[name](net)
            problems = net.finish().problems
        finally:
            net.close()
        if problems:
            raise SystemExit(f"world {name}: {'; '.join(problems)}")
        made = folder / f"{name}.lwr"
        made.write_bytes((Path(scratch) / "replay.lwr").read_bytes())
    return made


def host_mac(program: Path) -> str:
    """The MAC of a host called "a"; its name decides it."""
    net = Net(SEED, program=program)
    try:
        return net.host("a", net.segment("lan"), ip="10.0.0.1/24").mac
    finally:
        net.close()
