"""One more interface while allocations fail: refused, with nothing left behind, or there."""

import pytest

from lockwire import CommandError


def test_interface_is_there_or_may_be_asked_for_again(net):
    """The groups of an interface need memory. After a refusal the same name, port and address are
    free; the host that was there before goes on all the while."""
    lan, other = net.segment("lan"), net.segment("other")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    net.run(until="1ms")
    held = a.allocs()["held"]
    refusals = 0
    for failure in a.each_alloc_failure():
        try:
            made = a.netif(other, ip="10.9.0.1/24")
        except CommandError as why:
            assert why.kind == "stack" and "no room for another interface" in str(why)
            assert failure.failed == 1
            assert a.allocs()["held"] == held
            refusals += 1
            made = a.netif(other, ip="10.9.0.1/24")
        failure.over()
        assert (made.port, made.info()["name"]) == ("a", "et" + made.info()["name"][2:])
        with a.udp(9) as socket:
            socket.send(b"x", "10.9.0.7", 9)  # asks for the address there
        net.run(for_="10s")
        assert b.ping(a.ip, timeout=1).source == a.ip
        assert a.ping("10.9.0.1", timeout=1).source == "10.9.0.1"
        net.check()
    assert refusals == 1


@pytest.mark.parametrize("option, value", [("memp_num_udp_pcb", 2), ("memp_num_raw_pcb", 2)])
def test_empty_pool_refuses_and_fills_again(net, option, value):
    """Not a failure on purpose but the limit itself: the same answer, and no harm."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24", **{option: value})
    make = (lambda: a.udp()) if "udp" in option else (lambda: a.raw(200))
    sockets = [make() for _ in range(value)]
    for _ in range(3):
        with pytest.raises(CommandError, match="err_t -1") as refused:
            make()
        assert refused.value.kind == "stack"
    sockets.pop().close()
    assert make() is not None
    assert a.allocs()["failed"] == 0
