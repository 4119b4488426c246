"""Wrong declarations of tables that several accounts share, and the words that refuse each.

Here belongs the table alone; what is done with it is said in `test_wrong_declarations`.
"""

from collections.abc import Mapping

from asp_dagster_tests.wrong_declarations import Wrong, orders

WRONG_SHARING: Mapping[str, Wrong] = {
    "shared-tables-of-nobody": (
        *orders(shared_tables=True),
        ["shared_tables: needs `account`"],
    ),
    "shared-schema-that-is-none": (
        *orders(shared_tables="No Schema", account="acme"),
        ["shared_tables: 'No Schema' cannot name a schema"],
    ),
}
