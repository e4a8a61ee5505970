"""The application's services, as hosts on its segment see them."""

from scapy.layers.l2 import ARP, Ether

import pytest

from lockwire.sockets import IcmpError

DATA = bytes(range(256)) * 12


def test_arp_request_is_answered(net, boot):
    """[RFC826 Packet Reception]"""
    lan = net.segment("lan", latency="50us")
    boot("fw", lan)
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    reply = wire.srp1(Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="10.0.0.254", pdst="10.0.0.2"),
                      timeout=1)
    assert reply[ARP].hwsrc == "02:00:00:00:00:02" and reply[Ether].dst == wire.mac


@pytest.mark.parametrize("length", [0, 56, 1472, 1473, 4000])
def test_ping_is_answered_in_fragments_too(net, boot, length):
    """[RFC1122 3.2.2.6] The answer has all the data; 1473 bytes are the first that take two
    frames."""
    lan = net.segment("lan", latency="50us")
    boot("fw", lan)
    a = net.host("a", lan, ip="10.0.0.1/24")
    pong = a.ping("10.0.0.2", data=DATA[:length] + bytes(max(0, length - len(DATA))), timeout="1s")
    assert pong is not None and pong.source == "10.0.0.2"
    assert len(pong.data) == length and pong.data[:len(DATA)] == DATA[:length]


def test_ping_takes_less_than_a_millisecond(net, boot):
    """Two trips over the cable, and what the processor needs at 72 MIPS."""
    lan = net.segment("lan", latency="50us")
    boot("fw", lan)
    a = net.host("a", lan, ip="10.0.0.1/24")
    assert a.ping("10.0.0.2", timeout="1s") is not None  # ARP is done
    pong = a.ping("10.0.0.2", timeout="1s")
    assert 2 * 50_000 < pong.rtt_ns < 1_000_000


@pytest.mark.parametrize("length", [1, 512, 1472, 3000])
def test_udp_echo(net, boot, length):
    """[RFC862]"""
    lan = net.segment("lan", latency="50us")
    boot("fw", lan)
    a = net.host("a", lan, ip="10.0.0.1/24")
    socket = a.udp()
    socket.send(DATA[:length], "10.0.0.2", 7)
    answer = socket.recv(timeout="1s")
    assert answer is not None and answer.data == DATA[:length] and answer.addr == "10.0.0.2"


def test_udp_discard_says_nothing_and_a_closed_port_does(net, boot):
    """[RFC863] [RFC1122 4.1.3.1]"""
    lan = net.segment("lan", latency="50us")
    boot("fw", lan)
    a = net.host("a", lan, ip="10.0.0.1/24")
    socket = a.udp()
    socket.send(b"nobody listens", "10.0.0.2", 9)
    assert socket.recv(timeout="1s") is None
    socket.connect("10.0.0.2", 10)
    socket.send(b"nobody is there")
    with pytest.raises(IcmpError):
        socket.recv(timeout="1s")


@pytest.mark.parametrize("loss", [0, "2%"])
def test_tcp_echo_of_100_kb_comes_back_whole(net, boot, loss):
    """[RFC9293 3.1] What goes to the board and what comes back is lost now and then."""
    lan = net.segment("lan", latency="200us", loss=loss)
    boot("fw", lan)
    a = net.host("a", lan, ip="10.0.0.1/24")
    connection = a.connect("10.0.0.2", 7, timeout="30s")
    connection.send_pattern(100_000)
    connection.expect_pattern(100_000)
    connection.finish(timeout="300s")


def test_http_page(net, boot):
    """One request, one page, and the server closes."""
    lan = net.segment("lan", latency="50us")
    boot("fw", lan)
    a = net.host("a", lan, ip="10.0.0.1/24")
    connection = a.connect("10.0.0.2", 80, timeout="1s")
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    page = connection.recv_all(timeout="5s")
    assert page.startswith(b"HTTP/1.0 200 OK\r\n") and b"Served by an LPC2468" in page
    connection.close()


def test_two_boards_and_two_hosts_on_one_switch(net, boot):
    """Four stations, each pair at once."""
    lan = net.segment("lan", latency="50us")
    boot("one", lan, up=False)
    boot("two", lan, number=3, up=False)
    a = net.host("a", lan, ip="10.0.0.11/24")
    b = net.host("b", lan, ip="10.0.0.12/24")
    for one in net.firmwares.values():
        one.expect("link up")
    sockets = [(host.udp(), board) for host in (a, b) for board in ("10.0.0.2", "10.0.0.3")]
    for number, (socket, board) in enumerate(sockets):
        socket.send(bytes([number]) * 600, board, 7)
    for number, (socket, board) in enumerate(sockets):
        answer = socket.recv(timeout="1s")
        assert answer is not None
        assert (answer.data, answer.addr) == (bytes([number]) * 600, board)
