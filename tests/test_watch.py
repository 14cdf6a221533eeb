"""`make watch`: a saved source becomes the deck in the open browser, and nothing else happens."""

from __future__ import annotations

import http.client
import re
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from press.exports import reloading, watch
from press.notebooks import update as updating
from press.notebooks.update import update
from press.sources.source import SourceError


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A repository with one small lecture that has been executed and exported."""
    from conftest import LECTURE

    house = tmp_path_factory.mktemp("house")
    path = house / "lectures" / "07_trial.md"
    path.parent.mkdir()
    path.write_text(LECTURE, encoding="utf-8")
    shutil.copytree(root / "img", house / "img", ignore=shutil.ignore_patterns("*.svg"))
    update(path, house, bar=False)
    watch.rebuild(path, house, house / "build")
    return house


@pytest.fixture
def house(executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in which nothing is executed."""

    def run(*_: object, **__: object) -> None:
        raise AssertionError("it was executed")

    monkeypatch.setattr(updating, "run", run)
    return Path(shutil.copytree(executed, tmp_path / "house"))


class Saves:
    """Stands for the time between two looks: saves what it is given, one text at each, then ends.

    Args:
        path: the source.
        texts: what is saved.
        end: what ends the watching; None: it is over.
    """

    def __init__(self, path: Path, texts: list[str], end: type[BaseException] | None) -> None:
        self.path, self.texts, self.end = path, texts, end

    def wait(self, timeout: float) -> bool:
        if self.texts:
            self.path.write_text(self.texts.pop(0), encoding="utf-8")
            return False
        if self.end:
            raise self.end
        return True


def decks(house: Path) -> list[str]:
    out = house / "build"
    paths = [out / lang / "lectures" / "07_trial.html" for lang in ("pl", "en")]
    return [path.read_text(encoding="utf-8") for path in paths]


def test_prose_makes_both_decks_again_and_executes_nothing_and_an_error_keeps_them(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = house / "lectures" / "07_trial.md"
    text = path.read_text(encoding="utf-8")
    prose = text.replace("## Iloczyn w parach", "## Para za parą").replace("in pairs", "by pairs")
    wrong = prose.replace("has 2.5", "has 2.6")
    formula = prose.replace("\\odot b$", "\\nothing b$")
    stop = Saves(path, [prose, wrong, formula, text], KeyboardInterrupt)
    assert watch.watch(house, house / "build", stop=stop) == 0
    told = capsys.readouterr().out
    assert told.count("07_trial.md: ") == 4
    assert told.count("nothing executed") == 2
    assert told.count("the last deck stays") == 2
    assert len(re.findall(rf"^{re.escape(str(path))}:\d+: ", told, re.M)) == 3, (
        "the formula stands twice"
    )
    assert "cannot be set" in told
    assert told.endswith("stopped\n")
    assert "Traceback" not in told
    assert all(reloading.NEWS not in deck for deck in decks(house)), "the file stays free of it"


def test_what_was_made_is_told_and_is_the_new_text(house: Path) -> None:
    path, out = house / "lectures" / "07_trial.md", house / "build"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Iloczyn w", "Mnożenie w"), encoding="utf-8")
    made, how = watch.rebuild(path, house, out)
    assert [file.relative_to(out).as_posix() for file in made] == [
        "pl/lectures/07_trial.html",
        "en/lectures/07_trial.html",
    ]
    assert how.endswith(" s, nothing executed")
    assert "Mnożenie" in decks(house)[0]
    before = decks(house)
    path.write_text(text.replace("has 2.5", "has 2.6"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"07_trial\.md:\d+"):
        watch.rebuild(path, house, out)
    assert decks(house) == before


def test_a_saved_file_is_seen_and_ones_own_slides_belong_to_their_lecture(house: Path) -> None:
    lecture = house / "lectures" / "07_trial.md"
    first = watch.seen(house)
    assert list(first) == [lecture]
    mine = house / "lectures" / "local" / "07_trial.pl.md"
    mine.parent.mkdir()
    mine.write_text("x", encoding="utf-8")
    second = watch.seen(house)
    assert watch.changed(first, second, house) == [lecture]
    lecture.write_text("y", encoding="utf-8")
    assert watch.changed(second, watch.seen(house), house) == [lecture]
    lecture.unlink()
    assert watch.changed(second, watch.seen(house), house) == [], "it is gone, or not there yet"


# The server ----------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[reloading.Server]:
    """A server of a folder that has a deck in it, and marks, which are nobody's business."""
    monkeypatch.setattr(reloading, "PULSE", 0.2)
    for name in ("build/index.html", "build/pl/lectures/a ż.html", "build/grading/grades.csv",
                 "build/.made/pl/x.key", "secret.html", "build/pl/img/v.svg"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("<body>deck</body></html>", encoding="utf-8")
    (tmp_path / "build" / "pl" / "out").symlink_to(tmp_path)
    with reloading.serving(tmp_path / "build", 8790) as running:
        yield running


def status(server: reloading.Server, path: str, host: str = "") -> int:
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=30)
    headers = {"Host": host} if host else {}
    connection.request("GET", path, headers=headers)
    return connection.getresponse().status


def test_it_shows_exports_with_the_reload_and_nothing_outside_of_them(
    server: reloading.Server, tmp_path: Path
) -> None:
    assert server.server_address[0] == "127.0.0.1"
    url = server.url(tmp_path / "build" / "index.html")
    with urllib.request.urlopen(url, timeout=30) as answer:
        body = answer.read().decode()
    assert body.startswith("<body>deck<script>")
    assert body.endswith("</body></html>")
    assert status(server, "/") == 200
    assert status(server, "/pl/lectures/a%20%C5%BC.html#/3") == 200
    assert status(server, "/pl/img/v.svg") == 200
    for path in (
        "/../secret.html", "/%2e%2e/secret.html", "/pl/../../secret.html", "/pl/out/secret.html",
        "//etc/passwd", "/etc/passwd", "/grading/grades.csv", "/pl/../grading/grades.csv",
        "/.made/pl/x.key", "/pl", "/pl/no.html", "/%00",
    ):  # fmt: skip
        assert status(server, path) == 404, path
    assert status(server, "/", "evil.example:8790") == 403
    assert status(server, "/", f"localhost:{server.server_address[1]}") == 200
    with pytest.raises(urllib.error.HTTPError, match="501"):
        urllib.request.urlopen(url, data=b"x", timeout=30)


def test_an_open_page_hears_what_was_made_again(server: reloading.Server, tmp_path: Path) -> None:
    with urllib.request.urlopen(server.address + reloading.NEWS, timeout=30) as news:
        assert news.headers["Content-Type"] == "text/event-stream"
        deck = tmp_path / "build" / "pl" / "lectures" / "a ż.html"
        threading.Timer(0.1, server.tell, [deck]).start()
        rows = iter(news.readline, b"")
        said = next(row for row in rows if row.startswith(b"data:")).decode()
    assert said == "data: /pl/lectures/a ż.html\n"


def test_a_taken_port_is_passed_over(server: reloading.Server, tmp_path: Path) -> None:
    with reloading.serving(tmp_path / "build", server.server_address[1]) as second:
        assert second.server_address[1] > server.server_address[1]


def test_where_no_port_is_free_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(out: Path, port: int) -> None:
        assert port <= 65_535
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(reloading, "Server", taken)
    for first, last in ((8000, 8019), (65_530, 65_535)):
        with (
            pytest.raises(OSError, match=f"no port from {first} to {last} is free"),
            reloading.serving(tmp_path, first),
        ):
            pass
