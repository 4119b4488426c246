"""The places of values in nested records: their grammar, and the nested type they need.

    a.b               the field b of the object a
    a[kind=X].b       of the list a, the first entry whose field kind is X
    a[0].b            of the list a, the entry at a position, counted from 0
    a[].b             of the list a, each entry: b gathered over all of them
    ^.a.b             the same, from what is around the row; ^.^.a.b from one level further out

Where a table's rows are is written `a.b[].c[]`: the list b in a, and in each of its entries the
list c, whose entries are the rows.

Here belong parsing a path, the expression that reaches its value in DuckDB, and the nested type in
which a set of paths can be gone. What is done with the values is said in `records`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.sql import literal

_STEP = re.compile(
    r"(?P<name>[^.\[\]]+)(?:\[(?:(?P<position>[0-9]+)|(?P<field>[^=\[\]]+)=(?P<word>[^\[\]]*)"
    r"|(?P<each>))\])?"
)
_UNNAMED_STEP = re.sub(r"\?P<\w+>", "?:", _STEP.pattern)
_PATH = re.compile(rf"{_UNNAMED_STEP}(?:\.{_UNNAMED_STEP})*")
_OUTER = "^."


class Mark(Enum):
    """What a route leads through, or ends in, besides the names of fields."""

    ENTRIES = "a list"
    VALUE = "a single value"
    JSON = "any value"


Route = tuple[str | Mark, ...]
"""The way to a value through objects and lists: `("a", Mark.ENTRIES, "b", Mark.VALUE)`."""


@dataclass(frozen=True)
class Step:
    """One step of a path: into a field and, if that is a list, on to one of its entries."""

    name: str
    position: int | None = None
    match: tuple[str, str] | None = None
    each: bool = False

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
    """The place of a value, from the row or from what is around it.

    Attributes:
        steps: The steps.
        outer: How many levels around the row they begin.
    """

    steps: tuple[Step, ...]
    outer: int = 0

    @classmethod
    def parse(cls, text: str) -> "ValuePath":
        """Return the path that is written as `text`.

        Raises:
            TableSpecError: The text is no path.
        """
        dotted, outer = _from_outside(text)
        if not _PATH.fullmatch(dotted):
            raise TableSpecError(
                f"{text!r} is no path: write names with dots between them, and after the name of "
                "a list [field=word], [position] or [], such as a.b[kind=X].c."
            )
        return cls(tuple(_step(found) for found in _STEP.finditer(dotted)), outer)

    @property
    def gathers(self) -> bool:
        """Whether the path leads to several values, through each entry of a list."""
        return any(step.each for step in self.steps)

    def through_each(self, position: int) -> "ValuePath":
        """Return the path that goes on to each entry at one of its steps."""
        steps = list(self.steps)
        steps[position] = replace(steps[position], each=True)
        return replace(self, steps=tuple(steps))

    def sql(self, root: str) -> str:
        """Return the expression that follows this path from the expression `root`."""
        for step in self.steps:
            root = step.sql(root)
        return root

    def gathered(self, root: str) -> str:
        """Return the expression of the list of all values this path leads to from `root`."""
        end = 1 + next(at for at, step in enumerate(self.steps) if step.each)
        entries = ValuePath(self.steps[:end]).sql(root)
        inner = ValuePath(self.steps[end:])
        if not inner.steps:
            return entries
        # Each level's entry has a name of its own, since the levels lie in each other.
        entry = f"entry{len(inner.steps)}"
        if inner.gathers:
            return f"flatten(list_transform({entries}, lambda {entry}: {inner.gathered(entry)}))"
        return f"list_transform({entries}, lambda {entry}: {inner.sql(entry)})"

    def routes(self, *ending: str | Mark) -> Iterator[Route]:
        """Return the ways this path goes: to each field it compares, and through its `ending`."""
        before: Route = ()
        for step in self.steps:
            is_list = step.takes_entry or step.each
            before += (step.name, Mark.ENTRIES) if is_list else (step.name,)
            if step.match is not None:
                yield (*before, step.match[0], Mark.VALUE)
        yield before + ending


@dataclass(frozen=True)
class RowsPath:
    """The place of a table's rows: through which lists they are reached.

    Attributes:
        text: How it is written.
        levels: The names that lead to each list, from the record or from an entry of the last.
    """

    text: str
    levels: tuple[tuple[str, ...], ...]

    @classmethod
    def parse(cls, text: str | None, table: str) -> "RowsPath":
        """Return the place that is written as `text`; without any, the records are the rows.

        Raises:
            TableSpecError: The text is no place of rows.
        """
        if text is None:
            return cls("", ())
        dotted, outer = _from_outside(text)
        is_path = _PATH.fullmatch(dotted) and not outer
        steps = [_step(found) for found in _STEP.finditer(dotted)] if is_path else []
        if not steps or any(step.takes_entry for step in steps):
            raise TableSpecError(
                f"Table {table} takes its rows at {text}: write names with dots between them, and "
                "[] behind each list that is gone through, such as orderItems[].promotions[]."
            )
        levels: list[tuple[str, ...]] = [()]
        for step in steps:
            levels[-1] += (step.name,)
            if step.each and step is not steps[-1]:
                levels.append(())
        return cls(text, tuple(levels))

    @property
    def at(self) -> str:
        """Where the rows are, for a message."""
        return f" at {self.text}" if self.text else ""

    @property
    def inner(self) -> "RowsPath":
        """The place of the rows within an entry of the first list."""
        return RowsPath(self.text, self.levels[1:])

    def entries(self, value: Any) -> Iterator[Any]:
        """Return the rows in a value: the value itself, unless there are lists to go through."""
        if not self.levels:
            yield value
            return
        for name in self.levels[0]:
            value = value.get(name) if isinstance(value, dict) else None
        for entry in value if isinstance(value, list) else [] if value is None else [value]:
            yield from self.inner.entries(entry)


def outer_levels(text: str) -> int:
    """Return how many levels out a path leads that is nothing but `^`, `^.^` and so on.

    Raises:
        TableSpecError: The path is something else.
    """
    if set(text.split(".")) != {"^"}:
        raise TableSpecError(
            f"{text!r} is no place of a position: leave the path out for the row's own, or write "
            "^ for that of the entry around it, ^.^ for that of the one around that."
        )
    return len(text.split("."))


def _from_outside(text: str) -> tuple[str, int]:
    """Return a path without the levels it begins outside of the row, and their number."""
    outer = 0
    while text.startswith(_OUTER):
        text = text.removeprefix(_OUTER)
        outer += 1
    return text, outer


def _step(found: re.Match[str]) -> Step:
    """Return the step that was found in a path's text."""
    if found["each"] is not None:
        return Step(found["name"], each=True)
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
    if Mark.JSON in node:
        return "JSON"
    return f"STRUCT({', '.join(fields)})" if fields else "VARCHAR"


def _quoted(name: str) -> str:
    """Return a field's name as DuckDB writes it in a type: any name, unlike a column's."""
    return '"' + name.replace('"', '""') + '"'
