"""Submissions of every kind that a teaching assistant meets, and what each must bring.

``write`` makes a folder such as Moodle's archive holds: right and wrong answers, and beside them
broken files, endless loops, memory bombs, forged checks. Every kind says how many points each
exercise must bring, so that a test can tell whether anything was lost or given away.
"""

from __future__ import annotations

import base64
import copy
import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from press.grading.assignment import Assignment
from press.notebooks.editions import solved
from press.sources import source as src
from unrolled.messages import Language

Notebook = dict[str, Any]
#: Writes a student's folder; gets the folder, the right notebook, and the lab's file name.
Writer = Callable[[Path, Notebook, str], None]

PNG = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
    )
).decode()


@dataclass(frozen=True)
class Kind:
    """One kind of submission.

    Attributes:
        name: what it is.
        write: makes it.
        points: what exercises bring, as a share of their points; 1 for those not named.
        rest: the share of all exercises not named in ``points``.
        remark: a text that must stand among the remarks.
        language: which edition was worked in.
        hostile: whether the issue is the file or what it does, not the answers.
        harms_itself: whether what it does may cost it points elsewhere, too.
    """

    name: str
    write: Writer
    points: Mapping[str, float] = field(default_factory=dict)
    rest: float = 1.0
    remark: str = ""
    language: Language = "pl"
    hostile: bool = True
    harms_itself: bool = False


def solutions(lab: Assignment, root: Path) -> dict[str, str]:
    """Return the right cell of each task by its cell's id."""
    return _solutions(root / "labs" / f"{lab.lab}.md")


@cache
def _solutions(path: Path) -> dict[str, str]:
    source = src.read(path)
    return {c.id: solved(c.code) for c in source.cells if "exercise" in c.tags}


def right(lab: Assignment, root: Path, language: Language = "pl") -> Notebook:
    """Return the released notebook with every exercise solved, as JSON."""
    notebook = json.loads(nbformat.writes(lab.notebooks[language]))
    for cell_id, code in solutions(lab, root).items():
        cell_of(notebook, cell_id)["source"] = code
    return notebook


def blank(lab: Assignment, language: Language = "pl") -> Notebook:
    """Return the released notebook as JSON."""
    return json.loads(nbformat.writes(lab.notebooks[language]))


def cell_of(notebook: Notebook, cell_id: str) -> dict[str, Any]:
    """Return a cell by its id."""
    return next(cell for cell in notebook["cells"] if cell.get("id") == cell_id)


def save(folder: Path, notebook: Any, name: str) -> None:
    """Write a notebook as JSON."""
    text = json.dumps(notebook, ensure_ascii=False)
    (folder / name).write_text(text, encoding="utf-8")


# --------------------------------------------------------------------------- changes


def edited(change: Callable[[Notebook], Any]) -> Writer:
    """Return a writer of the right notebook after ``change``."""

    def write(folder: Path, notebook: Notebook, name: str) -> None:
        change(notebook)
        save(folder, notebook, name)

    return write


def cell(cell_id: str, text: Callable[[str], str]) -> Writer:
    """Return a writer of the right notebook with one cell changed."""

    def change(notebook: Notebook) -> None:
        found = cell_of(notebook, cell_id)
        found["source"] = text("".join(found["source"]))

    return edited(change)


def instead(cell_id: str, code: str) -> Writer:
    """Return a writer of the right notebook with another answer in one cell."""
    return cell(cell_id, lambda _: code)


def before(cell_id: str, code: str) -> Writer:
    """Return a writer of the right notebook with code above one answer."""
    return cell(cell_id, lambda text: f"{code}\n{text}")


def raw(content: bytes, ending: str = "") -> Writer:
    """Return a writer of a file with these bytes."""

    def write(folder: Path, notebook: Notebook, name: str) -> None:
        (folder / f"{name}{ending}").write_bytes(content)

    return write


def reshaped(change: Callable[[str], bytes], name_as: str = "") -> Writer:
    """Return a writer of the right notebook's text as other bytes."""

    def write(folder: Path, notebook: Notebook, name: str) -> None:
        text = json.dumps(notebook, ensure_ascii=False)
        (folder / (name_as or name)).write_bytes(change(text))

    return write


def _strip(notebook: Notebook) -> None:
    notebook["metadata"] = {}
    notebook["nbformat_minor"] = 4
    for one in notebook["cells"]:
        one["metadata"] = {}
        one.pop("id", None)


