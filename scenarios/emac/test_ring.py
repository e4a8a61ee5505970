"""The receive ring is full, because the processor has no time: what the hardware had is received,
once and in order, and afterwards all goes on (sheet 8; 20.4 for the readings of a full array)."""

import pytest

FULL = pytest.mark.parametrize("full", ["overrun", "wedge", "silent"])
SLOTS = 15  # of 16 descriptors one stays empty


@FULL
def test_burst_beyond_the_ring_keeps_what_the_ring_holds(rig, polled, net, full):
    """Twenty short frames in 208 us, and the processor away for 1 ms."""
    r = rig(polled=polled, chip={"rx_full": full})
    r.a.pause("1ms")
    back = net.now_ns + 1_000_000
    r.feed(*range(20))
    assert r.taken() == [(n, back) for n in range(SLOTS)]
    assert r.mac()["rx_stored"] == SLOTS and r.mac()["rx_overrun"] == 20 - SLOTS
    assert r.driver("rx_frames", "rx_recoveries") == \
        {"rx_frames": SLOTS, "rx_recoveries": int(full != "silent")}
    r.echoes()


@FULL
def test_long_frames_fill_it_sooner(rig, polled, net, full):
    """1514 bytes and FCS take three buffers of 512: five frames. One that begins in the ring and
    finds no end there is reported (NoDescriptor) and given up."""
    r = rig(polled=polled, chip={"rx_full": full})
    r.a.pause("2ms")
    back = net.now_ns + 2_000_000
    r.feed(*range(8), size=1472)
    assert r.taken() == [(n, back) for n in range(5)]
    r.echoes()
    r.a.pause("2ms")
    r.feed(0)
    r.feed(*range(1, 8), size=1472)
    assert [n for n, _ in r.taken()] == [0, 1, 2, 3, 4]
    assert r.driver("rx_no_descriptor") == {"rx_no_descriptor": 1}
    r.echoes()


@FULL
def test_stream_goes_on_behind_an_overrun(rig, polled, net, full):
    """Frames at line rate before, during and behind a pause of the processor: what the silicon has
    stored is what the program has got, none twice, none out of order."""
    r = rig(polled=polled, chip={"rx_full": full})
    r.feed(*range(400), size=1000)  # polled, 11 come between two looks, more than ring has
    net.run(for_="3ms")
    r.a.pause("4ms")
    numbers = [n for n, _ in r.taken()]
    assert numbers == sorted(set(numbers)) and numbers[-1] == 399
    assert r.mac()["rx_stored"] == len(numbers) == r.driver("rx_frames")["rx_frames"]
    assert 400 == sum(v for k, v in r.mac().items() if k[:2] == "rx" and k != "rx_error") + \
        r.driver("rx_no_descriptor")["rx_no_descriptor"]
    if not polled:
        assert len(numbers) > 300
    r.echoes()


def test_ring_of_pbufs_survives_a_pool_that_is_empty(rig, polled, net):
    """Without copy the ring's pbufs are handed up and replaced; with none left frames are copied,
    or, when that fails as well, dropped, and the ring stays whole."""
    r = rig(polled=polled, chip={"zero_copy": True}, pbuf_pool_size=20)
    r.feed(*range(12), size=600, apart=100_000)
    assert [n for n, _ in r.taken()] == list(range(12))
    r.echoes()
    assert r.a.stats()["drops"] == {}


@pytest.mark.parametrize("cpu", ["5us", "50us"])
def test_slow_processor_loses_only_what_the_ring_cannot_hold(rig, net, cpu):
    """50 us for each frame is slower than the cable; the ring is worth fifteen of them."""
    r = rig(cpu=cpu)
    r.feed(*range(40))
    numbers = [n for n, _ in r.taken()]
    if cpu == "5us":
        assert numbers == list(range(40))
    assert numbers == sorted(set(numbers)) and len(numbers) >= SLOTS
    assert r.mac()["rx_stored"] == len(numbers)
    r.echoes()
