"""The pools: what of a selling partner, or of a warehouse's file, may be at work at once.

Here belong: the names of pools, one place for all. A pool has no limit until somebody sets it, so
nothing waits where nobody did. The quota needs none: it is shared by request, in `state`.

https://docs.dagster.io/guides/operate/managing-concurrency/concurrency-pools
"""

import re
from hashlib import sha256
from pathlib import Path

import dagster as dg

from asp_dagster.catalog.feeds import Account

DEFAULT_WAREHOUSE = "duckdb:///data/warehouse.duckdb"

_FILE = "duckdb:///"


def partner_pool(account: Account) -> str:
    """Return the pool of the steps that ask Amazon for a selling partner's data: `amazon_acme`."""
    return f"amazon_{account.name or 'default'}"


def warehouse_pool() -> str | None:
    """Return the pool of the steps that load into the DuckDB file of `ASP_WAREHOUSE`.

    It is named after the file, with a hash that tells its folder: `duckdb_warehouse_1f0c9a3e`.
    PostgreSQL, which many may load into, has none.
    """
    url = str(dg.EnvVar("ASP_WAREHOUSE").get_value(DEFAULT_WAREHOUSE))
    if not url.startswith(_FILE):
        return None
    path = Path(url.removeprefix(_FILE)).absolute()
    digest = sha256(str(path).encode()).hexdigest()[:8]
    return f"duckdb_{re.sub(r'[^A-Za-z0-9]', '_', path.stem)}_{digest}"
