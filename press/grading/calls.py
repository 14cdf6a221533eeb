"""What a submission may not ask of the machine's kernel: memory that no limit counts, and keys.

A filter of system calls (seccomp), which bubblewrap loads. Files in memory (``memfd``) and memory
of System V stay when no process has them mapped, so that nothing that counts mapped pages sees
them; `io_uring` and the others have no place in a lab. They are answered as on a kernel that does
not have them, and libraries that would use them have another way.
"""

from __future__ import annotations

import errno
import platform
import struct

_DENIED = (
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget", "io_uring_setup"),
    *("userfaultfd", "bpf", "perf_event_open", "add_key", "request_key", "keyctl"),
)
#: By machine: how the kernel calls it, and the numbers of the calls above, in their order.
_MACHINES = {
    "x86_64": (0xC000003E, (319, 447, 29, 68, 64, 425, 323, 321, 298, 248, 249, 250)),
    "aarch64": (0xC00000B7, (279, 447, 194, 186, 190, 425, 282, 280, 241, 217, 218, 219)),
}
#: Where calls of another ABI begin on x86_64 (x32): none of them is known here.
_OTHER = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.ENOSYS


def program() -> bytes | None:
    """Return the filter as the kernel reads it; None for a machine that is not known here."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return None
    architecture, numbers = machine

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    left = len(numbers) + 1  # comparisons up to the answers
    steps = [step(_LOAD, 4), step(_EQUAL, architecture, no=left + 2), step(_LOAD, 0)]
    steps.append(step(_AT_LEAST, _OTHER, yes=left))
    for number in numbers:
        left -= 1
        steps.append(step(_EQUAL, number, yes=left))
    return b"".join([*steps, step(_RETURN, _ALLOW), step(_RETURN, _REFUSE)])
