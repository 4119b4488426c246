"""Names and texts as SQL spells them, so that no declaration and no data can steer a statement.

Here belongs quoting, the same in DuckDB and PostgreSQL. Statements are written by the modules that
run them.
"""

import re

from asp_dagster.warehouse.errors import TableSpecError

# PostgreSQL cuts longer names without a word, and two columns would become one.
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def identifier(name: str) -> str:
    """Return the name of a schema, table or column as SQL writes it.

    Raises:
        TableSpecError: The name is not lower-case letters, digits and underscores.
    """
    if not _NAME.fullmatch(name):
        raise TableSpecError(
            f"{name!r} cannot name a schema, table or column: use at most 63 lower-case letters, "
            "digits and underscores, not starting with a digit."
        )
    return f'"{name}"'


def identifiers(names: tuple[str, ...], prefix: str = "") -> str:
    """Return the names as a list, each behind the prefix: `s."a", s."b"`."""
    return ", ".join(prefix + identifier(name) for name in names)


def literal(text: str) -> str:
    """Return the text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
