"""What is handed in: changes of a notebook, programs, damaged files, names (`bench.hand_ins`)."""

from __future__ import annotations

import ast
import copy
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from press.grading.assignment import Task

Notebook = dict[str, Any]
DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)


def code_of(notebook: Notebook, cell: str) -> str:
    """Return the text of a cell."""
    return "".join(place_of(notebook, cell)["source"])


def place_of(notebook: Notebook, cell: str) -> dict[str, Any]:
    """Return a cell."""
    return next(one for one in notebook["cells"] if one.get("id") == cell)


def at(notebook: Notebook, cell: str) -> int:
    """Return where a cell stands."""
    return notebook["cells"].index(place_of(notebook, cell))


def check_of(notebook: Notebook, task: Task) -> int:
    """Return where the check of a task stands."""
    return next(
        i
        for i, one in enumerate(notebook["cells"])
        if one["cell_type"] == "code" and f'check("{task.name}"' in "".join(one["source"])
    )


def imports(notebook: Notebook) -> int:
    """Return where the cell with the imports stands."""
    return next(
        i
        for i, one in enumerate(notebook["cells"])
        if one["cell_type"] == "code" and "import numpy" in "".join(one["source"])
    )


def cell(code: str, kind: str = "code") -> dict[str, Any]:
    """Return a new cell, as an editor makes it."""
    made: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": code}
    return {**made, "outputs": [], "execution_count": None} if kind == "code" else made


def inside(code: str, target: str, lines: str) -> str:
    """Return code with lines put at the beginning of a function's body."""
    (function,) = [
        node
        for node in ast.parse(code).body
        if isinstance(node, ast.FunctionDef) and node.name == target
    ]
    first = function.body[1 if ast.get_docstring(function) and len(function.body) > 1 else 0]
    text = code.splitlines(keepends=True)
    margin = " " * first.col_offset
    text.insert(first.lineno - 1, "".join(f"{margin}{line}\n" for line in lines.splitlines()))
    return "".join(text)


# --------------------------------------------------------------------------- messy, and right

Change = Callable[[Notebook, Task], Any]


def _above_imports(line: str) -> Change:
    def change(notebook: Notebook, task: Task) -> None:
        found = notebook["cells"][imports(notebook)]
        found["source"] = f"{line}\n{''.join(found['source'])}"

    return change


def _above(code: str, used: str, *, by: Callable[[str], str] = str) -> Change:
    """Put a cell above the exercise that its function needs."""

    def change(notebook: Notebook, task: Task) -> None:
        own = place_of(notebook, task.cell)
        own["source"] = inside(by("".join(own["source"])), task.target, used)
        notebook["cells"].insert(at(notebook, task.cell), cell(code))

    return change


def _local(lines: str) -> Change:
    def change(notebook: Notebook, task: Task) -> None:
        own = place_of(notebook, task.cell)
        own["source"] = inside("".join(own["source"]), task.target, lines)

    return change


def _helper_between(notebook: Notebook, task: Task) -> None:
    own = place_of(notebook, task.cell)
    own["source"] = inside("".join(own["source"]), task.target, "_pomocnik()")
    notebook["cells"].insert(check_of(notebook, task), cell("def _pomocnik():\n    return 1"))


def _second_try(notebook: Notebook, task: Task) -> None:
    own = place_of(notebook, task.cell)
    good, own["source"] = own["source"], f"def {task.target}(*args):\n    return 0.0, 1.0"
    notebook["cells"].insert(check_of(notebook, task), cell("".join(good)))


def _corrected_below(notebook: Notebook, task: Task) -> None:
    own = place_of(notebook, task.cell)
    good, own["source"] = own["source"], f"def {task.target}(*args):\n    return 0.0, 1.0"
    place = check_of(notebook, task)
    check = "".join(notebook["cells"][place]["source"])
    notebook["cells"][place + 1 : place + 1] = [cell("".join(good)), cell(check)]


