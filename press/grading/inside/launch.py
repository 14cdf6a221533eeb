"""Starts the kernel under limits that its process cannot lift again."""

from __future__ import annotations

import contextlib
import resource
import sys
from typing import Any


def limit(address_space: int, cpu_seconds: int, file_size: int, files: int, tasks: int) -> None:
    """Set the limits of this process and its children (bytes, seconds, open files).

    ``tasks`` are processes and threads; 0 where this machine would count the user's others, too.
    """
    wanted = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_NOFILE: files,
        resource.RLIMIT_CORE: 0,
    }
    if tasks:
        wanted[resource.RLIMIT_NPROC] = tasks
    for which, value in wanted.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(which, (value, value))


def listen(sockets: dict[str, int]) -> None:
    """Let ZeroMQ take sockets that listen already, by the numbers that end their addresses."""
    import zmq

    bind = zmq.Socket.bind

    def taking(self: Any, address: str) -> Any:
        number = sockets.pop(address.rpartition("-")[2], None)
        if number is not None:
            self.setsockopt(zmq.USE_FD, number)
        return bind(self, address)

    zmq.Socket.bind = taking  # type: ignore[assignment, method-assign]


def leave_no_kernel() -> None:
    """Let ``exit()`` and ``quit()`` raise as ``sys.exit()`` does.

    IPython's let a call return, and end the kernel a moment later, under whatever runs then.
    """
    from ipykernel.zmqshell import ZMQInteractiveShell

    def raised(self: Any) -> None:
        raise SystemExit

    ZMQInteractiveShell.ask_exit = raised  # type: ignore[method-assign]


def main() -> None:
    """``launch.py``: the numbers of `limit`, PORT:SOCKET of all sockets, the connection file."""
    limit(*(int(value) for value in sys.argv[1:6]))
    pairs = (pair.split(":") for pair in sys.argv[6].split(","))
    listen({port: int(number) for port, number in pairs})
    leave_no_kernel()
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel", "-f", sys.argv[7]]
    IPKernelApp.launch_instance()


if __name__ == "__main__":
    main()
