"""The sandbox, and whole runs: hostile submissions, a killed grader, marks and feedback.

Everything here needs bubblewrap. Where it is missing the tests are skipped; in continuous
integration (the variable CI is set) they fail instead.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hostile
import nbformat
import psutil
import pytest
from nbgrader.plugins import CsvExportPlugin

from bench import grading as bench
from press.__main__ import main
from press.grading import book, cage, calls, formgrader, judge, sandbox, weights
from press.grading.assignment import Assignment, assignments
from press.grading.examiner import Handed, Setting, examine
from press.grading.kernel import Kernel, _nameless
from press.grading.places import Places
from press.grading.results import Result
from press.grading.run import BusyError, Summary, _alone, grade
from press.grading.sandbox import Limits, NoSandboxError
from press.grading.shards import path_of
from unrolled.exercises import Exercise, find
from unrolled.messages import Message

#: Limits for tests: what hangs is given up sooner.
SHORT = Limits(cell=10, case=2, submission=60, memory=1 << 30)
#: Limits that the clock cannot reach: only the processor's seconds end anything.
BUSY = replace(SHORT, patience=10_000)
LABS = [path.stem for path in sorted(Path(__file__).parent.parent.glob("labs/*.md"))]
#: Kinds of submissions that a full run takes; bench takes all.
SAMPLE = [
    "right, Polish",
    "right, English",
    "blank",
    "one wrong",
    "duplicated cells",
    "untouched copy below the solved cell",
    "exercise deleted",
    "checks, points and prose deleted",
    "lost metadata and ids",
    "cut off",
    "empty file",
    "renamed",
    "Windows-1250",
    "in an archive",
    "infinite loop",
    "loop that heeds nothing",
    "kernel killed",
    "kernel killed in the function",
    "parent killed",
    "memory bomb",
    "noise on stderr",
    "TensorFlow",
    "writes into the gradebook",
    "huge output",
    "scripts in prose and outputs",
    "result that cannot be read",
    *(f"forged: {name}" for name in hostile.FORGERIES),
]


@pytest.fixture(scope="module", autouse=True)
def walls() -> None:
    """Skip without bubblewrap; fail in continuous integration."""
    try:
        sandbox.ensure()
    except NoSandboxError as error:
        why = str(error).splitlines()[0]
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture(scope="module")
def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def lab(repository: Path) -> Assignment:
    """Lab 03, as it is given out."""
    return next(item for item in assignments(repository) if item.lab == "03_airline")


@pytest.fixture(scope="module")
def course(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a sandbox sees of the course."""
    return sandbox.furnish(repository, tmp_path_factory.mktemp("course") / "course")


@pytest.fixture(scope="module")
def kernel(course: Path) -> Iterator[Kernel]:
    """A kernel in the sandbox."""
    with Kernel(course, "pl", SHORT) as running:
        yield running


# --- the walls ---------------------------------------------------------------------------------


def said(kernel: Kernel, code: str, value: str) -> str:
    """Return the value of an expression in the kernel after some code."""
    reply = kernel.execute(code, 10, value)
    assert reply.ending == "ok", reply
    return reply.answer or ""


def test_a_submission_has_no_network(kernel: Kernel) -> None:
    code = """
import socket
try:
    socket.create_connection(("1.1.1.1", 53), 2)
    said = "connected"
except OSError as error:
    said = type(error).__name__
names = sorted(name for _, name in socket.if_nameindex())
"""
    assert said(kernel, code, "said + ' ' + ' '.join(names)") == "OSError lo"


def test_a_submission_sees_python_and_the_course_and_nothing_else(
    kernel: Kernel, repository: Path
) -> None:
    code = f"""
import glob, os
from pathlib import Path
home = Path({str(repository)!r})
seen = sorted(p.name for p in home.iterdir()) if home.exists() else []
course = sorted(p.name for p in Path("/course").iterdir())
exercises = sorted(p.name for p in Path("/course/unrolled/exercises").iterdir())
pids = [int(p) for p in os.listdir("/proc") if p.isdigit()]
"""
    said(kernel, code, "'ok'")
    venv = Path(sys.prefix)
    seen = [venv.name] if venv.parent == repository else []
    assert said(kernel, "", "str(seen)") == str(seen)
    assert said(kernel, "", "str(course)") == "['data', 'inside', 'unrolled']"
    assert said(kernel, "", "str(exercises)") == "['__init__.py']"
    assert int(said(kernel, "", "str(len(pids))")) < 6
    for name in ("press", "tests", "bank", "hostile"):
        reply = kernel.execute(f"import {name}", 10)
        assert reply.ending == "error"
        assert "ModuleNotFoundError" in reply.error


def test_a_submission_writes_nowhere_but_in_its_own_folders(kernel: Kernel) -> None:
    code = """
import os, sys
written = []
for place in ["/", "/course", "/dev", "/usr", sys.prefix, sys.base_prefix, "/tmp", os.getcwd()]:
    try:
        open(os.path.join(place, "mine"), "w").close()
        written.append(place)
    except OSError:
        pass
"""
    assert said(kernel, code, "str(written)") == "['/tmp', '/home/student']"


