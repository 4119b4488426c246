"""What can go wrong between a raw file and its table, named for what the reader can do about it.

    WarehouseError
    ├── WarehouseURLError    correct the warehouse's URL
    ├── TableSpecError       correct the table's declaration
    ├── RawFileError         extract the raw file again, or declare what it really holds
    ├── WarehouseBusyError   close the program that holds the warehouse, or wait, then load again
    ├── WarehouseFullError   free some disk space, then load again
    └── WarehouseUnavailableError   see that the server is running, then load again

`WarehouseError` itself is what the database refused for a reason of its own. Whatever is raised,
the warehouse is as it was before the load. Here belong the classes only; each message, one sentence
with its remedy, stands where it is raised.
"""


class WarehouseError(Exception):
    """The load or the query failed, and the warehouse is unchanged."""


class WarehouseURLError(WarehouseError):
    """The warehouse's URL is none we can open."""


class TableSpecError(WarehouseError):
    """A table is declared in a way that no raw file can be read by."""


class RawFileError(WarehouseError):
    """A raw file is not what its format or its table's declaration promises."""


class WarehouseBusyError(WarehouseError):
    """Somebody else held the warehouse for longer than we wait."""


class WarehouseFullError(WarehouseError):
    """There is no space left on a disk the load needs."""


class WarehouseUnavailableError(WarehouseError):
    """The server cannot be reached, or was stopped in the middle of a load."""