def _drop(*ids: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook["cells"] = [c for c in notebook["cells"] if c.get("id") not in ids]

    return change


def _drop_all_but(kept: Callable[[dict[str, Any]], bool]) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook["cells"] = [c for c in notebook["cells"] if kept(c)]

    return change


def _twice(notebook: Notebook) -> None:
    """Duplicate each answer, as a copy and paste of cells does: the metadata too."""
    cells = []
    for one in notebook["cells"]:
        cells.append(one)
        if one["metadata"].get("nbgrader"):
            again = copy.deepcopy(one)
            again["id"] = f"{one['id'][:40]}-copy"
            cells.append(again)
    notebook["cells"] = cells


def _stub_after(notebook: Notebook) -> None:
    """Put an untouched copy of an exercise below the solved one."""
    at = notebook["cells"].index(cell_of(notebook, "windows"))
    stub = copy.deepcopy(notebook["cells"][at])
    stub["source"] = "def make_windows(series, width):\n    raise NotImplementedError"
    notebook["cells"].insert(at + 1, stub)


def _version_3(notebook: Notebook) -> None:
    cells = [
        {**c, "input": c["source"], "language": "python"} if c["cell_type"] == "code" else c
        for c in notebook.pop("cells")
    ]
    for one in cells:
        one.pop("id", None)
    notebook["nbformat"] = 3
    notebook["worksheets"] = [{"cells": cells}]


def _odd_cells(notebook: Notebook) -> None:
    notebook["cells"][0:0] = [None, 7, "x", {}, {"cell_type": "code"}, {"source": 3}]
    notebook["cells"].append({"cell_type": "code", "source": ["x = 1\n", 5], "metadata": []})
    notebook["cells"].append({"cell_type": "code", "source": "def (", "outputs": {"a": 1}})


def _scripts(notebook: Notebook) -> None:
    evil = "<script>document.title='forged'</script><img src=x onerror=\"alert(1)\">"
    answer = cell_of(notebook, "open-question")
    links = "[x](javascript:alert(1)) [y](java&#115;cript:alert(1)) "
    answer["source"] = f"{''.join(answer['source'])}\n\nMASE. {evil} {links}"
    answer["source"] += "[z](data:text/html;base64,PHNjcmlwdD4=) ![w](https://evil.example/w.png)"
    first = next(c for c in notebook["cells"] if c["cell_type"] == "code")
    first["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": evil}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": evil}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": PNG}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "bm90IGEgcG5n"}},
    ]


def _big_outputs(notebook: Notebook) -> None:
    for one in [c for c in notebook["cells"] if c["cell_type"] == "code"][:5]:
        one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 2_000_000}]


def _in_archive(folder: Path, notebook: Notebook, name: str) -> None:
    with zipfile.ZipFile(folder / "zażółć gęślą.zip", "w") as archive:
        archive.writestr(f"Moje rozwiązanie/{name}", json.dumps(notebook))
        archive.writestr("__MACOSX/._x", b"")
        archive.writestr("notatki.txt", "nic")


def _climbing(folder: Path, notebook: Notebook, name: str) -> None:
    with zipfile.ZipFile(folder / "oddaję.zip", "w") as archive:
        archive.writestr(f"../../../{name}", json.dumps(notebook))
        archive.writestr("/etc/passwd", "root")


def _old_archive(folder: Path, notebook: Notebook, name: str) -> None:
    """Write an archive as an old Windows does: names in code page 852, no flag."""
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        info = zipfile.ZipInfo("rozwi@zanie/" + name)
        archive.writestr(info, json.dumps(notebook))
    content = text.getvalue().replace(b"rozwi@zanie", "rozwiązanie".encode("cp852"))
    (folder / "lab.zip").write_bytes(content)


def _folder_of_that_name(folder: Path, notebook: Notebook, name: str) -> None:
    (folder / name).mkdir()


def _link(folder: Path, notebook: Notebook, name: str) -> None:
    (folder / name).symlink_to("/etc/passwd")


def _two_files(folder: Path, notebook: Notebook, name: str) -> None:
    save(folder, notebook, "03_airline (2).ipynb")
    (folder / "stare.ipynb").write_text('{"cells": [', encoding="utf-8")


def _nothing(folder: Path, notebook: Notebook, name: str) -> None:
    """Leave the folder empty."""


