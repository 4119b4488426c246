"""Writes the pages of `docs/` that are made from the package's own tables.

    python scripts/write_docs.py

Here belongs the making of the pages; what one needs beyond the tables is in a YAML file of its
name. Amazon's models are not needed.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from asp_dagster.catalog.operations import KnownOperation, Operations, counterpart
from asp_dagster.catalog.retirements import Retirement, Retirements
from asp_dagster.spapi.usage_plans import UsagePlans

DOCS = Path(__file__).parent.parent / "docs"
BOUNDS = re.compile(
    r"((?:last)?updated|changed|posted|created|labelCreated|fromIssue|"
    r"FinancialEventGroupStarted|date|period|queryStart)(After|Since|Start|Date)",
    re.IGNORECASE,
)
"""Lower bounds of when a record came to be or changed, not of what it is about."""

SHOWN: Mapping[str, Any] = yaml.safe_load(
    Path(__file__).with_name("operations_page.yaml").read_text(encoding="utf-8")
)
"""Values that only the reader knows, and where a path's variable is found."""

STYLES = {
    "none": "one page",
    "same_params": "`{}`, with the same parameters",
    "token_only": "`{}` alone",
}

HEAD = """# Every list Amazon offers

Written by `scripts/write_docs.py` from the package's tables; change those, not this page.

Each of these operations can be declared in a `defs.yaml`, as shown below the table. Paging, the
place of the records and the usage plan are known and need no key. Rate is in requests per second,
in brackets where Amazon publishes none; burst is how many can be saved up. The answer's rate header
goes before both.

In the declarations, words in `<angle brackets>` are yours to fill. `{marketplace_ids}`,
`{marketplace_id}` and `{seller_id}` are filled from the account, `{window_start}` and
`{window_end}` from the partition. An operation whose path needs a value of another list is shown as
that list's extension.
"""


