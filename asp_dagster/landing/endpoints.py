"""Lands the records of a list operation as JSON Lines, each extended as declared.

Here belongs: which files a window consists of. What is asked for is said in `record_requests`, how
a file is written in `record_files`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from asp_dagster.landing.extraction import FileToLand
from asp_dagster.landing.record_files import RecordFile
from asp_dagster.landing.record_requests import RecordRequest
from asp_dagster.landing.windows import DataWindow


@dataclass(frozen=True)
class EndpointExtraction(RecordRequest):
    """The records of one list operation, one JSON Lines file a window."""

    def files(self, window: DataWindow | None) -> Iterator[FileToLand]:
        """Yield the window's one file.

        Raises:
            SettingError: When a placeholder stands for nothing here; nothing has been sent by then.
        """
        self.rounds([window])
        yield RecordFile(self, window).to_land()
