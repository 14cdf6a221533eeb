"""The room in which a student's code runs: bubblewrap around a Jupyter kernel.

It has no network, processes of its own, and sees only Python, the course's packages (without the
exercises' references) and its data, all read-only. Submissions, gradebook, secret, solutions and
this package are not there.
"""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import psutil

from unrolled import exercises
from unrolled.exercises import Exercise
from unrolled.messages import Language
from unrolled.mold import Mold, mold

INSIDE = Path(__file__).parent / "inside"

_HELP = """\
grading: {why}

Submissions are other people's programs, and without bubblewrap they would run with your rights:
they could read the gradebook, change it, and use the network. So nothing was graded.
  Debian, Ubuntu:  sudo apt install bubblewrap
  Fedora:          sudo dnf install bubblewrap
  macOS, Windows:  grade on a Linux machine, or in a virtual machine or container
If bubblewrap is installed and may not create user namespaces, as root:
  sysctl kernel.unprivileged_userns_clone=1               (Debian)
  sysctl kernel.apparmor_restrict_unprivileged_userns=0   (Ubuntu 24.04)
If every submission is by someone you trust, add --unsafe-no-sandbox."""

UNSAFE = """\
##########################################################################
#  NO SANDBOX: submissions run with your rights on this machine. They    #
#  can read and write your files, the gradebook, and use the network.    #
##########################################################################"""


class NoSandboxError(Exception):
    """The sandbox cannot be used on this machine; the message says what to do."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes:
        memory: resident memory of all its processes (bytes).
        address_space: of one process (bytes); TensorFlow and PyTorch reserve much and use little.
        processes: how many at a time.
        files: bytes written to disk.
        start: seconds until the kernel answers.
        cell: seconds for one cell.
        case: seconds for one call of a graded function.
        submission: seconds for all cells and calls together.
    """

    memory: int = 2 << 30
    address_space: int = 24 << 30
    processes: int = 64
    files: int = 256 << 20
    start: float = 60
    cell: float = 30
    case: float = 10
    submission: float = 240


def ensure(*hidden: Path) -> None:
    """Make sure that the sandbox works here.

    Args:
        hidden: folders that must not be seen from inside.

    Raises:
        NoSandboxError: bubblewrap is missing or may not do its work, or it would show too much.
    """
    if sys.platform != "linux":
        raise NoSandboxError(_HELP.format(why="the sandbox (bubblewrap) exists on Linux only."))
    if not shutil.which("bwrap"):
        raise NoSandboxError(_HELP.format(why="bubblewrap (bwrap) is not installed."))
    trial = [*_walls(None), "--", sys.executable, "-c", "pass"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip() or f"status {done.returncode}"
        raise NoSandboxError(_HELP.format(why=f"bubblewrap is there but does not work: {said}"))
    for folder in hidden:
        for shown in (Path("/usr"), *_prefixes()):
            if folder.resolve().is_relative_to(shown):
                raise NoSandboxError(
                    f"grading: {folder} lies in {shown}, which submissions can see because Python "
                    "is there. Move the marks elsewhere: --work FOLDER"
                )


def furnish(root: Path, folder: Path) -> Path:
    """Put what a sandbox shows of the course into ``folder`` and return it.

    Args:
        root: the repository.
        folder: a new folder; gets ``unrolled`` without the exercises' references, ``data``, and
            the code of ours that runs inside.
    """

    def unwanted(where: str, names: list[str]) -> set[str]:
        skip = {name for name in names if name == "__pycache__" or name == "fonts"}
        if Path(where).name == "exercises":
            skip |= {name for name in names if name != "__init__.py"}
        return skip

    shutil.copytree(root / "unrolled", folder / "unrolled", ignore=unwanted)
    # The check that students know tells what is right; here another one only hands answers on.
    shutil.copyfile(INSIDE / "check.py", folder / "unrolled" / "check.py")
    (folder / "unrolled" / "molds.json").write_text(json.dumps(_molds()) + "\n", encoding="utf-8")
    if (root / "data").is_dir():
        shutil.copytree(root / "data", folder / "data")
    shutil.copytree(
        INSIDE, folder / "inside", ignore=shutil.ignore_patterns("__pycache__", "check.py")
    )
    return folder


def _molds() -> dict[str, Mold]:
    """Return what each exercise's reference returns: types and kinds of numbers, no value."""
    found: dict[str, Mold] = {}
    for lab in pkgutil.iter_modules(exercises.__path__):
        for name, exercise in import_module(f"{exercises.__name__}.{lab.name}").EXERCISES.items():
            if isinstance(exercise, Exercise):
                found[name] = mold(exercise.reference(*exercise.all_cases()[0]))
    return found


def _walls(course: Path | None) -> list[str]:
    """Return bubblewrap's arguments: what is seen, what is shared (nothing)."""
    walls = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-all",
        "--unshare-user",
        "--uid",
        "1000",
        "--gid",
        "1000",
    ]
    walls += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "lab"]
    # First these, or they would hide a repository that lies in /tmp.
    walls += ["--proc", "/proc", "--dev", "/dev"]
    for tmpfs in ("/dev/shm", "/tmp"):
        walls += [*_size(64 << 20), "--tmpfs", tmpfs]
    for path in (Path("/usr"), Path("/bin"), Path("/sbin"), Path("/lib"), Path("/lib64")):
        if path.is_symlink():
            walls += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            walls += ["--ro-bind", str(path), str(path)]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "fonts"):
        walls += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for prefix in _prefixes():
        walls += ["--ro-bind", str(prefix), str(prefix)]
    for name in ("unrolled", "press"):  # installed, not linked: the exercises are in there
        for packages in dict.fromkeys([sysconfig.get_path("purelib"), *site.getsitepackages()]):
            if (Path(packages) / name).is_dir():
                installed = str(Path(packages) / name)
                walls += ["--tmpfs", installed, "--remount-ro", installed]
    if course is not None:
        walls += ["--ro-bind", str(course), "/course"]
    return walls