@dataclass(frozen=True)
class ListOperation:
    """A GET operation of the paging table, and what the other tables say of it."""

    row: Mapping[str, str]
    known: KnownOperation | None
    retirement: Retirement | None

    @property
    def path(self) -> str:
        """Amazon's path."""
        return self.row["path"]

    @property
    def name(self) -> str:
        """Amazon's name without its verb, in snake case."""
        bare = re.sub(
            r"^(get|list|search|retrieve)", "", self.row["operation"], flags=re.IGNORECASE
        )
        return _snake(bare)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that Amazon wants, without those of the window."""
        taken = self.known.parameters if self.known else {}
        required = [name for name, each in taken.items() if each.is_required]
        window = {self.lower_bound, counterpart(self.lower_bound or "", self.known)}
        named = [*required, *SHOWN["needed"].get(self.path, [])]
        return {name: self._value(name) for name in named if name not in window}

    def _value(self, name: str) -> Any:
        """Return what to show for a parameter."""
        if name.casefold() not in {"marketplaceid", "marketplaceids"}:
            return SHOWN["values"].get(name, f"<{name}>")
        parameter = self.known.parameters[name] if self.known else None
        takes_one = not parameter or parameter.kind == "text" or parameter.most == 1
        takes_one = takes_one or self.path in SHOWN["one_marketplace"]
        return "{marketplace_id}" if takes_one else "{marketplace_ids}"

    @cached_property
    def lower_bound(self) -> str | None:
        """The parameter to ask from a time on; one with an upper bound, the latest change first."""
        known = self.known
        bounds = [name for name in (known.parameters if known else ()) if BOUNDS.fullmatch(name)]
        usable = [name for name in bounds if counterpart(name, known) or self.path in SHOWN["ids"]]
        changes = [name for name in usable if re.search("updated|changed", name, re.IGNORECASE)]
        return next(iter([*changes, *usable]), None)

    @property
    def is_removed(self) -> bool:
        """Whether Amazon had removed it."""
        return bool(self.retirement and self.retirement.is_over)


class Page:
    """The page of all list operations."""

    def __init__(self) -> None:
        self.plans = UsagePlans.load()
        self.operations = list(_operations())
        self._by_path = {each.path: each for each in self.operations}
        self._names = Counter(each.name for each in self.operations)

    def text(self) -> str:
        """Return the page as Markdown."""
        return "\n".join([HEAD, *self._table(), *self._sections()]) + "\n"

    def declaration(self, operation: ListOperation) -> dict[str, Any]:
        """Return the `defs.yaml` that extracts an operation."""
        name = operation.name
        if self._names[name] > 1:
            name = f"{_snake(operation.row['model'])}_{name}"
        top, extension = self._from_the_top(operation)
        attributes: dict[str, Any] = {"name": name, "path": _filled(top.path)}
        if top.params:
            attributes["params"] = top.params
        if top.lower_bound:
            attributes["updated_at_param"] = top.lower_bound
        if top.path in SHOWN["ids"]:
            attributes["record_config"] = {"id_field": SHOWN["ids"][top.path]}
        elif top.lower_bound or "{window_start}" in str(top.params):
            attributes["partitions"] = "daily"
        if extension:
            attributes["extend_resources"] = [extension]
        if any(self._is_personal(each.path) for each in (operation, top)):
            attributes["pii"] = "include"
        return {"type": "asp_dagster.AmazonSPApi", "attributes": attributes}

    def _is_personal(self, path: str) -> bool:
        return self.plans.operation("GET", path).is_restricted

    def _from_the_top(self, operation: ListOperation) -> tuple[ListOperation, dict[str, Any]]:
        """Return the list to begin with, and the extension that leads to the operation."""
        chain, extension = list(self._chain(operation)), dict[str, Any]()
        for number, (child, field) in enumerate(chain):
            outer = [
                f"{'^.' * (depth + 1)}{each}" for depth, (_, each) in enumerate(chain[number + 1 :])
            ]
            variables = [*reversed(outer), field]
            extension = {
                "new_field_name": child.path.rpartition("/")[2],
                "path": re.sub(r"{\w+}", "{}", child.path),
                "path_variable_name": variables if outer else field,
                **({"params": child.params} if child.params else {}),
                **({"extend_resources": [extension]} if extension else {}),
            }
        top = self._by_path[_parent(chain[-1][0].path)[0]] if chain else operation
        return top, extension

    def _chain(self, operation: ListOperation) -> Iterator[tuple[ListOperation, str]]:
        """Yield the operation and those around it, each with the field it takes its value from."""
        parent, field = _parent(operation.path)
        if parent:
            yield operation, field
            yield from self._chain(self._by_path[parent])

    def _table(self) -> Iterator[str]:
        yield "| operation | path | results key | paging | rate | burst |"
        yield "|---|---|---|---|---:|---:|"
        for operation in self.operations:
            row, plan = operation.row, self.plans.operation("GET", operation.path)
            rate = f"{plan.rate:g}" if plan.documented else f"({plan.rate:g})"
            paging = STYLES[row["next_page"]].format(row["token_param"])
            cells = (row["operation"], f"`{row['path']}`", f"`{row['results_key']}`", paging)
            yield f"| {' | '.join(cells)} | {rate} | {plan.burst} |"

    def _sections(self) -> Iterator[str]:
        by_model: dict[str, list[ListOperation]] = defaultdict(list)
        for operation in self.operations:
            by_model[operation.row["model"]].append(operation)
        for model, operations in by_model.items():
            yield f"\n## {model}"
            for operation in operations:
                yield from self._section(operation)

    def _section(self, operation: ListOperation) -> Iterator[str]:
        name, end = operation.row["operation"], operation.retirement
        yield f"\n<details><summary>{name}</summary>\n"
        if end:
            verb = "removed" if operation.is_removed else "removes"
            yield f"Amazon {verb} it on {end.removed_on}; use `{end.successor}`.\n"
        limit = SHOWN["limits"].get(f"{operation.row['model']}.{name}")
        if limit:
            yield f"{limit}\n"
        if not operation.is_removed:
            text = yaml.safe_dump(self.declaration(operation), sort_keys=False, width=1000)
            yield f"```yaml\n{text}```\n"
        yield "</details>"


def _operations() -> Iterator[ListOperation]:
    operations, retirements = Operations.load(), Retirements.load()
    table = (files("asp_dagster.spapi") / "paging.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines()):
        if row["method"] == "GET":
            known = operations.find("GET", row["path"])
            yield ListOperation(row, known, retirements.find(row["path"]))


def _parent(path: str) -> tuple[str, str]:
    """Return the list that has a path's last variable, and the field, or nothing."""
    known = [
        prefix for prefix in SHOWN["parents"] if path == prefix or path.startswith(f"{prefix}/")
    ]
    return SHOWN["parents"][max(known, key=len)] if known else ("", "")


def _filled(path: str) -> str:
    """Return a path with something in place of its variables."""
    filled = path.replace("{sellerId}", "{seller_id}")
    return re.sub(r"{(?!seller_id)(\w+)}", r"<\1>", filled)


def _snake(text: str) -> str:
    return re.sub(r"\W+|(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()


PAGES = {"operations.md": lambda: Page().text()}


def write(pages: Sequence[str] = tuple(PAGES)) -> None:
    """Write the pages."""
    DOCS.mkdir(exist_ok=True)
    for name in pages:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")


if __name__ == "__main__":
    write()