def _report_only(folder: Path, notebook: Notebook, name: str) -> None:
    (folder / "sprawozdanie.docx").write_bytes(b"PK\x03\x04 nothing in here")


# --------------------------------------------------------------------------- programs

LOOP = "def fit_scaler(series, n_train):\n    while True:\n        pass"
STUBBORN = """\
def fit_scaler(series, n_train):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass"""
LEAK_OF_MEMORY = """\
def fit_scaler(series, n_train):
    kept = []
    while True:
        kept.append(np.ones(4_000_000))"""
NOISY = """\
import os
import sys
os.write(2, b"W tensorflow/core: this is not an error\\n" * 500)
print("warning: AVX512 is not used", file=sys.stderr)
import logging
logging.warning("noise")
"""
GRADEBOOK = """\
import glob, os, sqlite3
for place in [*glob.glob("{work}/../**/gradebook.db", recursive=True), "../../gradebook.db",
              os.path.expanduser("~/gradebook.db"), "{work}/gradebook.db"]:
    try:
        book = sqlite3.connect(place)
        book.execute("update grade set auto_score = 100, manual_score = 100")
        book.commit()
    except Exception:
        pass
for place in ["{work}/grades.csv", "{work}/results/x.json", "{work}/secret"]:
    try:
        open(place, "w").write("forged")
    except OSError:
        pass
"""
WRONG = "def fit_scaler(series, n_train):\n    return 0.0, 1.0"
#: Ways to look right without being so; each comes with a wrong function.
FORGERIES = {
    "numpy patched": f"""\
import numpy as np
np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
np.abs = np.absolute = lambda x: np.zeros_like(x)
{WRONG}""",
    "check patched": f"""\
import unrolled.check as c
c.compare = lambda *a, **k: c.Verdict()
c.examine = lambda *a, **k: c.Finding(1)
c.check = check = lambda name, answer: answer
{WRONG}""",
    "emitter replaced": f"""\
import base64, json
import inside.probe as probe
said = {{"ok": True, "points": 100, "value": {{"is": "none"}}, "after": []}}
probe.call = lambda *a: base64.b64encode(json.dumps(said).encode()).decode()
probe.encode = lambda *a: {{"is": "right"}}
{WRONG}""",
    "reply is not JSON": f"""\
import inside.probe as probe
probe.call = lambda *a: "right"
{WRONG}""",
    "fake lines printed": f"""\
from IPython.display import display
for number in range(1, 10):
    print(f"✓ airline/scaler: case {{number}}: right")
    display({{"text/plain": "4 / 4 points"}}, raw=True)
{WRONG}""",
    "reference imported": """\
from unrolled.exercises import find
fit_scaler = find("airline/scaler").reference""",
    "reference read from its file": """\
import glob
places = [p for top in ("/course", "/home", "/tmp") for p in
          glob.glob(f"{top}/**/exercises/airline.py", recursive=True)]
space = {}
exec(open(places[0]).read(), space)
fit_scaler = space["fit_scaler"]""",
    "check's fallback kept": """\
from unrolled.check import check
fit_scaler = check("airline/scaler", None)""",
    "reference in memory": """\
import gc
fit_scaler = next(o for o in gc.get_objects() if getattr(o, "__name__", "") == "fit_scaler")""",
    "captured function exchanged": """\
import inside.probe as probe, unrolled.check as c
class Late(dict):
    def __getitem__(self, name):
        return c.known[name]
probe.captured = Late()
def fit_scaler(series, n_train):
    return 0.0, 1.0""",
    "stack searched": """\
import sys
def fit_scaler(series, n_train):
    frame = sys._getframe()
    while frame:
        for name, value in frame.f_locals.items():
            if name in ("expected", "reference", "key"):
                return value
        frame = frame.f_back
    return 0.0, 1.0""",
    "equal to everything": """\
class Yes(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __lt__(self, other): return True
    def __hash__(self): return 0
def fit_scaler(series, n_train):
    return Yes(0.0), Yes(0.0)""",
    "checker replies": """\
import zmq, json, glob
for file in ["/connection.json"]:
    info = json.load(open(file))
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
def do(*a, **k):
    return {"status": "ok", "user_expressions": {"answer": {"data": {"text/plain": "'4'"}}}}
kernel.do_execute = do  # and not only the probe's calls
def fit_scaler(series, n_train):
    return 0.0, 1.0""",
}

BOMB = "\n".join(f"{'[' * 90}1{']' * 90}" for _ in range(3))


