"""The room in which a student's code runs: bubblewrap around a Jupyter kernel.

It has no network, processes of its own, and sees only Python, the course's packages (without the
exercises' references) and its data, all read-only. Submissions, gradebook, secret, solutions and
this package are not there. Nothing that belongs to the machine can be written from inside, whoever
runs the grader: root's submissions run as another user (:class:`Space`).
"""

from __future__ import annotations

import contextlib
import json
import os
import pkgutil
import shutil
import site
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import psutil

from press.grading import cage, calls
from unrolled import exercises
from unrolled.exercises import Exercise
from unrolled.messages import Language
from unrolled.mold import Mold, mold

INSIDE = Path(__file__).parent / "inside"
#: The number of the user whom a submission sees itself as.
STUDENT = 1000
#: Whom root's submissions are outside of the sandbox: nobody.
NOBODY = 65534
#: The folders that a submission may write to; they lie in memory.
WRITABLE = ("/dev/shm", "/tmp", "/home/student")
#: Processes and threads for each process that it may have.
THREADS = 16

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

#: Run inside by :func:`ensure`: prints what it could write of the machine's switches, and what of
#: Python it cannot read. It asks and never writes.
_PROBE = """
import os, sys
for place in ("/proc/sys", "/sys"):
    for folder, _, names in os.walk(place):
        for name in names:
            if os.access(os.path.join(folder, name), os.W_OK):
                print("could write", os.path.join(folder, name))
from importlib.util import find_spec
if find_spec("ipykernel") is None:
    print("cannot find ipykernel")
for folder in dict.fromkeys([*sys.argv[1:], *sys.path[1:]]):
    if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):
        print("cannot read", folder)
"""

#: Run inside first where root grades: becomes the student's user, for good, then what follows.
_BECOME = f"""
import os, sys
kept = sys.argv.pop(1).split(",")
for number in range(3, 256):
    if str(number) not in kept:
        os.closerange(number, number + 1)
os.setgroups([])
os.setresgid({STUDENT}, {STUDENT}, {STUDENT})
os.setresuid({STUDENT}, {STUDENT}, {STUDENT})
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""

#: Makes a user namespace, and once it has its users lets no other be made in it.
_SPACE = """
import ctypes, sys
if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
    sys.exit(f"no user namespace can be made (error {ctypes.get_errno()})")
print(flush=True)
sys.stdin.readline()
try:
    open("/proc/sys/user/max_user_namespaces", "w").write("0")  # this namespace's own number
except OSError:
    pass  # a container may not let it; a mount in there would still be nobody's
