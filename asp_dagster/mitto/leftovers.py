"""What a job file says that has no meaning here, each with the reason.

Here belong: keys about Mitto's own machinery. Nothing is dropped in silence: what stands in a file
is either translated or listed.

https://www.zuar.com/blog/anatomy-of-a-mitto-io-job/
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from asp_dagster.mitto.sections import Section

JOB_KEYS = (
    "id",
    "name",
    "title",
    "type",
    "markdown",
    "conf",
    "tags",
    "schedule",
    "timeout",
    "notify",
    "delay",
    "concurrency",
    "continue_on_error",
    "created_at",
    "updated_at",
)
"""What Mitto writes around a job's `conf`."""

CONF_KEYS = ("steps", "sdl", "store")
"""What Mitto writes into a job's `conf` beside its input and output."""

_REASONS: Mapping[str, str] = {
    "dbo": "tables go to the warehouse of this code location",
    "credentials": "the input has its own",
    "use": "the warehouse writes the table",
    "sdl": "columns and their types are found in the data",
    "store": "raw files are always kept",
    "schedule": "schedules are Dagster's",
    "timeout": "run limits are Dagster's",
    "notify": "alerts are Dagster's",
    "concurrency": "concurrency limits are Dagster's",
    "tags": "Dagster's tags are pairs",
}
_OWN = re.compile(r"(call:)?(mitto|runner)\.[\w.]+#(?P<name>\w+)")
_CLASS = re.compile(r"[\w.:]+#\w+")
_DONE_HERE = frozenset(
    {
        "Input",
        "CreateTable",
        "Output",
        "SyncTable",
        "CollectMeta",
        "CountTable",
        "MaxTimestamp",
        "SetUpdatedAt",
        "CreateTempTable",
        "SyncTempTable",
        "ExtraColumnsTransform",
        "ColumnsTransform",
        "FlattenTransform",
    }
)
"""Mitto's steps and transforms whose work is done here by landing and loading."""


def leftovers(section: Section, translated: Collection[str]) -> Iterator[str]:
    """Yield the dotted place of each key that was not translated, with the reason in brackets."""
    for key, value in section.given.items():
        if key == "steps" and isinstance(value, list):
            yield from _steps(section, value)
        elif key not in translated:
            yield f"{section.at(key)} ({_REASONS.get(key, 'no meaning here')})"


def _steps(section: Section, steps: list[Any]) -> Iterator[str]:
    """Yield Mitto's own steps as one entry, then whatever would have changed the result."""
    own = sum(map(_is_done_here, steps))
    if own:
        yield f"{section.at('steps')} ({_counted(own)} of Mitto's own)"
    for number, step in enumerate(steps):
        place = section.at("steps", str(number))
        if not _is_done_here(step):
            yield f"{place} ({_described(step)})"
            continue
        for position, transform in enumerate(_listed(step.get("transforms"))):
            if not _is_done_here(transform):
                yield f"{place}.transforms.{position} ({_described(transform)})"


def _is_done_here(part: Any) -> bool:
    own = _OWN.fullmatch(_use(part))
    return own is not None and own["name"] in _DONE_HERE


def _described(part: Any) -> str:
    use = _use(part)
    return f"{use} has no counterpart" if _CLASS.fullmatch(use) else "no counterpart"


def _use(part: Any) -> str:
    return str(part.get("use", "")) if isinstance(part, Mapping) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _counted(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"
