"""Lets plain pytest run these scenarios too: puts the package on the path and loads its plugin.

`lockwire run` has done both already; then nothing happens here."""

import sys
from pathlib import Path

PYTHON = str(Path(__file__).resolve().parents[1] / "harness" / "python")
if PYTHON not in sys.path:
    sys.path.insert(0, PYTHON)

pytest_plugins = ["lockwire.plugin"]