print(flush=True)
sys.stdin.readline()
"""

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
        memory: of all its processes, with the files that they keep in memory (bytes).
        address_space: of one process (bytes); TensorFlow and PyTorch reserve much and use little.
        processes: how many at a time.
        files: bytes in the folders that it may write to; they lie in memory, none on disk.
        nodes: how many files and folders may be in there.
        open: how many files a process may have open.
        start: seconds until the kernel answers, and seconds for importing what will be used.
        cell: seconds for one cell.
        case: seconds for one call of a graded function.
        submission: seconds for all cells and calls together.
        patience: how much longer than that all this may take by the clock.

    Seconds are those of the processor, used by all processes of the submission together: what else
    the machine does costs no points. The clock only ends what waits without working.
    """

    memory: int = 2 << 30
    address_space: int = 24 << 30
    processes: int = 64
    files: int = 192 << 20
    nodes: int = 50_000
    open: int = 512
    start: float = 60
    cell: float = 30
    case: float = 10
    submission: float = 240
    patience: float = 6

    @property
    def clock(self) -> float:
        """How long a submission may take by the clock (seconds)."""
        return self.patience * (self.start + self.submission)


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
    with space() as made:
        asked = ["-c", _PROBE, *map(str, _prefixes())]
        trial = [*_walls(None, made, Limits()), "--", *_python(made), *asked]
        done = subprocess.run(
            trial, capture_output=True, text=True, check=False, pass_fds=_kept(made)
        )
    if done.returncode:
        said = done.stderr.strip() or f"status {done.returncode}"
        raise NoSandboxError(_HELP.format(why=f"bubblewrap is there but does not work: {said}"))
    if done.stdout.strip():
        raise NoSandboxError(
            f"grading: a submission {done.stdout.splitlines()[0]}, so nothing was graded. Start "
            "the grader as an ordinary user, with Python and its packages readable to all."
        )
    for folder in hidden:
        for shown in (Path("/usr"), *_prefixes()):
            if folder.resolve().is_relative_to(shown):
                raise NoSandboxError(
                    f"grading: {folder} lies in {shown}, which submissions can see because Python "
                    "is there. Move it elsewhere (the marks: --work FOLDER)"
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
    _readable(folder)
    return folder


def _molds() -> dict[str, Mold]:
    """Return what each exercise's reference returns: types and kinds of numbers, no value."""
    found: dict[str, Mold] = {}
    for lab in pkgutil.iter_modules(exercises.__path__):
        for name, exercise in import_module(f"{exercises.__name__}.{lab.name}").EXERCISES.items():
            if isinstance(exercise, Exercise):
                found[name] = mold(exercise.reference(*exercise.all_cases()[0]))
    return found


@contextmanager
def space() -> Iterator[int | None]:
    """Make the user namespace of a sandbox that root starts.

    In a namespace that bubblewrap makes, root is still root to the machine's files, such as those
    in ``/proc/sys``. In this one there is a second user, who is nobody outside; the walls are put
    up by root, who can reach everything that is to be seen, and then the submission runs as the
    other.

    Yields:
        Its file descriptor; None for an ordinary user, who needs none.

    Raises:
        NoSandboxError: this root may not do that.
    """
    if os.geteuid() != 0:
        yield None
        return
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _SPACE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as maker:  # fmt: skip
        assert maker.stdin is not None
        assert maker.stdout is not None
        assert maker.stderr is not None
        try:
            if not maker.stdout.readline():
                raise OSError(maker.stderr.read().decode().strip())
            for kind in ("uid_map", "gid_map"):
                users = f"0 0 1\n{STUDENT} {NOBODY} 1\n"
                Path(f"/proc/{maker.pid}/{kind}").write_text(users, encoding="ascii")
            maker.stdin.write(b"\n")
            maker.stdin.flush()
            maker.stdout.readline()
            made = os.open(f"/proc/{maker.pid}/ns/user", os.O_RDONLY)
        except OSError as error:
            why = f"you are root, and submissions cannot become another user here: {error}."
            raise NoSandboxError(_HELP.format(why=why)) from error
        finally:
            maker.kill()
    try:
        yield made
    finally:
        os.close(made)


def _kept(made: int | None) -> tuple[int, ...]:
    """Return which file descriptors bubblewrap needs."""
    return () if made is None else (made,)


def _python(made: int | None, kept: str = "") -> list[str]:
    """Return the command that starts Python as the student's user.

    Args:
        made: the namespace that :func:`space` made.
        kept: the file descriptors that it gets, with commas between them.
    """
    return [sys.executable] if made is None else [sys.executable, "-I", "-S", "-c", _BECOME, kept]


def _readable(folder: Path) -> None:
    """Let everybody read a copy of the course: it holds nothing that is kept from students."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))


def _walls(course: Path | None, made: int | None, limits: Limits) -> list[str]:
    """Return bubblewrap's arguments: what is seen, what is shared (nothing).

    Args:
        course: what :func:`furnish` made.
        made: the namespace that :func:`space` made.
        limits: how much may be written.
    """
    walls = [shutil.which("bwrap") or "bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net"]
    walls += ["--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL"]
    if made is None:
        walls += ["--unshare-user", "--uid", str(STUDENT), "--gid", str(STUDENT)]
        if _closes(walls[0]):
            walls += ["--disable-userns"]
    else:
        walls += ["--userns", str(made), "--uid", "0", "--gid", "0"]
        walls += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    walls += ["--die-with-parent", "--new-session", "--hostname", "lab"]
    # First these, or they would hide a repository that lies in /tmp. The new /proc has the
    # machine's /proc/sys, whose files root could write, and triggers that anybody could set.
    walls += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys"]
    walls += ["--ro-bind-try", "/proc/pressure", "/proc/pressure", "--dev", "/dev"]
    for tmpfs in WRITABLE[:2]:
        walls += _tmpfs(tmpfs, made, limits)
    for path in (Path("/usr"), Path("/bin"), Path("/sbin"), Path("/lib"), Path("/lib64")):
        if path.is_symlink():
            walls += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            walls += ["--ro-bind", str(path), str(path)]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "fonts"):
        walls += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for prefix in _prefixes():
        walls += [*_way(prefix), "--ro-bind", str(prefix), str(prefix)]
    for name in ("unrolled", "press"):  # installed, not linked: the exercises are in there
        for packages in dict.fromkeys([sysconfig.get_path("purelib"), *map(str, _packages())]):
            if (Path(packages) / name).is_dir():
                installed = str(Path(packages) / name)
                walls += ["--tmpfs", installed, "--remount-ro", installed]
    if course is not None:
        walls += ["--ro-bind", str(course), "/course"]
    return walls


def _prefixes() -> list[Path]:
    """Return the folders of Python and its packages that are not in ``/usr``."""
    interpreter = Path(sys.executable).resolve().parent.parent
    found: list[Path] = []
    for prefix in (interpreter, Path(sys.base_prefix), Path(sys.prefix), *_packages()):
        if not any(prefix.is_relative_to(shown) for shown in (Path("/usr"), *found)):
            found.append(prefix)
    return found


def _packages() -> list[Path]:
    """Return the folders of packages that Python searches, also those of another environment."""
    every = dict.fromkeys([*site.getsitepackages(), *sys.path])
    names = ("site-packages", "dist-packages")
    return [Path(folder) for folder in every if Path(folder).name in names]


def _way(place: Path) -> list[str]:
    """Return the arguments for the folders above one, which everybody in there may pass."""
    if "--perms" not in _abilities():  # since 0.5.0
        return []
    above = [folder for folder in reversed(place.parents) if folder != Path("/")]
    return [word for folder in above for word in ("--perms", "0755", "--dir", str(folder))]


def _tmpfs(place: str, made: int | None, limits: Limits) -> list[str]:
    """Return the arguments for a folder in memory that the submission may write to."""
    perms = [] if made is None else ["--perms", "1777"]
    each = limits.files // len(WRITABLE)
    size = ["--size", str(each)] if "--size" in _abilities() else []  # since 0.5.0
    return [*perms, *size, "--tmpfs", place]


def _abilities() -> str:
    """Return what this bubblewrap says of its options."""
    bwrap = shutil.which("bwrap")
    return _help_of(bwrap) if bwrap else ""


@cache
def _help_of(bwrap: str) -> str:
    said = subprocess.run([bwrap, "--help"], capture_output=True, text=True, check=False)
    return said.stdout + said.stderr


@cache
def _closes(bwrap: str) -> bool:
    """Whether bubblewrap can keep namespaces, and so mounts, from being made inside.

    It can since 0.8.0, but a container around it may not let it.
    """
    if "--disable-userns" not in _abilities():
        return False
    trial = [bwrap, "--unshare-user", "--disable-userns", "--ro-bind", "/", "/", "--", "/bin/true"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


def start(
    course: Path, run: Path, language: Language, limits: Limits, *, sandboxed: bool
) -> subprocess.Popen[bytes]:
    """Start a kernel.

    Args:
        course: what :func:`furnish` made.
        run: the folder of the connection file and of the kernel's sockets; it cannot see it.
        language: the language of the notebook.
        limits: what it may use.
        sandboxed: False starts it without any walls.
    """
    with contextlib.ExitStack() as stack:
        # They listen before the kernel is there, so that it needs no folder to make them in.
        sockets = {port: stack.enter_context(made) for port, made in _sockets(run).items()}
        kept = tuple(made.fileno() for made in sockets.values())
        env, kernel = _environment(course, run, language, limits, sockets, sandboxed=sandboxed)
        if not sandboxed:
            return _popen([sys.executable, *kernel], env, run, kept)
        made = stack.enter_context(space())
        connection = run / "connection.json"
        if made is not None:
            os.chown(connection, NOBODY, NOBODY, follow_symlinks=False)
        walls = [*_walls(course, made, limits), "--ro-bind", str(connection), "/connection.json"]
        # The lab's folder is empty and writable; the rest is closed once everything is there.
        student = Path("/home/student")
        walls += [*_way(student), *_tmpfs(str(student), made, limits), "--chdir", str(student)]
        walls += ["--remount-ro", "/dev", "--remount-ro", "/", *cage.forget()]
        needed = [*kept, *_kept(made)]
        refused = calls.program()
        if refused is not None:
            reading, writing = os.pipe()
            stack.callback(os.close, reading)
            os.write(writing, refused)
            os.close(writing)
            walls += ["--seccomp", str(reading)]
            needed.append(reading)
        held = cage.prefix(limits.memory + limits.files, limits.processes * THREADS)
        python = _python(made, ",".join(map(str, kept)))
        command = [*held, *walls, "--", *python, *kernel]
        return _popen(command, env | cage.environment(), Path("/"), tuple(needed))


def _sockets(run: Path) -> dict[int, socket.socket]:
    """Return sockets that listen where the connection file says, by the file's numbers for them."""
    said = json.loads((run / "connection.json").read_text(encoding="utf-8"))
    found: dict[int, socket.socket] = {}
    for port in (value for name, value in said.items() if name.endswith("_port")):
        found[port] = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found[port].bind(f"{said['ip']}-{port}")
        found[port].listen(8)
        found[port].setblocking(False)
    return found


def _popen(
    command: list[str], env: dict[str, str], folder: Path, kept: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    silent = subprocess.DEVNULL
    return subprocess.Popen(
        command,
        env=env,
        cwd=folder,
        stdin=silent,
        stdout=silent,
        stderr=silent,
        start_new_session=True,
        pass_fds=kept,
    )


def _environment(
    course: Path,
    run: Path,
    language: Language,
    limits: Limits,
    sockets: Mapping[int, socket.socket],
    *,
    sandboxed: bool,
) -> tuple[dict[str, str], list[str]]:
    """Return a kernel's environment and Python's arguments."""
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
    cpu = int(2 * (limits.start + limits.submission))
    kernel = [str(seen / "inside" / "launch.py")]
    tasks = limits.processes * THREADS if sandboxed and _counts_apart() else 0
    numbers = (limits.address_space, cpu, limits.files, limits.open, tasks)
    kernel += [str(number) for number in numbers]
    kernel += [",".join(f"{port}:{made.fileno()}" for port, made in sockets.items())]
    kernel += ["/connection.json" if sandboxed else str(run / "connection.json")]
    return env, kernel


def _counts_apart() -> bool:
    """Whether the machine counts a namespace's processes apart from the user's others: 5.14 on."""
    major, minor = os.uname().release.split(".")[:2]
    return (int(major), int("".join(c for c in minor if c.isdigit()))) >= (5, 14)


def new_run_folder() -> Path:
    """Return a new folder with a short path: that of a socket may have 107 bytes at most."""
    return Path(tempfile.mkdtemp(prefix=f"ug-{os.getpid()}-", dir="/tmp"))


def remove(folder: Path) -> bool:
    """Remove a run folder, whatever a submission left in it; return whether it is gone.

    It may be deeper than Python can follow, or closed even to its owner. Nothing here may stop a
    run: a folder that stays takes room and does no other harm.
    """
    for command in (["rm", "-rf", "--"], ["chmod", "-R", "u+rwX", "--"], ["rm", "-rf", "--"]):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run([*command, str(folder)], capture_output=True, check=False)
        if not os.path.lexists(folder):
            return True
    return False


def sweep() -> None:
    """Remove the folders of runs that were killed; one that cannot be removed is left."""
    for folder in Path("/tmp").glob("ug-*-*"):
        owner = folder.name.split("-")[1]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            remove(folder)
