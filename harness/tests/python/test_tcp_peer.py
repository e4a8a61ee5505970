"""lockwire.tcp_peer: numbers, exact times, failure messages; peer against peer on the stand-in."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import ARP, Ether

from lockwire.errors import Failure, UsageError
from lockwire.tcp_match import moment
from lockwire.vtime import VTime

HOP = 100_000  # ns that a frame needs on the stand-in's hub


@pytest.fixture
def ends(world):
    """ends(a options, b options): two peers on one segment, each the other's host."""
    lan = world.segment("lan")
    one = lan.port("one", mac="02:00:00:00:00:01", ip="10.0.0.1")
    two = lan.port("two", mac="02:00:00:00:00:02", ip="10.0.0.2")

    def make(a=None, b=None):
        return (one.tcp(two, 80, 40000, **{"isn": 1000, **(a or {})}),
                two.tcp(one, 40000, 80, **{"isn": 7000, **(b or {})}))
    return make


@pytest.fixture
def pair(ends):
    """pair(a options, b options): the two, connected; the client's ACK has been taken."""
    def make(a=None, b=None):
        client, server = ends(a, b)
        server.listen()
        client.connect()
        server.accept()
        return client, server
    return make


def test_handshake_counts_both_numbers_and_is_exact(pair, world):
    client, server = pair()
    assert world.now_ns == 3 * HOP
    assert (client.snd_una, client.snd_nxt, client.rcv_isn, client.rcv_nxt) == \
        (1001, 1001, 7000, 7001)
    assert (server.snd_una, server.snd_nxt, server.rcv_nxt, server.snd_wnd) == \
        (7001, 7001, 1001, 65535)
    assert (client.seq(5), client.rseq(5), client.host_mss) == (1005, 7005, 1460)


def test_accept_without_listen(ends):
    client, server = ends()
    client.send("S")
    server._greet(server.expect("S", at=HOP))
    client.expect("SA", ack=client.seq(1))
    client.ack()
    server.accept()
    assert server.snd_una == server.snd_nxt


def test_default_numbers_advance_and_a_given_seq_does_not(pair):
    client, server = pair()
    client.send("PA", b"abc")
    client.send("A", b"de", advance=False)
    client.send("A", b"again", seq=client.seq(1))
    client.send("FA")
    assert client.snd_nxt == client.seq(5)
    for number, data in ((1, b"abc"), (4, b"de"), (1, b"again"), (4, b"")):
        server.expect(seq=server.rseq(number), data=data, ack=server.seq(1))
    assert server.rcv_nxt == server.rseq(6) and server.fin_received


def test_sequence_numbers_wrap(pair):
    client, server = pair({"isn": 2**32 - 3}, {"isn": 2**32 - 1})
    assert (server.rcv_isn, server.snd_nxt, client.rseq(1)) == (2**32 - 3, 0, 0)
    client.send("A", b"123456")
    assert client.snd_nxt == client.seq(7) == 4
    server.expect("A", seq=2**32 - 2, ack=0, length=6)
    assert server.rcv_nxt == server.rseq(7) == 4
    server.ack()
    client.expect("A", seq=client.rseq(1), ack=client.seq(7))
    assert client.snd_una == 4
    assert "seq 1:7, ack 1, win 65535, length 6" in str(client)


def test_segment_has_fields_and_scapy_layers(pair):
    client, server = pair()
    sent = client.send("PAU", b"data", urg=3, win=100, ttl=9, tos=3, id=77, df=False, reserved=1)
    got = server.expect("PAU", data=b"data", win=100, urg=3, ttl=9, tos=3, ecn=3, id=77, df=False,
                        reserved=1, dataofs=5)
    assert got.frame == sent.frame and len(got.frame) == 60
    assert (got[TCP].seq, got[TCP].window, got[IP].ttl, got.scapy.time) == (1001, 100, 9, got.time)
    rebuilt = Ether(got.frame)
    del rebuilt[TCP].chksum, rebuilt[IP].chksum
    assert bytes(rebuilt) == got.frame
    assert repr(got) == ("<0.0004 40000 > 80 [P.U], seq 1001:1005, ack 7001, win 100, urg 3, "
                         "length 4>")


OFFERS = dict(mss=1000, ws=3, sack=True, ts=5000)


