"""The display of how far a long loop has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from unrolled.progress import Progress, progress
from unrolled.words import MissingWordError

LABEL = "training the networks"


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def each(self, steps: Iterator[int], seconds: float) -> list[int]:
        """Take all steps, each of which lasts some seconds."""
        taken = []
        for step in steps:
            self.now += seconds
            taken.append(step)
        return taken


class Shown(list[tuple[str, float | None]]):
    """What was shown, in order."""

    def __call__(self, line: str, share: float | None) -> None:
        self.append((line, share))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "en")
    monkeypatch.delenv("UNROLLED_BUILD", raising=False)


def test_a_short_loop_shows_nothing() -> None:
    clock, shown = Clock(), Shown()
    assert clock.each(progress(range(19), LABEL, clock=clock, show=shown), 0.1) == [*range(19)]
    assert shown == []


def test_a_long_loop_shows_how_far_it_is_and_then_nothing() -> None:
    clock, shown = Clock(), Shown()
    clock.each(progress(range(2000), LABEL, clock=clock, show=shown), 0.25)
    assert shown[0] == ("training the networks: 8 of 2,000, about 8 min left", 8 / 2000)
    assert shown[-2] == ("training the networks: 2,000 of 2,000, about 0 s left", 1.0)
    assert shown[-1] == ("", None)
    assert len(shown) == 2 + (2000 - 8) // 2  # first, then every half second, and the end


def test_it_speaks_the_notebooks_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    clock, shown = Clock(), Shown()
    clock.each(progress(range(1500), LABEL, clock=clock, show=shown), 2.0)
    assert shown[1434][0] == "uczenie sieci: 1\u00a0435 z 1\u00a0500, jeszcze około 2 min"
    assert shown[1444][0] == "uczenie sieci: 1\u00a0445 z 1\u00a0500, jeszcze około 110 s"


def test_steps_that_nobody_counted() -> None:
    clock, shown = Clock(), Shown()
    clock.each(progress(iter(range(3)), LABEL, clock=clock, show=shown), 1.5)
    assert shown == [
        ("training the networks: 2 (3 s)", None),
        ("training the networks: 3 (4 s)", None),
        ("", None),
    ]
    shown.clear()
    clock.each(progress(iter(range(3)), LABEL, total=3, clock=clock, show=shown), 2.0)
    assert shown[0] == ("training the networks: 1 of 3, about 4 s left", 1 / 3)


def test_a_loop_that_breaks_off_leaves_nothing() -> None:
    clock, shown = Clock(), Shown()

    def broken() -> None:
        for step in progress(range(10), LABEL, clock=clock, show=shown):
            clock.now += 3
            if step == 4:
                raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        broken()
    for step in progress(range(10), LABEL, clock=clock, show=shown):
        clock.now += 3
        if step == 4:
            break
    assert [line == "" for line, _ in shown] == 2 * [False, False, False, False, True]


def test_steps_counted_without_a_loop() -> None:
    clock, shown = Clock(), Shown()
    with Progress(6, LABEL, clock=clock, show=shown) as bar:
        clock.now += 5
        bar.advance(2)
    assert shown == [("training the networks: 2 of 6, about 10 s left", 1 / 3), ("", None)]
    clock.now += 5
    bar.advance()
    bar.close()
    assert len(shown) == 2, "a display that was closed came back"
    with Progress(0, LABEL, clock=clock, show=shown):
        pass
    with pytest.raises(ValueError, match="cannot be negative, not -1"):
        Progress(-1, LABEL)


def test_a_label_without_polish_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(progress(range(3), "knitting a network")) == [0, 1, 2]
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    assert list(progress(range(3), LABEL)) == [0, 1, 2]
    with pytest.raises(MissingWordError, match="knitting a network"):
        progress(range(3), "knitting a network")


@pytest.mark.parametrize("watched", [True, False])
def test_a_terminal_is_left_as_it_was(
    watched: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PYTEST_VERSION")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: watched)
    clock = Clock()
    clock.each(progress(range(2), LABEL, clock=clock), 3.0)
    lines = ["training the networks: 1 of 2, about 3 s left"]
    lines += ["training the networks: 2 of 2, about 0 s left", ""]
    told = capsys.readouterr()
    assert told.out == ("".join("\r\x1b[K" + line for line in lines) if watched else "")
    assert told.err == ""


CELL = """
from unrolled.progress import progress
seconds = iter(range(0, 1000, 3))
for step in progress(range(4), "training the networks", clock=lambda: next(seconds)):
    if step == 3:
        print("four steps")
"""


@pytest.fixture
def execute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[], tuple[list[nbformat.NotebookNode], list[nbformat.NotebookNode]]]:
    """Run CELL in a kernel; return its outputs, and the messages that came with them."""

    def run() -> tuple[list[nbformat.NotebookNode], list[nbformat.NotebookNode]]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
        client = NotebookClient(notebook, kernel_name="python3", timeout=120)
        heard = []
        process = client.process_message

        def listen(message, cell, index):  # type: ignore[no-untyped-def]
            heard.append(nbformat.from_dict(message))
            return process(message, cell, index)

        monkeypatch.setattr(client, "process_message", listen)
        client.execute(cwd=str(tmp_path))
        return notebook.cells[0].outputs, heard

    return run


def test_a_kernel_shows_a_bar_and_takes_it_away(
    execute: Callable[[], tuple[list[nbformat.NotebookNode], list[nbformat.NotebookNode]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTEST_VERSION")
    outputs, heard = execute()
    kinds = ("display_data", "update_display_data")
    lines = [m.content.data["text/plain"] for m in heard if m.msg_type in kinds]
    assert lines == [
        *(f"training the networks: {n} of 4, about {3 * (4 - n)} s left" for n in range(1, 5)),
        "",
    ]
    first = next(m for m in heard if m.msg_type == "display_data").content.data["text/html"]
    assert first == f'<progress value="0.250" max="1"></progress> {lines[0]}'
    bar, printed = outputs
    assert bar.data == {"text/plain": "", "text/html": ""}
    assert (printed.name, printed.text) == ("stdout", "four steps\n")


@pytest.mark.parametrize("variable", ["UNROLLED_BUILD", "PYTEST_VERSION"])
def test_neither_the_build_nor_nbval_sees_it(
    variable: str,
    execute: Callable[[], tuple[list[nbformat.NotebookNode], list[nbformat.NotebookNode]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTEST_VERSION")
    monkeypatch.setenv(variable, "1")
    outputs, _ = execute()
    assert [(out.output_type, out.get("text")) for out in outputs] == [("stream", "four steps\n")]
