"""The check of the raw path leaves a file that may not be deleted, and says so."""

from pathlib import Path

import pytest

from asp_dagster.doctor.places import examine_raw_path
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.landing import LocalRawStore, RawStoreError


def test_a_file_that_cannot_be_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs delete nothing they need, so a path without deletion is worth a warning only."""

    def refuse(_: LocalRawStore, prefix: str) -> None:
        raise RawStoreError(f"{prefix} cannot be removed.")

    monkeypatch.setattr(LocalRawStore, "remove", refuse)

    found = examine_raw_path(RawFileIOManager(base_path=str(tmp_path)))

    assert found.status == "warning"
    assert "can be written to, not deleted" in found.says
