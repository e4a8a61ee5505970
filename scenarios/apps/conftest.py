"""Where the programs are that the build makes: in the directory `apps` of the build in use."""

import pytest

from lockwire.paths import build_dir


@pytest.fixture
def program():
    """program(name): path of apps/name.so of the build that runs this."""
    def find(name):
        return build_dir() / "apps" / f"{name}.so"
    return find
