"""Moments, as a declaration writes them: `2026-01-31`, or `2026-01-31T00:00:00Z`.

Here belongs reading one. What it bounds is said where it stands.
"""

from datetime import UTC, datetime


def moment(text: str) -> datetime | None:
    """Return the moment a text names, or none if it names none; without a zone it is in UTC."""
    try:
        named = datetime.fromisoformat(text)
        return named.astimezone(UTC) if named.tzinfo else named.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no text of a moment, or one before the year 1
        return None
