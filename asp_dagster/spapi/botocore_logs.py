"""Keeps botocore's debugging of secrets out of every log.

At DEBUG, botocore logs what it signs (access token and session token among it), what it sends, and
what AWS answers: the very secret that was asked for. Here belongs silencing those loggers. They are
the process's, so a record is dropped only while its thread is inside our block.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LOGGERS = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
_is_silent: ContextVar[bool] = ContextVar("_is_silent", default=False)


@contextmanager
def without_botocore_logs() -> Iterator[None]:
    """Let botocore log nothing of this thread's requests and answers during the block."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_SILENCE)
    silence = _is_silent.set(True)
    try:
        yield
    finally:
        _is_silent.reset(silence)


class _Silence(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - logging passes it
        return not _is_silent.get()


_SILENCE = _Silence()
