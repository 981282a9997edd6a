"""Tries what a program may do on any machine, and not in the container; prints errno for each, 0 where it worked, as JSON.

Needs nothing but Python: it is started as somebody who may do nothing.
"""

import ctypes
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

_CLONE_NEWNS: Final = 0x00020000
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_SIGCHLD: Final = 17

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libseccomp = ctypes.CDLL("libseccomp.so.2")


def call(name: str, *arguments: int | bytes | None) -> None:
    number = _libseccomp.seccomp_syscall_resolve_name(name.encode())
    words = [ctypes.c_long(each) if isinstance(each, int) else ctypes.c_char_p(each) for each in arguments]
    if _libc.syscall(ctypes.c_long(number), *words) < 0:
        raise OSError(ctypes.get_errno(), name)


def mount_in_a_namespace() -> None:
    call("unshare", _CLONE_NEWUSER)
    call("unshare", _CLONE_NEWNS)
    call("mount", b"none", b"/", b"tmpfs", 0, None)


def mount_alone() -> None:
    call("unshare", _CLONE_NEWUSER)
    call("mount", b"none", b"/nowhere", b"tmpfs", 0, None)


def clone_with_mounts() -> None:
    call("clone", _CLONE_NEWUSER | _CLONE_NEWNS | _SIGCHLD, 0, 0, 0, 0)


def clone_as_chromium() -> None:
    call("clone", _CLONE_NEWUSER | _CLONE_NEWNET | _SIGCHLD, 0, 0, 0, 0)


def join_a_namespace() -> None:
    with Path("/proc/self/ns/user").open() as namespace:
        call("setns", namespace.fileno(), _CLONE_NEWNET)  # EINVAL where it may be called: it is no network


def read_memory() -> None:
    word = ctypes.create_string_buffer(8)

    class Span(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    span = Span(ctypes.addressof(word), 4)
    here = ctypes.addressof(span)
    call("process_vm_readv", os.getpid(), here, 1, here, 1, 0)


ATTEMPTS: Final[dict[str, Callable[[], None]]] = {
    "mounts in a namespace": mount_in_a_namespace,
    "mount": mount_alone,
    "a clone with mounts of its own": clone_with_mounts,
    "setns": join_a_namespace,
    "ptrace": lambda: call("ptrace", 0, 0, 0, 0),
    "process_vm_readv": read_memory,
    "kcmp": lambda: call("kcmp", os.getpid(), os.getpid(), 1, 0, 0),
    "keyctl": lambda: call("keyctl", 0, -3, 1),
    "personality": lambda: call("personality", 0xFFFFFFFF),
    "name_to_handle_at": lambda: call("name_to_handle_at", -1, b"relative", 0, 0, 0),  # EFAULT or EBADF
    "uevents of the kernel": lambda: call("socket", 16, 3, 15),
    "the kernel's cryptography": lambda: call("socket", 38, 5, 0),
    "a sandbox as Chromium's": clone_as_chromium,
    "a socket": lambda: call("socket", 2, 1, 0),
}


def attempt(act: Callable[[], None]) -> int:
    """In a process of its own: what worked is gone with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            act()
            said = 0
        except OSError as error:
            said = error.errno or 0
        os.write(writer, bytes([said]))
        os._exit(0)
    os.waitpid(child, 0)
    return os.read(reader, 1)[0]


if __name__ == "__main__":
    print(json.dumps({name: attempt(act) for name, act in ATTEMPTS.items()}))
