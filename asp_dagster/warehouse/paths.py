"""The places of values in nested records: their grammar, and the nested type they need.

    a.b               the field b of the object a
    a[kind=X].b       of the list a, the first entry whose field kind is X
    a[0].b            of the list a, the entry at a position, counted from 0
    ^.a.b             the same, from the row's parent

Here belong parsing a path, the expression that reaches its value in DuckDB, and the nested type in
which a set of paths can be gone. What is done with the values is said in `records`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.sql import literal

_STEP = re.compile(
    r"(?P<name>[^.\[\]]+)(?:\[(?:(?P<position>[0-9]+)|(?P<field>[^=\[\]]+)=(?P<word>[^\[\]]*))\])?"
)
_UNNAMED_STEP = re.sub(r"\?P<\w+>", "?:", _STEP.pattern)
_PATH = re.compile(rf"{_UNNAMED_STEP}(?:\.{_UNNAMED_STEP})*")
_PARENT = "^."


class Mark(Enum):
    """What a route leads through, or ends in, besides the names of fields."""

    ENTRIES = "a list"
    VALUE = "a single value"


Route = tuple[str | Mark, ...]
"""The way to a value through objects and lists: `("a", Mark.ENTRIES, "b", Mark.VALUE)`."""


@dataclass(frozen=True)
class Step:
    """One step of a path: into a field and, if that is a list, on to one of its entries."""

    name: str
    position: int | None = None
    match: tuple[str, str] | None = None

    @property
    def takes_entry(self) -> bool:
        """Whether the field is a list of which the step takes an entry."""
        return self.position is not None or self.match is not None

    def sql(self, root: str) -> str:
        """Return the expression that takes this step from the expression `root`."""
        value = f"{root}[{literal(self.name)}]"
        if self.position is not None:
            return f"{value}[{self.position + 1}]"
        if self.match is not None:
            field, word = map(literal, self.match)
            return f"list_filter({value}, lambda one: one[{field}] = {word})[1]"
        return value


@dataclass(frozen=True)
class ValuePath:
    """The place of a value, from the row or from its parent."""

    steps: tuple[Step, ...]
    from_parent: bool = False

    @classmethod
    def parse(cls, text: str) -> "ValuePath":
        """Return the path that is written as `text`.

        Raises:
            TableSpecError: The text is no path.
        """
        dotted = text.removeprefix(_PARENT)
        if not _PATH.fullmatch(dotted):
            raise TableSpecError(
                f"{text!r} is no path: write names with dots between them, and after the name of "
                "a list [field=word] or [position], such as a.b[kind=X].c."
            )
        steps = tuple(_step(found) for found in _STEP.finditer(dotted))
        return cls(steps, from_parent=text.startswith(_PARENT))

    @property
    def parent(self) -> "ValuePath":
        """The path without its last step."""
        return ValuePath(self.steps[:-1], self.from_parent)

    @property
    def last(self) -> Step:
        """The last step."""
        return self.steps[-1]

    def sql(self, root: str) -> str:
        """Return the expression that follows this path from the expression `root`."""
        for step in self.steps:
            root = step.sql(root)
        return root

    def routes(self, *ending: str | Mark) -> Iterator[Route]:
        """Return the ways this path goes: to each field it compares, and through its `ending`."""
        before: Route = ()
        for step in self.steps:
            before += (step.name, Mark.ENTRIES) if step.takes_entry else (step.name,)
            if step.match is not None:
                yield (*before, step.match[0], Mark.VALUE)
        yield before + ending


def _step(found: re.Match[str]) -> Step:
    """Return the step that was found in a path's text."""
    if found["position"] is not None:
        return Step(found["name"], position=int(found["position"]))
    if found["field"] is not None:
        return Step(found["name"], match=(found["field"], found["word"]))
    return Step(found["name"])


def nested_type(routes: Iterable[Route]) -> str:
    """Return the DuckDB type of a value in which all routes can be gone, its leaves texts.

    Raises:
        TableSpecError: Two routes disagree about what stands in one place.
    """
    tree: dict[str | Mark, Any] = {}
    for route in routes:
        node = tree
        for step in route:
            node = node.setdefault(step, {})
    return _type(tree, "the row")


def _type(node: dict[str | Mark, Any], place: str) -> str:
    """Return the type of what stands in one place."""
    kinds = {step.value if isinstance(step, Mark) else "an object" for step in node}
    if len(kinds) > 1:
        raise TableSpecError(
            f"The columns' paths take {place} for {' and for '.join(sorted(kinds))}: "
            "it can be only one of them."
        )
    if Mark.ENTRIES in node:
        return _type(node[Mark.ENTRIES], f"an entry of {place}") + "[]"
    names = [step for step in node if isinstance(step, str)]
    if len({name.lower() for name in names}) < len(names):
        raise TableSpecError(
            f"The columns' paths take {', '.join(names)} of {place}: names that differ only in "
            "capital letters cannot be told apart."
        )
    fields = [f"{_quoted(name)} {_type(node[name], name)}" for name in names]
    return f"STRUCT({', '.join(fields)})" if fields else "VARCHAR"


def _quoted(name: str) -> str:
    """Return a field's name as DuckDB writes it in a type: any name, unlike a column's."""
    return '"' + name.replace('"', '""') + '"'
