"""The door to the tables: `WarehouseResource`, which hands out the warehouse."""

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from asp_dagster import warehouse
from asp_dagster.warehouse.accounts import rows_of
from asp_dagster.warehouse.sql import identifier

if TYPE_CHECKING:  # only who uses the warehouse pays for loading it
    from asp_dagster.warehouse import Warehouse


class WarehouseResource(dg.ConfigurableResource):  # type: ignore[type-arg] # it stands for itself
    """The database that tables are loaded into: DuckDB in a file, or a PostgreSQL server."""

    url: str = Field(
        repr=False,
        description="duckdb:///relative/path, duckdb:////absolute/path or postgresql://…",
    )
    schema_name: str = Field(default="amazon", description="The schema of the tables.")
    hash_key: str | None = Field(
        default=None, repr=False, description="The key of the hashes in columns that are hashed."
    )

    def get_warehouse(self) -> "Warehouse":
        """Hand out the warehouse; it connects when it loads.

        Raises:
            WarehouseError: When the URL is of neither database.
        """
        return warehouse.Warehouse.from_url(self.url)

    def values(self, schema: str, table: str, column: str, account: str | None = None) -> list[str]:
        """Return the distinct values of a table's column, as text, in order.

        Args:
            schema: The table's schema.
            table: The table.
            column: The column.
            account: Whose rows are meant, of a table that several accounts share.

        Raises:
            WarehouseError: When there is no such table or column.
        """
        name = identifier(column)
        found = self.get_warehouse().query(
            f"SELECT DISTINCT CAST({name} AS TEXT) AS found"  # noqa: S608 - `identifier` checks names
            f" FROM {rows_of(schema, table, account)} AS t WHERE {name} IS NOT NULL ORDER BY 1"
        )
        values: list[str] = found.column("found").to_pylist()
        return values
