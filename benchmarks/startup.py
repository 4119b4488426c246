"""How long the code location takes to import, as a ratio to Dagster alone.

Each import is a process of its own, all in turn. What is taken is the processor's time, which an
import spends in one thread, and the ratio is that of the medians: so it depends little on what else
the machine does. All modules are compiled before, as an installed package's are. What no code
location can do without is measured beside it: Dagster, and Dagster's reading of the declarations.

    python -m benchmarks.startup [--repeats 9]
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.results import machine, write_section

MARK = 1.5
PACKAGES = ("dagster", "pydantic")
DECLARATIONS = Path(__file__).parent.parent / "asp_dagster" / "defs"
READING = (
    "import dagster; from pathlib import Path; "
    "from dagster_shared.yaml_utils import parse_yamls_with_source_position as parse; "
    f"[parse(each.read_text(), '') for each in Path({str(DECLARATIONS)!r}).rglob('*.yaml')]"
)
PROGRAMS = {
    "`import dagster`": "import dagster",
    "the same, with the declarations read by Dagster": READING,
    "`import asp_dagster.definitions`": "import asp_dagster.definitions",
}


def main() -> None:
    """Measure all programs in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    table = _table(measured(PROGRAMS, options.repeats))
    print(table)
    write_section("Start-up", table)


def measured(programs: Mapping[str, str], repeats: int) -> dict[str, float]:
    """Return the median of the processor's seconds for each program."""
    with TemporaryDirectory() as compiled:
        for program in programs.values():
            _seconds(program, compiled)  # whoever comes first reads from the disk, and compiles
        rounds = [
            [_seconds(program, compiled) for program in programs.values()] for _ in range(repeats)
        ]
    medians = map(statistics.median, zip(*rounds, strict=True))
    return dict(zip(programs, medians, strict=True))


def _seconds(program: str, compiled: str) -> float:
    """Return the processor's seconds that a process takes, which finds modules compiled there."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _table(medians: Mapping[str, float]) -> str:
    (_, alone), *_ = medians.items()
    lines: Sequence[str] = [
        "| a process that does | median seconds of one core | ratio |",
        "|---|---:|---:|",
        *(f"| {name} | {median:.2f} | {median / alone:.2f} |" for name, median in medians.items()),
        "",
        f"The mark is a ratio under {MARK}.",
        "",
        machine(PACKAGES),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
