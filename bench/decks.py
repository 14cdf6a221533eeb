"""Measuring what users wait for: set-up, build, tests, and opening a deck.

``python -m bench.decks`` opens decks; ``--clone`` also times the README's commands in a fresh
clone. The results go to ``bench/stopwatch.json`` and from there into the README's table. Times
are for comparing within one run, on one machine; nothing asserts them.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import get_exporter

from press.notebooks.readme import put
from press.sources.source import find

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "stopwatch.json"
TIMES = 5

#: Stock decks take these from the network. For a fair race without one they lie beside the deck.
STOCK = {
    "reveal.js": "4.6.1",
    "mathjax": "2.7.9",
    "jquery": "3.7.1",
    "requirejs": "2.3.7",
    "font-awesome": "4.7.0",
}


def stock_deck(notebook: Path, folder: Path) -> Path:
    """Export a notebook with stock ``nbconvert --to slides``, its libraries beside it.

    Args:
        notebook: the notebook.
        folder: where to; npm fetches the libraries into it.

    Raises:
        FileNotFoundError: npm is missing.
    """
    if not shutil.which("npm"):
        raise FileNotFoundError("the stock deck's libraries come by npm, which is not installed")
    packages = [f"{name}@{version}" for name, version in STOCK.items()]
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--prefix", str(folder), *packages],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    exporter = get_exporter("slides")()
    exporter.reveal_url_prefix = "node_modules/reveal.js"
    exporter.mathjax_url = "node_modules/mathjax/MathJax.js?config=TeX-AMS_CHTML-full,Safe"
    exporter.require_js_url = "node_modules/requirejs/require.js"
    exporter.jquery_url = "node_modules/jquery/dist/jquery.min.js"
    exporter.font_awesome_url = "node_modules/font-awesome/css/font-awesome.min.css"
    exporter.embed_images = True
    body, _ = exporter.from_filename(str(notebook))
    target = folder / "stock.html"
    target.write_text(body, encoding="utf-8")
    return target


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback; yields its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def first_math(notebook: Path) -> str:
    """Return the hash of the first slide that holds a formula: ``#/3/0``."""
    h, v = -1, 0
    for cell in nbformat.read(notebook, as_version=4).cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind == "slide":
            h, v = h + 1, 0
        elif kind == "subslide":
            v += 1
        if cell.cell_type == "markdown" and kind not in ("notes", "skip") and "$" in cell.source:
            return f"#/{h}/{v}"
    raise ValueError(f"{notebook.name} has no formula on a slide")


def opening(address: str, selector: str) -> dict[str, float]:
    """Open a deck ``TIMES`` times in a fresh profile; return medians.

    Args:
        address: the deck's address, with the hash of the slide to show.
        selector: what must be visible on that slide: the formula, set.

    Returns:
        ``ms`` until the formula shows, ``requests`` made, ``external`` ones among them.
    """
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import chromium  # the tests' Chromium

    times, requests, external = [], [], []
    with chromium() as browser:
        for _ in range(TIMES + 1):  # the first one warms the disk's cache and is dropped
            context = browser.new_context(viewport={"width": 1280, "height": 720})
            page = context.new_page()
            seen: list[str] = []
            page.on("request", lambda request, seen=seen: seen.append(request.url))
            started = time.perf_counter()
            page.goto(address, wait_until="commit")
            page.wait_for_selector(selector, state="visible", timeout=60_000)
            times.append((time.perf_counter() - started) * 1000)
            page.wait_for_load_state("load")
            page.wait_for_timeout(500)
            real = [url for url in seen if not url.startswith(("data:", "blob:"))]
            requests.append(len(real))
            external.append(sum("127.0.0.1" not in url for url in real))
            context.close()
    return {
        "ms": round(statistics.median(times[1:])),
        "requests": round(statistics.median(requests)),
        "external": round(statistics.median(external)),
    }


