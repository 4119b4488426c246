"""Erases the raw files of a folder, and tells each that is done: a process that a test kills."""

import sys
from datetime import UTC, datetime

from asp_dagster.catalog.personal_fields import RecordFields
from asp_dagster.catalog.retention import RetentionFields
from asp_dagster.landing import open_store
from asp_dagster.landing.erasing.raw_files import Form, RawEraser

BEFORE = datetime(2026, 11, 1, tzinfo=UTC)


def erase(folder: str) -> None:
    """Erase all files, one after the other."""
    store = open_store(folder)
    form = Form("jsonl", RetentionFields(RecordFields(("buyer",), ("at",))))
    for file in store.files(""):
        RawEraser(store, form, BEFORE).erase(file, BEFORE)
        sys.stdout.write(f"{file.name}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    erase(sys.argv[1])
