"""A selling partner's Amazon data as raw files and tables, by Dagster.

This file imports nothing, so that the plain client (`asp_dagster.spapi`) costs no Dagster. The
names below are found when they are first asked for; a `defs.yaml` writes them as `type:
asp_dagster.AmazonSPApi`.
"""

__all__ = [
    "AmazonSPApi",
    "AmazonSPListedReport",
    "AmazonSPReport",
    "AmazonSPReportFile",
    "AmazonSPResource",
    "MittoJobs",
]

_HOMES = {
    "AmazonSPApi": "asp_dagster.components",
    "AmazonSPListedReport": "asp_dagster.components",
    "AmazonSPReport": "asp_dagster.components",
    "AmazonSPReportFile": "asp_dagster.components",
    "AmazonSPResource": "asp_dagster.resources",
    "MittoJobs": "asp_dagster.components",
}


def __getattr__(name: str) -> object:
    """Find a public name in its home module.

    https://peps.python.org/pep-0562/
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - this file imports nothing at its head

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*globals(), *__all__])
