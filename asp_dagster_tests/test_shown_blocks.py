"""Every block of code in the documentation is run, loaded, or excused with a reason.

Here belongs that none is forgotten. A new block belongs to one of the kinds below by itself, or it
needs a test, or a line in a table that says why it has none.
"""

from collections.abc import Mapping

import pytest

from asp_dagster_tests.shown import BLOCKS, ROOT, Block
from asp_dagster_tests.test_component_docs import DECLARATIONS, WRITTEN
from asp_dagster_tests.test_shown_commands import APART, COMMANDS

READ = ("yaml", "json", "toml")
"""Languages of which `test_component_docs` or `test_shown_fragments` takes every block."""

RUN: Mapping[tuple[str, str], str] = {
    ("README.md", "python"): "test_readme.py",
    ("docs/accounts.md", "sql"): "partners/test_rows.py",
    ("docs/migrate_orders_v0.md", "sql"): "test_docs.py",
    ("docs/python.md", "python"): "test_public_names.py",
    ("docs/quota.md", "python"): "test_shared_quota.py",
    ("docs/raw_files.md", "python"): "test_where_files_go.py",
}
"""The tests that run what a page shows in a language."""

NO_CODE: Mapping[tuple[str, str], str] = {
    ("README.md", "Amazon"): "a picture of the two halves",
    ("README.md", "definitions,"): "the map of the floors",
    ("docs/alerts.md", "acme/raw_orders"): "a message",
    ("docs/architecture.md", "Amazon"): "a picture of the two halves",
    ("docs/architecture.md", "definitions"): "a picture of the floors",
    ("docs/architecture.md", "defs.yaml"): "a picture of a run",
    ("docs/doctor.md", "ok"): "what a command prints",
    ("docs/incremental.md", "feed"): "what a command prints",
    ("docs/quota.md", "bound"): "a formula",
    ("docs/reliability.md", "answer"): "figures of a night",
    ("docs/reliability.md", "runs"): "figures of a night",
    ("docs/resume.md", "data/raw/.partial/raw_orders/20261101T000000.000Z"): "a path",
    ("docs/resume.md", "raw_orders_v0:"): "a line of a log",
    ("examples/mitto/README.md", "ASP_CREDENTIALS_MY_SELLER_CLIENT_ID"): "names of variables",
}
"""Blocks in no language that anything could run, by page and first word."""


def _excuse(block: Block) -> tuple[str, str]:
    """Return by what a block in no language is named: its page and its first word."""
    word = block.text.split()[0]
    return block.page, word.partition("Z/")[0] + "Z" if "Z/" in word else word


def _is_held(block: Block) -> bool:
    """Tell whether some test runs, loads or reads the block, or it is excused."""
    return (
        block in COMMANDS
        or block.language in READ
        or block.page in APART
        or (block.page, block.language) in RUN
        or (block.language in {"", "text"} and _excuse(block) in NO_CODE)
    )


def test_every_block_is_run_or_excused() -> None:
    """No page shows code that no test knows."""
    assert [(block.page, block.begins) for block in BLOCKS if not _is_held(block)] == []


def test_no_excuse_is_left_over() -> None:
    """Each line of the tables is for a block that is there."""
    there = {(block.page, block.language) for block in BLOCKS}

    assert set(RUN) <= there
    assert set(NO_CODE) - {_excuse(block) for block in BLOCKS} == set()


@pytest.mark.parametrize(("page", "test"), [(page, test) for (page, _), test in RUN.items()])
def test_test_of_a_page_reads_the_page(page: str, test: str) -> None:
    """The test that is said to run what a page shows takes it from there."""
    assert f'shown_on("{page}"' in (ROOT / "asp_dagster_tests" / test).read_text("utf-8")


def test_declarations_of_all_kinds_of_pages_are_loaded() -> None:
    """Declarations are loaded from README, pages, pages of feeds, components and examples."""
    pages = {page for page, _ in DECLARATIONS.values()}

    assert {
        "README.md",
        "docs/tutorial.md",
        "docs/feeds/settlements.md",
        "docs/components/amazon_sp_report.md",
        "examples/mitto/README.md",
    } <= pages
    assert not pages & set(WRITTEN)
