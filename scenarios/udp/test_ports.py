"""Local ports: ephemeral ones, ones in use, and how many sockets there may be.

[RFC6335 6]: 49152 to 65535 are for whoever asks for no port in particular."""

import pytest

from lockwire.errors import CommandError

from lockwire import shows

FIRST, LAST = 0xC000, 0xFFFF


def after(port, n=1):
    """The n-th port behind this one, round the range."""
    return FIRST + (port - FIRST + n) % (LAST - FIRST + 1)


def test_ephemeral_ports_are_distinct_and_in_range(net, bench):
    """One after the other from a start that the seed draws."""
    a, _ = bench()
    ports = [a.udp().port for _ in range(60)]
    assert ports == [after(ports[0], i) for i in range(60)]
    assert all(FIRST <= p <= LAST for p in ports)


@pytest.mark.sweep(exclude=["port"], reason="sees that chance chooses the first port")
def test_hosts_start_at_different_ports(net):
    """Each host draws for itself."""
    lan = net.segment("lan")
    starts = [net.host(f"h{i}", lan, ip=f"10.0.0.{i}/24").udp().port for i in range(1, 9)]
    assert len(set(starts)) == 8


@pytest.mark.parametrize("first", [0xC000, 0xC123, 0xFFFE, 0xFFFF])
def test_the_first_port_may_be_chosen(bench, first):
    """udp_port_first: from there on, and round the range's end."""
    a, _ = bench(udp_port_first=first)
    assert [a.udp().port for _ in range(3)] == [first, after(first), after(first, 2)]


def test_a_port_in_use_is_passed_over(net, bench):
    """Taken by name, it is not given out; free again, it is not reused before its turn."""
    a, _ = bench()
    first = a.udp()
    taken = [a.udp(after(first.port, i)) for i in (1, 2)]
    assert a.udp().port == after(first.port, 3)
    taken[0].close()
    first.close()
    assert a.udp().port == after(first.port, 4)


@pytest.mark.parametrize("one, two, clash", [
    (None, None, True), ("10.0.0.1", "10.0.0.1", True), (None, "10.0.0.1", True),
    ("10.0.0.1", None, True), ("10.0.0.1", "127.0.0.1", False)],
    ids=["any-any", "same", "any-own", "own-any", "different"])
def test_a_port_has_one_owner_per_address(net, bench, one, two, clash):
    """The second is refused, and has it as soon as the first is closed."""
    a, _ = bench()
    first = a.udp(7, addr=one)
    if clash:
        with pytest.raises(CommandError) as info:
            a.udp(7, addr=two)
        assert info.value.kind == "stack" and "-8" in info.value.text
        first.close()
    assert a.udp(7, addr=two).port == 7


def test_udp_and_udplite_do_not_share_ports(net, bench):
    """Two protocols, two spaces."""
    a, _ = bench()
    with shows("RQ-3828-09"):
        assert (a.udp(7).port, a.udp(7, lite=True).port) == (7, 7)
    for lite in (False, True):
        with pytest.raises(CommandError):
            a.udp(7, lite=lite)


def test_the_pool_of_sockets_ends(net, bench, still_hears):
    """memp_num_udp_pcb of them; a closed one makes room."""
    a, wire = bench(memp_num_udp_pcb=3)
    sockets = [a.udp() for _ in range(3)]
    with pytest.raises(CommandError) as info:
        a.udp()
    assert info.value.kind == "stack" and "-1" in info.value.text
    assert a.stats()["memp"]["UDP_PCB"]["err"] == 1
    sockets[1].close()
    still_hears(a, wire)
