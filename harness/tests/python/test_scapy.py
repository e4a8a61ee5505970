"""Scapy in virtual time: exact, single-threaded, blind to this machine."""

import random
import socket

import pytest
import scapy.layers.inet
import scapy.layers.l2
import scapy.sendrecv
from scapy.ansmachine import AnsweringMachine
from scapy.automaton import ATMT, Automaton
from scapy.config import conf
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, ARP_am, Ether
from scapy.packet import Raw

from lockwire import scapy_time
from lockwire.errors import Deadlock, UsageError

ME = "02:00:00:00:00:fe"
YOU = "02:00:00:00:00:fd"


@pytest.fixture
def pair(world):
    """Two ports on one segment; a frame takes 100 us."""
    lan = world.segment("lan")
    return world, lan.port("one", mac=ME), lan.port("two", mac=YOU)


def who_has(ip):
    return Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="10.0.0.254", pdst=ip)


def test_icmp_timestamps_do_not_know_when_scapy_was_imported():
    request = ICMP(type=13)
    assert (request.ts_ori, request.ts_rx, request.ts_tx) == (0, 0, 0)
    assert bytes(request)[8:] == bytes(12)


# -- time ------------------------------------------------------------------------------------------
def test_srp1_returns_the_answer_at_its_exact_time(world):
    lan = world.segment("lan")
    a = world.host("a", lan, ip="10.0.0.1/24")
    port = lan.port("t", mac=ME)
    request = who_has("10.0.0.1")
    reply = port.srp1(request, timeout=1)
    assert reply[ARP].hwsrc == a.mac and reply[ARP].hwdst == ME
    assert reply.time.ns == 200_000 and request.sent_time.ns == 0
    assert world.now_ns == 200_000


def test_srp1_without_answer_ends_exactly_at_its_timeout(pair):
    world, one, _ = pair
    assert one.srp1(who_has("10.0.0.9"), timeout="1h") is None
    assert world.now_ns == 3600 * 10**9


def test_three_hundred_random_timeouts_are_exact(pair):
    world, one, _ = pair
    draw, expected = random.Random(5), 0
    for _ in range(300):
        timeout = draw.randrange(1, 7 * 10**12)
        expected += timeout
        one.select([one], timeout / 1e9)
        assert world.now_ns == expected


def test_retry_and_inter_run_in_virtual_time(pair):
    world, one, two = pair
    one.srp([who_has("10.0.0.8"), who_has("10.0.0.9")], timeout=2, inter=0.25, retry=1)
    assert [p.time.ns for p in two.sniff(timeout=0)] == [
        100_000, 250_100_000, 2_500_100_000, 2_750_100_000]
    assert world.now_ns == 5 * 10**9


def test_sniff_hands_out_what_is_there_and_then_waits(pair):
    world, one, two = pair
    one.send(b"\1" * 60)
    world.run(for_="10ms")
    one.send(b"\2" * 60)
    seen = two.sniff(timeout="1ms")
    assert [(p.time.ns, bytes(p)[0]) for p in seen] == [(100_000, 1), (10_100_000, 2)]
    assert world.now_ns == 11_000_000
    assert not two.sniff(timeout=0)


def test_a_frame_at_the_very_end_of_the_timeout_is_in_time(pair):
    world, one, two = pair
    one.send([b"\1" * 60, b"\2" * 60])
    assert len(two.sniff(timeout="100us")) == 2
    one.send(b"\3" * 60)
    assert two.recv(timeout="99999ns") is None and two.recv(timeout="1ns") is not None
    assert world.now_ns == 200_000


def test_sniff_honours_count_filters_and_prn(pair):
    _, one, two = pair
    shown = []
    one.send([bytes([i]) * 60 for i in range(1, 7)])
    got = two.sniff(count=2, lfilter=lambda p: bytes(p)[0] % 2 == 0, prn=lambda p: shown.append(p))
    assert [bytes(p)[0] for p in got] == [2, 4] and len(shown) == 2
    assert bytes(two.sniff(stop_filter=lambda p: True)[0])[0] == 5
    assert len(two.sniff(store=False, timeout=1)) == 0 and two.pending == 0


def test_scapys_own_functions_work_on_a_port(pair):
    world, one, two = pair
    scapy.sendrecv.sendp([b"\1" * 60, b"\2" * 60], socket=one, inter=0.5, verbose=0)
    assert world.now_ns == 10**9
    got = scapy.sendrecv.sniff(opened_socket=two, timeout=2.5)
    assert [p.time.ns for p in got] == [100_000, 500_100_000]
    assert world.now_ns == 3_500_000_000
    assert not two.closed