def test_options_are_offered_agreed_and_used(pair, world):
    world.run(until="2ms")
    client, server = pair(OFFERS, {**OFFERS, "ws": 7, "ts": 100, "win": 1 << 20})
    syn, reply = client.log[0].segment, client.log[1].segment
    assert syn.options == [("MSS", 1000), ("SAckOK", b""), ("Timestamp", (5000, 0)),
                           ("NOP", None), ("WScale", 3)]
    assert reply.option("Timestamp") == (100, 5000) and reply.win == 65535
    assert (client.shift, client.host_shift, client.ts_on, client.sack_on, client.host_mss) == \
        (3, 7, True, True, 1000)
    world.run(for_="10ms")
    server.send("A")
    got = client.expect("A", win=1 << 13, options=[("NOP", None), ("NOP", None),
                                                   ("Timestamp", (110, 5000))])
    assert (client.snd_wnd, client.ts_recent, got.length) == (1 << 20, 110, 0)


def test_what_only_one_side_offers_is_not_used(pair):
    client, server = pair(OFFERS, {"mss": None})
    assert server.log[1].segment.options == []
    assert (client.shift, client.host_shift, client.ts_on, client.sack_on, client.host_mss) == \
        (0, 0, False, False, 536)
    assert (server.shift, server.ts_on, server.host_mss) == (0, False, 1000)
    client.send("A")
    server.expect("A", options=[], win=65535)


def test_an_old_timestamp_or_one_beyond_a_hole_is_not_echoed(pair):
    client, server = pair(OFFERS, OFFERS)
    for stamp, seq, recent in ((4999, 1, 5000), (5007, 1, 5007), (5008, 2, 5007)):
        client.send("A", b"x", seq=client.seq(seq), options=client.timestamps(stamp, 5000))
        server.expect("A", options={"Timestamp": (stamp, 5000)})
        assert server.ts_recent == recent


def test_raw_options_and_lying_offsets(pair):
    client, server = pair()
    client.send("A", options=b"\xfe\x03\x01")
    assert server.expect("A", options=b"\xfe\x03\x01\0").options == \
        [(254, b"\1"), ("EOL", None)]
    client.send("A", options=[("MSS", 9), (30, b"\0\0"), ("SAck", (1, 2, 3, 4))])
    server.expect("A", dataofs=12, options={"MSS": 9, 30: ..., "SAck": (1, 2, 3, 4), "NOP": None})
    sent = client.send("A", b"data", options=b"\2\4\1", dataofs=6)
    assert (sent.option_bytes, sent.payload, sent.options) == \
        (b"\2\4\1d", b"ata", [("MSS", 0x164)])
    sent = client.send("A", options=b"\2\x28\1\1")
    assert sent.options == [("broken", b"\2\x28\1\1")]
    sent = client.send("A", b"12", dataofs=15)
    assert sent.payload == b"" and sent.option_bytes == b"12"
    server.drain()
    with pytest.raises(Failure, match="data offset 15 in a segment of 22 bytes"):
        server.drain(for_="1ms")


def test_data_beyond_a_hole_is_held_and_sacked(pair):
    client, server = pair({"sack": True}, {"sack": True})
    server.expect_nothing(for_=0)
    for at in (101, 301, 201, 501):
        client.send("A", bytes(100), seq=client.seq(at))
        server.expect("A", seq=server.rseq(at))
    assert server.rcv_nxt == server.rseq(1)
    assert server.held == [(1501, 1601), (1101, 1401)]
    server.ack(options=server.sacks())
    client.expect("A", ack=client.seq(1), options={"SAck": (1501, 1601, 1101, 1401)})
    assert "nop, nop, sack {501:601} {101:401}]" in str(client)
    client.send("A", bytes(100))
    server.expect("A")
    assert (server.rcv_nxt, server.held) == (server.rseq(401), [(1501, 1601)])
    server.ack(options=server.sacks((501, 601)))
    client.expect("A", options={"SAck": (1501, 1601)})
    client.send("A", bytes(300), seq=client.seq(401))
    server.expect("A")
    assert (server.rcv_nxt, server.held) == (server.rseq(701), [])
    with pytest.raises(UsageError, match="holds nothing"):
        server.sacks()


