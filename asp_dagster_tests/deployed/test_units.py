"""systemd takes the units: `systemd-analyze verify` finds nothing to say of them."""

import subprocess
from pathlib import Path

import pytest

from asp_dagster_tests.shown import ROOT

UNITS = sorted((ROOT / "deploy").rglob("*.service"))
INSTALLED = "/opt/asp/.venv/bin/"
"""Where the units expect the commands."""


def _verified(units: list[Path], folder: Path, **changes: str) -> str:
    """Return what systemd says of units whose commands are there, with texts changed."""
    for unit in units:
        text = unit.read_text("utf-8").replace(INSTALLED, f"{folder}/")
        for old, new in changes.items():
            text = text.replace(old, new)
        (folder / unit.name).write_text(text)
        for line in text.splitlines():
            if line.startswith("ExecStart="):
                command = Path(line.removeprefix("ExecStart=").split()[0])
                command.touch(mode=0o755)
    paths = [str(folder / unit.name) for unit in units]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],  # noqa: S607 - wherever it is
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert said or done.returncode == 0
    return said


@pytest.mark.parametrize("folder", ["one_machine", "celery"])
def test_units_are_taken(folder: str, tmp_path: Path) -> None:
    """The units of a machine, taken together, leave systemd nothing to say."""
    units = [unit for unit in UNITS if unit.parent.name == folder]

    assert units
    assert _verified(units, tmp_path) == ""


def test_misspelt_key_is_told(tmp_path: Path) -> None:
    """A unit with a key that systemd does not know does not pass."""
    assert "PrivateTemp" in _verified(UNITS[:1], tmp_path, PrivateTmp="PrivateTemp")
