"""A limit that counts everything: a control group around a submission, where one can be made.

systemd makes one for a program of an ordinary user (``systemd-run --user --scope``). In it all
memory counts, whatever holds it: mapped or not, files in memory, buffers of sockets. Elsewhere the
grader counts by itself what it can see (:mod:`press.grading.kernel`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

#: What a group may hold beyond the limits, so that what the grader counts itself, and can say more
#: of, comes first (bytes).
SLACK = 256 << 20
#: Where systemd is found; bubblewrap takes these away again.
_WAY = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


def prefix(memory: int, tasks: int) -> list[str]:
    """Return what is put before a command so that it runs in a group; nothing if none can be made.

    Args:
        memory: bytes that the group may hold, without swapping.
        tasks: processes and threads that it may have.
    """
    return _command(memory + SLACK, tasks) if _works() else []


def environment() -> dict[str, str]:
    """Return the variables that the command needs beside its own."""
    return {name: os.environ[name] for name in _WAY if name in os.environ} if _works() else {}


def forget() -> list[str]:
    """Return bubblewrap's arguments that take those variables away."""
    return [word for name in environment() for word in ("--unsetenv", name)]


def _command(memory: int, tasks: int) -> list[str]:
    whose = [] if os.geteuid() == 0 else ["--user"]
    made = [shutil.which("systemd-run") or "systemd-run", *whose, "--scope", "--quiet", "--collect"]
    for limit in (f"MemoryMax={memory}", "MemorySwapMax=0", f"TasksMax={tasks}"):
        made += ["-p", limit]
    return [*made, "--"]


@cache
def _works() -> bool:
    """Whether systemd makes a group here."""
    if not shutil.which("systemd-run"):
        return False
    trial = [*_command(SLACK, 64), "true"]
    try:
        return subprocess.run(trial, capture_output=True, check=False, timeout=10).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
