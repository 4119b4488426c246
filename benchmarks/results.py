"""The file of figures: a section for each benchmark, with the machine that they were taken on.

Here belongs how the file is kept; what is measured is said in each benchmark.
"""

import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"


def machine(packages: Sequence[str], note: str = "") -> str:
    """Return what the figures depend on: the machine and how busy it is, Python, and packages."""
    cores = f"{os.cpu_count()} cores{note}, load average {os.getloadavg()[0]:.0f}"
    versions = [f"{package} {version(package)}" for package in packages]
    python = f"Python {platform.python_version()}"
    return f"{', '.join([platform.machine(), cores, python, *versions])}."


def write_section(title: str, text: str, file: Path = RESULTS) -> None:
    """Put a section in the place of the one with the same title, or at the end."""
    before = file.read_text("utf-8") if file.is_file() else ""
    sections = [part for part in re.split(r"^(?=# )", before, flags=re.MULTILINE) if part.strip()]
    new = f"# {title}\n\n{text.strip()}\n"
    titles = [section.partition("\n")[0] for section in sections]
    if f"# {title}" in titles:
        sections[titles.index(f"# {title}")] = new
    else:
        sections.append(new)
    file.write_text("\n".join(section.strip() + "\n" for section in sections), "utf-8")
