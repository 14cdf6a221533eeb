"""Where the things of grading lie."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from unrolled.messages import Language


class PlaceError(Exception):
    """Marks cannot be kept where they should be; the message says why."""


@dataclass(frozen=True)
class Places:
    """The folders of grading.

    What can be made again lies in ``build/grading``; what cannot (marks, submissions) lies in
    ``work``, which neither ``make clean`` nor git touches.

    Attributes:
        root: the repository.
        work: the folder of one run of the course, ``grading/work`` unless told otherwise.
        build: what `release` makes.
    """

    root: Path
    work: Path
    build: Path

    @classmethod
    def of(cls, root: Path, work: Path | None = None) -> Places:
        """Return the places below ``root``; ``work`` or ``UNROLLED_GRADING`` moves the marks."""
        chosen = work or Path(os.environ.get("UNROLLED_GRADING", root / "grading" / "work"))
        return cls(root.resolve(), chosen.resolve(), root.resolve() / "build" / "grading")

    def check(self) -> None:
        """Make sure that ``work`` is a folder that may be written, or can become one.

        Raises:
            PlaceError: it is not, and cannot.
        """
        there = next(place for place in (self.work, *self.work.parents) if place.exists())
        if not there.is_dir():
            raise PlaceError(f"{there} is a file: marks need a folder (--work FOLDER)")
        if not os.access(there, os.W_OK | os.X_OK):
            raise PlaceError(f"you may not write to {there}: keep marks elsewhere (--work FOLDER)")

    def source(self, language: Language) -> Path:
        """Nbgrader's source folder: one folder for each lab."""
        return self.build / "source" / language

    def release(self, language: Language) -> Path:
        """Nbgrader's release folder, the notebooks to give to students: one folder for each lab."""
        return self.build / "release" / language

    @property
    def gradebook(self) -> Path:
        """Nbgrader's database."""
        return self.work / "gradebook.db"

    @property
    def gradebook_url(self) -> str:
        """The database as SQLAlchemy names it."""
        return f"sqlite:///{self.gradebook}"

    @property
    def submitted(self) -> Path:
        """The submissions that count: ``submitted/<student>/<lab>/<lab>.ipynb``."""
        return self.work / "submitted"

    @property
    def attempts(self) -> Path:
        """All that ever came in: ``attempts/<student>/<lab>/<time>_<digest>.ipynb``."""
        return self.work / "attempts"

    @property
    def autograded(self) -> Path:
        """What formgrader shows: ``autograded/<student>/<lab>/<lab>.ipynb``."""
        return self.work / "autograded"

    @property
    def feedback(self) -> Path:
        """Pages for students: ``feedback/<student>/<lab>.html``."""
        return self.work / "feedback"

    @property
    def statistics(self) -> Path:
        """How each lab went, without names: ``statistics/<language>/<lab>.html``."""
        return self.work / "statistics"

    @property
    def similarity(self) -> Path:
        """Which answers are alike, with names: ``similarity/<language>/<lab>.html``."""
        return self.work / "similarity"

    @property
    def marking(self) -> Path:
        """Open questions: ``marking/<language>/<lab>.html``, and tables ``marking/<lab>.csv``."""
        return self.work / "marking"

    @property
    def marked(self) -> Path:
        """Who gave which points by hand, and when."""
        return self.work / "marked.csv"

    @property
    def results(self) -> Path:
        """What the hidden cases said: ``results/<student>/<lab>.json``."""
        return self.work / "results"

    @property
    def table(self) -> Path:
        """The table of marks."""
        return self.work / "grades.csv"

    @property
    def participants(self) -> Path:
        """The list of participants, once it has been given."""
        return self.work / "participants.csv"

    @property
    def deadlines(self) -> Path:
        """When labs are due, and who has more time; written by the teacher."""
        return self.work / "deadlines.toml"

    def secret(self) -> str:
        """Return this course's secret, from which the seeds of its hidden cases are made.

        It is drawn once and kept beside the gradebook: grading again gives the same cases, and
        another course has others.
        """
        path = self.work / "secret"
        if not path.is_file():
            self.work.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_text(secrets.token_hex(16), encoding="utf-8")
            fresh.chmod(0o600)
            fresh.replace(path)
        return path.read_text(encoding="utf-8").strip()
