"""A kernel in the sandbox, and asking it things without trusting what it says."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import psutil
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from press.grading import sandbox
from press.grading.inside.wire import legible
from press.grading.sandbox import Limits
from unrolled.messages import Language

#: The largest message that is read from a kernel (bytes); a larger one cuts its connection.
LARGEST_MESSAGE = 8 << 20
#: How long an interrupted cell may take to stop (seconds of the processor).
PATIENCE = 2.0
#: Folders in one another that a submission may make in its run folder.
DEEPEST = 20

Ending = Literal["ok", "error", "time", "memory", "died", "files", "processes"]


@dataclass(frozen=True)
class Reply:
    """What came of one request.

    Attributes:
        ending: "ok"; "error": the cell raised; "time": it was interrupted; or how the kernel
            died: by itself, or killed because of its memory, files or processes, or because it
            did not heed the interrupt.
        alive: whether the kernel can be asked more.
        error: name and text of the exception.
        answer: the value of the expression that was asked for, if it is a string.
        seconds: of the processor that the kernel's processes used for it.
    """

    ending: Ending
    alive: bool = True
    error: str = ""
    answer: str | None = None
    seconds: float = 0.0


class Kernel:
    """One kernel; use it as a context manager.

    Args:
        course: what :func:`press.grading.sandbox.furnish` made.
        language: the language of the notebook.
        limits: what the submission may use.
        sandboxed: False for a kernel without walls.
        modules: what is imported before anything is counted.

    Raises:
        TimeoutError: the kernel did not start.
    """

    def __init__(
        self,
        course: Path,
        language: Language,
        limits: Limits,
        *,
        sandboxed: bool = True,
        modules: Iterable[str] = (),
    ) -> None:
        self.limits = limits
        self.used = 0.0
        self.run = sandbox.new_run_folder()
        connection = self.run / "connection.json"
        write_connection_file(str(connection), ip=str(self.run / "k"), transport="ipc")
        try:
            self.process = sandbox.start(course, self.run, language, limits, sandboxed=sandboxed)
        except BaseException:
            sandbox.remove(self.run)
            raise
        self.context = zmq.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, 20)
        self.context.setsockopt(zmq.LINGER, 0)
        self.client = BlockingKernelClient(context=self.context)
        self.client.load_connection_info(json.loads(connection.read_text(encoding="utf-8")))
        # Nothing is read from the channel of outputs: nobody can flood it.
        self.client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=True)
        request = self.client.kernel_info()
        reply, ending, _ = self._reply(request, limits.start)
        if reply is None:
            self.close()
            raise TimeoutError(f"the kernel did not start ({ending})")
        for module in modules:
            if not self.execute("", limits.start, f"__import__({module!r}).__name__").alive:
                raise TimeoutError(f"the kernel did not import {module}")

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def execute(self, code: str, seconds: float, ask: str = "") -> Reply:
        """Run ``code`` and evaluate the expression ``ask`` after it.

        Args:
            code: a cell.
            seconds: of the processor; interrupted after that, killed if that does not help.
            ask: an expression whose value is a string without quotes.
        """
        expressions = {"answer": ask} if ask else {}
        request = self.client.execute(
            code, store_history=False, user_expressions=expressions, stop_on_error=False
        )
        reply, ending, used = self._reply(request, seconds)
        if ending == "time" and reply is None:
            self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
            reply, stopped, more = self._reply(request, PATIENCE)
            if reply is None:
                self.close()
                return Reply(stopped, alive=False, seconds=used + more)
            return Reply("time", seconds=used + more)
        if reply is None:
            self.close()
            return Reply(ending, alive=False, seconds=used)
        if reply.get("status") != "ok":
            name, text = str(reply.get("ename"))[:80], str(reply.get("evalue"))[:300]
            return Reply("error", error=legible(f"{name}: {text}"), seconds=used)
        return Reply("ok", answer=_expression(reply), seconds=used)

    def _reply(self, request: str, seconds: float) -> tuple[dict[str, Any] | None, Ending, float]:
        """Wait for the reply to ``request``.

        Returns:
            The reply, or None; then the reason; and the seconds of the processor that it took.
        """
        started = time.monotonic()
        before: float | None = None  # not measured for what is answered at once
        pause = 0.02
        while True:
            with contextlib.suppress(Exception):  # whatever a hostile kernel sends
                message = self._message(pause)
                if message and message.get("parent_header", {}).get("msg_id") == request:
                    content = message.get("content")
                    used = 0.02 if before is None else self.spent() - before
                    return (content if isinstance(content, dict) else {}), "ok", used
            pause = 0.1
            family = self._family()
            now = self.spent(family)
            before = now if before is None else before
            overdrawn = self._overdrawn(family)
            if overdrawn:
                return None, overdrawn, now - before
            late = time.monotonic() - started > seconds * self.limits.patience
            if late or now - before > seconds:
                return None, "time", now - before

    def _message(self, seconds: float) -> dict[str, Any] | None:
        channel = self.client.shell_channel
        if not channel.socket.poll(int(seconds * 1000)):
            return None
        _, parts = channel.session.recv(channel.socket, mode=zmq.NOBLOCK)
        return parts

    def _overdrawn(self, family: list[psutil.Process]) -> Ending | None:
        """Say which limit the kernel's processes have passed, if one."""
        if self.process.poll() is not None:
            return "died"
        memory = count = 0
        for process in family:
            with contextlib.suppress(psutil.Error):
                memory += process.memory_info().rss
                count += 1
        written, nodes, devices = _written([process.pid for process in family])
        written += _nameless([process.pid for process in family], devices)
        if memory + written > self.limits.memory:
            return "memory"
        if count > self.limits.processes:
            return "processes"
        if written > self.limits.files or nodes > self.limits.nodes:
            return "files"
        if not devices and sum(_sizes(self.run)) > self.limits.files:  # without walls
            return "files"
        return None

    def spent(self, family: list[psutil.Process] | None = None) -> float:
        """Return the seconds of the processor that the kernel has used, with all it started.

        Args:
            family: its processes, where they have just been looked for.
        """
        total = 0.0
        for process in self._family() if family is None else family:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        # What ends without being waited for takes its time with it: that is not given back.
        self.used = max(self.used, total)
        return self.used

    def _family(self) -> list[psutil.Process]:
        try:
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.Error:
            return []

    def close(self) -> None:
        """End the kernel and all that it started, and remove its folder."""
        for process in self._family():  # without a sandbox children would outlive the kernel
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(OSError):
            self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        if not self.context.closed:
            with contextlib.suppress(Exception):
                self.client.stop_channels()
            with contextlib.suppress(Exception):
                self.context.destroy(linger=0)
        sandbox.remove(self.run)


