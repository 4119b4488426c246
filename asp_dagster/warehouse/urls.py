"""How a warehouse's URL is shown: without what opens it."""


def masked(url: str) -> str:
    """Return the URL without its password and its query."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return "***" if {"=", "@"} & set(url) else url
    location = rest.partition("?")[0]
    credentials, at, host = location.rpartition("@")
    if "@" in rest and not at:
        # A question mark stands in the password, or an at sign in the query: no telling which.
        return f"{scheme}://***"
    user, colon, _ = credentials.partition(":")
    return f"{scheme}://{user}{colon and ':***'}{at}{host}"