def _comment_for_stub(notebook: Notebook, task: Task) -> None:
    own = place_of(notebook, task.cell)
    good, own["source"] = own["source"], "# rozwiązanie jest niżej"
    notebook["cells"].insert(at(notebook, task.cell) + 1, cell("".join(good)))


def _split(notebook: Notebook, task: Task) -> None:
    notebook["cells"].insert(at(notebook, task.cell) + 1, cell("print('gotowe')"))
    own = place_of(notebook, task.cell)
    text = "".join(own["source"])
    own["source"] = "STALA = 3"
    notebook["cells"].insert(at(notebook, task.cell) + 1, cell(text))


def _other_name(notebook: Notebook, task: Task) -> None:
    own = place_of(notebook, task.cell)
    own["source"] = f"{''.join(own['source'])}\n\n\nmoja_funkcja = {task.target}"
    check = notebook["cells"][check_of(notebook, task)]
    check["source"] = f'{task.target} = check("{task.name}", moja_funkcja)'


def _stub_again(notebook: Notebook, task: Task) -> None:
    own = place_of(notebook, task.cell)
    notebook["cells"].insert(check_of(notebook, task) + 1, cell(f"# {task.target}: TODO"))
    again = copy.deepcopy(own)
    again["source"] = task.stub["pl"]
    notebook["cells"].insert(at(notebook, task.cell) + 1, again)


def _merged(notebook: Notebook, task: Task) -> None:
    """Merge the exercise's cell with its check, as an editor does."""
    place = check_of(notebook, task)
    check = notebook["cells"].pop(place)
    own = place_of(notebook, task.cell)
    own["source"] = f"{''.join(own['source'])}\n\n{''.join(check['source'])}"


def _noisy(notebook: Notebook, task: Task) -> None:
    notebook["cells"].insert(at(notebook, task.cell), cell("!pip install numpy\n%timeit -n1 1 + 1"))
    notebook["cells"].insert(at(notebook, task.cell), cell("def (\n"))
    notebook["cells"].insert(at(notebook, task.cell), cell("1 / 0"))


def _warnings(notebook: Notebook, task: Task) -> None:
    found = notebook["cells"][imports(notebook)]
    found["source"] = f"{''.join(found['source'])}\nimport warnings\nwarnings.simplefilter('error')"


def _written_module(notebook: Notebook, task: Task) -> None:
    _above("from pomoc import trzy", "assert trzy == 3")(notebook, task)
    place = at(notebook, task.cell) - 1
    notebook["cells"].insert(place, cell("%%writefile pomoc.py\ntrzy = 3"))


def _big_outputs(notebook: Notebook, task: Task) -> None:
    for one in [c for c in notebook["cells"] if c["cell_type"] == "code"][:11]:
        one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 2_000_000}]


def _duplicated(notebook: Notebook, task: Task) -> None:
    again = copy.deepcopy(place_of(notebook, task.cell))
    again["id"] = f"{task.cell}-copy"
    notebook["cells"].insert(at(notebook, task.cell) + 1, again)


def _no_ids(notebook: Notebook, task: Task) -> None:
    notebook["metadata"] = {"colab": {"provenance": []}}
    for one in notebook["cells"]:
        one["metadata"] = {}
        one.pop("id", None)


def _checks_gone(notebook: Notebook, task: Task) -> None:
    notebook["cells"] = [
        one
        for one in notebook["cells"]
        if not (one["cell_type"] == "code" and "= check(" in "".join(one["source"]))
    ]


def _answer(where: str) -> Change:
    def change(notebook: Notebook, task: Task) -> None:
        text = "Moim zdaniem decyduje to, ile kroków dzieli przyczynę od skutku, i szum pomiaru."
        if where == "in its cell":
            found = place_of(notebook, "open-question")
            found["source"] = f"{''.join(found['source'])}\n\n{text}"
        elif where == "above":
            notebook["cells"].insert(at(notebook, "open-question"), cell(text, "markdown"))
        else:
            notebook["cells"].append(cell(text, "markdown"))

    return change


