"""A connection is between two hosts: nothing that is addressed to, or claims to come from, many of
them opens one or gets an answer. [RFC9293 3.9.2.3] [RFC1122 3.2.1.3] """

import pytest

from lockwire import shows

MANY = ["10.0.0.255", "255.255.255.255", "224.0.0.1", "239.1.2.3"]
IMPOSSIBLE = ["224.0.0.1", "255.255.255.255", "10.0.0.255", "127.0.0.1", "0.0.0.0", "240.0.0.1",
              "10.0.0.2"]


def nothing_came_of_it(t, peer):
    """Neither an answer nor a connection."""
    peer.expect_nothing(for_="5s")
    return t.wire.pending == 0 and t.h.allocs()["held"].get("TCP_PCB", 0) == 0


@pytest.mark.parametrize("flags", ["S", "A", "PA", "R", "FA"])
@pytest.mark.parametrize("addr", MANY)
def test_to_many(talk, addr, flags):
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    peer.send(flags, dst=addr)
    with shows("RQ-9293-MUST-57"):
        assert nothing_came_of_it(t, peer)


@pytest.mark.parametrize("flags", ["S", "PA"])
@pytest.mark.parametrize("addr", IMPOSSIBLE)
def test_from_an_impossible_source(talk, addr, flags):
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    peer.send(flags, src=addr)
    with shows("RQ-9293-MUST-63"):
        assert nothing_came_of_it(t, peer)


@pytest.mark.parametrize("mac", ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"])
@pytest.mark.parametrize("port", [80, 81])
def test_the_hosts_address_in_a_frame_to_many(talk, mac, port):
    t = talk()
    t.h.listen(80)
    peer = t.peer(port, to_mac=mac)
    peer.send("S")
    with shows("RQ-9293-MUST-57"):
        assert nothing_came_of_it(t, peer)
