"""Finds what is known about a concrete path among entries filed under path templates.

Here belongs: the matching that usage plans and paging rules share. An operation is told apart by
its method and path; Amazon's operation ids are not unique.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class PathTemplates(Generic[Entry]):
    """Entries filed under a method and a path template such as `/orders/v0/orders/{orderId}`."""

    def __init__(self, entries: Iterable[tuple[str, str, Entry]]) -> None:
        self._by_shape: dict[tuple[str, int], list[tuple[list[str], Entry]]] = defaultdict(list)
        for method, template, entry in entries:
            segments = template.split("/")
            self._by_shape[method, len(segments)].append((segments, entry))
        for candidates in self._by_shape.values():
            # A literal wins over a placeholder: `…/items/compliance` is no `…/items/{asin}`.
            candidates.sort(key=lambda candidate: list(map(_is_placeholder, candidate[0])))

    def find(self, method: str, path: str) -> Entry | None:
        """Return the entry whose template fits the path best, or none."""
        segments = path.split("/")
        for template, entry in self._by_shape.get((method.upper(), len(segments)), ()):
            if all(_fits(part, segment) for part, segment in zip(template, segments, strict=True)):
                return entry
        return None


def _is_placeholder(part: str) -> bool:
    return part.startswith("{")


def _fits(part: str, segment: str) -> bool:
    return bool(segment) if _is_placeholder(part) else part == segment
