"""The other settings really are others, and what a processor decides is found by them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from other_processor import PLAIN_NUMPY, SETTINGS, VARIABLES, environment, run

ASK = """
import numpy as np, torch
from numpy._core._multiarray_umath import __cpu_features__, __cpu_baseline__, __cpu_dispatch__
print(torch.backends.cpu.get_cpu_capability(), torch.get_num_threads(),
      any(__cpu_features__[name] for name in __cpu_dispatch__))
"""


def test_a_setting_decides_all_of_its_variables() -> None:
    before = {"PATH": "/bin", **dict.fromkeys(VARIABLES, "3")}
    for setting, values in SETTINGS.items():
        made = environment(setting, before, has={"AVX2", "AVX512F"})
        assert values.items() <= made.items()
        assert made["PATH"] == "/bin"
        added = {"NPY_DISABLE_CPU_FEATURES"} if setting in PLAIN_NUMPY else set()
        assert made.keys() - added == {"PATH", *values}


def test_routines_that_the_processor_lacks_are_not_asked_for() -> None:
    assert environment("wide", has={"AVX2", "AVX512F"})["OPENBLAS_CORETYPE"] == "SKYLAKEX"
    assert "OPENBLAS_CORETYPE" not in environment("wide", has={"AVX2"})
    assert environment("narrow", has={"AVX2"})["OPENBLAS_CORETYPE"] == "HASWELL"
    assert "OPENBLAS_CORETYPE" not in environment("narrow", has={"NEON"})


def test_the_libraries_do_as_they_are_told() -> None:
    said = {
        setting: subprocess.run(
            [sys.executable, "-c", ASK],
            env=environment(setting),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for setting in ("narrow", "wide")
    }
    assert said["narrow"] == ["DEFAULT", "1", "False"]
    assert said["wide"][1] == "2"
    assert said["wide"][0] != "AVX512"


@pytest.mark.parametrize(("committed", "status"), [("default", 0), ("avx2", 1)])
def test_an_output_that_depends_on_the_setting_fails(
    tmp_path: Path, committed: str, status: int
) -> None:
    code = "import os\nprint(os.environ['ATEN_CPU_CAPABILITY'])"
    shown = new_output("stream", name="stdout", text=f"{committed}\n")
    notebook = new_notebook(cells=[new_code_cell(code, outputs=[shown], execution_count=1)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path / "asks.ipynb"
    nbformat.write(notebook, path)
    assert run("narrow", [path], ["--rootdir", str(tmp_path)]) == status