#: Kinds of messy notebooks: a change, and a remark that must come of it.
MESSY: dict[str, tuple[Change, str]] = {
    "a magic of a missing extension above the imports": (
        _above_imports("%load_ext nb_black"),
        "nb_black",
    ),
    "a magic of Colab above the imports": (
        _above_imports("%tensorflow_version 2.x"),
        "tensorflow_version",
    ),
    "a widget's backend above the imports": (_above_imports("%matplotlib widget"), ""),
    "a device that is not there": (
        _above_imports("import torch; torch.cuda.set_device(0)"),
        "",
    ),
    "a package that is not there": (
        _above_imports("import seaborn_missing as sns"),
        "",
    ),
    "an unknown option of pandas": (
        _above_imports("import pandas as pd; pd.set_option('no.such.option', 1)"),
        "",
    ),
    "a folder of Colab": (_above_imports("import os; os.chdir('/content/drive')"), ""),
    "a helper between exercise and check": (_helper_between, ""),
    "a second try in a new cell": (_second_try, "last check"),
    "corrected below, with a check of its own": (_corrected_below, "last check"),
    "the function in the next cell": (_comment_for_stub, ""),
    "a cell split in two": (_split, ""),
    "another name in the check": (_other_name, "moja_funkcja"),
    "the stub once more below": (_stub_again, ""),
    "exercise and check in one cell": (_merged, ""),
    "broken cells and magics all around": (_noisy, ""),
    "warnings are errors": (_warnings, ""),
    "a module by %%writefile": (_written_module, ""),
    "22 MB of outputs": (_big_outputs, ""),
    "duplicated cells": (_duplicated, "times"),
    "without ids and metadata": (_no_ids, "lost its id"),
    "checks deleted": (_checks_gone, ""),
    "local names of global things": (
        _local("forecast = output = losses = x = total = [0]\nforecast[0] = 1\ntotal += [1]"),
        "",
    ),
    "a list filled in a loop": (
        _above("tabela = []\nfor i in range(3):\n    tabela.append(i)", "assert len(tabela) == 3"),
        "",
    ),
    "a dictionary filled in an if": (
        _above("słownik = {}\nif True:\n    słownik['a'] = 1", "assert słownik['a'] == 1"),
        "",
    ),
    "imports behind %%time": (_above("%%time\nimport math as matma", "assert matma.pi > 3"), ""),
    "imports behind %%capture": (
        _above("%%capture\nimport json as zapis", "assert zapis.dumps"),
        "",
    ),
    "a library imported in the function": (_local("import torch\nimport scipy.stats"), ""),
    "a class for a helper": (
        _above(
            "class Pomoc:\n    @staticmethod\n    def jeden():\n        return 1", "Pomoc.jeden()"
        ),
        "",
    ),
    "a global counter": (_above("licznik = 0", "global licznik\nlicznik += 1"), ""),
    "prints in the function": (
        _local("print('jestem tu')\nimport sys\nprint('!', file=sys.stderr)"),
        "",
    ),
    "open answer in its cell": (_answer("in its cell"), ""),
    "open answer above": (_answer("above"), ""),
    "open answer at the end": (_answer("at the end"), ""),
}


# --------------------------------------------------------------------------- hostile

