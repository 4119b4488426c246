"""File systems that one process alone sees: small ones, full ones, ones that may only be read.

A process that has made a user namespace of its own may mount there without being root, and what it
mounts is gone with it.

https://man7.org/linux/man-pages/man7/user_namespaces.7.html
"""

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18


@dataclass(frozen=True)
class Mount:
    """A file system.

    Attributes:
        place: The folder where it is mounted.
        size: How many bytes it holds; none for what the folder holds already, read-only.
    """

    place: Path
    size: int | None = None


def mount_all(mounts: Sequence[Mount]) -> None:
    """Give this process, which must have one thread, file systems of its own.

    Raises:
        OSError: When the machine does not let it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    _check(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    _check(libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None))
    for each in mounts:
        place = bytes(each.place)
        if each.size is not None:
            _check(libc.mount(b"tmpfs", place, b"tmpfs", 0, b"size=%d,mode=700" % each.size))
            continue
        _check(libc.mount(place, place, None, _MS_BIND, None))
        _check(libc.mount(None, place, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY, None))


def _check(result: int) -> None:
    if result:
        raise OSError(number := ctypes.get_errno(), os.strerror(number))


def may_mount() -> bool:
    """Tell whether this machine lets a process mount for itself alone."""
    child = os.fork()
    if child == 0:
        try:
            mount_all([Mount(Path("/proc/self"), 1 << 20)])
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0