def _written(family: list[int]) -> tuple[int, int, frozenset[int]]:
    """Return what lies in the folders that a submission may write to: bytes, and how many files.

    They lie in memory. A file that was removed while it was open still counts.

    Args:
        family: the numbers of its processes; the last ones are inside the walls.

    Returns:
        The bytes, the number of files, and the devices of the folders: none without walls.
    """
    for number in reversed(family):
        root = f"/proc/{number}/root"
        try:
            if not Path(root, "connection.json").is_file():
                continue  # not inside, or not yet
            places = [os.statvfs(root + place) for place in sandbox.WRITABLE]
            devices = frozenset(Path(root + place).stat().st_dev for place in sandbox.WRITABLE)
        except OSError:
            continue
        used = sum((place.f_blocks - place.f_bfree) * place.f_frsize for place in places)
        return used, sum(place.f_files - place.f_ffree for place in places), devices
    return 0, 0, frozenset()


def _nameless(family: list[int], devices: frozenset[int]) -> int:
    """Return the bytes of open files without a name, as those in memory (``memfd``) are.

    Args:
        family: the numbers of the processes.
        devices: whose files have been counted.
    """
    found: dict[tuple[int, int], int] = {}
    for number in family:
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{number}/fd"):
                with contextlib.suppress(OSError):
                    status = Path(entry.path).stat()
                    nameless = stat.S_ISREG(status.st_mode) and not status.st_nlink
                    if nameless and status.st_dev not in devices:
                        found[status.st_dev, status.st_ino] = 512 * status.st_blocks
    return sum(found.values())


def _sizes(folder: Path, depth: int = 0) -> Iterator[int]:
    """Yield the sizes of the files in a folder; too many, or too deep, is more than any limit."""
    if depth > DEEPEST:
        yield 1 << 40
        return
    try:
        for count, path in enumerate(folder.iterdir()):
            status = path.lstat()
            yield status.st_size if count < 1000 else 1 << 40
            if path.is_dir() and not path.is_symlink():
                yield from _sizes(path, depth + 1)
    except OSError:
        return


def _expression(reply: dict[str, Any]) -> str | None:
    """Return the string that the asked expression evaluated to."""
    try:
        text = reply["user_expressions"]["answer"]["data"]["text/plain"]
    except (KeyError, TypeError):
        return None
    return text.strip("'\"") if isinstance(text, str) else None