def test_a_segment_taken_as_lost_changes_nothing(pair):
    client, server = pair()
    client.send("A", b"abc")
    server.expect("A", data=b"abc", lost=True)
    assert server.rcv_nxt == server.rseq(1)
    assert str(server).splitlines()[-1].endswith("length 3 (lost)")


@pytest.mark.parametrize("when", [
    {"at": 3 * HOP + 2 * HOP}, {"at": VTime(5 * HOP)}, {"at": "500us"},
    {"at": "100us", "since": VTime(4 * HOP)}, {"after": "500us"}, {"before": "500us"},
    {"after": "100us", "before": 100_000, "since": "400us"}])
def test_times_that_are_right(pair, when):
    client, server = pair()
    client.send("A", at="400us")
    assert server.expect("A", **when).t_ns == 500_000


@pytest.mark.parametrize("when, shown", [
    ({"at": 500_001}, "! at        expected 0.000500001 s  came 0.0005 s"),
    ({"at": "99us", "since": 400_000},
     "! at        expected 0.000499 s (+0.000099 s)  came 0.0005 s (+0.0001 s)"),
    ({"after": "501us"}, "! after     expected 0.000501 s  came 0.0005 s"),
    ({"before": "499us", "after": "1us"}, "! before    expected 0.000499 s  came 0.0005 s")])
def test_times_that_are_wrong(pair, world, when, shown):
    client, server = pair()
    client.send("A", at="400us")
    world.run(for_="1ms")
    with pytest.raises(Failure) as info:
        server.expect("A", **when)
    assert shown in str(info.value)


def test_failure_says_field_by_field_what_was_expected_and_what_came(pair):
    client, server = pair()
    server.send("A", b"0123456789")
    with pytest.raises(Failure) as info:
        client.expect("PA", seq=client.rseq(2), ack=client.seq(1), data=b"01234567x9", win=65535,
                      options={"Timestamp": ...}, at="1ms")
    assert str(info.value).splitlines() == [
        "<peer 10.0.0.1:40000 of 10.0.0.2:80>: the host's segment is not what was expected:",
        "  ! flags     expected PA                      came A",
        "  ! seq       expected 2 (7002)                came 1 (7001)",
        "    ack       expected 1 (1001)                came 1 (1001)",
        "    win       expected 65535                   came 65535",
        "  ! data      expected 10 bytes b'01234567x9'  came 10 bytes b'0123456789', "
        "differs from byte 8",
        "  ! options   expected Timestamp any           came none",
        "  ! at        expected 0.001 s                 came 0.0004 s",
        "the segment: 0.0004 10.0.0.2.80 > 10.0.0.1.40000: [.], seq 1:11, ack 1, win 65535, "
        "length 10",
        "peer: snd_una 1, snd_nxt 1 (iss 1000), rcv_nxt 1 (isn 7000), win 65535, "
        "host's window 65535",
        "dialogue:",
        "  0.000 10.0.0.1.40000 > 10.0.0.2.80: [S], seq 0:1, win 65535, options [mss 1460], "
        "length 0",
        "  0.0002 10.0.0.2.80 > 10.0.0.1.40000: [S.], seq 0:1, ack 1, win 65535, "
        "options [mss 1460], length 0",
        "  0.0002 10.0.0.1.40000 > 10.0.0.2.80: [.], seq 1, ack 1, win 65535, length 0",
        "  0.0004 10.0.0.2.80 > 10.0.0.1.40000: [.], seq 1:11, ack 1, win 65535, length 10"]


def test_failure_when_nothing_comes_says_what_came_later(pair, world):
    client, server = pair()
    with pytest.raises(Failure, match=r"no segment came until 1.0003 s; expected was\n  any\n"):
        server.expect()
    assert world.now_ns == 2 * 10**9 + 3 * HOP
    client.send("A")
    with pytest.raises(Failure) as info:
        server.expect("A", ack=server.seq(1), at="50us", since=world.now_ns)
    assert "until 2.00035 s; expected was\n  flags: A\n  ack: 1 (7001)\n" \
        "  at: 2.00035 s (+0.00005 s)\n" \
        "came later: 2.0004 10.0.0.1.40000 > 10.0.0.2.80: [.]" in str(info.value)


