"""The connection check looks into a warehouse on PostgreSQL as far as a load needs it."""

from contextlib import closing

import adbc_driver_postgresql.dbapi
import pytest

from asp_dagster.doctor import places
from asp_dagster.resources import WarehouseResource


def test_a_server_that_lets_us_in(new_postgres_url: str) -> None:
    """A server that is new enough and lets the user make schemas will do."""
    found = places.examine_warehouse(WarehouseResource(url=new_postgres_url))

    assert found.status == "ok"
    assert "PostgreSQL" in found.says


def test_a_server_that_is_too_old(new_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server older than MERGE is told with what is needed."""
    monkeypatch.setattr(places, "_OLDEST_POSTGRESQL", 99)

    found = places.examine_warehouse(WarehouseResource(url=new_postgres_url))

    assert found.status == "failed"
    assert "PostgreSQL 99 or newer is needed" in found.says


def test_a_user_who_may_make_nothing(new_postgres_url: str) -> None:
    """A user without the right to make schemas is told with the grant that is missing."""
    with (
        closing(adbc_driver_postgresql.dbapi.connect(new_postgres_url, autocommit=True)) as admin,
        admin.cursor() as cursor,
    ):
        cursor.execute("DROP ROLE IF EXISTS doctor_reader")
        cursor.execute("CREATE ROLE doctor_reader LOGIN")
    url = new_postgres_url.replace("//postgres:", "//doctor_reader:")

    found = places.examine_warehouse(WarehouseResource(url=url))

    assert found.status == "failed"
    assert "GRANT CREATE ON DATABASE" in found.says
