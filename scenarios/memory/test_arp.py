"""Packets that wait for an address while allocations fail: a call that was told "sent" has queued
the packet, and it leaves when the answer is there."""

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from lockwire import StackError


def test_waiting_packets_leave_or_were_refused(net, rounds):
    """[RFC1122 2.3.2.2]: as many leave as were accepted, in their order; a question that could not
    be asked is asked a second later."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    neighbour = iter(range(10, 250))  # each time another one
    net.run(until="1ms")
    wire.clear()

    def resolve():
        ip = f"10.0.0.{next(neighbour)}"
        accepted = []
        with a.udp(5000) as socket:
            for i in range(3):
                try:
                    socket.send(bytes([i]) * 40, ip, 9)
                    accepted.append(i)
                except StackError as why:
                    assert why.err == -1
            asked = [Ether(f) for f in rounds.heard(wire, "1500ms")]
            if not accepted:
                return False
            questions = [p for p in asked if ARP in p and p[ARP].pdst == ip]
            # with all memory gone nobody asks
            wire.send(Ether(src=wire.mac, dst=a.mac)
                      / ARP(op=2, hwsrc=wire.mac, psrc=ip, hwdst=a.mac, pdst=a.ip))
            sent = [Ether(f)[UDP].load[0] for f in rounds.heard(wire) if IP in Ether(f)]
            assert sent in (accepted, [])  # nothing: the answer found no buffer
            return len(sent) == 3 and len(questions) == 2

    assert rounds(a, resolve, wire) > 6
