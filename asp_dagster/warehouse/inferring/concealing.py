"""What an inferred table leaves out, or stores as its keyed hash.

Here belongs what a declaration's `columns` mean for a field, also where the field ends up within a
value of JSON. How a hash is made is said in `values`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asp_dagster.catalog.personal_columns import PersonalColumns
from asp_dagster.catalog.tables import Concealment, InferredTable
from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.inferring.naming import TEXT, covers, nested_name, snake_case
from asp_dagster.warehouse.inferring.values import as_text, keyed_hash


@dataclass(frozen=True)
class Concealer:
    """What is to be concealed in a table, by the names of its columns.

    Attributes:
        columns: What is dropped or hashed, by name.
        hash_key: The key of the hashes.
        personal: What becomes of personal data that `columns` does not name.
    """

    columns: Mapping[str, Concealment] = field(default_factory=dict)
    hash_key: str | None = field(default=None, repr=False)
    personal: PersonalColumns = field(default_factory=PersonalColumns)

    @classmethod
    def of(
        cls, table: InferredTable, hash_key: str | None, personal: PersonalColumns
    ) -> "Concealer":
        """Return what a table conceals.

        Raises:
            TableSpecError: A name could not be a column's, or there is no key to hash with.
        """
        for name in table.columns:
            right = nested_name(name.split("__"))
            if name != right:
                raise TableSpecError(
                    f"Table {table.name} conceals {name}, which cannot be the name of a column: "
                    f"write {right}, or as the column is called."
                )
        if "hash" in table.columns.values() or personal.hashes:
            needs_key(table.name, hash_key)
        return cls(table.columns, hash_key, personal.seen_from(table.rows))

    def __bool__(self) -> bool:
        """Whether there is anything to conceal."""
        return bool(self.columns or self.personal)

    def treatment(self, nested: str) -> Concealment | None:
        """Return what is to be done with the field of a name: the stricter of what is said."""
        found = {how for name, how in self.columns.items() if covers(name, nested)}
        if (personal := self.personal.concealment(nested)) is not None:
            found.add(personal)
        return "drop" if "drop" in found else next(iter(found), None)

    def concealed(self, value: Any, nested: str) -> Any:
        """Return a value of JSON without what is to be dropped in it, and with hashes.

        Args:
            value: The value.
            nested: The name it has in the table; without one, it is of the record itself.
        """
        if isinstance(value, list):
            return [self.concealed(entry, nested) for entry in value]
        if isinstance(value, dict):
            inside = {name: _below(nested, name) for name in value}
            return {
                name: self.concealed(inner, inside[name])
                for name, inner in value.items()
                if self.treatment(inside[name]) != "drop"
            }
        if value is None or self.hash_key is None or self.treatment(nested) != "hash":
            return value
        return keyed_hash(as_text(value), self.hash_key)


def needs_key(table: str, hash_key: str | None) -> None:
    """Refuse to load a table with hashed columns without a key.

    Raises:
        TableSpecError: There is no key.
    """
    if not hash_key:
        raise TableSpecError(
            f"Table {table} has columns that are to be hashed, but there is no key to hash with: "
            "set ASP_HASH_KEY to a long random text, and keep it."
        )


def _below(nested: str, name: str) -> str:
    """Return the name of a field of an object."""
    return (
        nested if nested and name == TEXT else "__".join(filter(None, [nested, snake_case(name)]))
    )