def test_sr1_adds_and_removes_the_ethernet_header(pair):
    _, one, two = pair

    class Echo(AnsweringMachine):
        def is_request(self, req):
            return req.haslayer(ICMP) and req[ICMP].type == 8

        def make_reply(self, req):
            return (Ether(src=req.dst, dst=req.src) / IP(src=req[IP].dst, dst=req[IP].src)
                    / ICMP(type=0, id=req[ICMP].id, seq=req[ICMP].seq) / req[Raw].load)

    two.answer(Echo)
    answer = one.sr1(IP(src="10.0.0.254", dst="224.0.0.5") / ICMP() / b"hello", timeout=1)
    assert isinstance(answer, IP) and answer[Raw].load[:5] == b"hello" and answer.time.ns == 200_000


def test_a_stale_frame_is_not_an_answer(pair):
    world, one, two = pair
    reply = Ether(dst=ME) / ARP(op=2, psrc="10.0.0.1", pdst="10.0.0.254", hwdst=ME)
    two.send(reply)
    world.run(for_="1ms")
    assert one.srp1(who_has("10.0.0.1"), timeout="1ms") is None


# -- machines and automata -------------------------------------------------------------------------
def test_an_answering_machine_answers_at_the_moment_of_arrival(pair):
    world, one, two = pair
    two.answer(ARP_am, IP_addr="10.0.0.7")
    reply = one.srp1(who_has("10.0.0.7"), timeout=1)
    assert reply[ARP].hwsrc == YOU and reply.time.ns == 200_000
    assert two.recv(timeout=0)[ARP].pdst == "10.0.0.7"  # and its port has seen the request
    assert one.srp1(who_has("10.0.0.6"), timeout=1) is None


def test_an_answering_machine_can_be_called_as_in_scapy(pair):
    world, one, two = pair

    class Count(AnsweringMachine):
        send_function = staticmethod(scapy.sendrecv.sendp)

        def make_reply(self, req):
            return Ether(bytes(req)[:14]) / b"answer"

    one.send(b"\1" * 60)
    Count(opened_socket=two, socket=two, verbose=False, count=1)()
    assert world.now_ns == 100_000 and bytes(one.recv(timeout=1))[14:] == b"answer"


class Knocker(Automaton):
    """Knocks three times, 2.5 s apart, and tells when it was let in."""

    @ATMT.state(initial=1)
    def knocking(self):
        self.tries = 0
        raise self.waiting()

    @ATMT.state()
    def waiting(self):
        self.tries += 1
        self.send(Ether(src=ME, dst=YOU, type=0x88B5) / b"knock")

    @ATMT.timeout(waiting, 2.5)
    def not_yet(self):
        raise self.waiting() if self.tries < 3 else self.gave_up()

    @ATMT.receive_condition(waiting)
    def let_in(self, packet):
        raise self.inside(packet)

    @ATMT.state(final=1)
    def gave_up(self):
        return "gave up"

    @ATMT.state(final=1)
    def inside(self, packet):
        return packet.time.ns


def test_an_automatons_timeouts_are_exact(pair):
    world, one, two = pair
    assert Knocker(ll=one.ll, recvsock=one.ll).run() == "gave up"
    assert world.now_ns == 7_500_000_000
    assert [p.time.ns for p in two.sniff(timeout=0)] == [100_000, 2_500_100_000, 5_000_100_000]


def test_an_automaton_receives_at_the_exact_time(pair):
    _, one, two = pair

    class Door(AnsweringMachine):
        knocks = 0

        def make_reply(self, req):
            type(self).knocks += 1
            return Ether(src=YOU, dst=ME, type=0x88B5) / b"come in" if self.knocks == 2 else None

    two.answer(Door)
    assert Knocker(ll=one.ll, recvsock=one.ll).run() == 2_500_200_000


def test_an_automaton_that_waits_for_ever_is_a_deadlock(pair):
    _, one, _ = pair

    class Patient(Automaton):
        @ATMT.state(initial=1)
        def begin(self):
            pass

        @ATMT.receive_condition(begin)
        def got(self, packet):
            raise self.begin()

    with pytest.raises(Deadlock, match="lan/one"):
        Patient(ll=one.ll, recvsock=one.ll).run()


def test_an_automatons_exception_arrives_as_it_is(pair):
    _, one, _ = pair

    class Broken(Automaton):
        @ATMT.state(initial=1)
        def begin(self):
            raise ZeroDivisionError("planted")

    with pytest.raises(ZeroDivisionError, match="planted"):
        Broken(ll=one.ll, recvsock=one.ll).run()


