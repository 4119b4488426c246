"""Whose rows: how the rows of several selling partners stand in one table, and are told apart.

Such a table has a column `_account`, which belongs to its key. Whoever loads, reads or deletes rows
of one account never meets another's. Here belong the column and the rows of one account; that a
table has the column from its first row on is seen to in `creating`.
"""

from asp_dagster.warehouse.sql import identifier, literal

ACCOUNT = "_account"
"""The stored column that tells whose row it is, where a table is shared by several accounts."""


def is_of(account: str | None, row: str = "") -> str:
    """Return the condition that a row is the account's, to stand before others; none if all are.

    Args:
        account: The account; none where a table is not shared.
        row: How the statement calls the row: `t.`.
    """
    return f"{row}{ACCOUNT} = {literal(account)} AND " if account else ""


def rows_of(schema: str, table: str, account: str | None) -> str:
    """Return what stands behind FROM for an account's rows of a table; an alias is to follow."""
    name = f"{identifier(schema)}.{identifier(table)}"
    if account is None:
        return name
    return f"(SELECT * FROM {name} WHERE {ACCOUNT} = {literal(account)})"
