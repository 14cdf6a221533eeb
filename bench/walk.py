"""Walk lectures live (RISE) and exported, by keys, and keep what was seen.

``python -m bench.walk 03-pl 07-en`` walks these editions, without names all of them, which takes an
hour or two; ``--only exported`` walks the decks alone (seconds for each), ``--only live`` the live
view alone. The tests of ``tests/test_rise.py`` walk live: they run the whole lecture, so a row says
what ran into the foot line *after* everything had been run, on two sizes of screen. ``--quick``
leaves the smaller one out, ``--kept`` runs nothing and shows the outputs that the course has kept.

``bench/walk.json`` has a row for each edition; ``bench/RESULTS.md`` gets a table of them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from press.exports import site
from press.exports.live import lecture_path
from press.notebooks.readme import put
from press.sources.source import find, read

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "walk.json"
#: What is walked live: opening, running to the end, going back, keys that must not write.
TESTS = "opens or shift_enter or arrows or steps or no_key or another_host"
#: The same without the way back on a smaller screen, on which slides are only scaled.
QUICK = "opens or shift_enter or no_key or another_host"
#: Nothing is run: the outputs that the course has kept are shown by their key.
KEPT = "kept_outputs or no_key or another_host"
#: Words by which what reveal.js or JupyterLab says beside a Polish slide is known to be English.
ENGLISH = re.compile(
    r"\b(slides?|boards?|presentation|notebook|cells?|add|help|click|changed|cancel|kernel is)\b",
    re.IGNORECASE,
)
#: What one step of an exported deck shows (beside `browser.LOOK`, which says what sticks out).
STEP = """() => {
  const slide = Reveal.getCurrentSlide();
  return {number: Reveal.getSlidePastCount() + 1,
          notes: Boolean(slide.querySelector('aside.notes')),
          end: Reveal.isLastSlide() && !Reveal.availableFragments().next};
}"""


def everything() -> list[str]:
    """Return the editions of all lectures, as ``03-pl``."""
    numbers = sorted(path.name[:2] for path in (ROOT / "lectures").glob("[0-9]*.md"))
    return [f"{number}-{language}" for number in numbers for language in ("pl", "en")]


def live(name: str, pictures: Path | None, tests: str = TESTS) -> tuple[int, dict[str, Any] | None]:
    """Walk one edition live; return pytest's exit code, and a row if the walk came to its end.

    Args:
        name: the edition as ``03-pl``.
        pictures: a folder for a picture of every slide after the run; None: no pictures.
        tests: which tests walk, as pytest's ``-k`` takes them.
    """
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "walk.jsonl"
        record.touch()
        env = os.environ | {"UNROLLED_WALK": name, "UNROLLED_WALK_RECORD": str(record)}
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            env["UNROLLED_WALK_PICTURES"] = str(pictures.resolve())
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--durations=0",
            "tests/test_rise.py",
            "-k",
            tests,
        ]
        code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
        rows = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    return code, rows[0] if rows else None


def exported(name: str) -> dict[str, Any]:
    """Walk one exported deck by the right arrow alone; return a row.

    Args:
        name: the edition as ``03-pl``.

    Raises:
        AssertionError: the deck does not come to its end.
    """
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import LOOK, chromium, recorded  # the tests' Chromium

    number, language = name.split("-")
    source = next(path for path in find(ROOT) if path.match(f"lectures/{number}_*.md"))
    deck = next(
        export
        for export in site.exports(read(source), ROOT, language)  # type: ignore[arg-type]
        if export.exporter == "unrolled-deck"
    )
    path = site.make(deck, ROOT / "build")
    seen: set[int] = set()
    noted: set[int] = set()
    over: set[int] = set()
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        requests = recorded(page)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready='1']", state="attached")
        total = int(page.evaluate("Reveal.getTotalSlides()"))
        steps = 0
        while True:
            page.wait_for_timeout(30)
            at = page.evaluate(STEP)
            seen.add(at["number"])
            if at["notes"]:
                noted.add(at["number"])
            if page.evaluate(LOOK)["bad"]:
                over.add(at["number"])
            if at["end"]:
                break
            page.keyboard.press("ArrowRight")
            steps += 1
            assert steps < 2000, f"{path.name} does not come to its end"
        page.close()
    elsewhere = [url for url in requests if not url.startswith(("file:", "data:", "blob:"))]
    files = {url.split("#")[0] for url in requests if url.startswith("file:")}
    return {
        "slides": total,
        "visited": len(seen),
        "steps": steps,
        "with notes": len(noted),
        "overflowing": sorted(over),
        "errors": errors,
        "files": len(files),
        "asked elsewhere": elsewhere,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return the walks as a table of Markdown, a line for each edition."""
    heads = (
        "lecture",
        "edition",
        "slides",
        "steps",
        "with notes",
        "asked of other hosts",
        "written in the repository",
        "overflow live",
        "overflow exported",
    )
    lines = ["| " + " | ".join(heads) + " |", "|---|---|" + "--:|" * (len(heads) - 2)]
    for row in rows:
        there = [row[kind] for kind in ("live", "exported") if kind in row]
        cells = [
            Path(row["lecture"]).stem,
            Path(row["lecture"]).parent.name,
            _one({walk["slides"] for walk in there} | {walk["visited"] for walk in there}),
            row["exported"]["steps"] if "exported" in row else "–",
            _one({walk["with notes"] for walk in there}),
            sum(len(walk["asked elsewhere"]) for walk in there),
            len(row["live"]["written"]) if "live" in row else "–",
            _over(row.get("live"))
            + " ▶" * (row.get("live", {}).get("run", True) and "live" in row),
            _over(row.get("exported")),
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += ["", _walks(rows)]
    return "\n".join(lines)


def _walks(rows: list[dict[str, Any]]) -> str:
    """Return how the rows were walked live."""
    live = [row["live"] for row in rows if "live" in row]
    run = sum(walk.get("run", True) for walk in live)
    small = sum("overflowing, 1024 × 768" in walk for walk in live)
    others = "" if run == len(live) else ", the others by showing the outputs that were kept"
    back = f" Back on 1024 × 768: {small}." if small else ""
    return f"Walked live: {len(live)}; {run} by running every cell (marked ▶){others}.{back}"


def _one(numbers: set[int]) -> str:
    """Return one number; where the walks disagree, all of them."""
    return " / ".join(map(str, sorted(numbers)))


def _over(walk: dict[str, Any] | None) -> str:
    if walk is None:
        return "–"
    both = sorted({*walk["overflowing"], *walk.get("overflowing, 1024 × 768", [])})
    return f"{len(both)}: " + ", ".join(map(str, both)) if both else "0"


def main() -> int:
    """Walk what is asked for; what is known of other lectures stays. Writes after each walk."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.walk")
    parser.add_argument("names", nargs="*", metavar="NN-LANGUAGE", help="as 03-pl; none: all")
    parser.add_argument("--only", choices=("live", "exported"), help="walk one of the two alone")
    parser.add_argument("--quick", action="store_true", help="live, leave out the small screen")
    parser.add_argument("--kept", action="store_true", help="live, show kept outputs, run nothing")
    parser.add_argument("--pictures", type=Path, help="keep a picture of every live slide here")
    asked = parser.parse_args()
    names = asked.names or everything()
    unknown = sorted(set(names) - set(everything()))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {' '.join(everything())}")
    worst = 0
    for name in names:
        if asked.only != "live":
            _keep(name, "exported", exported(name))
        if asked.only != "exported":
            code, row = live(
                name, asked.pictures, KEPT if asked.kept else QUICK if asked.quick else TESTS
            )
            worst = max(worst, code)
            if row:
                _keep(name, "live", row)
    return worst


def _keep(name: str, kind: str, walk: dict[str, Any]) -> None:
    """Put a walk into the file of results and into the table."""
    path = lecture_path(ROOT, *name.split("-"))
    rows = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    row: dict[str, Any] = next((r for r in rows if r["lecture"] == path), {"lecture": path})
    row[kind] = {key: value for key, value in walk.items() if key not in {"lecture", "interface"}}
    if name.endswith("-pl") and "interface" in walk:
        row[kind]["in English"] = [text for text in walk["interface"] if ENGLISH.search(text)]
    rows = sorted([r for r in rows if r["lecture"] != path] + [row], key=_order)
    RESULTS.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    put(ROOT / "bench" / "RESULTS.md", "walks", table(rows))
    print(path, kind, json.dumps(row[kind], ensure_ascii=False), flush=True)


def _order(row: dict[str, Any]) -> tuple[str, str]:
    """Return by what rows are sorted: number first, Polish before English."""
    return Path(row["lecture"]).name, "" if "/pl/" in row["lecture"] else "en"


if __name__ == "__main__":
    sys.exit(main())
