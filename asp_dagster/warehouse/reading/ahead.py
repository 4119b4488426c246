"""One step ahead: the next items are made while the last ones are used.

A database takes rows without holding Python's lock, and so does Arrow make them: with a thread for
the one, and a thread for the other, a load takes about as long as the slower of both. Here belongs
the thread.
"""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_WAITING_ITEMS = 2
_LOOK_SECONDS = 0.1


def ahead(items: Iterator[Item]) -> Generator[Item]:
    """Return the items, made by a thread that is at most two items ahead.

    What the making raises is raised here in its place. The thread ends when the items do, or when
    they are no longer asked for.
    """
    made: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(_WAITING_ITEMS)
    is_over = threading.Event()
    arguments = (items, made, is_over)
    thread = threading.Thread(target=_make, args=arguments, daemon=True, name="ahead")
    thread.start()
    try:
        while True:
            item, failure = made.get()
            if failure is not None:
                raise failure
            if item is None:
                return
            yield item
    finally:
        is_over.set()
        thread.join()


def _make(
    items: Iterator[Item],
    made: "queue.Queue[tuple[Item | None, BaseException | None]]",
    is_over: threading.Event,
) -> None:
    """Put each item where it is waited for, and at last the end or what came in between."""
    failure: BaseException | None = None
    try:
        for item in items:
            _put(made, (item, None), is_over)
            if is_over.is_set():
                return
    except BaseException as error:  # noqa: BLE001 - it is raised where the item was waited for
        failure = error
    _put(made, (None, failure), is_over)


def _put(
    made: "queue.Queue[tuple[Item | None, BaseException | None]]",
    entry: tuple[Item | None, BaseException | None],
    is_over: threading.Event,
) -> None:
    """Put an entry into the queue as soon as there is room, unless nobody waits any more."""
    while not is_over.is_set():
        try:
            made.put(entry, timeout=_LOOK_SECONDS)
        except queue.Full:
            continue
        return
