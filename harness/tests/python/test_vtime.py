"""lockwire.vtime: seconds that keep their nanoseconds."""

import copy
import pickle
import random

from lockwire.vtime import VTime


def test_sum_and_difference_are_exact():
    assert (VTime(2_500_000_000) + VTime(1)).ns == 2_500_000_001
    assert (VTime(1) + 2).ns == 2_000_000_001
    assert (2 + VTime(1)).ns == 2_000_000_001
    assert (VTime(10**18 + 1) - VTime(10**18)).ns == 1
    assert (2.5 - VTime(1)).ns == 2_499_999_999
    assert (-VTime(3)).ns == -3 and abs(VTime(-3)).ns == 3


def test_many_random_timeouts_land_on_the_nanosecond():
    draw = random.Random(1)
    for _ in range(300):
        now, timeout = draw.randrange(10**16), draw.randrange(7 * 10**12)
        stop = VTime(now) + timeout / 1e9
        assert (stop - VTime(now)).ns == timeout


def test_comparison_of_two_vtimes_uses_nanoseconds():
    a, b = VTime(10**18), VTime(10**18 + 1)
    assert float(a) == float(b)
    assert a < b and b > a and a != b and a <= b and b >= a


def test_comparison_with_numbers_is_by_value():
    assert VTime(115_200) == 0.0001152
    assert VTime(2 * 10**9) == 2 and VTime(1) > 0 and VTime(0) <= 0
    assert hash(VTime(10**9)) == hash(1.0)


def test_text_is_exact_decimal():
    assert str(VTime(2_500_000_001)) == "2.500000001"
    assert repr(VTime(10**9)) == "1.000"
    assert repr(VTime(-1_500_000)) == "-0.0015"


def test_copies_and_pickles_keep_the_nanoseconds():
    t = VTime(10**18 + 1)
    for twin in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t))):
        assert twin.ns == t.ns
