"""Walk lectures live (RISE) by keys, and keep what was seen: ``python -m bench.walk 03-pl 07-en``.

Without names all lectures are walked in both languages; that takes an hour or more. The tests of
``tests/test_rise.py`` do the walking; ``bench/walk.json`` keeps a row for each lecture: slides
visited, what ran into the foot line after everything had been run, requests to other hosts, and
what was written in the repository while it was shown (nothing should be).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "walk.json"
#: What is walked: opening, running to the end, going back, keys that must not write.
TESTS = "opens or shift_enter or arrows or steps or no_key or another_host"


def everything() -> list[str]:
    """Return the editions of all lectures, as ``03-pl``."""
    numbers = sorted(path.name[:2] for path in (ROOT / "lectures").glob("[0-9]*.md"))
    return [f"{number}-{language}" for number in numbers for language in ("pl", "en")]


def walk(names: list[str]) -> tuple[int, list[dict[str, object]]]:
    """Walk lectures and return pytest's exit code and a row for each that ran to its end.

    Args:
        names: editions as ``03-pl``.
    """
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "walk.jsonl"
        record.touch()
        env = os.environ | {
            "UNROLLED_WALK": " ".join(names),
            "UNROLLED_WALK_RECORD": str(record),
        }
        command = [sys.executable, "-m", "pytest", "-q", "tests/test_rise.py", "-k", TESTS]
        code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
        rows = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    return code, rows


def main() -> int:
    """Walk what is asked for; rows of other lectures in ``bench/walk.json`` stay."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.walk")
    parser.add_argument("names", nargs="*", metavar="NN-LANGUAGE", help="as 03-pl; none: all")
    names = parser.parse_args().names or everything()
    unknown = sorted(set(names) - set(everything()))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {' '.join(everything())}")
    code, rows = walk(names)
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    new = {row["lecture"] for row in rows}
    rows = sorted([*rows, *(row for row in kept if row["lecture"] not in new)], key=_name)
    RESULTS.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for row in rows:
        print(*row.values(), sep="  ")
    return code


def _name(row: dict[str, object]) -> str:
    return str(row["lecture"])


if __name__ == "__main__":
    sys.exit(main())
