"""What several tests need: the root, a small well-formed source, the full data where present."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import course
import pytest

from press.exports import site

ROOT = Path(__file__).resolve().parent.parent

LECTURE = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
  notebook_metadata_filter: unrolled
kernelspec: {display_name: Python 3, language: python, name: python3}
unrolled:
  kind: lecture
  title: {pl: Próba, en: A trial}
  subtitle: {pl: Mały wykład o niczym, en: A small lecture about nothing}
  minutes: 3
  objectives:
    - {pl: rozumiesz to, en: understand it}
  prerequisites:
    - {pl: nic, en: nothing}
---

+++ {"slideshow": {"slide_type": "slide"}}

## Iloczyn w parach

Wynik $a \\\\odot b$ ma w sumie 2,5 i 16 384 elementy, a [opis](https://pl.wikipedia.org/x) jest tu.

<!-- en -->

## The product in pairs

The result $a \\\\odot b$ has 2.5 and 16,384 elements;
a [description](https://en.wikipedia.org/x) is here.

```{code-cell} ipython3
---
slideshow: {slide_type: fragment}
---
total = 1 + 1
print(total)
```

+++ {"slideshow": {"slide_type": "notes"}, "minutes": 3}

Zapytaj.

<!-- en -->

Ask.
""".replace("\\\\", "\\")

LAB = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
  notebook_metadata_filter: unrolled
kernelspec: {display_name: Python 3, language: python, name: python3}
unrolled:
  kind: lab
  title: {pl: Próba, en: A trial}
  subtitle: {pl: Małe laboratorium, en: A small lab}
  minutes: 45
  objectives:
    - {pl: liczysz, en: count}
  prerequisites:
    - {pl: nic, en: nothing}
---

## Podwajanie

Napisz funkcję.

<!-- en -->

## Doubling

Write the function.

```{code-cell} ipython3
---
id: twice
exercise: trial/twice
---
def twice(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{code-cell} ipython3
---
tags: [hidden]
id: twice-hidden
---
assert twice(2) == 4
```

**Pytanie otwarte.** Dlaczego?

<!-- BEGIN SOLUTION -->
Bo tak.
<!-- END SOLUTION -->

<!-- en -->

**Open question.** Why?

<!-- BEGIN SOLUTION -->
Just so.
<!-- END SOLUTION -->
"""


@pytest.fixture
def one_thread() -> Iterator[None]:
    """PyTorch with one thread: tiny models are slower on several."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def dask_cluster(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A Dask cluster on this machine: two workers of one thread, with this course and its tests."""
    distributed = pytest.importorskip("distributed", reason="the cluster extra is not installed")
    if not hasattr(os, "fork"):
        pytest.skip("kills a worker by a signal")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), str(root / "tests")]))
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")  # a full run puts its own in its place
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=":0",
        silence_logs="CRITICAL",
    ) as local:
        yield local


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def made() -> Callable[[site.Export], Path]:
    """What returns the file of an export: the one in ``build/`` while it holds, else a new one."""
    return lambda export: site.make(export, course.BUILD)


@pytest.fixture
def lecture(tmp_path: Path) -> Path:
    """A small lecture in a repository of its own."""
    path = tmp_path / "lectures" / "07_trial.md"
    path.parent.mkdir()
    path.write_text(LECTURE, encoding="utf-8")
    return path


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A small lab in a repository of its own."""
    path = tmp_path / "labs" / "07_trial.md"
    path.parent.mkdir()
    path.write_text(LAB, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def full_data() -> Path:
    """The folder of the full data sets; the test is skipped where there is none."""
    for folder in (os.environ.get("UNROLLED_DATA"), ROOT.parent / "shared" / "data"):
        if folder and Path(folder).is_dir():
            return Path(folder)
    pytest.skip("no full data: set UNROLLED_DATA to the folder that holds them")