def test_waits_end_with_the_limit_that_was_given(pair, world):
    _, server = pair()
    for arguments, end in (({"timeout": "3ms"}, 3_300_000), ({"before": "2s"}, 2 * 10**9),
                           ({"at": 1000}, None)):
        start = world.now_ns
        with pytest.raises(Failure, match="no segment came until"):
            server.expect(**arguments)
        assert world.now_ns == max(end or start, start) + (10**9 if end else 0)


def test_expect_nothing_waits_it_out_or_shows_what_came(pair, world):
    client, server = pair()
    server.expect_nothing(for_="300ms")
    assert world.now_ns == 300_300_000
    client.send("FA")
    with pytest.raises(Failure, match=r"no segment was expected, but one came:\n"
                       r"the segment: 0.3004 10.0.0.1.40000 > 10.0.0.2.80: \[F.\], seq 1:2"):
        server.expect_nothing()


def test_wrong_checksum_fails_unless_it_is_not_verified(pair):
    client, server = pair(b={"verify": False})
    client.send("A", b"x", checksum=0x1234)
    server.expect("A", data=b"x", checksum=0x1234)
    server.verify = True
    client.send("A", b"x", checksum=0x1234)
    with pytest.raises(Failure, match=r"! checksum 0x1234 is wrong, it would be 0x"):
        server.expect("A")


def test_resets_with_and_without_ack(pair):
    client, server = pair()
    client.reset()
    client.send("RA")
    server.expect_rst(seq=server.rseq(1))
    assert server.reset_received and server.rcv_nxt == server.rseq(1)
    server.expect_rst(ack=server.seq(1))
    client.send("RA")
    with pytest.raises(Failure, match="! flags     expected R  came RA"):
        server.expect_rst()


def test_close_from_both_sides(pair):
    client, server = pair()
    server.on(lambda got: server.fin() if got.flag_text == "FA" else None)
    client.close()
    server.drain(for_="1ms")
    assert client.fin_received and server.fin_received
    assert (client.snd_una, server.snd_una) == (client.seq(2), server.seq(2))
    client, server = pair()
    client.fin()
    server.expect("FA")
    server.ack()
    client.expect("A", ack=client.seq(2))
    client.on(lambda got: client.ack())
    server.close()
    assert server.snd_una == server.snd_nxt == server.seq(2)
    client, server = pair()
    server.on(lambda got: server.reset())
    with pytest.raises(Failure, match="a reset came while closing"):
        client.close()


def test_on_sees_each_segment_at_its_arrival(pair):
    client, server = pair()
    server.on(lambda got: server.ack())
    for _ in range(3):
        client.send("A", bytes(1000))
    times = [client.expect("A", ack=client.seq(n)).t_ns for n in (1001, 2001, 3001)]
    assert times == [5 * HOP] * 3 and server.pending == 0
    server.on(None)
    client.send("A", b"x")
    server.expect("A", data=b"x")


def test_ecn_is_negotiated_by_both_or_not_at_all(ends):
    client, server = ends({"ecn": True}, {"ecn": True})
    server.listen()
    client.connect()
    assert [e.segment.flag_text for e in client.log] == ["SEC", "SAE", "A"]
    client, server = ends({"ecn": False, "isn": 1}, {"ecn": True})
    server.listen()
    client.connect()
    assert [e.segment.flag_text for e in client.log] == ["S", "SA", "A"]


def test_unknown_port_is_learned_from_the_syn(world):
    lan = world.segment("lan")
    one, two = lan.port("one", ip="10.0.0.1"), lan.port("two", ip="10.0.0.2")
    server = one.tcp(two, None, 80)
    with pytest.raises(UsageError, match="does not know the host's port"):
        server.send()
    client = two.tcp(one, 80, 50000)
    client.send("A")
    client.send("S")
    server.expect("S")
    assert server.dport == 50000 and one.pending == 1
    assert [peer.sport for peer in one.peers] == [80]
    server._greet(server.log[0].segment)
    client.expect("SA")


def test_only_its_own_segments_are_taken(pair, world):
    client, server = pair()
    port = server.port
    other = client.port.tcp(server.port, 80, 40001)
    other.send("S")
    frame = Ether(client.send("A", b"part").frame)
    server.expect("A")
    frame[IP].flags, frame[IP].frag, frame[IP].chksum = "MF", 0, None
    client.port.send([frame, frame.__class__(bytes(frame)[:40]), b"\xff" * 60])
    world.run(for_="1ms")
    assert (server.pending, port.pending) == (0, 4)
    assert port.recv()[TCP].sport == 40001


