"""Writes `docs/feeds/`, a page for each feed that comes with the package, from its declaration.

    python scripts/feed_pages.py

Here belongs the shape of a page. What a feed asks for, costs and becomes is said in its declaration
and in the package's tables; the roles at Amazon are in the YAML file of this script's name.
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

import asp_dagster
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.feeds.costs import FeedCost, feed_cost
from asp_dagster.feeds.ready import all_ready_feed_names, component_of, ready_feed, ready_feed_text
from asp_dagster.spapi.usage_plans import UsagePlans

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "feeds"
DEFAULT_FEEDS = ROOT / "asp_dagster" / "defs"
ROLES: Mapping[str, list[str]] = yaml.safe_load(
    Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
)["roles"]

MAPPINGS = "[Amazon's list](https://developer-docs.amazon.com/sp-api/docs/role-mappings)"
TYPES = "[Amazon's list](https://developer-docs.amazon.com/sp-api/docs/role-mappings-for-types)"
HEAD = """# {name}

Written by `scripts/feed_pages.py` from the feed's declaration; change that, not this page.

{description}
"""
SCHEMA = """In schema `amazon`; with `account: acme` in schema `acme`. Each row has `_partition` and
`_loaded_at` besides."""
BY_THEMSELVES = """Its columns make themselves from what Amazon sends, and lists in a record become
child tables: [Tables](../tables.md#by-themselves)."""


@dataclass(frozen=True)
class ShownFeed:
    """A feed as its page shows it.

    Attributes:
        name: Its name, which is that of its job too.
        component: The component it is declared with.
        declared: What stands under `attributes`.
        text: Its file, comments included.
        is_default: Whether it is on without being declared.
    """

    name: str
    component: str
    declared: Mapping[str, Any]
    text: str
    is_default: bool

    @cached_property
    def feed(self) -> Feed:
        """What its component makes of the declaration."""
        attributes = {"name": self.name, **self.declared}
        if self.is_personal:
            attributes["pii"] = "include"
        component = getattr(asp_dagster, self.component)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what Amazon removes: the page says it
            feed: Feed = component.from_attributes_dict(attributes=attributes).declared()
        return feed

    @property
    def is_personal(self) -> bool:
        """Whether it asks for an operation that Amazon answers with a restricted token only."""
        path = self.declared.get("path")
        return bool(path) and UsagePlans.load().operation("GET", path).is_restricted

    @cached_property
    def cost(self) -> FeedCost:
        """What a run asks for, and in how many calls."""
        return feed_cost(self.name)

    @property
    def roles(self) -> str:
        """The roles of which the application needs one."""
        source = self.feed.source
        if isinstance(source, ReportSpec):
            known = ReportTypes.load().find(source.report_type).roles
            return f"{' or '.join(known)}; {TYPES}" if known else TYPES
        found = [roles for prefix, roles in ROLES.items() if source.path.startswith(prefix)]
        return f"{' or '.join(found[0])}; {MAPPINGS}" if found else MAPPINGS


def shown_feeds() -> Iterator[ShownFeed]:
    """Yield the default feeds, then the ready ones."""
    for file in sorted(DEFAULT_FEEDS.glob("*/defs.yaml")):
        text = file.read_text(encoding="utf-8")
        whole = yaml.safe_load(text)
        component = whole["type"].rpartition(".")[2]
        yield ShownFeed(file.parent.name, component, whole["attributes"], text, is_default=True)
    for name in all_ready_feed_names():
        component = component_of(name)
        declared = ready_feed(name, component)
        yield ShownFeed(name, component, declared, ready_feed_text(name), is_default=False)


def text(shown: ShownFeed) -> str:
    """Return a feed's page as Markdown."""
    lines = [
        HEAD.format(name=shown.name, description=_told(shown.feed.description)),
        *_facts(shown),
        "\n## Calls of a run\n",
        *_calls(shown),
        "\n## Tables\n",
        SCHEMA,
    ]
    for table in shown.feed.tables:
        lines += [f"\n### {table.name}\n", *_table(table)]
    return "\n".join([*lines, "\n## Declaration\n", *_declaration(shown)]) + "\n"


def _facts(shown: ShownFeed) -> Iterator[str]:
    feed, source = shown.feed, shown.feed.source
    yield "| | |"
    yield "|---|---|"
    asks = source.path if isinstance(source, EndpointSpec) else source.report_type
    yield f"| asks for | `{asks}` |"
    yield f"| a run asks for | {shown.cost.window} |"
    yield f"| role | {shown.roles} |"
    yield f"| personal data | {'needs `pii: include`' if shown.is_personal else 'none'} |"
    yield f"| raw files | `{feed.name}` |"
    yield f"| job | {'`reports_job`, and ' * _is_of_reports_job(shown)}`{shown.name}_job` |"
    for page in re.findall(r"^# (https://\S+)$", shown.text, re.MULTILINE):
        yield f"| Amazon's page | <{page}> |"


def _is_of_reports_job(shown: ShownFeed) -> bool:
    return shown.is_default and isinstance(shown.feed.source, ReportSpec)


def _calls(shown: ShownFeed) -> Iterator[str]:
    yield "| operation | calls | a second | at once |"
    yield "|---|---|---:|---:|"
    for calls in shown.cost.calls:
        plan = calls.operation
        yield f"| {plan.name} | {calls} | {plan.rate:g} | {plan.burst} |"


def _table(table: TableSpec | InferredTable) -> Iterator[str]:
    if table.description:
        yield f"{_told(table.description)}\n"
    if isinstance(table, InferredTable):
        key = ", ".join(f"`{place}`" for place in table.key)
        yield f"Known by {key} in Amazon's record." if key else "Replaced by the partition."
        yield BY_THEMSELVES
        return
    yield f"{_identity(table)}\n"
    yield "| column | type | where it stands | |"
    yield "|---|---|---|---|"
    for name, column in table.columns.items():
        yield f"| `{name}` | {column.type} | {_place(column)} | {_told(column.description)} |"
    if table.other_columns == "text":
        yield "\nEvery other column of the report is there too, as text, under its header."


def _identity(table: TableSpec) -> str:
    if table.key:
        newest = f"; the newest by `{table.newest_by}` stays" if table.newest_by else ""
        return f"Known by {', '.join(f'`{name}`' for name in table.key)}{newest}."
    if table.parent:
        return f"Replaced with its row of `{table.parent}`."
    return "Replaced by the partition."


def _place(column: ColumnSpec) -> str:
    places = ", or ".join(f"`{path}`" for path in column.paths if path)
    measure = "" if column.measure == "value" else column.measure.replace("_", " ")
    return " of ".join(part for part in (measure, places) if part)


def _told(description: str) -> str:
    return description.replace("|", "\\|")


def _declaration(shown: ShownFeed) -> Iterator[str]:
    if shown.is_default:
        path = f"asp_dagster/defs/{shown.name}/defs.yaml"
        yield f"It is on from the beginning: [{path}](../../{path})."
        return
    yield "```yaml"
    yield f"# asp_dagster/defs/{shown.name}/defs.yaml"
    yield f"type: asp_dagster.{shown.component}"
    yield "attributes:"
    yield f"  feed: {shown.name}"
    if shown.is_personal:
        yield "  pii: include"
    yield "```\n"
    yield f"What stands behind the name, and why, shows `asp feeds {shown.name}`."


def pages() -> Mapping[str, str]:
    """Return all pages by the names of their files."""
    return {f"{shown.name}.md": text(shown) for shown in shown_feeds()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, page in pages().items():
        (FOLDER / name).write_text(page, encoding="utf-8")
