"""Bundled data, and fetching with a cache, a checksum and errors that say what to do."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import re
import struct
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from unrolled import data
from unrolled.data import (
    ChecksumError,
    DataError,
    DataFile,
    Dataset,
    OfflineError,
    bundled,
    datasets,
    download,
    prose,
)
from unrolled.data.prose import course_prose

ROOT = Path(__file__).resolve().parent.parent

# --- the airline series -------------------------------------------------------------------------


def test_airline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # found from anywhere
    month, passengers = data.airline()
    assert month.dtype == np.dtype("datetime64[M]")
    assert month.shape == passengers.shape == (144,)
    assert (str(month[0]), str(month[-1])) == ("1949-01", "1960-12")
    assert (passengers[0], passengers[-1], passengers.max()) == (112, 432, 622)
    assert passengers.sum() == 40363
    assert (np.diff(month) == np.timedelta64(1, "M")).all()


def test_the_course_text_is_polish_prose() -> None:
    text = data.course_text()
    assert text.endswith("\n")
    assert all(letter in text for letter in "ąćęłńóśźż„”")
    assert not [mark for mark in ("$", "\\", "```", "![", "](", "[@") if mark in text]
    lines = text.splitlines()
    assert len(set(lines)) == len(lines)


def test_a_lost_course_text_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=r"missing.*git checkout -- data/course\.txt"):
        data.course_text()
    (tmp_path / "course.txt").write_text("za krótko", encoding="utf-8")
    with pytest.raises(DataError, match="only 9 characters are left"):
        data.course_text()
    (tmp_path / "course.txt").write_bytes(b"\xff" * 20_000)
    with pytest.raises(DataError, match="not UTF-8"):
        data.course_text()


def test_english_prose_holds_no_formulas_and_ends_before_the_lab_that_reads_it() -> None:
    text, whole = course_prose("en"), (ROOT / "data" / "course_en.txt").read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert not set(text) & set("_^{}[]*@\\<>$`|#~⊙⟨⟩\u0303")
    assert not re.search(r"  |^ | $|\(\)|\( | [,;)]|\b(the the|a a)\b", text, re.MULTILINE)
    lines = text.splitlines()
    assert all(lines)
    assert len(set(lines)) == len(lines)
    assert 0.7 < len(text) / len(course_prose("pl")) < 1.4, "of one order"
    assert text.count("“") == text.count("”") > 50
    assert "Language, letter by letter" in whole
    assert "Language, letter by letter" not in text
    assert course_prose("pl") == data.course_text()
    with pytest.raises(ValueError, match="not in 'de'"):
        course_prose("de")  # type: ignore[arg-type]


def test_a_lost_english_prose_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(prose, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=r"missing.*git checkout -- data/course_en\.txt"):
        course_prose("en")
    (tmp_path / "course_en.txt").write_text("Too short.\n" * 2000, encoding="utf-8")
    with pytest.raises(DataError, match="ends before lab 05"):
        course_prose("en")
    (tmp_path / "course_en.txt").write_bytes(b"\xff" * 20_000)
    with pytest.raises(DataError, match="not UTF-8"):
        course_prose("en")


def test_the_bundled_file_has_a_provenance() -> None:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for file in (ROOT / "data").iterdir():
        assert file.name == "README.md" or f"`{file.name}`" in text


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda text: text.replace("passengers", "people"), "the first line is"),
        (lambda text: "", "the first line is 'empty'"),
        (lambda text: "\n".join(text.splitlines()[:-1]), "there are 143 months"),
        (lambda text: text.replace("1950,2,126", "1950,2,NA"), "line 15 is '1950,2,NA'"),
        (lambda text: text.replace("1949,2,118", "1949,3,118"), "line 3 is '1949,3,118'"),
        (lambda text: text.replace("1949,1,112", "1949,1,113"), "the passengers sum to 40364"),
    ],
)
def test_a_damaged_airline_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage, what: str
) -> None:
    text = (ROOT / "data" / "airline.csv").read_text(encoding="utf-8")
    (tmp_path / "airline.csv").write_text(damage(text), encoding="utf-8")
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    with pytest.raises(DataError) as caught:
        data.airline()
    message = str(caught.value)
    assert str(tmp_path / "airline.csv") in message
    assert what in message
    assert "144 months" in message
    assert "git checkout -- data/airline.csv" in message


def test_a_missing_airline_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=r"the file is missing.*Restore"):
        data.airline()


def test_an_airline_file_that_is_not_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "airline.csv").write_bytes(b"\x89PNG\xff\xfe")
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    with pytest.raises(DataError, match="not UTF-8 text"):
        data.airline()


# --- fetching -----------------------------------------------------------------------------------

CONTENT = b"Litwo! Ojczyzno moja!\n"
GOOD = hashlib.sha256(CONTENT).hexdigest()
NOWHERE = "http://127.0.0.1:9/text.txt"  # the discard port: nothing listens there


class Server(http.server.ThreadingHTTPServer):
    content = CONTENT
    requests: list[str]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.requests = []
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNROLLED_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache"


def register(monkeypatch: pytest.MonkeyPatch, **file) -> None:
    entry = Dataset("a text", {"text": DataFile("text/text.txt", **file)}, "public domain", "me")
    monkeypatch.setitem(datasets.DATASETS, "text", entry)


def address(server: Server, path: str = "/text.txt") -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_fetched_once_then_read_from_the_cache(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    register(monkeypatch, urls=(address(server),), sha256=GOOD)
    for _ in range(2):
        assert data.fetch("text") == {"text": cache / "text" / "text.txt"}
    assert (cache / "text" / "text.txt").read_bytes() == CONTENT
    assert server.requests == ["/text.txt"]
    assert address(server) in capsys.readouterr().err  # says what it fetches, with a bar


def test_a_copy_under_its_other_name_serves(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, urls=(address(server),), sha256=GOOD, also=("text/packed_again.txt",))
    other = cache / "text" / "packed_again.txt"
    other.parent.mkdir(parents=True)
    other.write_bytes(CONTENT)
    assert data.fetch("text", progress=False) == {"text": other}
    assert server.requests == []


def test_a_mirror_helps(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, urls=(NOWHERE, address(server, "/missing"), address(server)), sha256=GOOD)
    assert data.fetch("text", progress=False)["text"].read_bytes() == CONTENT


def test_offline(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, urls=(NOWHERE,), sha256=GOOD)
    with pytest.raises(OfflineError) as caught:
        data.fetch("text", progress=False)
    message = str(caught.value)
    assert NOWHERE in message
    assert str(cache / "text" / "text.txt") in message
    assert "UNROLLED_DATA" in message
    assert 'SCALE = "small"' in message
    assert not list(cache.rglob("*.part"))


def test_an_unknown_host_is_offline_too(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 2)
    register(monkeypatch, urls=("http://unrolled.invalid/text.txt",), sha256=GOOD)
    with pytest.raises(OfflineError, match=r"unrolled\.invalid"):
        data.fetch("text", progress=False)


def test_a_wrong_download_is_kept_aside_and_not_used(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = b"<html>please log in</html>"
    register(monkeypatch, urls=(address(server),), sha256=GOOD)
    with pytest.raises(ChecksumError) as caught:
        data.fetch("text", progress=False)
    message = str(caught.value)
    assert GOOD in message
    assert hashlib.sha256(server.content).hexdigest() in message
    assert "not used" in message
    bad = cache / "text" / "text.txt.bad"
    assert str(bad) in message
    assert bad.read_bytes() == server.content
    assert not (cache / "text" / "text.txt").exists()
    server.content = CONTENT  # the next run is a fresh start
    assert data.fetch("text", progress=False)["text"].read_bytes() == CONTENT


def test_a_wrong_copy_in_the_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, urls=(NOWHERE,), sha256=GOOD)
    (cache / "text").mkdir(parents=True)
    (cache / "text" / "text.txt").write_bytes(CONTENT[:-3])
    with pytest.raises(ChecksumError, match=r"expected.*actual"):
        data.fetch("text", progress=False)
    assert (cache / "text" / "text.txt.bad").read_bytes() == CONTENT[:-3]


def test_a_check_instead_of_a_checksum(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two_lines(path: Path) -> None:
        if path.read_text(encoding="utf-8").count("\n") != 2:
            raise ValueError("expected two lines")

    register(monkeypatch, urls=(address(server),), sha256=None, check=two_lines)
    with pytest.raises(ChecksumError, match="expected two lines"):
        data.fetch("text", progress=False)


def test_an_entry_needs_an_address_and_a_check() -> None:
    with pytest.raises(ValueError, match="no address"):
        DataFile("x", (), GOOD)
    with pytest.raises(ValueError, match="neither a checksum nor a check"):
        DataFile("x", ("http://x",), None)


def test_an_unknown_data_set() -> None:
    with pytest.raises(KeyError, match=r"no data set 'cifar': there are .*mnist"):
        data.fetch("cifar")


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a directory")
    monkeypatch.setenv("UNROLLED_DATA", str(tmp_path / "file"))
    register(monkeypatch, urls=(NOWHERE,), sha256=GOOD)
    with pytest.raises(DataError, match=r"cannot write.*UNROLLED_DATA"):
        data.fetch("text", progress=False)


def test_the_platforms_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNROLLED_DATA", raising=False)
    assert data.cache_directory().name == "unrolled"


# --- reading the raw files ----------------------------------------------------------------------


def test_idx(tmp_path: Path) -> None:
    file = tmp_path / "x.gz"
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    file.write_bytes(gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 2, 3, 4) + values.tobytes()))
    np.testing.assert_array_equal(datasets._idx(file), values)
    file.write_bytes(gzip.compress(b"PK\x03\x04"))
    with pytest.raises(DataError, match="not an IDX file"):
        datasets._idx(file)


def test_a_poem_whose_footer_changed() -> None:
    body = "Księga pierwsza\n\nLitwo!\n".encode()
    for footer in ("old", "new"):
        raw = b"title\n\n" + body + b"\n\n\n\n-----\n" + footer.encode()
        assert datasets._pan_tadeusz_body(raw) == body
    with pytest.raises(ValueError, match="no footer"):
        datasets._pan_tadeusz_body(body)


def test_an_archive_of_film_reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "imdb.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in ("train/pos/10_9", "train/pos/2_8", "train/neg/0_1", "test/pos/0_7", "README"):
            text = f"review {name}".encode()
            member = tarfile.TarInfo(f"aclImdb/{name}.txt")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    found = datasets._imdb_reviews(path)
    assert found["train/pos"] == ["review train/pos/2_8", "review train/pos/10_9"]
    assert {name: len(texts) for name, texts in found.items()} == {
        "test/neg": 0,
        "test/pos": 1,
        "train/neg": 1,
        "train/pos": 2,
    }
    with pytest.raises(ValueError, match="reviews in test/neg, expected 12500"):
        datasets._imdb_check(path)
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="not an archive"):
        datasets._imdb_check(path)


def test_real_imdb(full_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_DATA", str(present(full_data, "imdb")))
    opinions = data.imdb()
    assert len(opinions.train) == len(opinions.test) == 25_000
    assert opinions.train_labels.sum() == opinions.test_labels.sum() == 12_500
    assert not set(opinions.train[:100]) & set(opinions.test)


def test_real_imdb_words(full_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_DATA", str(present(full_data, "imdb-word-index")))
    ranks = data.imdb_word_index()
    words = {"best": 115, "worst": 246, "year": 288, "fawn": 34701, "tsukino": 52006}
    assert {word: ranks[word] for word in words} == words


# --- real copies --------------------------------------------------------------------------------


def present(folder: Path, name: str) -> Path:
    for file in datasets.DATASETS[name].files.values():
        if not any((folder / path).exists() for path in (file.path, *file.also)):
            pytest.skip(f"no real copy of {name} in {folder}")
    return folder


def test_real_mnist(full_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_DATA", str(present(full_data, "mnist")))
    digits = data.mnist()
    assert digits.train_images.shape == (60000, 28, 28)
    assert digits.test_images.shape == (10000, 28, 28)
    assert np.bincount(digits.train_labels).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert digits.test_labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_real_texts(full_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_DATA", str(present(full_data, "tiny-shakespeare")))
    assert data.tiny_shakespeare().startswith("First Citizen:")
    assert len(data.tiny_shakespeare()) == 1_115_394
    present(full_data, "pan-tadeusz")
    poem = data.pan_tadeusz()
    assert poem.startswith("Księga pierwsza")
    assert "Litwo! Ojczyzno moja! ty jesteś jak zdrowie" in poem
    assert "ISBN" not in poem


# --- small and full -----------------------------------------------------------------------------


def test_scale() -> None:
    assert data.scale("small", small=1, full=2) == 1
    assert data.scale("full", small=1, full=2) == 2
    with pytest.raises(ValueError, match=r'must be "small".*or "full".*not .big.'):
        data.scale("big", small=1, full=2)


def test_real_tatoeba(full_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_DATA", str(present(full_data, "tatoeba")))
    pairs = data.tatoeba()
    assert len(pairs) >= 30_000
    assert pairs[0] == ("Idź.", "Go.")


def test_a_damaged_tatoeba(tmp_path: Path) -> None:
    file = tmp_path / "pol-eng.zip"
    file.write_bytes(b"<html>not here</html>")
    with pytest.raises(ValueError, match=r"not an archive with pol\.txt"):
        datasets._check_tatoeba(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("pol.txt", "Go.\tIdź.\tcredits\n")
    with pytest.raises(ValueError, match="only 1 pairs"):
        datasets._check_tatoeba(file)


# --- Jena ---------------------------------------------------------------------------------------

JENA_HEAD = "Date Time,p (mbar),T (degC),Tdew (degC),rh (%),VPmax (mbar),wv (m/s),wd (deg)"
JENA_ROW = "01.02.2009 {}:{}0:00,996.5,{},-8.9,93.3,3.3,{},152.3"


def jena_text(*, hours: int = 2) -> str:
    """Return a CSV of some hours whose temperature counts the rows, from row 1 on."""
    rows = [JENA_ROW.format(f"{(i + 1) // 6:02}", (i + 1) % 6, i, 1.5) for i in range(6 * hours)]
    return "\n".join([JENA_HEAD, *rows]) + "\n"


def test_jena_by_hours() -> None:
    hours, values = datasets._jena_csv(jena_text())
    assert hours.astype(str).tolist() == ["2009-02-01T00:10:00", "2009-02-01T01:10:00"]
    assert values.tolist() == [[0, 996.5, 93.3, 3.3, 1.5, -8.9], [6, 996.5, 93.3, 3.3, 1.5, -8.9]]


def test_jena_rows_that_stand_twice() -> None:
    head, *rows = jena_text().splitlines()
    twice = "\n".join([head, *rows[:8], *rows[3:]])  # a block again
    for ours, theirs in zip(
        datasets._jena_csv(twice), datasets._jena_csv(jena_text()), strict=True
    ):
        assert (ours == theirs).all()


def test_jena_without_wind() -> None:
    _, values = datasets._jena_csv(
        jena_text().replace(",0,-8.9,93.3,3.3,1.5", ",0,-8.9,93.3,3.3,-9999.0")
    )
    assert values[:, 4].tolist() == [0, 1.5]


def test_a_damaged_jena(tmp_path: Path) -> None:
    file = tmp_path / "jena.zip"
    file.write_bytes(b"<html>not here</html>")
    with pytest.raises(ValueError, match=r"not an archive with jena_climate"):
        datasets._check_jena(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("jena_climate_2009_2016.csv", jena_text())
    with pytest.raises(ValueError, match="2 hours, expected at least 70000"):
        datasets._check_jena(file)
    with pytest.raises(ValueError, match=r"no column wv \(m/s\)"):
        datasets._jena_csv(jena_text().replace("wv", "max. wv"))
    with pytest.raises(ValueError, match="a row has 3 fields, not 8"):
        datasets._jena_csv(jena_text() + "01.01.2009 00:00:00,1,2\n")
    copy = tmp_path / "hours.npz"
    np.savez(copy, dates=np.zeros(2, "datetime64[ns]"), X=np.zeros((2, 1)), cols=np.array(["T"]))
    with pytest.raises(ValueError, match="the columns are T"):
        datasets._check_jena(copy)


def test_real_jena(full_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_DATA", str(present(full_data, "jena")))
    weather = data.jena()
    assert weather.columns[0] == "T (degC)"
    assert weather.values.shape == (70038, 6)
    assert weather.hours[[0, -1]].astype(str).tolist() == [
        "2009-01-01T00:10:00",
        "2016-12-31T23:50:00",
    ]
    t = weather.values[:, 0]
    test = t[3 * len(t) // 4 :]
    assert abs(np.abs(test[24:] - test[:-24]).mean() - 2.62) < 0.01  # as Chollet has it


def test_the_real_piece_of_jena(full_data: Path) -> None:
    piece = full_data / "jena" / "jena_first4000_10min_12col.csv"
    present(full_data, "jena")
    if not piece.exists():
        pytest.skip(f"no {piece}")
    head, *rows = piece.read_text(encoding="utf-8").splitlines()
    text = "\n".join([f"{head},wv (m/s)", *(f"{row},1" for row in rows)])  # it ends before the wind
    hours, values = datasets._jena_csv(text)
    whole_hours, whole = datasets._jena_hours(full_data / "jena" / "jena_hourly.npz")
    assert (hours == whole_hours[: len(hours)]).all()
    same = [0, 1, 2, 3, 5]
    assert np.allclose(values[:, same], whole[: len(values), same])