def _prefixes() -> list[Path]:
    """Return the folders of Python and its packages that are not in ``/usr``."""
    interpreter = Path(sys.executable).resolve().parent.parent
    every = dict.fromkeys([interpreter, Path(sys.base_prefix), Path(sys.prefix)])
    return [prefix for prefix in every if not prefix.is_relative_to("/usr")]


def _size(limit: int) -> list[str]:
    """Return the arguments that limit the next tmpfs, where this bubblewrap can (0.5.0)."""
    said = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)
    return ["--size", str(limit)] if "--size" in said.stdout + said.stderr else []


def command(
    course: Path, run: Path, language: Language, limits: Limits, *, sandboxed: bool
) -> tuple[list[str], dict[str, str], Path]:
    """Return how to start a kernel: its command, its environment, its working directory.

    Args:
        course: what :func:`furnish` made.
        run: the folder of the connection file and of the kernel's sockets.
        language: the language of the notebook.
        limits: what it may use.
        sandboxed: False starts it without any walls.
    """
    seen = Path("/course") if sandboxed else course
    env = {
        "HOME": "/tmp" if sandboxed else str(run),
        "IPYTHONDIR": "/tmp/ipython" if sandboxed else str(run / "ipython"),
        "KERAS_BACKEND": "tensorflow",
        "LANG": "C.UTF-8",
        "LOGNAME": "student",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp/mpl" if sandboxed else str(run / "mpl"),
        "MKL_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(seen),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "UNROLLED_LANGUAGE": language,
        "USER": "student",
    }
    cpu = int(limits.submission * 2)
    kernel = [sys.executable, str(seen / "inside" / "launch.py")]
    kernel += [str(limits.address_space), str(cpu), str(limits.files)]
    kernel += [str(run / "connection.json")]
    if not sandboxed:
        return kernel, env, run
    walls = [*_walls(course), "--bind", str(run), str(run)]
    # The lab's folder is empty and writable; the rest is closed once everything is in its place.
    walls += [*_size(64 << 20), "--tmpfs", "/home/student", "--chdir", "/home/student"]
    walls += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*walls, "--", *kernel], env, Path("/")


def new_run_folder() -> Path:
    """Return a new folder with a short path: that of a socket may have 107 bytes at most."""
    return Path(tempfile.mkdtemp(prefix=f"ug-{os.getpid()}-", dir="/tmp"))


def sweep() -> None:
    """Remove the folders of runs that were killed."""
    for folder in Path("/tmp").glob("ug-*-*"):
        owner = folder.name.split("-")[1]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
