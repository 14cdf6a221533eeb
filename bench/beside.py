"""What the course computes and makes beside what others do: ratios of times, with their spread.

``python -m bench.beside`` lets ours and its peer take turns at the same work in one run, so that
whatever else the machine does falls on both, writes ``bench/beside.json`` and puts a table into
``bench/RESULTS.md``. A ratio is that of one turn; the table gives the median and the least and the
largest. Results are compared before anything is timed. Times are for comparing within one run, on
one machine; nothing asserts them.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import bench.cells  # noqa: F401  # first: it says how many threads the libraries have

import numpy as np

from bench.decks import ROOT, machine, stamp
from press.arguments import positive
from press.notebooks.readme import put
from unrolled.cells import GRU, LSTM, SimpleRNN
from unrolled.data import course_text
from unrolled.language.bleu import corpus_bleu

RESULTS = ROOT / "bench" / "beside.json"
TURNS = 7
#: Sentences whose BLEU is computed; a word in so many is missing from the translation.
SENTENCES, KEPT = 2000, 0.9
LECTURE = "03_gates"
#: What of the repository a lecture's notebooks and decks are made of.
NEEDED = ("course.toml", "constraints.txt", "data", "img", "lectures", "unrolled")

#: Seconds of ours and of the peer, a number for each turn.
Taken = tuple[list[float], list[float]]


def turns(ours: Callable[[], Any], peer: Callable[[], Any], count: int) -> Taken:
    """Return how long two pieces of work take that are done in turns, after one of each."""
    taken: Taken = [], []
    for turn in range(count + 1):
        for work, seconds in zip((ours, peer), taken, strict=True):
            started = time.perf_counter()
            work()
            if turn:  # the first warms up
                seconds.append(time.perf_counter() - started)
    return taken


def of_cells(count: int) -> dict[str, Taken]:
    """Return what our cells and the libraries' take, forward and backward over a batch."""
    from bench import cells

    cells.hold_threads()
    rng = np.random.default_rng(1)
    found = {}
    for kind in (SimpleRNN, LSTM, GRU):
        cell: Any = kind.random(cells.INPUTS, cells.SIZE, rng, dtype=np.float32)
        taken = {name: [ms / 1000 for ms in row] for name, row in cells.times(cell, count).items()}
        for library in cells.LIBRARIES[1:]:
            found[f"{kind.__name__}, forward and backward|{library}"] = (
                taken["NumPy"],
                taken[library],
            )
    return found


def of_bleu(count: int) -> dict[str, Taken]:
    """Return what BLEU of a corpus takes us and sacreBLEU.

    Raises:
        AssertionError: the scores differ.
    """
    import sacrebleu

    texts = re.split(r"(?<=[.!?])\s+", course_text())
    references = [texts[i % len(texts)] for i in range(SENTENCES)]
    rng = np.random.default_rng(0)
    missing = [
        " ".join(word for word in text.split() if rng.random() < KEPT) for text in references
    ]
    scores = corpus_bleu(missing, references).score, sacrebleu.corpus_bleu(missing, [references])
    assert abs(scores[0] - scores[1].score) < 1e-9
    return {
        f"corpus BLEU of {SENTENCES:,} sentences|sacreBLEU": turns(
            lambda: corpus_bleu(missing, references),
            lambda: sacrebleu.corpus_bleu(missing, [references]),
            count,
        )
    }


def of_a_change(count: int) -> dict[str, Taken]:
    """Return what a changed word of a lecture takes until both decks are new, as in `make watch`.

    The peer exports the same two notebooks, and need not read a source nor compare anything.
    """
    from nbconvert.exporters import get_exporter

    from press.exports.watch import rebuild

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for needed in NEEDED:
            copy = shutil.copytree if (ROOT / needed).is_dir() else shutil.copyfile
            copy(ROOT / needed, root / needed)
        path = root / "lectures" / f"{LECTURE}.md"
        text = path.read_text(encoding="utf-8")
        at = re.search(r"\n## [^\n]+\n\n", text)
        assert at, f"{LECTURE} has no slide"
        said = 0

        def ours() -> None:
            nonlocal said
            said += 1
            word = "Tak" + "że" * said + " "
            path.write_text(text[: at.end()] + word + text[at.end() :], encoding="utf-8")
            made, how = rebuild(path, root, root / "build")
            assert len(made) == 2, "both editions"
            assert "nothing executed" in how

        def stock() -> None:
            for lang in ("pl", "en"):
                notebook = root / "lectures" / lang / f"{LECTURE}.ipynb"
                get_exporter("slides")().from_filename(str(notebook))

        what = f"a word of lecture {LECTURE[:2]} changed, until both decks are made"
        return {f"{what}|nbconvert --to slides": turns(ours, stock, count)}


def of_addition(count: int) -> dict[str, Taken]:
    """Return what lab 01 and a loop over single sums take until all sums are right, by seed.

    Where a loop has not come so far when it is stopped, the name of the row says how often.
    """
    from bench.addition import THEIRS_AT_MOST, WIDTH, ours, theirs

    pairs = [(ours(seed), theirs(seed)) for seed in range(count)]
    missed = [sum(not side[i][1] for side in pairs) for i in (0, 1)]
    what = f"adding {WIDTH}-bit numbers, until all {4**WIDTH:,} sums are right"
    if missed[0]:
        what += f" ({missed[0]} of {count} seeds never)"
    peer = "a loop over single sums"
    if missed[1]:
        peer += f" ({missed[1]} of {count} seeds not after {THEIRS_AT_MOST:,} sums)"
    return {f"{what}|{peer}": ([a[0] for a, _ in pairs], [b[0] for _, b in pairs])}


WHAT = {"addition": of_addition, "bleu": of_bleu, "change": of_a_change, "cells": of_cells}


def table(results: dict[str, Any]) -> str:
    """Return the ratios as a Markdown table."""
    lines = [
        "| what | beside | ours, s | theirs, s | ours / theirs | least – largest "
        "| turns | load | day, commit |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for name, row in results["rows"].items():
        what, peer = name.split("|")
        ours, theirs = (f"{statistics.median(row[who]):.3g}" for who in ("ours", "theirs"))
        ratios = sorted(a / b for a, b in zip(row["ours"], row["theirs"], strict=True))
        middle, *ends = (f"{r:.2g}" for r in (statistics.median(ratios), ratios[0], ratios[-1]))
        of = row["of"]
        lines.append(
            f"| {what} | {peer} | {ours} | {theirs} | {middle} | {' – '.join(ends)} "
            f"| {len(ratios)} | {of['load']:g} | {of['day']}, {of['commit']} |"
        )
    lines += [
        "",
        f"Medians on {results['machine']}; the turns of a row are of one run, and so are the rows "
        "of one day, commit and load.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, write the results and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--turns", type=positive, default=TURNS, help="how often each takes its turn"
    )
    parser.add_argument(
        "--what", nargs="+", choices=WHAT, default=list(WHAT), help="only these; others stay"
    )
    args = parser.parse_args()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    kept = results.get("rows", {}) if results.get("machine") == machine() else {}
    of = stamp()
    for what in args.what:
        kept = {name: row for name, row in kept.items() if row.get("kind") != what}
        for name, (ours, theirs) in WHAT[what](args.turns).items():
            kept[name] = {
                "kind": what,
                "of": of,
                "ours": [round(s, 5) for s in ours],
                "theirs": [round(s, 5) for s in theirs],
            }
    results = {"machine": machine(), "rows": dict(sorted(kept.items()))}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    put(ROOT / "bench" / "RESULTS.md", "beside", table(results))
    print(table(results))


if __name__ == "__main__":
    main()
