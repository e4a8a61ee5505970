import pytest
from scapy.layers.l2 import Ether
from scapy.packet import Raw
import struct
BOTH = pytest.mark.parametrize("polled", [False, True], ids=["irq","polled"])
@BOTH
@pytest.mark.parametrize("cold", [False, True], ids=["warm","cold"])
def test_link(rig, cold, polled, net):
    r = rig(polled=polled, cold=cold, wait=None)
    net.run(until=lambda: r.link, timeout=10)
    print("up", cold, polled, net.now_ns, r.chip.chip()["link"])
    net.run(for_="1ms"); r.wire.clear()
    t0=net.now_ns
    r.a.link(up=False)
    net.run(until=lambda: not r.link, timeout=10)
    print("down after", net.now_ns-t0)
    net.run(for_="300ms"); t0=net.now_ns
    r.a.link(up=True)
    net.run(until=lambda: r.link, timeout=10)
    print("up after", net.now_ns-t0, r.chip.chip()["link"])
    r.ready()
    r.echoes()
@BOTH
@pytest.mark.parametrize("full", ["overrun","wedge","silent"])
def test_ring(rig, net, polled, full):
    r = rig(polled=polled, chip={"rx_full": full})
    r.a.pause("1ms")
    w = r.feed(*range(20))
    got = r.taken()
    print(full, polled, [(n,t) for n,t in got], r.driver(), r.mac())
    r.echoes()
@BOTH
def test_pause_in(rig, net, polled):
    r = rig(polled=polled, chip={"pause": True}, partner={"speed":100,"pause":True})
    print(r.chip.chip()["link"])
    r.wire.send(Ether(dst="01:80:c2:00:00:01", src=r.wire.mac, type=0x8808)/Raw(struct.pack("!HH",1,100)+bytes(42)))
    net.run(for_="7us")
    t0=net.now_ns
    w=r.send(1,2,3)
    print(t0, [(n,t-w[n]) for n,t in r.heard()], r.driver(), r.mac())
    r.echoes()
@BOTH
def test_pause_out(rig, net, polled):
    r = rig(polled=polled, chip={"pause": True}, partner={"speed":100,"pause":True})
    r.a.pause("1ms")
    w = r.feed(*range(14))
    net.run(for_="4ms")
    t0=net.now_ns
    got = []
    while (p := r.wire.recv(timeout="50ms")) is not None:
        got.append((p.time.ns, bytes(p)[:18].hex()))
    print(t0, got, r.taken(), r.driver(), r.mac())
@pytest.mark.parametrize("when", ["1us", "5us"])
def test_mid_out(rig, net, when):
    r = rig()
    w = r.send(1, 2, 3)
    net.run(for_=when)
    r.a.link(up=False)
    net.run(for_="10ms"); print(r.link)
    r.a.link(up=True)
    net.run(for_="10ms"); r.ready()
    print([(n,t-w[n]) for n,t in r.heard()], r.driver(), r.mac())
@pytest.mark.parametrize("when", ["1us", "5us"])
def test_mid_in(rig, net, when):
    r = rig()
    w = r.feed(1, 2, 3)
    net.run(for_=when)
    r.a.link(up=False)
    net.run(for_="10ms"); print(r.link)
    r.a.link(up=True)
    net.run(for_="10ms"); r.ready()
    print([(n,t-w[n]) for n,t in r.taken()], r.driver(), r.mac())
@BOTH
@pytest.mark.parametrize("cold", [False, True], ids=["warm","cold"])
def test_mdio(rig, net, polled, cold):
    r = rig(polled=polled, cold=cold)
    r.chip.mdio(False)
    net.run(for_="3s"); print(r.link, r.chip.chip()["link"])
    r.chip.mdio(True)
    r.ready(); print(r.link, r.chip.chip()["link"])
    r.echoes()
@BOTH
@pytest.mark.parametrize("cold", [False, True], ids=["warm","cold"])
def test_absent(rig, net, polled, cold):
    r = rig(polled=polled, cold=cold, wait=None, chip={"phy_silent":True})
    net.run(for_="10s"); print(r.link, r.chip.chip()["link"])
    r.chip.mdio(True)
    r.ready(); print(r.link, r.chip.chip()["link"])
    r.echoes()
@BOTH
@pytest.mark.parametrize("cold", [False, True], ids=["warm","cold"])
def test_clock(rig, net, polled, cold):
    r = rig(polled=polled, cold=cold)
    r.send(1, 2, 3)
    net.run(for_="5us")
    r.chip.clock(False)
    net.run(for_="1ms"); r.feed(4,5); r.send(6)
    net.run(for_="5ms"); print(r.link, r.chip.chip()["link"], r.heard(), r.taken())
    r.chip.clock(True)
    net.run(for_="5ms"); print(r.link, r.chip.chip()["link"], r.heard(), r.taken(), r.driver(), r.mac(), r.a.guest_errors())
    r.echoes()