#: Asks (and never tries) what of the machine could be written, and makes a namespace of its own.
PRYING = """
import ctypes, os
def open_to_me(*places):
    found = []
    for place in places:
        for folder, folders, names in os.walk(place):
            if folder == "/proc":  # what a process may write of itself is its own
                folders[:] = [name for name in folders if not name.isdigit()]
            if os.path.realpath(folder).startswith("/proc/self"):
                continue
            entries = [folder, *(os.path.join(folder, name) for name in names)]
            found += [e for e in entries if os.access(e, os.W_OK)]
    return found
machine = open_to_me("/proc", "/sys", "/sys/fs/cgroup", "/boot", "/run", "/var", "/etc", "/root")
NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000
apart = ctypes.CDLL(None, use_errno=True).unshare(NEW_USER | NEW_MOUNTS)
"""


def test_nothing_of_the_machine_can_be_written(kernel: Kernel) -> None:
    """The walls as they are for whoever runs this."""
    assert said(kernel, PRYING, "str(machine)") == "[]"


def closes() -> bool:
    """Whether this bubblewrap can keep namespaces from being made (0.8.0 can)."""
    return sandbox._closes(shutil.which("bwrap") or "bwrap")


def test_a_submission_makes_no_namespace_and_so_mounts_nothing(kernel: Kernel) -> None:
    if os.getuid() != 0 and not closes():
        pytest.skip("this bubblewrap cannot keep namespaces from being made")
    assert said(kernel, PRYING, "str(apart)") == "-1"


def test_a_submission_is_nobody_where_root_grades(kernel: Kernel) -> None:
    """It is not root outside, and cannot become root inside."""
    code = """
import os
try:
    os.setuid(0)
    became = "root"
except OSError:
    became = str(os.getuid())
capabilities = [l.split()[1] for l in open("/proc/self/status") if l.startswith("CapEff")]
"""
    assert said(kernel, code, "became") == "1000"
    assert set(said(kernel, "", "capabilities[0]")) == {"0"}
    outside = {p.uids().real for p in kernel._family() if "launch.py" in str(p.cmdline()[1:2])}
    assert outside == {sandbox.NOBODY if os.getuid() == 0 else os.getuid()}


#: Puts up the walls with the rights that it is told to have, and asks inside.
BARE = """
import os, subprocess, sys
from press.grading import sandbox
# Of Python only what lies in /usr: nobody may not be able to reach the rest.
sandbox._prefixes = lambda: []
walls = sandbox._walls(None, None, sandbox.Limits())
if sys.argv[1] == "nobody":
    os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
done = subprocess.run(
    [*walls, "--", "/bin/sh", "-c", sys.argv[2]], env={}, cwd="/", text=True, capture_output=True
)
print(done.stdout + done.stderr)
"""
ASKING = """
id -u
for file in $(find /proc/sys /sys /proc/irq /proc/sysrq-trigger 2>/dev/null); do
  [ -w "$file" ] && echo "$file"
done
unshare --user --mount true 2>/dev/null && echo "a namespace of its own"
echo asked
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("who", ["root", "nobody"])
def test_the_walls_alone_keep_root_and_nobody_from_the_machine(who: str, repository: Path) -> None:
    """The other precaution: bubblewrap's walls hold also where it is root who is inside."""
    done = subprocess.run(
        [sys.executable, "-c", BARE, who, ASKING],
        cwd=repository, text=True, capture_output=True, check=True,
    )  # fmt: skip
    own = [] if closes() else ["a namespace of its own"]
    assert done.stdout.splitlines()[:-1] == ["1000", *own, "asked"]


@pytest.mark.parametrize("found", ["could write /proc/sys/kernel/core_pattern", "cannot read /x"])
def test_walls_with_a_hole_stop_the_grader(monkeypatch: pytest.MonkeyPatch, found: str) -> None:
    monkeypatch.setattr(sandbox, "_PROBE", f"print({found!r})")
    with pytest.raises(NoSandboxError, match=found):
        sandbox.ensure()


def test_limits_cannot_be_lifted(kernel: Kernel) -> None:
    code = """
import resource
try:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    said = "lifted"
except (ValueError, OSError):
    said = str(resource.getrlimit(resource.RLIMIT_AS)[0])
"""
    assert said(kernel, code, "said") == str(SHORT.address_space)


def test_a_loop_is_interrupted_and_the_kernel_lives(kernel: Kernel) -> None:
    reply = kernel.execute("kept = 7\nwhile True:\n    pass", 0.5)
    assert (reply.ending, reply.alive) == ("time", True)
    assert said(kernel, "", "str(kept)") == "7"


def test_what_a_program_waits_for_is_not_counted_and_what_it_starts_is(course: Path) -> None:
    with Kernel(course, "en", BUSY) as running:
        reply = running.execute("import time\ntime.sleep(2)", 1)
        assert reply.ending == "ok"
        assert reply.seconds < 1
        code = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'while True: pass'])"
        reply = running.execute(code, 1)
        assert (reply.ending, reply.alive) == ("time", True)
        assert reply.seconds >= 1


def test_the_clock_ends_what_waits_for_ever(course: Path) -> None:
    with Kernel(course, "en", replace(SHORT, patience=1)) as running:
        reply = running.execute("import time\ntime.sleep(10**6)", 1)
        assert (reply.ending, reply.alive) == ("time", True)
        assert reply.seconds < 1


def test_imports_are_there_before_a_submissions_time_is_counted(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path
) -> None:
    """Importing a library inside of a function takes longer than a call may."""
    notebook = hostile.right(lab, repository)
    cell = hostile.cell_of(notebook, "scaler")
    text = "".join(cell["source"])
    head = next(line for line in text.splitlines(keepends=True) if line.startswith("def "))
    cell["source"] = text.replace(head, head + "    import torch\n", 1)
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    limits = replace(BUSY, case=0.5)
    result, _ = examine(handed, lab, Setting(course, "secret", limits))
    assert set(bench._points(result).values()) == {1.0}
    assert not result.late