#: Programs in an exercise's cell: code with {f} for the function's name, {e} for the exercise's;
#: what the exercise brings, "wrong" for the answer (0.0, 1.0); what the others bring.
PROGRAMS: dict[str, tuple[str, float | str, float | None]] = {
    "endless loop in the function": ("def {f}(*a):\n    while True:\n        pass", 0.0, 1.0),
    "loop that heeds nothing": (
        "def {f}(*a):\n    while True:\n        try:\n            while True:\n"
        "                pass\n        except BaseException:\n            pass",
        0.0,
        1.0,
    ),
    "kernel killed": ("import os\nos._exit(9)", 0.0, 1.0),
    "kernel killed in the function": ("import os\ndef {f}(*a):\n    os._exit(0)", 0.0, 1.0),
    "crash": ("import ctypes\ndef {f}(*a):\n    ctypes.string_at(0)", 0.0, 1.0),
    "exit": ("def {f}(*a):\n    raise SystemExit", 0.0, 1.0),
    "all processes killed": ("import os\nos.kill(-1, 9)", 0.0, 1.0),
    "memory bomb": (
        "import numpy\ndef {f}(*a):\n    kept = []\n    while True:\n"
        "        kept.append(numpy.ones(4_000_000))",
        0.0,
        1.0,
    ),
    "fork bomb": ("import os\nwhile True:\n    os.fork()", 0.0, 1.0),
    "disk filled": (
        "for i in range(10**6):\n    open(f'/tmp/{{i}}', 'wb').write(bytes(10**7))",
        0.0,
        1.0,
    ),
    "files without a name fill the disk": (
        "import os\nkept = []\nwhile True:\n    f = open('/tmp/x', 'wb'); os.unlink('/tmp/x')\n"
        "    f.write(bytes(10**7)); f.flush(); kept.append(f)",
        0.0,
        1.0,
    ),
    "folders in folders": (
        "import os\nfor i in range(1500):\n    os.mkdir('d'); os.chdir('d')\n"
        "def {f}(*a):\n    return 0.0, 1.0",
        "wrong",
        1.0,
    ),
    "recursion without end": ("def {f}(*a):\n    return {f}(*a)", 0.0, 1.0),
    "60 MB printed": (
        "for i in range(60):\n    print('x' * 1_000_000)\ndef {f}(*a):\n    return 0.0, 1.0",
        "wrong",
        1.0,
    ),
    "a flood of made-up objects": (
        "def {f}(*a):\n    return [object() for i in range(10**5)]",
        0.0,
        1.0,
    ),
    "network": (
        "import urllib.request\nurllib.request.urlopen('http://1.1.1.1')\n"
        "def {f}(*a):\n    return 1",
        0.0,
        1.0,
    ),
    "a lone surrogate in an exception": ("def {f}(*a):\n    raise ValueError('\\ud800')", 0.0, 1.0),
}


def forgeries(codes: Mapping[str, str]) -> dict[str, tuple[str, float | str, float | None]]:
    """Return the forged checks of the tests, for any exercise."""
    found: dict[str, tuple[str, float | str, float | None]] = {}
    for name, code in codes.items():
        text = code.replace("{", "{{").replace("}", "}}")
        text = text.replace("fit_scaler(series, n_train)", "{f}(*args)").replace(
            "fit_scaler", "{f}"
        )
        text = text.replace("airline/scaler", "{e}").replace(
            "exercises/airline.py", "exercises/{s}.py"
        )
        harms = "probe" in code or name in ("numpy patched", "checker replies")
        found[f"forged: {name}"] = (text, "forged", None if harms else 1.0)
    return found


# --------------------------------------------------------------------------- damaged


def _zip(files: Mapping[str, bytes]) -> bytes:
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return text.getvalue()


def _tar(files: Mapping[str, bytes]) -> bytes:
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), int(DUE.timestamp()) - 72_000
            archive.addfile(info, io.BytesIO(content))
    return text.getvalue()


def _spoilt(archive: bytes) -> bytes:
    """Return a zip with other bytes in its first member than its check sum says."""
    middle = archive.index(b'"cells"') + 40
    return archive[:middle] + b"#####" + archive[middle + 5 :]


def _indented(text: bytes) -> bytes:
    return json.dumps(json.loads(text), ensure_ascii=False, indent=1).encode()


@cache
def _bomb() -> bytes:
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zera.ipynb", bytes(60 << 20))
    return text.getvalue()


