"""Examines where runs keep things: the shared state, the warehouse, the raw path.

Here belong: writing something small to each, and taking it away again.
"""

import re

from asp_dagster.doctor.findings import Finding
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.landing import LandingError, RawStore
from asp_dagster.resources import StateResource, WarehouseResource
from asp_dagster.spapi import SystemClock
from asp_dagster.state import StateError
from asp_dagster.warehouse import Patience, Warehouse, WarehouseError

_NAME = "asp_dagster_doctor"
_OLDEST_POSTGRESQL = 15
_MAY_CREATE = "SELECT has_database_privilege(current_database(), 'CREATE') AS may"


def examine_state(state: StateResource) -> Finding:
    """Write a cursor to the shared state, and take it away."""
    try:
        cursors = state.get_cursors()
        cursors.set(_NAME, SystemClock().now())
        cursors.reset(_NAME)
    except StateError as error:
        return Finding("state", "failed", str(error))
    return Finding("state", "ok", "it can be written to")


def examine_warehouse(warehouse: WarehouseResource) -> Finding:
    """Open the warehouse; of PostgreSQL, its version and whether tables can be made."""
    try:
        opened = Warehouse.from_url(warehouse.url, patience=Patience(wait_seconds=5))
        version = str(opened.query("SELECT version() AS version").column("version")[0])
        found = re.match(r"PostgreSQL (\d+)", version)
        if found and int(found[1]) < _OLDEST_POSTGRESQL:
            return Finding(
                "warehouse",
                "failed",
                f"the server is {found[0]}: PostgreSQL {_OLDEST_POSTGRESQL} or newer is needed,"
                " for MERGE",
            )
        if found and not opened.query(_MAY_CREATE).column("may")[0].as_py():
            return Finding(
                "warehouse",
                "failed",
                "the user may create no schema: GRANT CREATE ON DATABASE … TO the user, or make"
                f" the schema {warehouse.schema_name} for it",
            )
    except WarehouseError as error:
        return Finding("warehouse", "failed", str(error))
    return Finding("warehouse", "ok", f"{found[0] if found else f'DuckDB {version}'} lets us in")


def examine_raw_path(raw: RawFileIOManager) -> Finding:
    """Write a file below the raw path, and delete it."""
    try:
        store = raw.get_store()
        with store.writing(f"{_NAME}/trial.txt") as file:
            file.write(b"Written by the connection check; it may be deleted.\n")
    except LandingError as error:
        return Finding("raw path", "failed", str(error))
    except OSError as error:
        return Finding(
            "raw path",
            "failed",
            f"{error.filename or raw.base_path} cannot be written: {error.strerror}; correct"
            " ASP_RAW_PATH, or the folder's permissions",
        )
    return _removed(store)


def _removed(store: RawStore) -> Finding:
    place = store.location("").rstrip("/")
    try:
        store.remove(f"{_NAME}/")
    except LandingError as error:
        return Finding("raw path", "warning", f"{place} can be written to, not deleted: {error}")
    return Finding("raw path", "ok", f"{place} can be written to")
