"""Which API versions Amazon has removed or will remove, when, and what takes their place.

Here belong: the rows of `retirements.csv` and the look-up of the one that a declared path falls
under. Report types that are gone are not paths, so they are not here.

https://developer-docs.amazon.com/sp-api/docs/sp-api-deprecations
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Self

from asp_dagster.spapi.path_templates import PathTemplates

AS_OF = date(2026, 11, 23)
"""The day of the table. What Amazon had removed by then is refused; of what it removes later a
declaration is only warned, so that no day comes on which everything stops loading by itself."""

NOTICE = timedelta(days=120)
"""How long before its end an operation is warned of."""

_EVERYTHING_BELOW = "/**"
_ANY_METHOD = ""


@dataclass(frozen=True, kw_only=True)
class Retirement:
    """The end of an operation or of a whole API version.

    Attributes:
        path: Path template; `/reports/2020-09-04/**` is everything below.
        removed_on: The day from which on calls fail.
        successor: The path, or the part of Amazon, to turn to.
    """

    path: str
    removed_on: date
    successor: str

    @property
    def is_over(self) -> bool:
        """Whether Amazon had removed it by the day of the table."""
        return self.removed_on <= AS_OF

    def is_near(self, today: date) -> bool:
        """Tell whether its end is near, or has come since the day of the table."""
        return not self.is_over and self.removed_on - today <= NOTICE


class Retirements:
    """All ends that Amazon has announced, found by declared path."""

    def __init__(self, retirements: Iterable[Retirement]) -> None:
        self.all = tuple(retirements)
        self._templates = PathTemplates((_ANY_METHOD, each.path, each) for each in self.all)

    @classmethod
    def load(cls) -> Self:
        """Read the table that comes with the package."""
        table = files("asp_dagster.catalog") / "retirements.csv"
        rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
        return cls(map(_retirement, rows))

    def find(self, path: str) -> Retirement | None:
        """Return the end that a path falls under, whether past or to come, or none."""
        whole = (each for each in self.all if _is_below(path, each.path))
        return self._templates.find(_ANY_METHOD, path) or next(whole, None)


def _is_below(path: str, template: str) -> bool:
    folder = template.removesuffix(_EVERYTHING_BELOW)
    return folder != template and path.startswith(f"{folder}/")


def _retirement(row: Mapping[str, str]) -> Retirement:
    removed_on = date.fromisoformat(row["removed_on"])
    return Retirement(path=row["path"], removed_on=removed_on, successor=row["successor"])
