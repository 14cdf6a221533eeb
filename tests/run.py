"""Run every test of the course, phase by phase, and say what each one took.

Notebooks are tested with nbval, whose switches hold for a whole pytest run: hence the phases.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NBVAL = ["--nbval-cell-timeout=300", "--dist", "loadfile", "-p", "no:cacheprovider"]


def phases(jobs: int) -> list[tuple[str, list[str]]]:
    """Return each phase's name and its arguments for pytest.

    The two languages' code is byte-identical (tests/test_editions.py), so one of them is executed:
    lectures in Polish, solved labs in English, student labs in Polish.
    """

    def notebooks(pattern: str) -> list[str]:
        return sorted(str(p.relative_to(ROOT)) for p in ROOT.glob(pattern))

    executed = [*notebooks("lectures/pl/*.ipynb"), *notebooks("labs/en/solutions/*.ipynb")]
    workers = ["-n", str(jobs)]
    return [
        ("units", ["tests", "-m", "not browser and not lectures", "--dist", "loadfile", *workers]),
        ("lectures as they are presented", ["tests", "-m", "lectures", *workers]),
        ("notebooks, outputs compared", ["--nbval", *NBVAL, *workers, *executed]),
        ("student notebooks", ["--nbval-lax", *NBVAL, *workers, *notebooks("labs/pl/*.ipynb")]),
        ("browser", ["tests", "-m", "browser", "--dist", "loadgroup", *workers]),
    ]


def main() -> int:
    """Run all phases, whatever fails before; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="pytest workers")
    args = parser.parse_args()
    # Two workers share the cores: one thread each is faster than two that wait for each other.
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    took: list[tuple[str, float, int]] = []
    for name, arguments in phases(args.jobs):
        print(f"\n── {name}", flush=True)
        started = time.perf_counter()
        status = subprocess.call(
            [sys.executable, "-m", "pytest", "-q", *arguments], cwd=ROOT, env=env
        )
        took.append((name, time.perf_counter() - started, status))
    print()
    for name, seconds, status in took:
        print(f"{'ok    ' if status == 0 else 'FAILED'} {seconds:5.0f} s  {name}")
    return int(any(status for _, _, status in took))


if __name__ == "__main__":
    sys.exit(main())
