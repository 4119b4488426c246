"""Whether the key of a table tells its rows apart.

Loads merge by key into a table with a primary key, which is proof. So only somebody else can have
spoilt it: who made the table anew without one, or as a copy. Then the rows are looked at.
"""

import dagster as dg

from asp_dagster.catalog.feeds import Feed
from asp_dagster.checks.check import Check, Judge, Loaded, Table, Verdict, unjudged
from asp_dagster.warehouse.accounts import ACCOUNT
from asp_dagster.warehouse.sql import identifier, identifiers, literal

NAME = "key_is_unique"


def _judge(loaded: Loaded) -> Verdict:
    key = loaded.result.key
    if not key:
        return unjudged("nothing has been loaded that has a key")
    if _is_primary(loaded, key):
        return Verdict(passed=True, says=f"The primary key is {', '.join(key)}.")
    keys, parts = identifiers(key), [identifier(name) for name in key]
    is_null = " OR ".join(f"{part} IS NULL" for part in parts)
    wrong = (
        f"(SELECT {keys}, count(*) AS copies FROM {loaded.name} AS t WHERE {loaded.in_partitions}"  # noqa: S608 - names are checked by `identifier`
        f" GROUP BY {keys} HAVING count(*) > 1 OR {is_null}) AS wrong"
    )
    counted = loaded.first(
        "SELECT count(*) FILTER (WHERE copies > 1) AS duplicates,"  # noqa: S608 - as above
        f" count(*) FILTER (WHERE {is_null}) AS nulls FROM {wrong}"
    )
    if not (counted["duplicates"] or counted["nulls"]):
        return Verdict(passed=True, says=f"No two rows have the same {', '.join(key)}.")
    return Verdict(
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        says=f"{loaded.result.table} has lost its primary key, for rows have the same"
        f" {', '.join(key)}, or none: somebody else writes to the table. Drop it, and load its"
        " partitions again: the raw files are there, so Amazon is not asked.",
        metadata={
            "duplicate_keys": counted["duplicates"],
            "null_keys": counted["nulls"],
            "examples": loaded.few(key, wrong),
        },
    )


def _is_primary(loaded: Loaded, key: tuple[str, ...]) -> bool:
    """Tell whether the database itself keeps the key unique and not null."""
    found = loaded.query(
        "SELECT k.column_name AS name FROM information_schema.table_constraints AS c"  # noqa: S608 - quoted by `literal`
        " JOIN information_schema.key_column_usage AS k USING"
        " (constraint_catalog, constraint_schema, constraint_name, table_schema, table_name)"
        " WHERE c.constraint_type = 'PRIMARY KEY' AND c.constraint_catalog = current_database()"
        f" AND c.table_schema = {literal(loaded.schema)}"
        f" AND c.table_name = {literal(loaded.table.name)}"
    )
    account = [ACCOUNT] if loaded.feed.row_account else []
    return set(found.column("name").to_pylist()) == {*account, *key}


def _judge_of(_feed: Feed, table: Table) -> Judge | None:
    return _judge if table.key else None


CHECK = Check(
    name=NAME,
    description="Whether no two rows of what was loaded have the same key, and none has no key.",
    judge_of=_judge_of,
)
