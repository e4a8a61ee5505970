"""The goodput table: to the bit what harness/bench/goodput.json says (virtual time is exact), and
where it matters at least what the models promise. After a change of TCP that is meant:
lockwire-sim --bench tcp_goodput --json > harness/bench/goodput.json"""

import json
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from lockwire import bench, paths

SNAPSHOT = Path(__file__).resolve().parents[2] / "bench" / "goodput.json"


@pytest.fixture(scope="module")
def measured():
    return bench.run(paths.simulator(), "tcp_goodput")


def test_equals_the_snapshot(measured):
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8"))["benchmarks"][0]
    assert len(kept["goodput"]) == 2 * 4 * 3
    assert measured == kept


def test_without_loss_the_line_is_full(measured):
    for cell in measured["goodput"]:
        if cell["loss"] == "0":  # 1448 bytes of 1538 on the wire, at 100 Mbit/s
            assert cell["goodput_bps"] > 0.999 * 100e6 * 1448 / 1538


MSS_BITS = 8 * 1448  # of a segment with time stamps
RTO_S = 1.0          # the least, RFC 6298 2.4


def of(measured, loss, round_trips):
    """Its cells of these rows and columns, both algorithms."""
    cells = [c for c in measured["goodput"] if c["loss"] == loss and c["rtt_ms"] in round_trips]
    assert len(cells) == 2 * len(round_trips)
    return cells


def mathis_bps(rtt_ms, loss):
    """MSS / RTT * C / sqrt(p) (Mathis, Semke, Mahdavi, Ott 1997) with C = sqrt(3/2): a window that
    grows by a segment for each round trip and is halved, every segment acknowledged; with delayed
    ACKs, which we have not here, C would be sqrt(3/4). Of what is increased by alpha and reduced to
    beta, C is sqrt(alpha * (1 + beta) / (2 * (1 - beta))) [RFC9438 4.3], the same for CUBIC, whose
    alpha is chosen so; the cubic itself promises less on these paths [RFC9438 5.1]."""
    constants = {a * (1 + b) / (2 * (1 - b)) for a, b in
                 ((1, Fraction(1, 2)), (Fraction(9, 17), Fraction(7, 10)))}
    assert constants == {Fraction(3, 2)}
    return MSS_BITS / (rtt_ms / 1000) * (float(constants.pop()) / float(Fraction(loss))) ** 0.5


def cubic_bps(rtt_ms, loss):
    """[RFC9438 5.1] AVG_W_cubic = (C * (3 + beta) / (4 * (1 - beta)))^(1/4) * (RTT / p)^(3/4)."""
    seconds, p = rtt_ms / 1000, float(Fraction(loss))
    return MSS_BITS / seconds * (0.4 * 3.7 / (4 * 0.3)) ** 0.25 * (seconds / p) ** 0.75


def padhye_bps(rtt_ms, loss):
    """Padhye, Firoiu, Towsley, Kurose 1998 (30): with timeouts, too; an ACK for each segment."""
    p = float(Fraction(loss))
    timeouts = RTO_S * min(1, 3 * (3 * p / 8) ** 0.5) * p * (1 + 32 * p * p)
    return MSS_BITS / (rtt_ms / 1000 * (2 * p / 3) ** 0.5 + timeouts)


def test_formulas_are_those_of_the_papers():
    """[RFC9438 5.1] The first table, for 0.1 s: Reno 12 segments at 1 %; CUBIC 187 at 0.01 %."""
    assert mathis_bps(100, "1/100") / MSS_BITS * 0.1 == pytest.approx(12.25, abs=0.01)
    assert cubic_bps(100, "1/10000") / MSS_BITS * 0.1 == pytest.approx(187, abs=1)


@pytest.mark.parametrize("loss", ["1/1000", "1/100"])
def test_square_root_law(measured, loss):
    """At 1 % and 10 ms: 14.19 Mbit/s. At 1 ms the line is what limits."""
    for cell in of(measured, loss, (10, 100)):
        assert cell["goodput_bps"] >= mathis_bps(cell["rtt_ms"], loss), cell
        if cell["cc"] == "cubic":
            assert cell["goodput_bps"] >= cubic_bps(cell["rtt_ms"], loss), cell


def test_law_with_timeouts(measured):
    """At 5 % the window is often too small for three duplicates: the timer decides."""
    for cell in of(measured, "1/20", (1, 10, 100)):
        assert cell["goodput_bps"] >= padhye_bps(cell["rtt_ms"], "1/20"), cell
