"""The pages in `docs/` are what the tables of the package say, and what they show works."""

import re
import runpy
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import asp_dagster
from asp_dagster.catalog.feed_checks import check_feed
from asp_dagster.catalog.retirements import AS_OF
from asp_dagster.components import AmazonSPApi, AmazonSPListedReport
from asp_dagster.feeds.ready import all_ready_feed_names
from asp_dagster.mitto.leftovers import CONF_KEYS, JOB_KEYS
from asp_dagster.mitto.translation import _INPUTS, _REPORT_FILE
from asp_dagster.simulator import Simulator
from asp_dagster.spapi.regions import MARKETPLACES
from asp_dagster_tests.conftest import UNTIL, RunJob
from asp_dagster_tests.shown import shown_on

ROOT = Path(__file__).parent.parent
PAGES = {page.name: page.read_text("utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
GENERATED = ["operations.md"]

FEED_PAGES: Mapping[str, str] = runpy.run_path(str(ROOT / "scripts" / "feed_pages.py"))["pages"]()

AIRBYTE = runpy.run_path(str(ROOT / "scripts" / "airbyte_page.py"))
UNAVOIDABLE = "Amazon removes|no longer in Amazon's list"
"""Warnings of what Amazon does to a feed, whoever declares it."""

DECLARED: Mapping[str, Any] = {
    declared["attributes"]["name"]: declared["attributes"]
    for block in shown_on("docs/operations.md", "yaml")
    if (declared := yaml.safe_load(block))
}
"""The declarations on the page of all operations, by the name of the feed."""


@pytest.mark.parametrize("page", GENERATED)
def test_generated_page_is_up_to_date(page: str) -> None:
    """A generated page is what its script writes: run `python scripts/write_docs.py`."""
    pages = runpy.run_path(str(ROOT / "scripts" / "write_docs.py"))["PAGES"]

    assert PAGES[page] == pages[page]()


@pytest.mark.parametrize("page", FEED_PAGES)
def test_page_of_a_feed_is_up_to_date(page: str) -> None:
    """A feed's page is what its declaration says: run `python scripts/feed_pages.py`."""
    assert (ROOT / "docs" / "feeds" / page).read_text("utf-8") == FEED_PAGES[page]


def test_each_feed_has_a_page_and_no_other_has() -> None:
    """The default feeds and the ready ones have a page each; a feed that is gone leaves none."""
    assert sorted(page.name for page in (ROOT / "docs" / "feeds").iterdir()) == sorted(FEED_PAGES)
    assert len(FEED_PAGES) == len(all_ready_feed_names()) + len(
        list((ROOT / "asp_dagster" / "defs").glob("*/defs.yaml"))
    )


def test_each_stream_of_airbyte_has_its_place() -> None:
    """The page of the migration is what its script writes, and has the 58 streams once each."""
    assert PAGES["migrate_airbyte.md"] == AIRBYTE["text"]()
    assert len({entry["stream"] for entry in AIRBYTE["STREAMS"]}) == 58
    assert len(AIRBYTE["STREAMS"]) == 58


@pytest.mark.parametrize("entry", AIRBYTE["STREAMS"], ids=lambda entry: entry["stream"])
def test_declaration_for_a_stream_of_airbyte_can_be_meant(entry: Mapping[str, Any]) -> None:
    """What stands for a stream is a feed that exists, or a declaration that passes the checks."""
    declared = AIRBYTE["declaration"](entry)
    if declared is None:
        assert f"{entry['feed']}.md" in FEED_PAGES
        return
    component = getattr(asp_dagster, declared["type"].rpartition(".")[2])
    attributes = {"name": AIRBYTE["name"](entry), **declared["attributes"]}

    feed = component.from_attributes_dict(attributes=attributes).declared()

    is_listed = component is AmazonSPListedReport  # which has checked it already
    warned = () if is_listed else check_feed(feed, today=AS_OF)
    assert [each for each in warned if not re.search(UNAVOIDABLE, each)] == []


def test_page_of_the_commands_is_up_to_date() -> None:
    """The page says what the commands say: run `python scripts/write_cli.py`."""
    written = runpy.run_path(str(ROOT / "scripts" / "write_cli.py"))

    assert PAGES["cli.md"] == written["text"]()


@pytest.mark.parametrize("name", DECLARED)
def test_shown_declaration_of_an_operation_can_be_meant(name: str) -> None:
    """Each operation is shown with a declaration that passes the checks, removals aside."""
    feed = AmazonSPApi.resolve_from_yaml(yaml.safe_dump(DECLARED[name])).declared()

    warnings = check_feed(feed, today=AS_OF)

    assert [warning for warning in warnings if "Amazon removes" not in warning] == []


def test_every_operation_is_shown_once() -> None:
    """Each row of the page's table has its declaration below, but for what Amazon has removed."""
    page = PAGES["operations.md"]
    rows = re.findall(r"^\| (\w+) \| `/", page, re.MULTILINE)

    assert page.count("<summary>") == len(rows)
    assert len(DECLARED) == len(rows) - page.count("Amazon removed it on")


@pytest.mark.parametrize("table", ["orders", "order_items"])
def test_page_of_orders_v0_has_each_column(table: str) -> None:
    """The two versions are put side by side column by column, none missing, none invented."""
    page = PAGES["migrate_orders_v0.md"]
    title = table.replace("_", " ").capitalize()
    section = page.split(f"\n## {title}, column by column\n")[1].split("\n## ")[0]
    told = {
        column: (old, new)
        for column, old, new in re.findall(
            r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", section, re.MULTILINE
        )
    }

    old, new = _declared_columns("orders_v0", f"{table}_v0"), _declared_columns("orders", table)
    assert list(told) == list(old) == list(new)
    for column, (in_old, in_new) in told.items():
        assert f"`{old[column]}`" in in_old
        assert f"`{new[column].partition('.quantity')[0]}" in in_new


def test_both_versions_of_orders_tell_the_same(
    simulator: Simulator, run_job: RunJob, tmp_path: Path
) -> None:
    """The comparison that the page shows finds no difference where there is none."""
    [query] = shown_on("docs/migrate_orders_v0.md", "sql")
    day = f"{UNTIL - timedelta(days=1):%Y-%m-%d}"
    runs = [run_job(simulator, job, day) for job in ("orders_job", "orders_v0_job")]

    assert [each.success for each in runs] == [True, True]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as warehouse:
        assert warehouse.sql("select count(*) from amazon.orders").fetchall() > [(0,)]
        assert warehouse.sql(query).fetchall() == []


def _declared_columns(feed: str, table: str) -> dict[str, str]:
    """Return where each column of a default feed's table stands, the first place of several."""
    text = (ROOT / "asp_dagster" / "defs" / feed / "defs.yaml").read_text("utf-8")
    tables = {each["name"]: each for each in yaml.safe_load(text)["attributes"]["tables"]}
    paths = {name: column["path"] for name, column in tables[table]["columns"].items()}
    return {name: path if isinstance(path, str) else path[0] for name, path in paths.items()}


def test_page_of_mitto_has_every_key() -> None:
    """Each key that a job file may have is told, with what it does here."""
    told = {
        word
        for cell in re.findall(r"^\| (`[^|]+) \|", PAGES["migrate_mitto.md"], re.MULTILINE)
        for word in re.findall(r"\w+", cell)
    }
    keys = {*JOB_KEYS, *CONF_KEYS, "input", "use", "dbo", "schema", "tablename"}
    keys |= {key for kind in (*_INPUTS.values(), _REPORT_FILE) for key in kind.keys}

    assert keys - told == set()


def test_page_of_a_real_account_has_each_marketplace() -> None:
    """Each selling region is shown with its endpoint and all its marketplaces."""
    rows = re.findall(
        r"^\| [\w ]+ \| `(https://\S+)` \| (.*) \|$", PAGES["connect.md"], re.MULTILINE
    )
    told = {
        (endpoint, *place)
        for endpoint, places in rows
        for place in re.findall(r"(\w\w) `(\w+)`", places)
    }

    assert told == {
        (each.region.endpoint, each.country_code, each.marketplace_id) for each in MARKETPLACES
    }


def test_troubleshooting_tells_cause_and_remedy_of_each_symptom() -> None:
    """Each of the thirty symptoms says why it is so, what is done here, and what is left to do."""
    symptoms = PAGES["troubleshooting.md"].split("\n### ")[1:]

    assert len(symptoms) == 30
    assert [
        symptom.splitlines()[0]
        for symptom in symptoms
        if re.findall(r"^- \*\*(\w+)\.\*\*", symptom, re.MULTILINE) != ["Why", "Here", "You"]
    ] == []


def test_names_in_the_troubleshooting_exist() -> None:
    """Names of checks and of metadata in the troubleshooting are ones of the package."""
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", PAGES["troubleshooting.md"]))
    package = "".join(
        file.read_text("utf-8") for file in sorted((ROOT / "asp_dagster").rglob("*.py"))
    )

    assert [name for name in sorted(named) if name not in package] == []
