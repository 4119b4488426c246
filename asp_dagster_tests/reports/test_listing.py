"""The command lists the report types, finds some among them, and describes one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.reports.__main__ import command
from asp_dagster.reports.describing import description
from asp_dagster.reports.listing import Choice, listing

PAGE = Path(__file__).parent.parent.parent / "docs" / "reports.md"
TYPES = ReportTypes.load()


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_list_has_every_type_once() -> None:
    """Without arguments, every type has one line with its rules."""
    output = _run().output

    heading, *lines = output.splitlines()
    assert heading.split()[:2] == ["report", "type"]
    assert [line.split()[0] for line in lines] == [each.name for each in TYPES.all]


def test_line_tells_the_rules() -> None:
    """A line says format, window, repetition, restriction and end."""
    removed = TYPES.find("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE")
    stock = TYPES.find("GET_VENDOR_REAL_TIME_INVENTORY_REPORT")
    fees = TYPES.find("FEE_DISCOUNTS_REPORT")
    orders = TYPES.find("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL")

    lines = listing([removed, stock, fees, orders]).splitlines()[1:]
    assert [" ".join(line.split()[1:]) for line in lines] == [
        "TSV removed none no 2026-11-11",
        "JSON yes required, whole hours, at most 24 hours no",
        "XLSX yes none 24 hours no",
        "TSV yes expected, at most 30 days (?) none no",
    ]


@pytest.mark.parametrize(
    ("choice", "has", "lacks"),
    [
        pytest.param(
            Choice(requestable=True),
            "GET_SALES_AND_TRAFFIC_REPORT",
            "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
            id="requestable",
        ),
        pytest.param(
            Choice(restricted=True), "SC_VAT_TAX_REPORT", "FEE_DISCOUNTS_REPORT", id="restricted"
        ),
        pytest.param(
            Choice(file_format="tsv"), "GET_AFN_INVENTORY_DATA", "SC_VAT_TAX_REPORT", id="format"
        ),
        pytest.param(
            Choice(search="Settlement v2"),
            "GET_V2_SETTLEMENT_REPORT_DATA_XML",
            "GET_AFN_INVENTORY_DATA",
            id="search",
        ),
    ],
)
def test_choice(choice: Choice, has: str, lacks: str) -> None:
    """The list can be narrowed."""
    names = {each.name for each in choice.types()}

    assert has in names
    assert lacks not in names


def test_name_describes_the_type() -> None:
    """With a name, in any case, the command describes that type."""
    output = _run("get_afn_inventory_data").output

    found = TYPES.find("GET_AFN_INVENTORY_DATA")
    assert output == f"{description(found)}\n"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        pytest.param(["--help"], 0, "or describe NAME", id="help"),
        pytest.param(
            ["GET_SALES_TRAFFIC"], 2, "did you mean GET_SALES_AND_TRAFFIC_REPORT", id="misspelt"
        ),
        pytest.param(["weather"], 2, "`--search WORD` finds some", id="nothing-near"),
        pytest.param(["--search", "weather"], 2, "no report type is like that", id="nothing-found"),
    ],
)
def test_other_answers(
    arguments: list[str],
    status: int,
    words: str,
) -> None:
    """The command explains itself, and says what is near when a name is not known."""
    done = _run(*arguments)

    assert done.exit_code == status
    assert words in done.output


def test_page_is_what_the_command_prints() -> None:
    """The page in the docs is printed by the same code; if this fails, print it again."""
    output = _run("--markdown").output

    assert output == PAGE.read_text(encoding="utf-8")


def test_command_loads_no_dagster() -> None:
    """The command answers at once: it imports neither Dagster nor what checks declarations."""
    code = "import sys, asp_dagster.reports.__main__; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"dagster", "pandas", "duckdb"}.isdisjoint(done.stdout.split())


def test_programs_read_the_rules() -> None:
    """As JSON, a type has its rules by name, dates as text and lengths of time in seconds."""
    gone = json.loads(_run("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE", "--json").output)
    listed = json.loads(_run("--search", "fee discounts", "--json").output)

    assert (gone["formats"], gone["removed_on"]) == (["TSV"], "2026-11-11")
    assert [(each["name"], each["cool_down"]) for each in listed] == [
        ("FEE_DISCOUNTS_REPORT", 86400.0)
    ]
