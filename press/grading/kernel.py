"""A kernel in the sandbox, and asking it things without trusting what it says."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import psutil
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from press.grading import sandbox
from press.grading.sandbox import Limits
from unrolled.messages import Language

#: The largest message that is read from a kernel (bytes); a larger one cuts its connection.
LARGEST_MESSAGE = 8 << 20
#: How long an interrupted cell may take to stop (seconds).
PATIENCE = 2.0

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
    """

    ending: Ending
    alive: bool = True
    error: str = ""
    answer: str | None = None


class Kernel:
    """One kernel; use it as a context manager.

    Args:
        course: what :func:`press.grading.sandbox.furnish` made.
        language: the language of the notebook.
        limits: what the submission may use.
        sandboxed: False for a kernel without walls.

    Raises:
        TimeoutError: the kernel did not start.
    """

    def __init__(
        self, course: Path, language: Language, limits: Limits, *, sandboxed: bool = True
    ) -> None:
        self.limits = limits
        self.run = sandbox.new_run_folder()
        connection = self.run / "connection.json"
        write_connection_file(str(connection), ip=str(self.run / "k"), transport="ipc")
        self.process = sandbox.start(course, self.run, language, limits, sandboxed=sandboxed)
        self.context = zmq.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, 20)
        self.context.setsockopt(zmq.LINGER, 0)
        self.client = BlockingKernelClient(context=self.context)
        self.client.load_connection_info(json.loads(connection.read_text(encoding="utf-8")))
        # Nothing is read from the channel of outputs: nobody can flood it.
        self.client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=True)
        request = self.client.kernel_info()
        reply, ending = self._reply(request, limits.start)
        if reply is None:
            self.close()
            raise TimeoutError(f"the kernel did not start ({ending})")

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
            seconds: interrupted after that; killed if that does not help.
            ask: an expression whose value is a string without quotes.
        """
        expressions = {"answer": ask} if ask else {}
        request = self.client.execute(
            code, store_history=False, user_expressions=expressions, stop_on_error=False
        )
        reply, ending = self._reply(request, seconds)
        if ending == "time" and reply is None:
            self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
            reply, stopped = self._reply(request, PATIENCE)
            if reply is None:
                self.close()
                return Reply("time" if stopped == "time" else stopped, alive=False)
            return Reply("time")
        if reply is None:
            self.close()
            return Reply(ending, alive=False)
        if reply.get("status") != "ok":
            name, text = str(reply.get("ename"))[:80], str(reply.get("evalue"))[:300]
            return Reply("error", error=f"{name}: {text}")
        return Reply("ok", answer=_expression(reply))

    def _reply(self, request: str, seconds: float) -> tuple[dict[str, Any] | None, Ending]:
        """Wait for the reply to ``request``; None and the reason when there is none."""
        until = time.monotonic() + seconds
        pause = 0.02
        while True:
            with contextlib.suppress(Exception):  # whatever a hostile kernel sends
                message = self._message(pause)
                if message and message.get("parent_header", {}).get("msg_id") == request:
                    content = message.get("content")
                    return (content if isinstance(content, dict) else {}), "ok"
            pause = 0.1
            overdrawn = self._overdrawn()
            if overdrawn:
                return None, overdrawn
            if time.monotonic() > until:
                return None, "time"

    def _message(self, seconds: float) -> dict[str, Any] | None:
        channel = self.client.shell_channel
        if not channel.socket.poll(int(seconds * 1000)):
            return None
        _, parts = channel.session.recv(channel.socket, mode=zmq.NOBLOCK)
        return parts

    def _overdrawn(self) -> Ending | None:
        """Say which limit the kernel's processes have passed, if one."""
        if self.process.poll() is not None:
            return "died"
        memory = count = 0
        for process in self._family():
            with contextlib.suppress(psutil.Error):
                memory += process.memory_info().rss
                count += 1
        if memory > self.limits.memory:
            return "memory"
        if count > self.limits.processes:
            return "processes"
        if sum(_sizes(self.run)) > self.limits.files:
            return "files"
        return None

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
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        if not self.context.closed:
            with contextlib.suppress(Exception):
                self.client.stop_channels()
            self.context.destroy(linger=0)
        shutil.rmtree(self.run, ignore_errors=True)


def _sizes(folder: Path) -> Iterator[int]:
    """Yield the sizes of the files right in a folder; a folder in it counts as the limit."""
    try:
        for count, path in enumerate(folder.iterdir()):
            status = path.lstat()
            yield status.st_size if count < 1000 else 1 << 40
            if path.is_dir() and not path.is_symlink():
                yield from _sizes(path)
    except OSError:
        return


def _expression(reply: dict[str, Any]) -> str | None:
    """Return the string that the asked expression evaluated to."""
    try:
        text = reply["user_expressions"]["answer"]["data"]["text/plain"]
    except (KeyError, TypeError):
        return None
    return text.strip("'\"") if isinstance(text, str) else None
