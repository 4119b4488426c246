"""What becomes of personal data in the tables of a feed: which columns are dropped, or hashed.

Here belongs the decision about a column, by its name. Which fields are personal is data, in
`personal_fields`; what a declaration means by it is said in `personal_data`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from asp_dagster.catalog.personal_fields import RecordFields
from asp_dagster.catalog.tables import Concealment

Treatment = Literal["keep", "hash", "drop"]

NESTED = "__"
"""What stands between the names of nested fields in a column's name."""


@dataclass(frozen=True)
class PersonalColumns:
    """What becomes of the personal fields of some records.

    Attributes:
        fields: The personal fields, as they are seen from a row.
        treatment: What becomes of those that are not named.
        by_name: What becomes of others, by the column's name; a name covers what is nested below.
    """

    fields: RecordFields = field(default_factory=RecordFields)
    treatment: Treatment = "drop"
    by_name: Mapping[str, Treatment] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there are any to be concealed."""
        return bool(self.fields.personal) and {self.treatment, *self.by_name.values()} != {"keep"}

    @property
    def hashes(self) -> bool:
        """Whether some may be hashed, for which a key is needed."""
        return bool(self.fields.personal) and "hash" in {self.treatment, *self.by_name.values()}

    def seen_from(self, rows: str | None) -> Self:
        """Return the same for rows that stand at a place in the records."""
        place = ".".join(rows.removesuffix("[]").split("[].")) if rows else ""
        return replace(self, fields=self.fields.seen_from(place))

    def is_personal(self, name: str) -> bool:
        """Tell whether a column that is named after a field is personal."""
        return self.fields.is_personal(name.replace(NESTED, "."))

    def chosen(self, name: str) -> Treatment:
        """Return what is declared to become of a personal column."""
        named = (how for each, how in self.by_name.items() if _covers(each, name))
        return next(named, self.treatment)

    def concealment(self, name: str) -> Concealment | None:
        """Return what is to be done with a column: nothing if it may stay as it is."""
        chosen = self.chosen(name) if self.is_personal(name) else "keep"
        return None if chosen == "keep" else chosen


def _covers(name: str, nested: str) -> bool:
    return nested == name or nested.startswith(f"{name}{NESTED}")