#: What comes instead of `name` with `text` in it, whether it can be graded, and the remark.
DAMAGED: dict[str, tuple[Callable[[str, bytes], dict[str, bytes]], bool, str]] = {
    "cut off": (lambda n, t: {n: t[: len(t) // 2]}, False, "not valid"),
    "empty file": (lambda n, t: {n: b""}, False, "empty"),
    "zeros": (lambda n, t: {n: bytes(5000)}, False, "empty"),
    "random bytes": (lambda n, t: {n: random.Random(1).randbytes(4000)}, False, "could not be"),
    "conflict markers": (
        lambda n, t: {n: b"<<<<<<< HEAD\n" + t + b"\n=======\n" + t + b"\n>>>>>>> x"},
        False,
        "not valid JSON",
    ),
    "brackets in brackets": (lambda n, t: {n: b"[" * 200_000}, False, "not valid JSON"),
    "a web page": (lambda n, t: {n: b"<!DOCTYPE html><html></html>"}, False, "HTML"),
    "UTF-16": (lambda n, t: {n: t.decode().encode("utf-16")}, True, "UTF-16"),
    "a byte order mark and CRLF": (
        lambda n, t: {n: b"\xef\xbb\xbf" + _indented(t).replace(b"\n", b"\r\n")},
        True,
        "",
    ),
    "called .ipynb.txt": (lambda n, t: {f"{n}.txt": t}, True, "is called"),
    "in a zip with rubbish": (
        lambda n, t: {"zażółć.zip": _zip({f"Moje/{n}": t, "__MACOSX/._x": b"", "a.txt": b"nic"})},
        True,
        "",
    ),
    "in a .tar.gz": (lambda n, t: {"lab.tar.gz": _tar({f"./moje/{n}": t})}, True, ""),
    "a zip that climbs": (lambda n, t: {"oddaję.zip": _zip({f"../../../{n}": t})}, True, ""),
    "a broken zip": (lambda n, t: {f"{n}.zip": b"PK\x03\x04 broken"}, False, "archive"),
    "a zip with a wrong check sum": (
        lambda n, t: {"lab.zip": _spoilt(_zip({n: t}))},
        False,
        "damaged file",
    ),
    "a zip cut off": (lambda n, t: {"lab.zip": _zip({n: t})[:-2000]}, False, "lab.zip"),
    "a .rar": (lambda n, t: {"lab.rar": b"Rar!\x1a\x07" + bytes(99)}, False, "lab.rar"),
    "a .7z": (lambda n, t: {"lab.7z": b"7z\xbc\xaf\x27\x1c" + bytes(99)}, False, "lab.7z"),
    "a report only": (
        lambda n, t: {"sprawozdanie.docx": b"PK\x03\x04 x"},
        False,
        "sprawozdanie.docx",
    ),
    "an empty folder": (lambda n, t: {"puste/": b""}, False, "nothing was handed in"),
    "damaged in Moodle's archive": (lambda n, t: {n: t}, False, "damaged file"),
    "five zips of 60 MB in one": (
        lambda n, t: {
            n: t,
            "bomba.zip": _zip({f"{i}.zip": _bomb() for i in range(5)}),
        },
        True,
        "",
    ),
}


_LONG = "Anna-Maria Wszechwiedząca Brzęczyszczykiewicz-Chrząszczyżewoszycka z Łękołodów "

#: Names of students that something spoils; bytes are no UTF-8.
NAMES: dict[str, str | bytes] = {
    "90 letters": _LONG + "a" * 12,
    "90 letters, another end": _LONG + "b" * 12,
    "not UTF-8": "Jan Żak".encode("cp1250"),
    "not UTF-8, another": "Jan Źak".encode("iso8859-2"),
    "Cyrillic and Chinese": "Олена 王小明",
    "letters in two parts": "Łucja Żo\u0301łc\u0301",
    "marks of markup": 'Ewa <b>&"amp";',
    "a formula": "=cmd('calc')!A1 Jan",
    "a name with a line's end": "Ola\nNowak",
    "an emoji": "Kasia 🐱",
}
