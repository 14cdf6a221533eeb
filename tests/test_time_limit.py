"""A call that takes too long is interrupted, in whichever way the system allows."""

from __future__ import annotations

import contextlib
import signal
import threading
import time

import pytest

from unrolled.compare import attempt
from unrolled.time_limit import TimeLimitError, time_limit

LIMIT = 0.05  # seconds of the processor: the clock does not matter


def endless() -> None:
    while True:
        pass


def endless_and_deaf() -> None:
    while True:
        with contextlib.suppress(Exception):
            endless()


def test_an_endless_loop_is_interrupted() -> None:
    with pytest.raises(TimeLimitError), time_limit(LIMIT):
        endless()


def test_a_loop_that_catches_exceptions_is_interrupted() -> None:
    with pytest.raises(TimeLimitError), time_limit(LIMIT):
        endless_and_deaf()


def test_in_another_thread_too() -> None:
    seen: list[type[BaseException]] = []

    def work() -> None:
        try:
            with time_limit(LIMIT):
                endless()
        except TimeLimitError as error:
            seen.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [TimeLimitError]


def test_without_signals_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "setitimer")
    with pytest.raises(TimeLimitError), time_limit(LIMIT):
        endless()


def test_without_threads_there_is_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.delattr(signal, "setitimer")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with time_limit(LIMIT):
        until = time.process_time() + 2 * LIMIT
        while time.process_time() < until:
            pass


@pytest.mark.parametrize("threads", [False, True])
def test_nothing_is_left_behind(threads: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = signal.getsignal(signal.SIGPROF)
    timer = signal.getitimer
    if threads:
        monkeypatch.delattr(signal, "setitimer")
    with time_limit(LIMIT):
        pass
    until = time.process_time() + 3 * LIMIT
    while time.process_time() < until:  # nothing interrupts what comes after
        pass
    assert signal.getsignal(signal.SIGPROF) is handler
    assert timer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert not [t for t in threading.enumerate() if t.name == "time limit"]


def test_a_timer_that_somebody_uses_is_left_alone() -> None:
    signal.setitimer(signal.ITIMER_PROF, 3600)
    try:
        with pytest.raises(TimeLimitError), time_limit(LIMIT):
            endless()
        assert signal.getitimer(signal.ITIMER_PROF)[0] > 3000
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def test_an_attempt_says_that_it_took_too_long() -> None:
    assert isinstance(attempt(endless, (), LIMIT).error, TimeLimitError)
    assert attempt(lambda: 3, (), LIMIT).value == 3
