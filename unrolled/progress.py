"""How far a long loop has come, shown while it runs and gone when it ends.

``for step in progress(range(1000), "training the LSTM"):`` shows a bar below the running cell, or
a line in a terminal, once the loop has run for two seconds. When the loop ends, the bar is empty
again; no notebook of the course keeps one, and nothing goes to stderr.
"""

from __future__ import annotations

import html
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from types import TracebackType
from typing import Any, TypeVar

from unrolled.messages import Language, building, language
from unrolled.words import number, translate

T = TypeVar("T")

#: A loop shorter than this shows nothing (seconds).
QUIET = 2.0
#: The display changes at most this often (seconds).
EVERY = 0.5

#: A function that shows a line and the share done (0 to 1, None where the total is not known);
#: an empty line takes the display away.
Show = Callable[[str, float | None], None]


class Progress:
    """A display of how many of a known number of steps are done.

    :func:`progress` counts the turns of a loop; where there is no loop to wrap (Keras calls back
    after each batch), use the object itself::

        with Progress(steps, "training the LSTM") as bar:
            model.fit(..., callbacks=[LambdaCallback(on_batch_end=lambda *_: bar.advance())])

    Args:
        total: number of steps, or None where nobody knows it.
        label: what is being done, in English; shown in the notebook's language through the
            catalogue :mod:`unrolled.words`.
        clock: returns seconds; only differences count.
        show: shows a line; by default a bar below the running cell, a line in a terminal, and
            nothing where nobody watches (in the build, under pytest, in a file).

    Raises:
        MissingWordError: the label has no Polish (while the course is being built).
        ValueError: the total is negative.
    """

    def __init__(
        self,
        total: int | None,
        label: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        show: Show | None = None,
    ) -> None:
        if total is not None and total < 0:
            raise ValueError(f"total is the number of steps and cannot be negative, not {total}")
        translate(label, "pl", strict=building())
        self.total = total
        self.label = label
        self.done = 0
        self._clock = clock
        self._show = _display() if show is None else show
        self._started = clock()
        self._shown: float | None = None  # when the display changed last

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def advance(self, steps: int = 1) -> None:
        """Count steps that are done, and show it when it is time to."""
        self.done += steps
        now = self._clock()
        since, least = (self._started, QUIET) if self._shown is None else (self._shown, EVERY)
        if now - since >= least:
            self._shown = now
            known = self.total and min(self.done / self.total, 1.0)
            self._show(self.line(now - self._started, language()), known or None)

    def line(self, seconds: float, lang: Language) -> str:
        """Return what is shown after some seconds, in a language."""
        label = translate(self.label, lang)
        if not self.total:
            done = number(f"{self.done:,}", lang)
            return f"{label}: {done} ({_duration(seconds)})"
        done, total = (number(f"{n:,}", lang) for n in (self.done, self.total))
        of = {"pl": "z", "en": "of"}[lang]
        left = _duration(seconds * max(self.total - self.done, 0) / max(self.done, 1))
        still = {"pl": f"jeszcze około {left}", "en": f"about {left} left"}[lang]
        return f"{label}: {done} {of} {total}, {still}"

    def close(self) -> None:
        """Take the display away, if there is one."""
        if self._shown is not None:
            self._shown = None
            self._started = float("inf")  # a step counted later shows nothing
            self._show("", None)


def progress(
    steps: Iterable[T],
    label: str,
    *,
    total: int | None = None,
    clock: Callable[[], float] = time.monotonic,
    show: Show | None = None,
) -> Iterator[T]:
    """Return the same steps; while a loop takes them, show how many are done.

    Args:
        steps: what the loop runs over.
        label: what the loop does, in English (see :class:`Progress`).
        total: number of steps; by default ``len(steps)`` where there is one.
        clock: see :class:`Progress`.
        show: see :class:`Progress`.

    Raises:
        MissingWordError: the label has no Polish (while the course is being built).
    """
    if total is None and isinstance(steps, Sized):
        total = len(steps)
    bar = Progress(total, label, clock=clock, show=show)

    def turns() -> Iterator[T]:
        with bar:  # also when the loop breaks off or an error ends it
            for step in steps:
                yield step
                bar.advance()

    return turns()


def _duration(seconds: float) -> str:
    """Return a duration in whole seconds, from two minutes on in whole minutes."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _display() -> Show:
    """Return what shows a line where somebody watches, else what does nothing."""
    # pytest (and nbval's kernels, which inherit its environment) compares a cell's outputs with
    # the committed ones: a bar would be one too many.
    if building() or "PYTEST_VERSION" in os.environ:
        return _nothing
    if "IPython" in sys.modules:
        from IPython import get_ipython

        shell = get_ipython()
        if shell is not None and hasattr(shell, "kernel"):
            return _Below()
    return _in_terminal if sys.stdout.isatty() else _nothing


def _nothing(line: str, share: float | None) -> None:
    pass


def _in_terminal(line: str, share: float | None) -> None:
    """Write the line over the last one; an empty line leaves the cursor on an empty line."""
    print(f"\r\x1b[K{line}", end="", flush=True)


class _Below:
    """A bar below the running cell, changed in place."""

    def __init__(self) -> None:
        self._handle: Any = None

    def __call__(self, line: str, share: float | None) -> None:
        from IPython.display import display

        bar = "" if share is None else f'<progress value="{share:.3f}" max="1"></progress> '
        shown = {"text/plain": line, "text/html": bar + html.escape(line) if line else ""}
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)
