"""Where things are: the source tree, the simulator, the folder of a scenario."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from lockwire.errors import UsageError

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parents[2]


def build_dir() -> Path:
    """The build directory in use: $LOCKWIRE_BUILD_DIR or build/dev of the source tree."""
    given = os.environ.get("LOCKWIRE_BUILD_DIR")
    return Path(given) if given else ROOT / "build" / "dev"


def simulator() -> Path:
    """The simulator in use: $LOCKWIRE_SIM, else lockwire-sim of the build directory.

    Raises UsageError when it is not there or cannot be executed.
    """
    given = os.environ.get("LOCKWIRE_SIM")
    path = Path(given) if given else build_dir() / "harness" / "lockwire-sim"
    if not path.is_file():
        hint = "$LOCKWIRE_SIM names it" if given else "scripts/lockwire builds it"
        raise UsageError(f"there is no simulator at {path} ({hint})")
    if not os.access(path, os.X_OK):
        raise UsageError(f"{path} cannot be executed")
    return path.resolve()


def firmware(given: str | None) -> Path | None:
    """The image that scenarios run: the one given, else the built one; None: there is neither."""
    path = Path(given) if given else build_dir() / "firmware" / "echo-thumb.elf"
    return path.resolve() if path.is_file() else None


def emulator() -> Path | None:
    """The module with the ARM emulator, beside the simulator; None: it was not built."""
    path = simulator().with_name("lockwire-arm7.so")
    return path if path.is_file() else None


def command() -> str:
    """How a person types `lockwire` here: ./scripts/lockwire from the source tree's root."""
    script = ROOT / "scripts" / "lockwire"
    if Path.cwd() == ROOT:
        return "./scripts/lockwire"
    return str(script) if script.exists() else "lockwire"


def default_out() -> Path:
    """lockwire-out in the current directory; inside the source tree always at its root, where git
    ignores it."""
    here = Path.cwd().resolve()
    return (ROOT if here == ROOT or ROOT in here.parents else here) / "lockwire-out"


def folder_name(scenario: str) -> str:
    """A folder name of [A-Za-z0-9_.-] for `path::test[param]`; long ones are cut and get a
    digest."""
    text = scenario.lstrip("/").replace(".py::", ".").replace("::", ".").replace("/", ".")
    text = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.") or "scenario"
    if len(text) > 120:
        text = text[:100].rstrip("-.") + "-" + hashlib.sha256(scenario.encode()).hexdigest()[:12]
    return text


def unique_folders(scenarios: list[str]) -> dict[str, str]:
    """Folder of each scenario; two that would share one, also on a case-blind disk, get a digest
    each."""
    plain: dict[str, list[str]] = {}
    for name in scenarios:
        plain.setdefault(folder_name(name).lower(), []).append(name)
    result = {}
    for names in plain.values():
        for name in names:
            digest = hashlib.sha256(name.encode()).hexdigest()[:12]
            result[name] = folder_name(name) + (f"-{digest}" if len(set(names)) > 1 else "")
    return result


def scenario_name(path: str | Path, rest: str) -> str:
    """`path::rest`, the path relative to the current directory where it lies below it."""
    relative = os.path.relpath(path)
    shown = str(path) if relative.startswith("..") else relative
    return f"{shown}::{rest}" if rest else shown


def scenario_key(name: str) -> str:
    """What seeds and shards hang on: file name, test and parameter, so that neither the current
    directory nor the place of the tree changes a run."""
    path, separator, rest = name.partition("::")
    return os.path.basename(path) + separator + rest


def hash64(*parts: object) -> int:
    """A fixed 64-bit hash of the parts' texts, for world seeds and shards."""
    text = "\0".join(str(part) for part in parts).encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little")
