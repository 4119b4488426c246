"""What can go wrong between Amazon's answer and the raw file.

    LandingError
    ├── WindowError              choose another partition
    ├── SettingError             correct a setting
    ├── ReportTooSoonError       run it again after the time it names
    ├── ReportsLeftError         look at each report it names, and run it again
    ├── UnexpectedDocumentError  ask Amazon again; what came is not what was promised
    ├── RawFileMissingError      land the partition before loading it
    └── RawStoreError            correct what it names: bucket, credentials, permission
        └── RawStoreUnavailableError   run it again

What Amazon itself refuses is a `SellingPartnerError`, of `spapi`.
"""


class LandingError(Exception):
    """An extraction that could not land; its text is one sentence with the remedy."""


class WindowError(LandingError):
    """A window that Amazon cannot be asked for yet."""


class SettingError(LandingError):
    """A setting that cannot be meant."""


class ReportTooSoonError(LandingError):
    """A report that Amazon does not make again yet."""


class ReportsLeftError(LandingError):
    """Some of several reports did not come through; the others did."""


class UnexpectedDocumentError(LandingError):
    """A document that is not what its report type promises."""


class RawFileMissingError(LandingError):
    """A partition that is to be loaded but has not landed."""


class RawStoreError(LandingError):
    """A bucket that refuses to be read or written."""


class RawStoreUnavailableError(RawStoreError):
    """A bucket that cannot be reached, or has trouble that passes."""
