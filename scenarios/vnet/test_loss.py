"""Bernoulli loss: each frame is lost by chance for each receiver, as the seed has it.

The count is exact for a seed; another seed loses others; who else is there changes nothing."""

import pytest

TOTAL = 500


def lossy(net, frame, heard, loss="10%", listeners=1, impair=False):
    """Sends TOTAL frames; which ones each listener heard."""
    lan = net.segment("lan", loss=0 if impair else loss)
    if impair:
        lan.impair.loss(loss)
    tx = lan.port("tx")
    rx = [lan.port(f"rx{i}") for i in range(listeners)]
    tx.send([frame(i) for i in range(TOTAL)])
    net.run(for_="100ms")
    return [[n for _, n in heard(one)] for one in rx]


@pytest.mark.parametrize("impair", [False, True], ids=["segment", "impairment"])
def test_losses_are_about_as_many_as_asked_for(net, frame, heard, impair):
    """10 % of 500, within five standard deviations, whatever the seed; the order is kept."""
    got, = lossy(net, frame, heard, impair=impair)
    assert 500 - 50 - 34 <= len(got) <= 500 - 50 + 34
    assert got == sorted(set(got))


def test_receivers_lose_independently(net, frame, heard):
    """A broadcast is one delivery per receiver, each with a chance of its own."""
    one, two = lossy(net, frame, heard, loss="1/2", listeners=2)
    assert one != two
    both = len(set(one) & set(two))
    assert 125 - 49 <= both <= 125 + 49


@pytest.mark.parametrize("impair", [False, True], ids=["segment", "impairment"])
def test_the_seed_decides_which_frames(world, frame, heard, impair):
    """One seed, one set of losses; the next seed, another."""
    first, again, other = (lossy(world(seed), frame, heard, impair=impair) for seed in (1, 1, 2))
    assert first == again != other


def test_the_count_is_exact_for_a_seed(world, frame, heard):
    """Seeds 1 to 4 at 10 %: as the generator has it, for ever."""
    assert [TOTAL - len(lossy(world(seed), frame, heard)[0]) for seed in (1, 2, 3, 4)] == [
        45, 46, 57, 44]


def test_a_bystander_changes_nobodys_luck(world, frame, heard):
    """The first listener hears the same frames with and without three more."""
    alone, = lossy(world(9), frame, heard)
    assert lossy(world(9), frame, heard, listeners=4)[0] == alone


@pytest.mark.parametrize("loss, heard_of_all", [("0", TOTAL), ("100%", 0)])
def test_never_and_always_are_certain(net, frame, heard, loss, heard_of_all):
    """Probability 0 loses nothing, 1 everything."""
    got, = lossy(net, frame, heard, loss=loss)
    assert len(got) == heard_of_all


def test_a_direction_and_an_end(net, frame, heard):
    """An impairment of one direction spares the other, and ends when it is removed."""
    lan = net.segment("lan", "link")
    one, two = lan.port("one"), lan.port("two")
    bad = lan.impair.loss(1, src=one)
    one.send(frame(1))
    two.send(frame(2))
    net.run(for_="1ms")
    assert (heard(one), heard(two)) == ([(5760, 2)], [])
    bad.remove()
    one.send(frame(3))
    net.run(for_="1ms")
    assert [n for _, n in heard(two)] == [3]


def test_losses_in_a_row_of_a_conversation(net):
    """Pings across 30 % loss: some answered, some not; the recording shows that the seed
    matters."""
    lan = net.segment("lan", loss="30%", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static("10.0.0.2", b.mac)
    b.arp_static("10.0.0.1", a.mac)
    answered = [a.ping("10.0.0.2", timeout="10ms") is not None for _ in range(40)]
    assert True in answered and False in answered
    assert b.stats()["lwip"]["icmp"]["recv"] >= sum(answered)