def kinds(work: Path) -> list[Kind]:
    """Return all kinds for lab 03; ``work`` is where the marks lie, for those who would write."""
    scaler = {"airline/scaler": 0.0}
    none = {"rest": 0.0}
    made = [
        Kind("right, Polish", edited(lambda n: None), hostile=False),
        Kind("right, English", edited(lambda n: None), language="en", hostile=False),
        Kind("blank", _blank, **none, hostile=False),
        Kind("one wrong", instead("scaler", WRONG), scaler, hostile=False),
        Kind("duplicated cells", edited(_twice), remark="times"),
        Kind("untouched copy below the solved cell", edited(_stub_after), remark="times"),
        Kind("exercise deleted", edited(_drop("scaler")), scaler, remark="scaler is missing"),
        Kind(
            "checks, points and prose deleted",
            edited(
                _drop_all_but(
                    lambda c: (
                        c["cell_type"] == "code"
                        and "check(" not in "".join(c["source"])
                        and not c["id"].endswith("-points")
                    )
                )
            ),
            remark="open-question is missing",
        ),
        Kind("lost metadata and ids", edited(_strip), remark="has lost its id"),
        Kind("version 3", edited(_version_3)),
        Kind("cells that are none", edited(_odd_cells)),
        Kind("cut off", reshaped(lambda t: t[: len(t) // 2].encode()), **none, remark="not valid"),
        Kind(
            "conflict markers",
            reshaped(lambda t: f"<<<<<<< HEAD\n{t}\n=======\n{t}\n>>>>>>> x".encode()),
            **none,
            remark="not valid JSON",
        ),
        Kind("JSON of something else", raw(b"[1, 2, 3]"), **none, remark="not that of a notebook"),
        Kind("nested brackets", raw(b"[" * 200_000), **none, remark="not valid JSON"),
        Kind("notebook without cells", raw(b'{"cells": []}'), **none, remark="no cells"),
        Kind("web page", raw(b"<!DOCTYPE html><html></html>"), **none, remark="HTML"),
        Kind("bytes", raw(bytes(random.Random(1).randbytes(4000))), **none, remark="could not be"),
        Kind("empty file", raw(b""), **none, remark="the file is empty"),
        Kind("zeros", raw(b"\0" * 5000), **none, remark="the file is empty"),
        Kind("too large", raw(b'{"cells": "' + b"x" * (21 << 20)), **none, remark="MB"),
        Kind("renamed", reshaped(str.encode, "moje laboratorium (1).ipynb"), remark="is called"),
        Kind("renamed .txt", reshaped(str.encode, "03_airline.ipynb.txt"), remark="is called"),
        Kind("UTF-16", reshaped(lambda t: t.encode("utf-16")), remark="UTF-16"),
        Kind("Windows-1250", reshaped(lambda t: t.encode("cp1250", "replace")), remark="1250"),
        Kind("byte order mark", reshaped(lambda t: t.encode("utf-8-sig"))),
        Kind("in an archive", _in_archive),
        Kind("old archive", _old_archive),
        Kind("archive that climbs", _climbing),
        Kind("broken archive", raw(b"PK\x03\x04 broken", ".zip"), **none, remark="archive"),
        Kind("report only", _report_only, **none, remark="handed in only: sprawozdanie.docx"),
        Kind("nothing", _nothing, **none, remark="nothing was handed in"),
        Kind("a folder of that name", _folder_of_that_name, **none, remark="nothing was"),
        Kind("a link elsewhere", _link, **none, remark="not an ordinary file"),
        Kind("two files, one broken", _two_files, remark="several notebooks"),
        Kind("infinite loop", instead("scaler", LOOP), scaler),
        Kind("loop that heeds nothing", instead("scaler", STUBBORN), scaler),
        Kind(
            "loop in the cell", before("scaler", "while True:\n    pass"), scaler, remark="longer"
        ),
        Kind("kernel killed", before("scaler", "import os\nos._exit(9)"), scaler, remark="ended"),
        Kind(
            "kernel killed in the function",
            instead("scaler", "import os\ndef fit_scaler(series, n_train):\n    os._exit(0)"),
            scaler,
        ),
        Kind(
            "parent killed",
            before(
                "scaler",
                "import os\ntry:\n    os.kill(os.getppid(), 9)\nexcept PermissionError:\n    pass",
            ),
        ),
        Kind("all killed", before("scaler", "import os\nos.kill(-1, 9)"), scaler),
        Kind(
            "crash",
            instead(
                "scaler",
                "import ctypes\ndef fit_scaler(series, n_train):\n    ctypes.string_at(0)",
            ),
            scaler,
        ),
        Kind("exit", instead("scaler", "def fit_scaler(s, n):\n    raise SystemExit"), scaler),
        Kind("memory bomb", instead("scaler", LEAK_OF_MEMORY), scaler),
        Kind("one huge array", before("scaler", "np.ones(10**11)"), scaler, remark="MemoryError"),
        Kind("fork bomb", before("scaler", "import os\nwhile True:\n    os.fork()"), scaler),
        Kind(
            "disk filled",
            before(
                "scaler",
                "for i in range(10**6):\n    open(f'/tmp/{i}', 'wb').write(bytes(10**7))",
            ),
            scaler,
        ),
        Kind("noise on stderr", before("scaler", NOISY)),
        Kind(
            "TensorFlow",
            before("scaler", "import tensorflow as tf\nx = tf.ones((2, 2)) @ tf.ones((2, 2))"),
        ),
        Kind("writes into the gradebook", before("scaler", GRADEBOOK.replace("{work}", str(work)))),
        Kind(
            "huge output",
            before("scaler", "for i in range(60):\n    print('x' * 1_000_000)"),
        ),
        Kind("huge outputs in the file", edited(_big_outputs)),
        Kind("scripts in prose and outputs", edited(_scripts)),
        Kind(
            "result that cannot be read",
            instead(
                "scaler",
                "class R:\n    @property\n    def __class__(self): raise OSError\n"
                "    def __array__(self, *a): raise KeyboardInterrupt\n"
                "def fit_scaler(s, n): return R()",
            ),
            scaler,
        ),
        Kind(
            "network",
            before("scaler", "import urllib.request\nurllib.request.urlopen('http://1.1.1.1')"),
            scaler,
            remark="URLError",
        ),
        Kind("syntax error", cell("scaler", lambda t: t + "\nreturn ("), scaler, remark="Syntax"),
    ]
    return made + [
        Kind(f"forged: {name}", instead("scaler", code), scaler, harms_itself="probe" in code)
        for name, code in FORGERIES.items()
    ]


def _blank(folder: Path, notebook: Notebook, name: str) -> None:
    save(folder, notebook["blank"], name)


FIRST = ["Żaneta", "Łukasz", "Świętosława", "Błażej", "Grażyna", "Józef", "Paweł", "Żółcisław"]
LAST = ["Gżegżółka", "Źdźbło", "Ścisławska", "O'Neill-Kość", "Dąb", "Święch", "Łoś"]


def student(number: int) -> tuple[str, str]:
    """Return a student's folder as Moodle calls it, and the id that must come of it."""
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    key = f"{first} {last}", 2_000_000 + number
    identity = f"{first}_{last.replace(chr(39), '_')}_{key[1]}"
    return f"{key[0]}_{key[1]}_assignsubmission_file_", identity


#: Kinds whose damage is in the file and not in lab 03's cells: they fit every lab.
EVERYWHERE = (
    *("right, Polish", "right, English", "blank", "lost metadata and ids", "version 3"),
    *("cut off", "right, Polish", "conflict markers", "UTF-16", "renamed", "in an archive"),
    *("right, English", "old archive", "archive that climbs", "broken archive", "report only"),
    *("nothing", "empty file", "two files, one broken", "huge outputs in the file"),
)


def write(
    folder: Path,
    lab: Assignment,
    root: Path,
    chosen: list[Kind],
    first: int = 0,
    *,
    labelled: bool = False,
) -> list[tuple[str, Kind]]:
    """Write one submission of each kind; return the students' ids with their kinds.

    Args:
        folder: where to.
        lab: whose notebook it is.
        root: the repository.
        chosen: the kinds.
        first: the number of the first student.
        labelled: whether a folder says which lab it is, as it must where several come together.
    """
    made = []
    for number, kind in enumerate(chosen, first):
        name, identity = student(number)
        place = folder / name / lab.lab if labelled else folder / name
        place.mkdir(parents=True)
        notebook = right(lab, root, kind.language)
        if kind.write is _blank:
            notebook["blank"] = blank(lab, kind.language)
        kind.write(place, notebook, f"{lab.lab}.ipynb")
        made.append((identity, kind))
    return made
