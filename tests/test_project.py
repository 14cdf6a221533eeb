"""The repository's own promises: one list of dependencies, commands that exist, nothing foreign."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import course
import pytest
import yaml

from bench import beside, cases, walk, words
from bench import decks as bench
from press import quick
from press.__main__ import main
from press.exports.live import lecture_path
from press.notebooks import results
from press.sources.text import spans


def requirements(root: Path) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return project["project"]["dependencies"]


def name(requirement: str) -> str:
    return re.split(r"[\s=<>!~;\[]", requirement)[0].lower().replace("_", "-")


def test_conda_users_get_the_same_packages(root: Path) -> None:
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    pip = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert sorted(pip) == sorted([*requirements(root), "-e ."])
    assert "python>=3.11" in environment["dependencies"]


def test_every_dependency_is_pinned(root: Path) -> None:
    rows = (root / "constraints.txt").read_text(encoding="utf-8").split()
    pinned = {name(row) for row in rows if "==" in row}
    extras = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = [r for extra in extras["optional-dependencies"].values() for r in extra]
    wanted = {name(r) for r in [*requirements(root), *optional]}
    wanted -= {"tensorflow"}  # tensorflow-cpu's twin
    assert wanted <= pinned, f"not pinned in constraints.txt: {sorted(wanted - pinned)}"


def test_ci_runs_the_readmes_commands(root: Path) -> None:
    script = (root / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    readme = (root / "README.md").read_text(encoding="utf-8")
    for command in ("make", "make test"):
        assert command in script
        assert re.search(rf"^{command}\b", readme, re.MULTILINE), f"README lacks `{command}`"
    workflow = yaml.safe_load((root / ".github" / "workflows" / "ci.yml").read_text())
    steps = workflow["jobs"]["test"]["steps"]
    assert any(step.get("run") == "bash .ci/run" for step in steps)
    assert not any("upload" in step.get("uses", "") for step in steps), "nothing leaves CI"


def test_make_help_lists_every_target(root: Path) -> None:
    helped = subprocess.run(
        ["make", "help"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    for target in ("test", "notebooks", "lab", "study", "present", "full", "bench", "help"):
        assert re.search(rf"^  make {target}\s+\S", helped, re.MULTILINE), target


def test_press_imports_unrolled_and_never_the_other_way(root: Path) -> None:
    for path in (root / "unrolled").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) press\b", text, re.MULTILINE), path
    for source in course.sources():
        assert not any(
            re.search(r"^\s*(from|import) press\b", c.code, re.MULTILINE) for c in source.code_cells
        ), source.path


def test_an_unknown_lecture_is_named_with_those_there_are(root: Path) -> None:
    assert lecture_path(root, "3", "pl") == "lectures/pl/03_gates.ipynb"
    with pytest.raises(FileNotFoundError, match="03_gates"):
        lecture_path(root, "99", "pl")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["check"], 0, "nothing wrong"),
        (["check", "99_nothing"], 2, "there is no source '99_nothing'"),
        (["editions", "--check", "03_gates"], 0, "up to date"),  # all of them: test_editions
    ],
)
def test_the_command_line_answers(root: Path, arguments: list[str], status: int, says: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "press", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stderr
    assert says in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade", "x", "--shards", "0"], "'0' is no whole number from 1"),
        (["grade", "x", "--shards", "-2"], "'-2' is no whole number from 1"),
        (["grade", "x", "--shards", "two"], "'two' is no whole number from 1"),
        (["full", "--at-once", "0"], "'0' is no whole number from 1"),
        (["present", "--lecture", "3", "--slide", "0"], "'0' is no whole number from 1"),
        (["watch", "--port", "80000"], "'80000' is no port: give a number from 1 to 65535"),
        (["lab", "--port", "0"], "'0' is no port"),
        (["formgrader", "--port", "x"], "'x' is no port"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_with_a_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_every_number_of_a_command_line_says_what_makes_sense(root: Path) -> None:
    found = []
    for path in [*root.glob("press/**/*.py"), *root.glob("bench/*.py"), root / "tests" / "run.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
                kinds = [ast.unparse(k.value) for k in node.keywords if k.arg == "type"]
                option = ast.literal_eval(node.args[0])
                found += [(option, kind) for kind in kinds if kind != "Path"]
    assert {kind for option, kind in found if option != "--seed"} == {"positive", "natural", "port"}
    assert ("--seed", "int") in found  # any number is a seed
    assert {kind for option, kind in found if option == "--port"} == {"port"}


def test_a_file_where_a_folder_should_be_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    for out in (file, file / "below"):
        assert main(["site", "--out", str(out), "03_gates"]) == 2
        assert capsys.readouterr().err.startswith(f"press: {file}")


def test_what_is_slow_is_imported_when_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import press, nbformat, sys; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    text = "def is_valid_syntax(term, value):\n    return (term, value) == ('iri', 'right')\n"
    (tmp_path / f"{quick.SLOW}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in (quick.SLOW, "jsonschema"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    quick.put_off()
    taken = sys.modules[quick.SLOW].is_valid_syntax
    assert not hasattr(sys.modules[quick.SLOW], "__file__"), "not yet"
    assert taken("iri", "right")
    assert not taken("iri", "wrong")
    assert Path(str(sys.modules[quick.SLOW].__file__)).parent == tmp_path


def test_the_glossary_is_kept_in_both_languages(root: Path) -> None:
    terms = yaml.safe_load((root / "lectures" / "glossary.yml").read_text(encoding="utf-8"))
    assert terms
    for source in course.sources():
        for cell in source.cells:
            for lang, half in cell.text.items():
                half = spans(half, lambda match: " ")  # code and formulas have names of their own
                half = re.sub(
                    r"\(ang\. \*[^*]+\*\)", "", half
                )  # the word to search for, beside ours
                for term in terms:
                    for word in term.get(f"not_{lang}", []):
                        hit = re.search(rf"\b{re.escape(word)}\b", half, re.IGNORECASE)
                        assert not hit, (
                            f"{source.path.name}:{cell.line}: {word!r}; "
                            f"the course says {term[lang]!r}"
                        )


def test_the_readmes_tables_are_those_that_were_measured(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    every = (root / "bench" / "RESULTS.md").read_text(encoding="utf-8")
    for made, file, page in (
        (bench.table, "stopwatch.json", readme),
        (results.few, "results.json", readme),
        (results.table, "results.json", every),
        (words.table, "words.json", every),
        (beside.table, "beside.json", every),
        (walk.table, "walk.json", every),
    ):
        measured = json.loads((root / "bench" / file).read_text(encoding="utf-8"))
        assert made(measured) in page, f"bench/{file} is not shown as it is"


def test_a_walk_that_saw_something_wrong_shows_it_in_the_table() -> None:
    exported = {"slides": 9, "visited": 9, "steps": 20, "with notes": 9, "overflowing": []}
    exported |= {"asked elsewhere": []}
    live = {**exported, "visited": 8, "overflowing": [7], "overflowing, 1024 × 768": [3, 7]}
    live |= {"written": [" M x"], "asked elsewhere": ["http://example.org"]}
    row = {"lecture": "lectures/pl/03_gates.ipynb", "exported": exported}
    assert walk.table([row]).splitlines()[2] == "| 03_gates | pl | 9 | 20 | 9 | 0 | – | – | 0 |"
    line = walk.table([{**row, "live": live}]).splitlines()[2]
    assert line == "| 03_gates | pl | 8 / 9 | 20 | 9 | 1 | 1 | 2: 3, 7 ▶ | 0 |"


def test_every_public_case_is_right_and_its_tests_are_there(root: Path) -> None:
    page = (root / "bench" / "CASES.md").read_text(encoding="utf-8")
    assert cases.held() in page
    assert "**not right**" not in page
    for case in cases.CASES:
        assert f"| {case.thread} | {case.fault} |" in page
        assert cases.judged(case, "something else", case.pictures)


ROOMS = ("sources", "notebooks", "exports", "grading")


#: What Python has on Unix alone.
UNIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}


def test_windows_can_import_the_press(root: Path) -> None:
    """What Unix alone has is imported where it is used; the sandbox's script runs nowhere else."""
    files = {*root.glob("press/**/*.py"), *root.glob("unrolled/**/*.py")}
    for path in sorted(files - {*root.glob("press/grading/inside/*.py")}):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            assert not UNIX & {name.split(".")[0] for name in names}, path
    code = "import sys; sys.modules.update(fcntl=None, resource=None); import press.files"
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_arrows_between_the_rooms_of_the_press_go_one_way(root: Path) -> None:
    """Sources, notebooks, exports, grading; the press may import unrolled, never the other way."""
    for path in sorted([*root.glob("press/*/*.py"), *root.glob("unrolled/**/*.py")]):
        room = path.parent.name if path.parts[-3] == "press" else ""
        after = ROOMS[ROOMS.index(room) + 1 :] if room in ROOMS else ()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                parts = name.split(".")
                if not room:
                    assert parts[0] not in {"press", "tests", "bench"}, f"{path} imports {name}"
                assert not (parts[0] == "press" and parts[1:2] and parts[1] in after), (
                    f"{path} imports {name}"
                )
                assert parts[0] != "bench", f"{path} imports {name}"
