"""A limit for the time that a call may take, so that an endless loop ends with a word.

What counts is the processor's time, not the clock's: a busy machine does not shorten it. On the
main thread of a system with signals a timer interrupts the call; elsewhere (Windows, a kernel that
runs cells in another thread) a second thread does. Where there is neither, there is no limit.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

#: Pause before a call that has caught the interruption is interrupted again (seconds).
AGAIN = 1.0


class TimeLimitError(BaseException):
    """A call took too long. Not an ``Exception``, so that ``except Exception`` lets it pass."""


@contextlib.contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Interrupt what runs inside with a :class:`TimeLimitError` after ``seconds``.

    Args:
        seconds: of the processor, all threads of this process together; None for no limit.
    """
    if seconds is None:
        yield
    elif _timer_is_free():
        with _by_signal(seconds):
            yield
    else:
        with _by_thread(seconds):
            yield


def _timer_is_free() -> bool:
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getitimer(signal.ITIMER_PROF)[0] == 0
    )


@contextlib.contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeLimitError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    interrupted = ctypes.c_ulong(threading.get_ident())
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    done = threading.Event()

    def watch() -> None:
        until = time.process_time() + seconds
        while not done.wait(min(0.1, seconds)):
            if time.process_time() >= until:
                raise_in(interrupted, ctypes.py_object(TimeLimitError))
                until += AGAIN

    watcher = threading.Thread(target=watch, daemon=True, name="time limit")
    try:
        watcher.start()
    except RuntimeError:  # Python in a browser has one thread
        yield
        return
    try:
        yield
    finally:
        done.set()
        watcher.join()
        raise_in(interrupted, None)  # one that has not arrived yet must not hit what comes after
