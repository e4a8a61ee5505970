"""What the tests of the Python package share: the package on the path, the stand-in simulator,
worlds, and a way to call the command line in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parents[1] / "python"
sys.path.insert(0, str(PYTHON))
sys.dont_write_bytecode = True

FAKE = HERE / "fake_sim.py"


@pytest.fixture
def world():
    """A world on the stand-in simulator."""
    from lockwire.world import Net
    net = Net(7, program=FAKE)
    yield net
    net.close()


class Command:
    """Runs `python -m lockwire` in a directory of the test."""

    def __init__(self, directory):
        self.directory = directory

    def file(self, name, text):
        """Writes a file below the directory."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def environment(self, **more):
        """Hermetic, whatever CI the tests run in."""
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("GITHUB_", "TEST_", "LOCKWIRE_", "PYTEST_"))}
        return {**env, "PYTHONPATH": str(PYTHON), "PYTHONDONTWRITEBYTECODE": "1",
                "LOCKWIRE_SIM": str(FAKE), "PYTHONHASHSEED": "0", **more}

    def __call__(self, *arguments, timeout=120, **env):
        return subprocess.run([sys.executable, "-m", "lockwire", *map(str, arguments)], text=True,
                              capture_output=True, cwd=self.directory, timeout=timeout,
                              stdin=subprocess.DEVNULL, env=self.environment(**env), check=False)


@pytest.fixture
def lockwire(tmp_path):
    """The command line, in an empty directory."""
    return Command(tmp_path)