def test_an_automaton_can_stop_itself(pair):
    world, one, _ = pair

    class Stopper(Automaton):
        @ATMT.state(initial=1)
        def begin(self):
            pass

        @ATMT.timer(begin, 1)
        def tick(self):
            self.stop(wait=False)

    assert Stopper(ll=one.ll, recvsock=one.ll).run() is None
    assert world.now_ns == 10**9


# -- threads ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", [
    lambda p: scapy.sendrecv.AsyncSniffer(opened_socket=p).start(),
    lambda p: ARP_am(opened_socket=p, verbose=False).bg(),
    lambda p: Knocker(ll=p.ll, recvsock=p.ll).runbg(),
    lambda p: Knocker(ll=p.ll, recvsock=p.ll).run(wait=False),
    lambda p: p.srp1(Ether(dst=YOU) / b"x", timeout=1, threaded=True),
    lambda p: scapy.sendrecv.srpflood(Ether(dst=YOU))])
def test_threads_are_refused(pair, how):
    with pytest.raises(UsageError):
        how(pair[1])


# -- the machine stays unknown ---------------------------------------------------------------------
def test_an_unset_source_mac_is_the_ports(pair):
    _, one, two = pair
    one.send(Ether(dst=YOU) / ARP(psrc="10.0.0.1", pdst="10.0.0.2"))
    got = two.recv(timeout=1)
    assert got.src == ME and got[ARP].hwsrc == ME


def test_no_address_of_this_machine_gets_into_a_frame():
    scapy_time.install()
    frame = Ether(dst=YOU) / IP(dst="8.8.8.8") / UDP()
    assert frame.src == "00:00:00:00:00:00" and frame[IP].src == "0.0.0.0"
    arp = ARP(pdst="192.168.1.1")
    assert arp.psrc == "0.0.0.0" and arp.hwsrc == "00:00:00:00:00:00"
    assert conf.route.routes == [] and not conf.ifaces.data
    for ask in (scapy.layers.l2.get_if_hwaddr, scapy.layers.l2.get_if_addr):
        with pytest.raises(UsageError, match="addresses"):
            ask("eth0")


def test_a_missing_destination_mac_is_an_error_not_an_arp_request(pair):
    with pytest.raises(UsageError, match="has no destination MAC"):
        pair[1].send(Ether() / IP(src="10.0.0.1", dst="10.0.0.2"))


def test_multicast_and_broadcast_need_no_resolving():
    assert bytes(Ether() / IP(dst="224.1.2.3"))[:6].hex(":") == "01:00:5e:01:02:03"
    assert bytes(Ether() / IP(dst="255.255.255.255"))[:6].hex(":") == "ff:ff:ff:ff:ff:ff"


@pytest.mark.parametrize("call", [
    lambda: scapy.sendrecv.send(IP(dst="10.0.0.1") / UDP()),
    lambda: scapy.sendrecv.sendp(Ether(dst=YOU) / IP(dst="10.0.0.1")),
    lambda: scapy.sendrecv.sr1(IP(dst="10.0.0.1") / ICMP(), timeout=1),
    lambda: scapy.sendrecv.srp1(Ether(dst=YOU), timeout=1),
    lambda: scapy.sendrecv.sniff(timeout=1),
    lambda: scapy.layers.l2.arping("10.0.0.0/24", timeout=1),
    lambda: scapy.layers.inet.traceroute("10.0.0.1")])
def test_functions_of_the_real_network_are_refused(call):
    scapy_time.install()
    with pytest.raises(UsageError):
        call()


def test_raw_sockets_are_refused_while_a_world_is_open(world):
    with pytest.raises(UsageError, match="raw socket"):
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()


def test_only_scapys_clock_is_virtual(world):
    import time
    assert time.time() > 10**9
    assert scapy.sendrecv.time.time() == 0 and type(scapy.sendrecv.time.time()).__name__ == "VTime"
    with pytest.raises(AttributeError, match="virtual time has no 'process_time'"):
        scapy.sendrecv.time.process_time()


def test_scapys_random_values_hang_on_the_worlds_seed():
    from scapy.volatile import RandInt
    scapy_time.enter(type("W", (), {"now_ns": 0})(), 42)
    first = [int(RandInt()) for _ in range(4)]
    scapy_time.enter(type("W", (), {"now_ns": 0})(), 42)
    assert first == [int(RandInt()) for _ in range(4)]
    scapy_time.CLOCK.world = None