def test_arp_for_its_address_is_answered(world, ends):
    client, server = ends({"mac": "02:00:00:00:00:77"})
    ask = Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="10.0.0.2", pdst="10.0.0.1")
    reply = server.port.srp1(ask, timeout="1ms")
    assert (reply[ARP].op, reply[ARP].hwsrc, reply[ARP].hwdst, reply.time.ns, len(reply)) == \
        (2, "02:00:00:00:00:77", server.port.mac, 2 * HOP, 60)
    assert client.port.pending == 1
    assert server.port.srp1(Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="10.0.0.2",
                                                                pdst="10.0.0.3"),
                            timeout="1ms") is None
    client.arp = False
    assert server.port.srp1(ask, timeout="1ms") is None


def test_state_is_what_a_snapshot_keeps(pair):
    client, server = pair()
    was, port_was = server.state(), server.port.state()
    client.send("A", b"xyz")
    client.send("A", b"beyond", seq=client.seq(10))
    server.drain(for_="1ms")
    server.port.tcp(client.port, 9)
    server.set_state(was)
    server.port.set_state(port_was)
    assert (server.rcv_nxt, server.held, len(server.log)) == (server.rseq(1), [], 3)
    assert list(server.port.peers) == [server]
    server.log.clear()
    server.set_state(was)
    assert len(server.log) == 3


def test_a_twin_has_its_own_peers(pair, world):
    from lockwire.world import Net
    from conftest import FAKE
    client, server = pair()
    server.on(lambda got: server.ack())
    other = Net(7, program=FAKE)
    try:
        copy = server.port.copy_to(other)
        twin, = copy.peers
        assert twin is not server and twin.port is copy and twin.rcv_nxt == server.rcv_nxt
        copy.arrived(5, client.make("A", b"abc").frame)
        assert (twin.pending, len(twin.log), len(server.log)) == (1, 4, 3)
    finally:
        other.close()


def test_a_host_is_found_by_object_or_address(world):
    lan = world.segment("lan")
    h = world.host("h", lan, ip="10.0.0.2/24")
    wire = lan.port("tester", ip="10.0.0.1")
    for peer in (wire.tcp(h), wire.tcp("10.0.0.2")):
        assert (peer.to_ip, peer.to_mac) == ("10.0.0.2", h.mac)
    assert repr(wire.tcp(h)) == "<peer 10.0.0.1:40000 of h:80>"
    assert wire.tcp("10.9.9.9", to_mac="02:00:00:00:00:09").to_mac == "02:00:00:00:00:09"


@pytest.mark.parametrize("call, words", [
    (lambda p: p.send("X"), "flags: expected letters"),
    (lambda p: p.send("AA"), "flags: expected letters"),
    (lambda p: p.send(options=[("MSS", -1)]), "options: expected a list"),
    (lambda p: p.send(options=[("What", 1)]), "options: expected a list"),
    (lambda p: p.send(options=bytes(41)), "44 bytes, 40 have room"),
    (lambda p: p.send(win=65536), "win: expected a whole number"),
    (lambda p: p.send(at="1us"), "has passed"),
    (lambda p: p.expect(at=0.5), "at: expected nanoseconds"),
    (lambda p: p.expect(sequence=1), "there is no field sequence"),
    (lambda p: p.port.tcp("10.0.0.99"), "nobody has the address 10.0.0.99"),
    (lambda p: p.port.tcp(7), "expected a host"),
    (lambda p: p.port.tcp(p.port, isn=1 << 32), "isn: expected a whole number")])
def test_refused_before_anything_happens(pair, call, words):
    client, _ = pair()
    lines = len(client.log)
    with pytest.raises(UsageError, match=words):
        call(client)
    assert len(client.log) == lines


def test_refused_without_numbers_or_address(world, ends):
    client, _ = ends()
    with pytest.raises(UsageError, match="has not taken a SYN"):
        client.rseq(1)
    with pytest.raises(UsageError, match="a peer needs an address"):
        world.segments["lan"].port("three").tcp("10.0.0.1")


@pytest.mark.parametrize("value", [True, -1, 1.5, None, [1]])
def test_moment_refuses(value):
    with pytest.raises(UsageError, match="at: expected nanoseconds"):
        moment(value, "at")
