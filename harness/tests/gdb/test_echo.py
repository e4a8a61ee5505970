"""What attach.py debugs: the bundled firmware answers, sleeps, answers again; or it crashes."""

TRAP = bytes.fromhex("00de")  # udf #0


def exchange(net, **options):
    """A firmware that is up, and a host that has sent it a datagram."""
    lan = net.segment("lan", latency="50us")
    fw = net.firmware("fw", net.firmware_path, lan, **options)
    fw.expect("link up")
    host = net.host("a", lan, ip="10.0.0.1/24")
    udp = host.udp()
    udp.send(b"knock", "10.0.0.2", 7)
    return fw, udp


def test_answer(net):
    """Two datagrams with a pause between them come back."""
    _, udp = exchange(net)
    assert udp.recv(timeout="1s").data == b"knock"
    net.run(for_="10ms")
    udp.send(b"once more", "10.0.0.2", 7)
    assert udp.recv(timeout="1s").data == b"once more"


def test_crash(net):
    """The handler of datagrams is a trap."""
    fw, udp = exchange(net, settings={"echo_datagram": TRAP})
    fw.expect_guest_errors("cpu")
    assert udp.recv(timeout="1s") is None and fw.state == "halted"