DEEP = """
import os
os.chdir({folder!r})
for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")
os.chmod(".", 0)
"""


def test_folders_deeper_than_python_can_follow_are_cleared_away(course: Path) -> None:
    with Kernel(course, "en", SHORT, sandboxed=False) as running:  # with walls it cannot see it
        folder = running.run
        reply = running.execute(DEEP.format(folder=str(folder)) + "while True: pass", 10)
        assert reply.ending == "files"
    assert not folder.exists()


def test_what_a_killed_run_left_blocks_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    folder = Path(f"/tmp/ug-{gone.pid}-left")
    folder.mkdir()
    subprocess.run([sys.executable, "-c", DEEP.format(folder=str(folder))], check=True)
    with monkeypatch.context() as broken:  # whatever happens in there
        broken.setenv("PATH", "/nowhere")
        sandbox.sweep()
    assert folder.exists()
    sandbox.sweep()
    assert not folder.exists()


@pytest.mark.parametrize("leaving", ["exit()", "quit()", "import sys\nsys.exit()"])
def test_an_answer_that_leaves_costs_itself_and_not_the_next_one(
    kernel: Kernel, leaving: str
) -> None:
    reply = kernel.execute(leaving, 30)
    assert (reply.ending, reply.alive, reply.error[:10]) == ("error", True, "SystemExit")
    time.sleep(0.5)  # IPython's own would end the kernel by now
    assert kernel.execute("", 30, "'still here'").answer == "still here"


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        ("import os\nos._exit(0)", "died"),
        ("import os\nos.kill(os.getpid(), 9)", "died"),
        ("kept = []\nwhile True:\n    kept.append(b'x' * 10**7)", "memory"),
        ("import os\nwhile True:\n    os.fork()", "processes"),
        ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", "time"),
    ],
)  # fmt: skip
def test_whatever_ends_a_kernel_is_told_and_cleared_away(
    course: Path, code: str, ending: str
) -> None:
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    with Kernel(course, "en", SHORT) as running:
        folder = running.run
        reply = running.execute(code, 3 if ending == "time" else 30)
        if ending == "processes":  # whichever is passed first
            assert reply.ending in ("processes", "memory")
        else:
            assert reply.ending == ending
    assert not folder.exists()
    assert {p.pid for p in psutil.Process().children(recursive=True)} <= before


#: Fills the folders that may be written to with files that have no name any more.
FILLING = """
import os
kept, full = [], 0
for place in ("/tmp", "/dev/shm", os.getcwd()):
    kept.append(open(os.path.join(place, "x"), "wb"))
    os.unlink(kept[-1].name)
    try:
        for _ in range(size):
            kept[-1].write(bytes(1 << 20))
        kept[-1].flush()
    except OSError:
        full += 1
"""


def test_what_is_written_lies_in_memory_is_limited_and_counts(course: Path) -> None:
    with Kernel(course, "en", replace(SHORT, files=30 << 20)) as running:
        assert said(running, f"size = 20\n{FILLING}", "str(full)") == "3"
        assert said(running, "import os", f"str(os.path.exists({str(running.run)!r}))") == "False"
        assert sorted(path.name for path in running.run.iterdir()) == sorted(
            ["connection.json", *(f"k-{n}" for n in range(1, 6))]
        )
    with Kernel(course, "en", SHORT) as running:
        held = sum(process.memory_info().rss for process in running._family())
        running.limits = replace(SHORT, memory=held + (60 << 20))
        reply = running.execute(f"size = 40\n{FILLING}\nwhile True: pass", 5)
        assert reply.ending == "memory"


def test_files_are_counted_too(course: Path) -> None:
    with Kernel(course, "en", replace(SHORT, nodes=300)) as running:
        code = "for n in range(400):\n    open(f'/tmp/{n}', 'w').close()\nwhile True: pass"
        assert running.execute(code, 5).ending == "files"


def test_memory_without_a_mapping_cannot_be_had_and_would_count(kernel: Kernel) -> None:
    code = "import ctypes\nlib = ctypes.CDLL(None, use_errno=True)"
    asked = "str([lib.memfd_create(b'x', 0), lib.shmget(0, 4096, 0o1600)])"
    if calls.program() is not None:  # on this kind of processor
        assert said(kernel, code, asked) == "[-1, -1]"
    with tempfile.TemporaryFile() as file:  # as a file in memory: open and without a name
        before = _nameless([os.getpid()], frozenset())
        file.write(bytes(1 << 20))
        file.flush()
        assert _nameless([os.getpid()], frozenset()) >= before + (1 << 20)
        assert _nameless([os.getpid()], frozenset({os.fstat(file.fileno()).st_dev})) <= before


def test_a_program_has_as_many_tasks_and_files_as_it_may(kernel: Kernel) -> None:
    code = "import resource as r"
    asked = "str([r.getrlimit(n)[1] for n in (r.RLIMIT_NPROC, r.RLIMIT_NOFILE)])"
    tasks = str(SHORT.processes * sandbox.THREADS) if sandbox._counts_apart() else ""
    assert said(kernel, code, asked).startswith(f"[{tasks}")
    assert said(kernel, code, asked).endswith(f", {SHORT.open}]")


