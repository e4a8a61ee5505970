"""Gilbert-Elliott loss: a two-state chain per direction that moves before each frame.

With certain transitions the pattern is exact; with chance it comes in runs."""

import pytest


def pattern(net, frame, heard, count=12, **how):
    lan = net.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.impair.burst(**how)
    tx.send([frame(i) for i in range(count)])
    net.run(for_="1s")
    got = {n for _, n in heard(rx)}
    return "".join("." if i in got else "x" for i in range(count))


@pytest.mark.parametrize("enter, leave, shown", [
    (1, 1, "x.x.x.x.x.x."), (1, 0, "xxxxxxxxxxxx"), (0, 1, "............")])
def test_certain_transitions_make_an_exact_pattern(net, frame, heard, enter, leave, shown):
    """A frame first moves the state, starting from good, and is then judged by it."""
    assert pattern(net, frame, heard, enter=enter, leave=leave) == shown


def test_a_good_state_can_lose_and_a_bad_one_spare(net, frame, heard):
    """Loss 1 in good and 0 in bad turns the pattern round."""
    assert pattern(net, frame, heard, enter=1, leave=1, good=1, bad=0) == ".x.x.x.x.x.x"


def test_losses_come_in_runs(world, frame, heard):
    """Mean length 1/leave = 10: far fewer runs than independent losses of the same number make."""
    shown = pattern(world(4), frame, heard, count=900, enter="1/50", leave="1/10")
    lost, runs = shown.count("x"), len([r for r in shown.split(".") if r])
    assert 50 < lost < 300 and 4 < lost / runs < 25
    assert shown == pattern(world(4), frame, heard, count=900, enter="1/50", leave="1/10")
    assert shown != pattern(world(5), frame, heard, count=900, enter="1/50", leave="1/10")


def test_directions_have_states_of_their_own(net, frame, heard):
    """Frames the other way do not move this direction's state."""
    lan = net.segment("lan", "link")
    one, two = lan.port("one"), lan.port("two")
    lan.impair.burst(1, 1)
    for i in range(4):
        one.send(frame(i))
        two.send([frame(10 + 2 * i), frame(11 + 2 * i)])
        net.run(for_="1ms")
    assert [n for _, n in heard(two)] == [1, 3]
    assert [n for _, n in heard(one)] == [11, 13, 15, 17]
