"""Keeps what libraries log for debugging out of every log, where it would be a secret.

At DEBUG, botocore logs what it signs (access token and session token among it), what it sends, and
what AWS answers: the very secret that was asked for, or a customer's postal code. urllib3 logs the
path of a URL, which may be all that it takes to post there. Here belongs silencing those loggers.
They are the process's, so a record is dropped only while its thread is inside our block.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

BOTOCORE = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
URLLIB3 = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")

_is_silent: ContextVar[bool] = ContextVar("_is_silent", default=False)


@contextmanager
def without_logs(loggers: Sequence[str]) -> Iterator[None]:
    """Let some loggers log nothing of this thread's requests and answers during the block."""
    for name in loggers:
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