#: Stands for systemd's program: writes down what it was asked, and becomes the command.
FAKE = """#!/bin/sh
echo "$@" >> {log}
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""


def test_where_systemd_makes_a_group_submissions_run_in_one(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, log = tmp_path / "systemd-run", tmp_path / "log"
    fake.write_text(FAKE.format(log=log), encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    cage._works.cache_clear()
    try:
        with Kernel(course, "en", SHORT) as running:
            assert said(running, "import os", "str(os.environ.get('XDG_RUNTIME_DIR'))") == "None"
    finally:
        cage._works.cache_clear()
    most = SHORT.memory + SHORT.files + cage.SLACK
    asked = log.read_text(encoding="utf-8")
    assert f"-p MemoryMax={most} -p MemorySwapMax=0 -p TasksMax=1024 -- " in asked


def test_without_bubblewrap_nothing_is_graded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSandboxError, match="apt install bubblewrap"):
        sandbox.ensure()
    (tmp_path / "sub" / "a").mkdir(parents=True)
    assert main(["grade", "--work", str(tmp_path / "work"), str(tmp_path / "sub")]) == 1
    assert "--unsafe-no-sandbox" in capsys.readouterr().err


def test_a_bubblewrap_that_may_not_work_is_told_from_a_missing_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(NoSandboxError, match="No permissions") as caught:
        sandbox.ensure()
    assert "unprivileged_userns" in str(caught.value)


def test_marks_in_pythons_own_folder_are_refused() -> None:
    with pytest.raises(NoSandboxError, match="can see because Python is there"):
        sandbox.ensure(Path(sys.prefix) / "marks")


def test_the_flag_grades_without_walls_and_says_so(
    repository: Path, lab: Assignment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = {kind.name: kind for kind in hostile.kinds(tmp_path)}
    made = hostile.write(tmp_path / "sub", lab, repository, [kinds["right, Polish"]])
    places = Places(repository, tmp_path / "work", tmp_path / "build")
    summary = grade(tmp_path / "sub", places, sandboxed=False, limits=SHORT, bar=False)
    assert "NO SANDBOX" in capsys.readouterr().err
    assert bench.fits(made[0][1], summary.results[0]) == ""


# --- one submission ----------------------------------------------------------------------------


def test_a_mistake_costs_points_once(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path
) -> None:
    """A later exercise that uses an earlier one is given the reference when that was wrong."""
    notebook = hostile.right(lab, repository)
    hostile.cell_of(notebook, "windows")["source"] = (
        "def make_windows(series, width):\n    return series, series"
    )
    cell = hostile.cell_of(notebook, "recursive")
    text = "".join(cell["source"])
    uses = "\n    assert make_windows(np.arange(5.0), 2)[0].shape == (3, 2, 1)\n    known = history"
    cell["source"] = text.replace("\n    known = history", uses)
    assert uses in cell["source"]
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", SHORT))
    points = {task.name: task.points for task in result.tasks}
    assert points["airline/windows"] == 0.0
    assert points["airline/recursive"] == 4.0


def test_points_are_for_cases(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path
) -> None:
    notebook = hostile.right(lab, repository)
    hostile.cell_of(notebook, "scaler")["source"] = (
        "def fit_scaler(series, n_train):\n"
        "    if n_train == 1:\n        raise ValueError('one value only')\n"
        "    return series[:n_train].min(), series[:n_train].max()"
    )
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", SHORT))
    mark = next(task for task in result.tasks if task.name == "airline/scaler")
    good = [case.ok for case in mark.cases]
    assert 0 < sum(good) < len(good)
    exercise = find(mark.name)
    assert isinstance(exercise, Exercise)
    share = weights.share(exercise, good, judge.SEEDS)
    assert 0 < share < 1
    assert mark.points == pytest.approx(mark.maximum * share, abs=0.01)
    assert (mark.right, mark.weight) == weights.weigh(exercise, good, judge.SEEDS)
    wrong = next(case for case in mark.cases if not case.ok)
    assert wrong.call == "series: (5,); n_train = 1"
    assert "wierszu 3" in wrong.text["pl"]
    assert "ValueError: one value only" in wrong.text["pl"]
    again, _ = examine(handed, lab, Setting(course, "secret", SHORT))
    assert again.tasks == result.tasks


@pytest.mark.parametrize("number", range(len(LABS)), ids=LABS)
def test_the_right_notebook_of_each_lab_gets_full_marks(
    repository: Path, course: Path, tmp_path: Path, number: int
) -> None:
    lab = assignments(repository)[number]
    assert lab.lab == LABS[number]
    hostile.save(tmp_path, hostile.right(lab, repository), f"{lab.lab}.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / f"{lab.lab}.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", Limits()))
    questions = sum(task.points for task in lab.tasks if task.kind == "question")
    assert sum(task.points or 0 for task in result.tasks) == lab.maximum - questions
    assert result.remarks == []


@pytest.mark.parametrize(
    ("above", "named"),
    [
        ("%load_ext nb_black\nimport numpy as np", ["%load_ext nb_black"]),
        ("%tensorflow_version 2.x\nimport numpy as np", ["%tensorflow_version 2.x"]),
        (
            "import torch\ntorch.cuda.set_device(0)\nimport numpy as np",
            ["torch.cuda.set_device(0)"],
        ),
        (
            "import seaborn_of_mine as sns, numpy as np\nsns.set_theme()",
            ["import seaborn_of_mine as sns", "sns.set_theme()"],
        ),
        (
            "import os\nos.chdir('/content/drive')\nimport numpy as np",
            ["os.chdir('/content/drive')"],
        ),
    ],
)
def test_a_line_that_fails_above_the_exercises_costs_only_itself(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path, above: str, named: list[str]
) -> None:
    """The answer needs ``np`` from the cell of imports, where a line does not work here."""
    notebook = hostile.right(lab, repository)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "import numpy as np" in "".join(cell["source"]):
            cell["source"] = "".join(cell["source"]).replace("import numpy as np", above)
    # What stands beside the answer makes the lines needed, and is never called.
    scaler = hostile.cell_of(notebook, "scaler")
    scaler["source"] = "".join(scaler["source"]) + "\ndef plot():\n    return sns, torch, os\n"
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", Limits()))
    assert set(bench._points(result).values()) == {1.0}
    assert len(result.remarks) == len(named)
    for remark, line in zip(result.remarks, named, strict=True):
        assert f"“{line}”" in remark["en"]
        assert f"„{line}”" in remark["pl"]


def test_half_a_character_costs_one_exercise_and_not_the_submission(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path
) -> None:
    notebook = hostile.right(lab, repository)
    scaler = "def fit_scaler(series, n_train):\n    raise ValueError(chr(0xD800))"
    hostile.cell_of(notebook, "scaler")["source"] = scaler
    windows = hostile.cell_of(notebook, "windows")
    windows["source"] = "".join(windows["source"]) + "\nraise ValueError(chr(0xD800))"
    picture = {"image/png": base64.b64encode(b"\x89PNG\r\n").decode()}
    question = next(task.cell for task in lab.tasks if task.kind == "question")
    hostile.cell_of(notebook, question)["attachments"] = {chr(0xD800): picture}
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, shown = examine(handed, lab, Setting(course, "secret", Limits()))
    points = bench._points(result)
    assert points.pop("airline/scaler") == 0
    assert set(points.values()) == {1.0}
    result.save(tmp_path / "result.json")
    assert Result.load(tmp_path / "result.json") == result
    assert "attachments" in nbformat.writes(shown).encode().decode()


#: Right answers that the notebook's check accepts, though they do not stand in their cell: what
#: becomes of the cell, what is put between it and its check, and what below the check.
_SCALER = "def fit_scaler(series, n_train):\n    return {}"
_RIGHT = "series[:n_train].min(), series[:n_train].max()"
_CHECK = "fit_scaler = check('airline/scaler', fit_scaler)"
ELSEWHERE: dict[str, tuple[str, list[str], list[str]]] = {
    "a helper in a cell between": (
        _SCALER.format("extremes(series, n_train)"),
        [f"def extremes(series, n_train):\n    return {_RIGHT}"],
        [],
    ),
    "corrected in a new cell before the check": (
        _SCALER.format("0, 1"),
        [_SCALER.format(_RIGHT)],
        [],
    ),
    "corrected below, with a check of its own": (
        _SCALER.format("0, 1"),
        [],
        [_SCALER.format(_RIGHT), _CHECK],
    ),
    "a remark in the cell, the function in the next": (
        "# see below",
        [_SCALER.format(_RIGHT)],
        [],
    ),
    "the cell split": (
        _SCALER.format("part(series, n_train).min(), part(series, n_train).max()"),
        ["part = lambda series, n: series[:n]"],
        [],
    ),
    "another name checked": (
        f"def mine(series, n_train):\n    return {_RIGHT}",
        [],
        ["fit_scaler = check('airline/scaler', mine)"],
    ),
}


@pytest.mark.parametrize("how", ELSEWHERE)
def test_what_the_last_check_was_given_is_graded_wherever_it_stands(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path, how: str
) -> None:
    own, between, below = ELSEWHERE[how]
    notebook = hostile.right(lab, repository)
    cell = hostile.cell_of(notebook, "scaler")
    cell["source"] = own
    cells = notebook["cells"]
    if how == "another name checked":
        cells.remove(hostile.cell_of(notebook, "scaler-check"))
    at = cells.index(cell) + 1

    def added(texts: list[str]) -> list[dict[str, object]]:
        return [
            {"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in texts
        ]

    cells[at + 1 : at + 1] = added(below)
    cells[at:at] = added(between)
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", Limits()))
    assert set(bench._points(result).values()) == {1.0}
    told = [remark["en"] for remark in result.remarks if "last check" in remark["en"]]
    assert len(told) == (how not in ("a helper in a cell between", "the cell split")), told


def test_a_wrong_function_below_the_last_check_changes_nothing_and_a_wrong_last_check_does(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path
) -> None:
    for cells, points in (
        ([_SCALER.format("0, 1")], 4.0),
        ([_SCALER.format("0, 1"), _CHECK], 0.0),
    ):
        notebook = hostile.right(lab, repository)
        at = notebook["cells"].index(hostile.cell_of(notebook, "scaler-check")) + 1
        notebook["cells"][at:at] = [
            {"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in cells
        ]
        hostile.save(tmp_path, notebook, "n.ipynb")
        handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
        result, _ = examine(handed, lab, Setting(course, "secret", Limits()))
        assert {t.name: t.points for t in result.tasks}["airline/scaler"] == points


@pytest.mark.parametrize("library", ["keras", "torch"])
def test_either_library_will_do(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path, library: str
) -> None:
    code = {
        "keras": "import keras\ndef fit_scaler(series, n_train):\n"
        "    x = keras.ops.convert_to_tensor(series[:n_train])\n"
        "    return keras.ops.min(x), keras.ops.max(x)",
        "torch": "import torch\ndef fit_scaler(series, n_train):\n"
        "    x = torch.tensor(series[:n_train], requires_grad=True)\n"
        "    return x.min(), x.max()",
    }[library]
    notebook = hostile.right(lab, repository)
    hostile.cell_of(notebook, "scaler")["source"] = code
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", Limits()))
    assert sum(task.points or 0 for task in result.tasks) == lab.maximum - 4


def test_an_answer_below_the_open_question_waits_for_a_mark(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path
) -> None:
    notebook = hostile.blank(lab)
    at = notebook["cells"].index(hostile.cell_of(notebook, "open-question"))
    below = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "Bo MASE."}
    notebook["cells"].insert(at + 1, below)
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", SHORT))
    assert result.tasks[-1].points is None


# --- whole runs --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(
    repository: Path, lab: Assignment, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Places, list[tuple[str, hostile.Kind]], Summary]:
    """A run over a sample of all kinds: two shards."""
    folder = tmp_path_factory.mktemp("run")
    places = Places(repository, folder / "work", folder / "build")
    kinds = {kind.name: kind for kind in hostile.kinds(places.work)}
    made = hostile.write(folder / "sub", lab, repository, [kinds[name] for name in SAMPLE])
    return places, made, grade(folder / "sub", places, limits=SHORT, bar=False)


def test_every_submission_gets_what_it_must(
    run: tuple[Places, list[tuple[str, hostile.Kind]], Summary],
) -> None:
    _, made, summary = run
    results = {result.student: result for result in summary.results}
    problems = {kind.name: bench.fits(kind, results.get(student)) for student, kind in made}
    assert not {name: problem for name, problem in problems.items() if problem}
    assert summary.graded == len(made)


def test_the_table_has_a_row_for_each_and_every_student_a_page(
    run: tuple[Places, list[tuple[str, hostile.Kind]], Summary],
) -> None:
    places, made, _ = run
    rows = places.table.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert sorted(row.split(",")[0] for row in rows) == sorted(student for student, _ in made)
    for student, kind in made:
        page = (places.feedback / student / "03_airline.html").read_text(encoding="utf-8")
        assert f'<html lang="{kind.language}">' in page
        assert (places.autograded / student / "03_airline" / "03_airline.ipynb").is_file()
    assert "forged" not in places.table.read_text(encoding="utf-8-sig")


def test_nbgraders_own_export_has_the_marks_of_the_table(
    run: tuple[Places, list[tuple[str, hostile.Kind]], Summary], tmp_path: Path
) -> None:
    places, made, _ = run
    target = tmp_path / "nbgrader.csv"
    exporter = CsvExportPlugin()
    exporter.to = str(target)
    with book.open_book(places) as opened:
        exporter.export(opened)
    exported = io.StringIO(target.read_text(encoding="utf-8"))
    theirs = {row["student_id"]: float(row["score"]) for row in csv.DictReader(exported)}
    table = io.StringIO(places.table.read_text(encoding="utf-8-sig"))
    ours = {row["student"]: float(row["total"]) for row in csv.DictReader(table)}
    assert theirs == ours
    assert len(theirs) == len(made)
    assert max(ours.values()) > 0


def test_a_second_run_grades_nothing_anew_and_a_changed_file_alone(
    run: tuple[Places, list[tuple[str, hostile.Kind]], Summary], repository: Path, lab: Assignment
) -> None:
    places, made, summary = run
    submitted = places.work.parent / "sub"
    before = places.table.read_bytes()
    for student in (result.student for result in summary.results if result.late):
        shutil.rmtree(next(submitted.glob(f"*_{student.rpartition('_')[2]}_*")))
    again = grade(submitted, places, limits=SHORT, bar=False)
    assert again.graded == 0
    assert places.table.read_bytes() == before
    changed = next(student for student, kind in made if kind.name == "one wrong")
    file = next(submitted.glob(f"*{changed.rpartition('_')[2]}*/03_airline.ipynb"))
    hostile.save(file.parent, hostile.right(lab, repository), file.name)
    third = grade(submitted, places, limits=SHORT, bar=False)
    assert third.graded == 1
    result = next(r for r in third.results if r.student == changed)
    assert sum(task.points or 0 for task in result.tasks) == lab.maximum - 4
    assert result.reopened == ["scaler-points"]


def test_a_student_is_graded_again_though_nothing_changed(
    repository: Path, lab: Assignment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = Places.of(repository, tmp_path / "work")
    for student in ("anna", "jan"):
        (tmp_path / "sub" / student).mkdir(parents=True)
        hostile.save(tmp_path / "sub" / student, hostile.blank(lab), f"{lab.lab}.ipynb")
    command = ["grade", "--work", str(places.work)]
    assert main([*command, str(tmp_path / "sub")]) == 0
    table = places.table.read_bytes()
    with book.open_book(places) as opened:
        grade = opened.find_grade("open-question", lab.lab, lab.lab, "anna")
        grade.manual_score = 3.0
        opened.db.commit()
    for submitted, rows in (([str(tmp_path / "sub")], 2), ([], 1)):
        kept = [path_of(places, student, lab.lab) for student in ("anna", "jan")]
        wrong = Result.load(kept[0])
        assert wrong is not None
        wrong.tasks[0].points = 4.0
        wrong.save(kept[0])
        before = kept[1].read_bytes()
        capsys.readouterr()
        assert main([*command, *submitted, "--again", "anna"]) == 0
        assert f"{rows} submission(s), 1 graded now" in capsys.readouterr().out
        assert kept[1].read_bytes() == before
        right = Result.load(kept[0])
        assert right is not None
        assert right.tasks[0].points == 0
        assert right.reopened == []
    after = list(csv.DictReader(io.StringIO(places.table.read_text(encoding="utf-8-sig"))))
    assert [row["total"] for row in after] == ["3", "0"]
    assert places.table.read_bytes() != table


def test_grading_one_lab_leaves_every_other_labs_submission_and_marks(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anna has points in lab 01; then a report comes from her for lab 03."""
    first = assignments(repository)[0]
    places = Places.of(repository, tmp_path / "work")
    command = ["grade", "--work", str(places.work)]
    folder = tmp_path / "lab01" / "anna" / first.lab
    folder.mkdir(parents=True)
    hostile.save(folder, hostile.right(first, repository), "n.ipynb")
    assert main([*command, str(tmp_path / "lab01")]) == 0
    mine = [
        places.submitted / "anna" / first.lab / f"{first.lab}.ipynb",
        path_of(places, "anna", first.lab),
        places.autograded / "anna" / first.lab / f"{first.lab}.ipynb",
    ]
    before = [path.read_bytes() for path in mine]
    table = places.table.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    questions = sum(task.points for task in first.tasks if task.kind == "question")
    assert [float(row["total"]) for row in rows] == [first.maximum - questions]

    report = tmp_path / "lab03" / "anna" / "03_airline" / "raport.pdf"
    report.parent.mkdir(parents=True)
    report.write_bytes(b"%PDF-1.4")
    assert main([*command, str(tmp_path / "lab03")]) == 0
    assert [path.read_bytes() for path in mine] == before
    later = list(csv.DictReader(io.StringIO(places.table.read_text(encoding="utf-8-sig"))))
    assert [row["lab"] for row in later] == [first.lab, "03_airline"]
    assert later[0] == rows[0]
    assert "raport.pdf" in later[1]["remarks"]

    # Where no folder says the lab, nothing is graded, and the message says what to do.
    report.rename(tmp_path / "lab03" / "anna" / "raport.pdf")
    report.parent.rmdir()
    (tmp_path / "lab03").rename(tmp_path / "oddane")
    capsys.readouterr()
    assert main([*command, str(tmp_path / "oddane")]) == 1
    assert "--lab" in capsys.readouterr().err
    assert [path.read_bytes() for path in mine] == before


