"""The notebooks that students get, made from the lab sources through nbgrader."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from press.exports import made
from press.grading.assignment import Assignment
from press.grading.places import Places
from unrolled.messages import LANGUAGES, Language

#: The preprocessors of nbgrader's `generate_assignment` that the sources still need: solutions and
#: outputs are gone already, and nbgrader's own stubs are not the course's.
PREPROCESSORS = ["LockCells", "CheckCellMetadata", "ComputeChecksums", "SaveCells"]

#: Less free room than this is none (bytes).
LEAST_ROOM = 20 << 20


class ReleaseError(Exception):
    """nbgrader refused an assignment; the message says why and what to do."""


def configuration(places: Places, language: Language = "pl") -> Config:
    """Return nbgrader's configuration: the folders, the gradebook, no script in formgrader."""
    config = Config()
    config.CourseDirectory.root = str(places.work)
    config.CourseDirectory.course_id = "unrolled"
    config.CourseDirectory.db_url = places.gradebook_url
    config.CourseDirectory.source_directory = str(places.source(language))
    config.CourseDirectory.release_directory = str(places.release(language))
    config.CourseDirectory.submitted_directory = "submitted"
    config.CourseDirectory.autograded_directory = "autograded"
    config.CourseDirectory.feedback_directory = "feedback"
    config.GenerateAssignment.preprocessors = [
        f"nbgrader.preprocessors.{name}" for name in PREPROCESSORS
    ]
    config.Exchange.root = str(places.work / "exchange")  # not used, but looked for
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = {"markdown2html": "press.grading.view.markdown_to_html"}
    return config


def release(places: Places, labs: list[Assignment]) -> list[Path]:
    """Write the assignments in both languages and enter them in the gradebook.

    Both languages have the same grade ids; the gradebook is made from the Polish ones.

    Returns:
        The notebooks for students.

    Raises:
        ReleaseError: a lab's graded cells changed after it was graded, or the disk is full.
    """
    (places.work / "exchange").mkdir(parents=True, exist_ok=True)
    room(places)
    written = []
    for language in LANGUAGES:
        for lab in labs:
            folder = places.source(language) / lab.lab
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(lab.notebooks[language], folder / f"{lab.lab}.ipynb")
            given = places.release(language) / lab.lab
            target = (given / f"{lab.lab}.ipynb").relative_to(places.build)
            with _kept(given):
                if made.record(places.build, target).is_file():
                    made.spare(places.build, target)  # somebody may have written into it
                _generate(places, lab, language)
            made.written(places.build, target)
            written.append(given / f"{lab.lab}.ipynb")
    return written


@contextlib.contextmanager
def _kept(given: Path) -> Iterator[None]:
    """Keep what lies in a release while nbgrader, which removes all of it first, makes it again.

    What students have had comes back if it cannot be made; other files come back in any case.
    """
    kept = given.with_name(f".{given.name}.kept")
    if kept.is_dir() and not given.is_dir():
        kept.rename(given)  # this was killed the last time
    shutil.rmtree(kept, ignore_errors=True)
    if given.is_dir():
        shutil.copytree(given, kept, symlinks=True)
    try:
        yield
    except BaseException:
        if kept.is_dir() and not given.is_dir():
            kept.rename(given)
        raise
    for path in sorted(kept.rglob("*")) if kept.is_dir() else []:
        back = given / path.relative_to(kept)
        if (path.is_file() or path.is_symlink()) and not back.exists():
            back.parent.mkdir(parents=True, exist_ok=True)
            path.rename(back)
    shutil.rmtree(kept, ignore_errors=True)


def room(places: Places) -> None:
    """Make sure that there is room for what is written.

    Raises:
        ReleaseError: the disk is full.
    """
    for folder in (places.work, places.root):
        if shutil.disk_usage(folder).free < LEAST_ROOM:
            raise ReleaseError(f"the disk is full where {folder} lies: make room, and start again")


@contextlib.contextmanager
def _plain(places: Places) -> Iterator[Places]:
    """Provide places whose paths mean themselves to nbgrader, which takes them for patterns.

    In ``kurs (1)`` or ``kurs[1]`` these are links to the real ones.

    Raises:
        ReleaseError: the system makes no links.
    """
    if not re.search(r"[][(){}*+?$^|]", f"{places.work}{places.build}"):
        yield places
        return
    with tempfile.TemporaryDirectory(prefix="unrolled-") as name:
        links = replace(places, work=Path(name) / "work", build=Path(name) / "build")
        places.build.mkdir(parents=True, exist_ok=True)
        try:
            links.work.symlink_to(places.work, target_is_directory=True)
            links.build.symlink_to(places.build, target_is_directory=True)
        except OSError as error:
            raise ReleaseError(
                f"nbgrader cannot work in {places.work}: brackets and the like in a path mean "
                "something else to it. Move the course to a folder without them"
            ) from error
        yield links


def _generate(places: Places, lab: Assignment, language: Language) -> None:
    with _plain(places) as plain:
        _generate_in(plain, lab, language, places.work)


def _generate_in(places: Places, lab: Assignment, language: Language, work: Path) -> None:
    config = configuration(places, language)
    config.CourseDirectory.assignment_id = lab.lab
    config.GenerateAssignment.no_database = language != "pl"
    config.GenerateAssignment.force = True
    with _quiet() as log, _tools(), contextlib.chdir(places.work):
        course = CourseDirectory(config=config)
        converter = GenerateAssignment(coursedir=course, config=config)
        converter.log = log
        try:
            converter.start()
        except (NbGraderException, SystemExit) as error:
            raise ReleaseError(
                f"nbgrader refuses {lab.lab} ({language}). Most likely exercises were added or "
                "taken away after it was graded. Bring them back, or start a new gradebook: move "
                f"{work} away, or use --work NEW_FOLDER"
            ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[logging.Logger]:
    """Provide a logger that keeps still: what goes wrong is raised."""
    log = logging.getLogger("press.grading.nbgrader")
    log.setLevel(logging.CRITICAL)
    other = logging.getLogger("traitlets")
    level = other.level
    other.setLevel(logging.ERROR)
    try:
        yield log
    finally:
        other.setLevel(level)


@contextlib.contextmanager
def _tools() -> Iterator[None]:
    """Put the environment's programs on PATH: nbgrader calls alembic."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before
