"""Runs a program under a seccomp profile in Docker's format: `python seccomp.py PROFILE PROGRAM ARGUMENT…`.

A file of its own that needs nothing but Python: it is started as somebody who may do nothing.
"""

import ctypes
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any, Final

_ARCHITECTURE: Final = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}
# seccomp.h of libseccomp 2.5
_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000
_OPERATORS: Final = {"SCMP_CMP_EQ": 4, "SCMP_CMP_MASKED_EQ": 7}
_UNKNOWN: Final = -1  # __NR_SCMP_ERROR


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("index", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("value_two", ctypes.c_uint64),
    )


def install(profile: dict[str, Any]) -> None:
    """For this process and all that it starts, for good. What a profile may say that ours does not is a KeyError."""
    lib = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_init.argtypes = (ctypes.c_uint32,)
    lib.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Comparison),
    )
    lib.seccomp_load.argtypes = (ctypes.c_void_p,)
    here = _ARCHITECTURE[platform.machine()]
    assert here in {entry["architecture"] for entry in profile["archMap"]}
    filter_ = lib.seccomp_init(_action(profile["defaultAction"], profile["defaultErrnoRet"]))
    assert filter_
    for rule in profile["syscalls"]:
        assert rule.keys() <= {"comment", "names", "action", "errnoRet", "args"}, rule
        action = _action(rule["action"], rule.get("errnoRet", 1))
        comparisons = [
            _Comparison(each["index"], _OPERATORS[each["op"]], each["value"], each["valueTwo"])
            for each in rule.get("args", [])
        ]
        for name in rule["names"]:
            number = lib.seccomp_syscall_resolve_name(name.encode())
            if number == _UNKNOWN:  # younger than this libseccomp, which container engines skip as well
                continue
            added = lib.seccomp_rule_add_array(
                filter_, action, number, len(comparisons), (_Comparison * len(comparisons))(*comparisons)
            )
            assert added == 0, f"{name}: {os.strerror(-added)}"
    loaded = lib.seccomp_load(filter_)  # sets no_new_privs too
    assert loaded == 0, os.strerror(-loaded)


def _action(name: str, errno: int) -> int:
    return {"SCMP_ACT_ALLOW": _ALLOW, "SCMP_ACT_ERRNO": _ERRNO | errno}[name]


if __name__ == "__main__":
    install(json.loads(Path(sys.argv[1]).read_text()))
    os.execv(sys.argv[2], sys.argv[2:])