def test_a_killed_grader_loses_nothing(repository: Path, lab: Assignment, tmp_path: Path) -> None:
    places = Places.of(repository, tmp_path / "work")
    kinds = {kind.name: kind for kind in hostile.kinds(places.work)}
    chosen = [kinds["right, Polish"], kinds["one wrong"], kinds["cut off"]] * 4
    made = hostile.write(tmp_path / "sub", lab, repository, chosen)
    command = [sys.executable, "-m", "press", "grade", "--work", str(places.work)]
    command += [str(tmp_path / "sub")]
    running = subprocess.Popen(command, cwd=repository, stderr=subprocess.DEVNULL)
    while len(list(places.results.glob("*/*.json"))) < 3 and running.poll() is None:
        time.sleep(0.05)
    family = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGKILL)
    running.wait()
    _, alive = psutil.wait_procs(family, timeout=600)
    assert not alive, "shards and sandboxes end with the grader"
    kept = {path: path.stat().st_mtime_ns for path in places.results.glob("*/*.json")}
    assert 3 <= len(kept) < len(made)
    summary = grade(tmp_path / "sub", places, bar=False)
    assert summary.graded <= len(made) - len(kept) + 1
    stored = [p for p, m in kept.items() if p.stat().st_mtime_ns == m]
    assert len(stored) >= len(kept) - 1
    results = {result.student: result for result in summary.results}
    assert all(bench.fits(kind, results.get(student)) == "" for student, kind in made)
    rows = places.table.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(rows) == len(made)
    gone = [folder for folder in Path("/tmp").glob(f"ug-{running.pid}-*") if folder.exists()]
    assert not gone, "the next run clears away what a killed one left"


