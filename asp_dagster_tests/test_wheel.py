"""What is installed is all that the package needs: its wheel has every file of it, and no other."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from asp_dagster_tests.shown import ROOT

MADE_BY_PYTHON = shutil.ignore_patterns("__pycache__")


def test_wheel_has_every_file_of_the_package(tmp_path: Path) -> None:
    """Declarations, tables of data and the mark of types are in the wheel, as modules are."""
    source = tmp_path / "source"
    shutil.copytree(ROOT / "asp_dagster", source / "asp_dagster", ignore=MADE_BY_PYTHON)
    for name in ("pyproject.toml", "setup.cfg", "README.md"):
        shutil.copy(ROOT / name, source)
    there = {str(path.relative_to(source)) for path in source.rglob("asp_dagster/**/*.*")}

    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, *offline, "--wheel-dir", str(tmp_path), str(source)], check=True)

    [wheel] = tmp_path.glob("*.whl")
    with ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert held == there
    assert {"asp_dagster/py.typed", "asp_dagster/spapi/usage_plans.csv"} <= held
