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
