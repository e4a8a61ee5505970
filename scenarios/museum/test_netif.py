"""Bugs that loopback interfaces of other stacks have had."""

import pytest

from lockwire import StackError


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


@pytest.mark.parametrize("addr", ["127.0.0.1", "10.0.0.1"])
@pytest.mark.parametrize("failures", [8, 30], ids=lambda n: f"MB-NETIF-01/{n}-times")
def test_failed_copy_takes_no_place_in_the_queue(bench, addr, failures):
    """No memory for the looped copy, as often as the queue has places and oftener: the loopback is
    as able as before, to the last place."""
    b = bench(lwip_loopback_max_pbufs=8, mem_size=2048)
    server, client = b.a.udp(7), b.a.udp(5000)
    for _ in range(failures):
        with pytest.raises(StackError, match="ERR_MEM"):
            client.send(bytes(1000), addr, 7)
    assert b.drops() == {"loop_no_memory": failures}
    assert b.in_use() == {"UDP_PCB": 2}
    b.net.check()
    assert b.a.ping(addr, data=b"hello").rtt_ns == 0
    for i in range(8):
        client.send(bytes([i]), addr, 7)
    with pytest.raises(StackError, match="ERR_MEM"):
        client.send(b"one too many", addr, 7)
    assert [server.recv(timeout=0).data[0] for _ in range(8)] == list(range(8))
    assert server.recv(timeout=0) is None
    b.net.check()


@museum("MB-NETIF-03")
def test_queue_does_not_stall_behind_a_failure(bench):
    """Some packets find no memory or no place; what was queued before and what is sent afterwards
    is delivered, in order, and everything is free again."""
    b = bench(lwip_loopback_max_pbufs=4, mem_size=2048)
    server, client = b.a.udp(7), b.a.udp(5000)
    client.send(b"1", "127.0.0.1", 7)
    with pytest.raises(StackError, match="ERR_MEM"):
        client.send(bytes(1500), "127.0.0.1", 7)  # no memory
    for i in (b"2", b"3", b"4"):
        client.send(i, "127.0.0.1", 7)
    with pytest.raises(StackError, match="ERR_MEM"):
        client.send(b"5", "127.0.0.1", 7)  # no place
    b.net.run(for_="1ms")
    client.send(b"6", "127.0.0.1", 7)
    got = [server.recv(timeout=0).data for _ in range(5)]
    assert got == [b"1", b"2", b"3", b"4", b"6"]
    assert b.drops() == {"loop_no_memory": 1, "loop_queue_full": 1}
    assert b.in_use() == {"UDP_PCB": 2}


@museum("MB-NETIF-04")
def test_burst_is_one_piece_of_work(bench):
    """100 packets at one instant wake the host a few times, not a hundred: it is woken for a batch
    of them; all arrive, in order, at that instant."""
    b = bench(mem_size=65536)
    server, client = b.a.udp(7, capacity=200), b.a.udp(5000)
    for i in range(100):
        client.send(bytes([i]), "127.0.0.1", 7)
    before = b.net.clock()["events"]
    start = b.net.now_ns
    b.net.run(for_="1ms")
    got = [server.recv(timeout=0) for _ in range(100)]
    assert [(g.data[0], g.t_ns) for g in got] == [(i, start) for i in range(100)]
    assert b.net.clock()["events"] - before <= 3
    assert (b.drops(), b.in_use()) == ({}, {"UDP_PCB": 2})
