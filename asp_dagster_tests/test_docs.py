"""The pages in `docs/` are what the tables of the package say, and what they show works."""

import re
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from asp_dagster.catalog.feed_checks import check_feed
from asp_dagster.catalog.retirements import AS_OF
from asp_dagster.components import AmazonSPApi
from asp_dagster.feeds.ready import all_ready_feed_names

ROOT = Path(__file__).parent.parent
PAGES = {page.name: page.read_text("utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
GENERATED = ["operations.md"]

FEED_PAGES: Mapping[str, str] = runpy.run_path(str(ROOT / "scripts" / "feed_pages.py"))["pages"]()

DECLARED: Mapping[str, Any] = {
    declared["attributes"]["name"]: declared["attributes"]
    for block in re.findall(r"```yaml\n(.*?)```", PAGES["operations.md"], re.DOTALL)
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