def test_a_shard_that_dies_is_replaced_and_its_submission_told(
    repository: Path, lab: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(repository, tmp_path / "work", tmp_path / "build")
    kinds = {kind.name: kind for kind in hostile.kinds(places.work)}
    made = hostile.write(tmp_path / "sub", lab, repository, [kinds["right, Polish"]] * 3)
    monkeypatch.setenv("UNROLLED_TEST_DIES", made[1][0])
    from press.grading import shards

    monkeypatch.setattr(shards, "_serve", _dying)
    summary = grade(tmp_path / "sub", places, limits=SHORT, bar=False)
    by_student = {result.student: result for result in summary.results}
    assert "broke off" in by_student[made[1][0]].remarks[-1]["en"]
    for student in (made[0][0], made[2][0]):
        assert bench.fits(made[0][1], by_student[student]) == ""


def _dying(pipe: object, places: Places, setting: Setting) -> None:
    """Serve as a shard does, but die of one student's submission."""
    from press.grading import shards

    real = shards.examine_safely

    def fatal(handed: Handed, *rest: object) -> object:
        if handed.student == os.environ["UNROLLED_TEST_DIES"]:
            os._exit(3)
        return real(handed, *rest)  # type: ignore[arg-type]

    shards.examine_safely = fatal  # type: ignore[assignment]
    shards._serve(pipe, places, setting)  # type: ignore[arg-type]


def test_two_runs_in_one_folder_are_refused(tmp_path: Path, repository: Path) -> None:
    places = Places(repository, tmp_path / "work", tmp_path / "build")
    with _alone(places), pytest.raises(BusyError, match="another run"):
        grade(tmp_path, places, bar=False)


def _slow(pipe: object, places: Places, setting: Setting) -> None:
    """Serve as a shard does; grade nothing, but say that some students' time was up."""
    from press.grading import shards
    from press.grading.view import view

    log = Path(os.environ["UNROLLED_TEST_LOG"])

    def note(word: str) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{word}\n")

    def graded(handed: Handed, lab: Assignment, setting: Setting, digest: str) -> object:
        note(f"begin {handed.student}")
        again = log.read_text(encoding="utf-8").split().count(handed.student) > 2
        said = Message(pl="za drugim razem", en="a second time" if again else "once")
        result = shards.failed(handed, lab, digest, said)
        result.late = handed.student == "hopeless" or (handed.student == "slow" and not again)
        note(f"end {handed.student}")
        return result, view(result, None, lab)

    shards.examine_safely = graded  # type: ignore[assignment]
    shards._serve(pipe, places, setting)  # type: ignore[arg-type]


def test_what_passes_a_limit_of_time_is_tried_again_alone_and_never_kept(
    repository: Path, lab: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(repository, tmp_path / "work", tmp_path / "build")
    students = ["a", "b", "c", "d", "hopeless", "slow"]
    for student in students:
        folder = tmp_path / "sub" / student
        folder.mkdir(parents=True)
        hostile.save(folder, hostile.blank(lab), "03_airline.ipynb")
    from press.grading import shards

    log = tmp_path / "log"
    monkeypatch.setenv("UNROLLED_TEST_LOG", str(log))
    monkeypatch.setattr(shards, "_serve", _slow)
    summary = grade(tmp_path / "sub", places, limits=SHORT, bar=False)
    assert [result.student for result in summary.results] == students
    times = {result.student: result.remarks[-1]["en"] for result in summary.results}
    assert times == {**dict.fromkeys("abcd", "once"), "hopeless": "a second time",
                     "slow": "a second time"}  # fmt: skip
    # The last four lines are the second tries, one after the other.
    lines = log.read_text(encoding="utf-8").splitlines()
    ends = [lines[-4:-2], lines[-2:]]
    assert sorted(ends) == [[f"begin {s}", f"end {s}"] for s in ("hopeless", "slow")]
    assert grade(tmp_path / "sub", places, limits=SHORT, bar=False).graded == 1


def test_an_endless_loop_is_said_to_be_a_limit_of_time(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path
) -> None:
    notebook = hostile.right(lab, repository)
    hostile.cell_of(notebook, "scaler")["source"] = hostile.LOOP
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", replace(BUSY, case=1)))
    assert result.late
    assert "time limit (airline/scaler)" in result.remarks[-1]["en"]
    assert bench._points(result) == {
        task.name: float(task.name != "airline/scaler")
        for task in lab.tasks
        if task.kind != "question"
    }


@pytest.mark.parametrize("exercise", ["scores", "naive", "scaler", "leak", "windows", "recursive"])
def test_the_bank_through_the_whole_pipeline(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path, exercise: str
) -> None:
    """One wrong answer of each exercise; `bench` takes all of them, and the right ones."""
    name = f"airline/{exercise}"
    what = list(bench.bank(lab)[name].wrong)[-1]
    task = next(task for task in lab.tasks if task.name == name)
    notebook = hostile.right(lab, repository)
    answer = bench.bank(lab)[name].wrong[what]
    hostile.cell_of(notebook, task.cell)["source"] = bench.as_cell(task, answer)
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result, _ = examine(handed, lab, Setting(course, "secret", Limits()))
    points = bench._points(result)
    assert points.pop(name) < 1.0
    assert set(points.values()) == {1.0}


def test_right_answers_of_the_bank_through_the_whole_pipeline(
    repository: Path, lab: Assignment, course: Path, tmp_path: Path
) -> None:
    notebook = hostile.right(lab, repository)
    for task in lab.tasks:
        if task.kind != "question":
            answer = list(bench.bank(lab)[task.name].right.values())[-1]
            hostile.cell_of(notebook, task.cell)["source"] = bench.as_cell(task, answer)
    hostile.save(tmp_path, notebook, "n.ipynb")
    handed = Handed("s", "s", lab.lab, tmp_path / "n.ipynb")
    result: Result
    result, _ = examine(handed, lab, Setting(course, "secret", Limits()))
    assert set(bench._points(result).values()) == {1.0}


def test_formgrader_opens_what_was_graded_and_runs_no_script_of_a_submission(
    run: tuple[Places, list[tuple[str, hostile.Kind]], Summary], monkeypatch: pytest.MonkeyPatch
) -> None:
    places, made, _ = run
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("JUPYTER_TOKEN", "t")
    student = next(student for student, kind in made if "scripts" in kind.name)
    with book.open_book(places) as opened:
        notebook = opened.find_submission("03_airline", student).notebooks[0].id
    server = subprocess.Popen(
        formgrader.command(places, port=port, browser=False),
        cwd=places.root / "grading",
        env=formgrader.environment(places),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}/formgrader/submissions/{notebook}/?token=t"
        page = ""
        while not page and server.poll() is None:
            time.sleep(0.3)
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                page = urllib.request.urlopen(url, timeout=600).read().decode()
    finally:
        server.terminate()
        server.wait()
    assert 'id="open-question"' in page
    assert "✓ przypadek 1" in page
    assert "forged" in page, "what the student wrote is shown"
    assert "<script>document.title" not in page
    assert "<img src=x" not in page
    for wrong in ('href="javascript:', "java&#115;cript:", 'href="data:', "evil.example"):
        assert wrong not in page
