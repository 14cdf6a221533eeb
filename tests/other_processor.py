"""Execute notebooks as another processor would, and compare their outputs.

Libraries choose their routines by the processor and by the number of threads, and each routine
rounds in its own order. The settings below make them choose others than they would here::

    python tests/other_processor.py narrow lectures/pl/03_gates.ipynb

What is compared must not depend on it; what does is in cells tagged ``nbval-ignore-output``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent

#: Each setting's environment; what a setting does not name is not set at all. NumPy's own loops
#: (``NPY_DISABLE_CPU_FEATURES``) are added by :func:`environment`, as their names change.
SETTINGS: dict[str, dict[str, str]] = {
    # An old processor: nothing wider than AVX2, PyTorch and MKL without even that.
    "narrow": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "OPENBLAS_CORETYPE": "HASWELL",
        "MKL_CBWR": "COMPATIBLE",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    },
    # AVX-512 in NumPy, AVX2 in PyTorch, two threads in both.
    "wide": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "OPENBLAS_CORETYPE": "SKYLAKEX",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
    },
    # What a visitor has who sets nothing.
    "own": {},
}
#: Settings in which NumPy's loops keep to what every processor of this kind has.
PLAIN_NUMPY = {"narrow"}
#: All variables that a setting decides.
VARIABLES = {name for values in SETTINGS.values() for name in values} | {"NPY_DISABLE_CPU_FEATURES"}
#: What OpenBLAS' routines for a kind of processor need: they stop on one that has it not.
NEEDS = {"HASWELL": "AVX2", "SKYLAKEX": "AVX512F"}


def features() -> set[str]:
    """Return the instruction sets of this processor by NumPy's names, single ones and levels."""
    from numpy._core._multiarray_umath import __cpu_features__

    return {name for name, present in __cpu_features__.items() if present}


def environment(
    setting: str, base: Mapping[str, str] | None = None, has: Iterable[str] | None = None
) -> dict[str, str]:
    """Return the environment of a setting.

    Args:
        setting: of :data:`SETTINGS`.
        base: the environment to change, by default this process's.
        has: instruction sets of the processor, by default :func:`features`. A kind of processor
            whose instructions are missing is left to OpenBLAS' own choice.

    Raises:
        KeyError: there is no such setting.
    """
    values, has = dict(SETTINGS[setting]), set(features() if has is None else has)
    if NEEDS.get(values.get("OPENBLAS_CORETYPE", ""), "") not in has:
        values.pop("OPENBLAS_CORETYPE", None)
    if setting in PLAIN_NUMPY:
        found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
        if found:
            values["NPY_DISABLE_CPU_FEATURES"] = " ".join(found)
    kept = {name: value for name, value in (base or os.environ).items() if name not in VARIABLES}
    return kept | values


def run(setting: str, notebooks: Sequence[str | Path], options: Sequence[str] = ()) -> int:
    """Execute notebooks under a setting, compare their outputs, return pytest's status.

    Args:
        setting: of :data:`SETTINGS`.
        notebooks: their paths.
        options: further arguments of pytest.
    """
    nbval = ["--nbval", "--nbval-cell-timeout=300", "-p", "no:cacheprovider"]
    arguments = [sys.executable, "-m", "pytest", "-q", *nbval, *options, *map(str, notebooks)]
    return subprocess.call(arguments, cwd=ROOT, env=environment(setting))


def main() -> int:
    """Execute the notebooks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("setting", choices=SETTINGS)
    parser.add_argument("notebooks", nargs="+", type=Path)
    given = parser.parse_args()
    return run(given.setting, [path.resolve() for path in given.notebooks])


if __name__ == "__main__":
    sys.exit(main())
