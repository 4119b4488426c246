"""What a report's file is called, where a declaration says so.

Here belong: filling and checking `output`, and knowing such a name again. Where files are kept is
the raw store's business.
"""

import re
from pathlib import PurePosixPath

from asp_dagster.landing.errors import SettingError
from asp_dagster.landing.windows import DataWindow

_PLACEHOLDER = re.compile(r"\{(.*?)\}")
_FILLED = r"[\w.\-+=@]+"
_UNSAFE = re.compile(r"[^\w.\-+=@]+")


def output_name(
    template: str,
    *,
    partition: str,
    window: DataWindow | None,
    account: str | None,
    marketplace_id: str | None,
    extension: str,
) -> str:
    """Return the name that a report's file is saved under, below the raw path.

    Whatever is filled in stays within one part of the path: of its characters those that a file
    name may not hold become hyphens. A name that ends in no extension receives one.

    Args:
        template: The declared `output`: `reports/{account}/orders-{partition}.tsv`.
        partition: `{partition}`: the partition's key; `all` or the like where there are none.
        window: Its ends are `{start}` and `{end}`, as `20261101T000000.000Z`.
        account: `{account}`.
        marketplace_id: `{marketplace_id}`, where a report covers one marketplace.
        extension: What a name without any ends in: `.tsv`.

    Raises:
        SettingError: When a placeholder is unknown or stands for nothing here, or the path leads
            out of the folder for raw files.
    """
    start, end = window.name.split("--") if window else (None, None)
    values = {
        "partition": partition,
        "start": start,
        "end": end,
        "account": account,
        "marketplace_id": marketplace_id,
    }
    _check_path(template)
    filled = _PLACEHOLDER.sub(lambda found: _value(template, values, found[1]), template)
    name = str(PurePosixPath(_check_path(filled)))
    return name if _has_extension(template) else name + extension


def output_pattern(template: str, extension: str) -> re.Pattern[str]:
    """Return what all names fit that are made of a template.

    Args:
        template: The declared `output`.
        extension: What a name without any ends in.
    """
    pieces = _PLACEHOLDER.split(str(PurePosixPath(template)))
    # What was captured, the placeholders' names, stands at the odd places.
    fixed = (re.escape(piece) for piece in pieces[::2])
    ending = "" if _has_extension(template) else re.escape(extension)
    return re.compile(f"{_FILLED}".join(fixed) + ending)


def _has_extension(template: str) -> bool:
    """Tell whether a template ends in an extension; the dots of what is filled in begin none."""
    plain = _PLACEHOLDER.sub("_", template)
    return bool(PurePosixPath(plain).suffix) and not template.endswith("}")


def _value(template: str, values: dict[str, str | None], name: str) -> str:
    if name not in values:
        known = ", ".join(f"{{{each}}}" for each in values)
        raise SettingError(f"output: {template!r} holds {{{name}}}; known: {known}.")
    value = values[name]
    if not value:
        raise SettingError(
            f"output: {template!r} holds {{{name}}}, which stands for nothing here: take it out,"
            " or declare what it is taken from."
        )
    return _UNSAFE.sub("-", value)


def _check_path(path: str) -> str:
    parts = path.split("/")
    if not path or path.startswith("/") or path.endswith("/") or "\\" in path or ".." in parts:
        raise SettingError(
            f"output: {path!r} is no name of a file below the raw path: write a relative path"
            " without `..`, with slashes, that ends in a file's name."
        )
    return path