def decks() -> dict[str, Any]:
    """Open the course's deck of lecture 03 and the stock one, both served on the loopback."""
    notebook = ROOT / "lectures" / "pl" / "03_gates.ipynb"
    slide = first_math(notebook)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "img", folder / "img")
        body, _ = get_exporter("unrolled-deck")().from_filename(str(notebook))
        (folder / "ours.html").write_text(body, encoding="utf-8")
        stock = stock_deck(notebook, folder)
        size = sum(p.stat().st_size for p in (folder / "node_modules").rglob("*") if p.is_file())
        with served(folder) as address:
            ours = opening(
                f"{address}ours.html{slide}", "section.present section.present .katex-html"
            )
            theirs = opening(
                f"{address}stock.html{slide}",
                "section.present section.present :is(.MathJax, .MathJax_CHTML, mjx-container)",
            )
        ours["bytes"] = (folder / "ours.html").stat().st_size
        theirs["bytes"] = stock.stat().st_size + size
    return {"deck": ours, "stock deck": theirs}


def commands() -> dict[str, float]:
    """Time the README's commands in a fresh clone of what is committed."""
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "unrolled"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        for label, command in (
            ("set-up", ["make", "setup"]),
            ("make", ["make"]),
            ("make test", ["make", "test"]),
        ):
            started = time.perf_counter()
            status = subprocess.call(command, cwd=clone)
            seconds[label] = round(time.perf_counter() - started)
            if status:
                raise SystemExit(f"`{' '.join(command)}` failed in the clone; nothing is recorded")
    return seconds


def table(results: dict[str, Any]) -> str:
    """Return the README's table of what was measured."""
    rows = ["| what | time | size | requests (to other hosts) |", "|---|---:|---:|---:|"]
    names = {
        "set-up": "`make setup`, fresh clone",
        "make": "`make` after it",
        "make test": "`make test`",
    }
    for label, text in names.items():
        if label in results.get("commands", {}):
            rows.append(f"| {text} | {results['commands'][label]:.0f} s | | |")
    titles = {
        "deck": "our deck of lecture 03, until its first formula shows",
        "stock deck": "the same by `nbconvert --to slides`, libraries beside it",
    }
    for label, text in titles.items():
        deck = results["decks"][label]
        size = f"{deck['bytes'] / 1e6:.2f} MB"
        asked = f"{deck['requests']} ({deck['external']})"
        rows.append(f"| {text} | {deck['ms']} ms | {size} | {asked} |")
    ratio = results["decks"]["deck"]["ms"] / results["decks"]["stock deck"]["ms"]
    rows.append("")
    rows.append(
        f"Medians of {TIMES} openings in one run: ours takes {ratio:.2f} of stock's time. "
        f"Measured with `make bench` on {results['machine']}. {_of(results['of'])}"
    )
    return "\n".join(rows)


def stamp() -> dict[str, Any]:
    """Return what is being measured: the day, the commit, how large the course is, the load."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    kinds = [path.parent.name for path in find(ROOT)]
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "lectures": kinds.count("lectures"),
        "labs": kinds.count("labs"),
        "load": round(os.getloadavg()[0], 1),
    }


def _of(stamps: dict[str, dict[str, Any]]) -> str:
    """Return what the decks and the commands were measured on."""
    told: dict[str, list[str]] = {}
    for what, one in stamps.items():
        busy = f", load {one['load']:g}" if one.get("load", 0) >= 0.5 else ""
        text = (
            f"{one['day']} at commit {one['commit']} "
            f"({one['lectures']} lectures, {one['labs']} labs{busy})"
        )
        told.setdefault(text, []).append(what)
    parts = [f"{' and '.join(which)}: {text}" for text, which in told.items()]
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def main() -> None:
    """Measure, write the results and the README's table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clone", action="store_true", help="also time set-up, make, make test")
    parser.add_argument("--table", action="store_true", help="only rewrite the README's table")
    args = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    if not args.table:
        of = results.setdefault("of", {})
        of["decks"] = stamp()
        results["decks"] = decks()
        results["machine"] = machine()
        if args.clone:
            of["commands"] = stamp()
            results["commands"] = commands()
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    put(ROOT / "README.md", "stopwatch", table(results))
    print(table(results))


def machine() -> str:
    """Return what kind of machine measures."""
    return f"{platform.system()} {platform.machine()}, {_cores()} cores"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
