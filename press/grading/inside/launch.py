"""Starts the kernel under limits that its process cannot lift again."""

from __future__ import annotations

import contextlib
import resource
import sys


def limit(address_space: int, cpu_seconds: int, file_size: int) -> None:
    """Set the limits of this process and its children (bytes, seconds)."""
    wanted = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_CORE: 0,
    }
    for which, value in wanted.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(which, (value, value))


def main() -> None:
    """``launch.py ADDRESS_SPACE CPU_SECONDS FILE_SIZE CONNECTION_FILE``."""
    limit(*(int(value) for value in sys.argv[1:4]))
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel", "-f", sys.argv[4]]
    IPKernelApp.launch_instance()


if __name__ == "__main__":
    main()
