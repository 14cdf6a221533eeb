"""Downloads that go wrong: cut, stalled, slow, missing, broken, changed; and how they go on."""

from __future__ import annotations

import hashlib
import http.server
import itertools
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from press.__main__ import main
from unrolled import data
from unrolled.data import (
    ChecksumError,
    DataError,
    DataFile,
    Dataset,
    OfflineError,
    copies,
    datasets,
    download,
    transfer,
)

TEXT = "Litwo! Ojczyzno moja! ty jesteś jak zdrowie;\n".encode() * 40
GOOD = hashlib.sha256(TEXT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves one text, as badly as it is told to."""

    content = TEXT
    etag = '"1"'
    ranges = True  # whether it can send a part
    status = 200
    cuts: list[int]  # bytes after which the next answers break off
    stall = -1  # bytes after which an answer says nothing more
    pieces: tuple[int, ...] = ()  # lengths of pieces, each sent when it is asked for by `more`
    longest = 10**9  # bytes of a part, at most
    skips = False  # whether a part begins where it should not
    asked: list[str]  # the Range of each request

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.cuts, self.asked = [], []
        self.over = threading.Event()  # lets stalled answers end
        self.more = threading.Semaphore(1)


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        wanted = self.headers.get("Range", "")
        server.asked.append(wanted)
        start = 0
        if wanted and server.ranges and self.headers.get("If-Range", server.etag) == server.etag:
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
        status = 206 if start else server.status
        if start >= len(server.content):
            status = 416
        if server.skips and status == 206:
            start += 1
        body = server.content[start:] if status in (200, 206) else b""
        if status == 206:
            body = body[: server.longest]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if server.etag:
            self.send_header("ETag", server.etag)
        if status == 206:
            last = start + len(body) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(server.content)}")
        if status == 416:
            self.send_header("Content-Range", f"bytes */{len(server.content)}")
        self.end_headers()
        if body and server.cuts:
            self.wfile.write(body[: server.cuts.pop(0)])
            self.close_connection = True
        elif body and server.pieces:
            for length in server.pieces:
                server.more.acquire()
                self.wfile.write(body[:length])
                self.wfile.flush()
                body = body[length:]
            server.over.wait(30)
        elif body and server.stall >= 0:
            self.wfile.write(body[: server.stall])
            self.wfile.flush()
            server.over.wait(30)
        else:
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield running
        running.over.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNROLLED_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache"


@pytest.fixture
def text(server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """What fetches the one data set there is."""
    address = f"http://127.0.0.1:{server.server_port}/text.txt"
    file = DataFile("text/text.txt", (address,), GOOD, size=len(TEXT))
    monkeypatch.setattr(datasets, "DATASETS", {})
    monkeypatch.setattr(copies, "DATASETS", datasets.DATASETS)
    datasets.DATASETS["text"] = Dataset("a text", {"text": file}, "public domain", "A. Mickiewicz")
    return lambda: data.fetch("text", progress=False)["text"]


def left(cache: Path) -> dict[str, int]:
    """Return the files in the cache with their sizes; empty locks do not count."""
    files = [path for path in cache.rglob("*") if path.is_file()]
    return {path.name: path.stat().st_size for path in files if not path.name.endswith(".lock")}


def test_a_download_that_is_cut_goes_on_at_once(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.cuts = [100, 200]
    assert text().read_bytes() == TEXT
    assert server.asked == ["", "bytes=100-", "bytes=300-"]
    assert left(cache) == {"text.txt": len(TEXT)}
    assert not list(cache.rglob(".*"))  # no lock either


def test_a_truncated_download_is_never_used_and_goes_on_the_next_time(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.cuts = [100, 0]
    with pytest.raises(OfflineError) as caught:
        text()
    message = str(caught.value)
    assert f"broke off after 100 of {len(TEXT):,} bytes" in message
    assert "100 bytes came and are kept; the next attempt goes on from there" in message
    assert left(cache).keys() == {"text.txt.part", "text.txt.part.tag"}
    assert left(cache)["text.txt.part"] == 100
    assert text().read_bytes() == TEXT
    assert server.asked[-1] == "bytes=100-"
    assert left(cache) == {"text.txt": len(TEXT)}


def test_a_server_without_ranges_sends_all_of_it_again(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.ranges = False
    server.cuts = [100]
    assert text().read_bytes() == TEXT
    assert server.asked == ["", "bytes=100-"]  # asked for the rest, got everything
    assert left(cache) == {"text.txt": len(TEXT)}


def test_a_file_that_changed_meanwhile_is_fetched_whole(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.content, server.cuts = b"another text" * 200, [100, 0]
    with pytest.raises(OfflineError):
        text()
    server.content, server.etag = TEXT, '"2"'
    server.asked.clear()
    assert text().read_bytes() == TEXT
    assert server.asked == ["bytes=100-"]  # the server itself saw that it is another file


def test_pieces_that_do_not_belong_together_are_fetched_again(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.etag = ""  # nothing tells the versions apart
    server.content, server.cuts = b"another text" * 200, [100, 0]
    with pytest.raises(OfflineError):
        text()
    server.content = TEXT
    server.asked.clear()
    assert text().read_bytes() == TEXT
    assert server.asked == ["bytes=100-", ""]


def test_what_is_there_in_full_needs_no_more_bytes(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.cuts = [100, 0]
    with pytest.raises(OfflineError):
        text()
    part = cache / "text" / "text.txt.part"
    part.write_bytes(TEXT)  # as if the process had been killed before it checked
    assert text().read_bytes() == TEXT
    assert server.asked[-1] == f"bytes={len(TEXT)}-"
    (cache / "text" / "text.txt").rename(part)  # longer than the file that the server has
    part.with_name("text.txt.part.tag").write_text(
        f'{{"url": "http://127.0.0.1:{server.server_port}/text.txt", "validator": ""}}'
    )
    part.write_bytes(TEXT + b"more")
    server.asked.clear()
    assert text().read_bytes() == TEXT
    assert server.asked == [f"bytes={len(TEXT) + 4}-", ""]


def test_a_server_may_send_less_than_it_was_asked_for(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.cuts, server.longest = [100], 900
    assert text().read_bytes() == TEXT
    assert server.asked == ["", "bytes=100-", "bytes=1000-"]


def test_a_part_that_begins_elsewhere_is_not_added(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.cuts, server.skips = [100], True
    assert text().read_bytes() == TEXT
    assert server.asked == ["", "bytes=100-", ""]


def test_a_mirror_does_not_go_on_with_anothers_file(
    server: Server, cache: Path, text: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = datasets.DATASETS["text"]
    (official,) = entry.files["text"].urls
    file = DataFile("text/text.txt", (official, f"{official}?mirror"), GOOD)
    monkeypatch.setitem(entry.files, "text", file)
    server.cuts = [100, 0]
    assert text().read_bytes() == TEXT
    assert server.asked == ["", "bytes=100-", ""]


def test_a_server_that_says_nothing_more_is_given_up(
    server: Server, cache: Path, text: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    monkeypatch.setattr(transfer, "ATTEMPTS", 1)
    server.stall = 50
    with pytest.raises(OfflineError) as caught:
        text()
    assert f"nothing for 0.2 s (50 of {len(TEXT):,} bytes came)" in str(caught.value)
    server.stall = -1
    assert text().read_bytes() == TEXT
    assert server.asked[-1] == "bytes=50-"


def test_a_server_that_never_answers_is_given_up(
    server: Server, cache: Path, text: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    monkeypatch.setattr(Handler, "do_GET", lambda self: self.server.over.wait(30))
    with pytest.raises(OfflineError, match=r"the server sent nothing for 0\.2 s\n"):
        text()
    assert left(cache) == {}


def test_a_server_that_drips_is_given_up(server: Server, cache: Path, tmp_path: Path) -> None:
    clock = itertools.count(0, 100)  # each look at the clock finds it 100 seconds later
    address = f"http://127.0.0.1:{server.server_port}/text.txt"
    server.stall = 4
    with pytest.raises(transfer.TransferError) as caught:
        transfer.transfer(
            address, tmp_path / "part", headers={}, timeout=5, clock=lambda: next(clock)
        )
    assert str(caught.value) == f"only 4 bytes came in 100 s (16 of {len(TEXT):,} bytes)"
    assert server.asked == ["", "bytes=4-", "bytes=8-", "bytes=12-"]  # not for ever


def test_a_server_that_begins_well_and_then_drips_is_given_up(
    server: Server, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "LEAST", 10)
    monkeypatch.setattr(transfer, "ATTEMPTS", 1)
    clock = itertools.count(0, 100)
    address = f"http://127.0.0.1:{server.server_port}/text.txt"
    server.pieces = (50, 50, 4)
    with pytest.raises(transfer.TransferError, match=r"^only 4 bytes came in 100 s"):
        transfer.transfer(
            address,
            tmp_path / "part",
            headers={},
            timeout=5,
            watch=lambda have, total: server.more.release() if have else None,
            clock=lambda: next(clock),
        )


def test_a_missing_file_says_so(server: Server, cache: Path, text: Callable[[], Path]) -> None:
    server.status = 404
    with pytest.raises(OfflineError, match="the server says 404 Not Found"):
        text()
    assert left(cache) == {}
    assert len(server.asked) == 1


def test_a_broken_file_is_set_aside(server: Server, cache: Path, text: Callable[[], Path]) -> None:
    server.content = TEXT[::-1]
    with pytest.raises(ChecksumError, match="sha256: expected"):
        text()
    assert left(cache) == {"text.txt.bad": len(TEXT)}
    server.content = TEXT[:-1]
    with pytest.raises(ChecksumError, match=f"truncated: {len(TEXT) - 1:,} bytes, expected"):
        text()
    assert left(cache) == {"text.txt.bad": len(TEXT) - 1}


def test_stopping_keeps_what_came(server: Server, cache: Path, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{server.server_port}/text.txt"
    part = tmp_path / "part"

    def stop(have: int, total: int | None) -> None:
        if have == 70:
            raise KeyboardInterrupt

    server.stall = 70
    with pytest.raises(KeyboardInterrupt):
        transfer.transfer(address, part, headers={}, timeout=5, watch=stop)
    server.stall = -1
    assert transfer.transfer(address, part, headers={}, timeout=5)
    assert server.asked == ["", "bytes=70-"]
    assert part.read_bytes() == TEXT


def test_two_that_want_the_same_file_fetch_it_once(
    server: Server, cache: Path, text: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Handler.do_GET

    def late(self: Handler) -> None:
        self.server.asked.append("late")
        self.server.over.wait(0.3)  # the others begin meanwhile
        answer(self)

    monkeypatch.setattr(Handler, "do_GET", late)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(text) for _ in range(4)]:
            assert done.result(timeout=20).read_bytes() == TEXT
    assert server.asked == ["late", ""]


def test_a_file_system_without_locks_serves(
    server: Server, cache: Path, text: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def acquire(self: object) -> None:
        raise NotImplementedError("no flock here")

    monkeypatch.setattr(download.FileLock, "acquire", acquire)
    assert text().read_bytes() == TEXT


def test_a_copy_that_was_packed_again_is_judged_by_its_contents(
    cache: Path, tmp_path: Path
) -> None:
    def litwo(path: Path) -> None:
        if not path.read_bytes().startswith(b"Litwo"):
            raise ValueError("not the poem")

    cache.mkdir()
    file = DataFile("a.txt", ("https://example.org",), GOOD, check=litwo, also=("b.txt",))
    for name, text, problem in (
        ("a.txt", TEXT, None),
        ("a.txt", TEXT[:-1], "sha256"),
        ("b.txt", TEXT[:-1], None),
        ("b.txt", TEXT[1:], "not the poem"),
    ):
        (cache / name).write_bytes(text)
        found = file.problem(cache / name)
        assert (found is None) if problem is None else problem in (found or "")


def test_a_full_disk_is_no_broken_network(
    server: Server, cache: Path, text: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.open

    def full(self: Path, *arguments: object, **named: object) -> object:
        if self.name.endswith(".part"):
            raise OSError(28, "No space left on device")
        return whole(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DataError, match=r"cannot write to the cache.*No space left"):
        text()


# --- all data sets at once ----------------------------------------------------------------------


def told(run: Callable[..., int]) -> tuple[int, str]:
    lines: list[str] = []
    return run(say=lines.append), "\n".join(lines)


def test_what_is_missing_is_fetched_with_its_licence_said(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    missing, said = told(copies.check_all)
    assert missing == 1
    assert "○ text: text/text.txt is missing" in said
    assert "1 files: 0 right, 1 missing, 0 broken" in said
    assert "make data fetches them" in said
    assert server.asked == []
    assert left(cache) == {}

    failed, said = told(lambda say: copies.fetch_all(say=say, progress=False))
    assert failed == 0
    assert "licence: public domain" in said
    assert "source: A. Mickiewicz" in said
    assert "✓ text/text.txt (2 kB)" in said
    assert "1 files: 1 there, 1 of them fetched now" in said

    failed, said = told(lambda say: copies.fetch_all(say=say, progress=False))
    assert failed == 0
    assert "✓ text/text.txt (2 kB, was there)" in said
    assert len(server.asked) == 1
    assert told(copies.check_all)[0] == 0


def test_a_broken_copy_is_named_and_then_replaced(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    copy = text()
    copy.write_bytes(TEXT[:-7])
    broken, said = told(copies.check_all)
    assert broken == 1
    assert "✗ text: text/text.txt is broken: truncated: 1,833 bytes, expected 1,840" in said
    assert "make data sets them aside" in said
    assert copy.read_bytes() == TEXT[:-7]  # a check moves nothing

    failed, said = told(lambda say: copies.fetch_all(say=say, progress=False))
    assert failed == 0
    assert "fetching it anew" in said
    assert left(cache) == {"text.txt": 1840, "text.txt.bad": 1833}


def test_one_that_does_not_come_does_not_keep_the_others(
    server: Server, cache: Path, text: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = DataFile("gone.txt", ("http://127.0.0.1:9/gone.txt",), GOOD)
    datasets.DATASETS["gone"] = Dataset("gone", {"text": gone}, "none", "nobody")
    failed, said = told(lambda say: copies.fetch_all(say=say, progress=False))
    assert failed == 1
    assert "missing: gone.txt" in said
    assert "  ✗ gone.txt did not come:\n    http://127.0.0.1:9/gone.txt: no connection: " in said
    assert "HTTPConnectionPool" not in said
    assert "✓ text/text.txt" in said
    assert told(lambda say: copies.fetch_all(["text"], say=say, progress=False))[0] == 0


def test_a_download_that_began_is_told_by_the_check(
    server: Server, cache: Path, text: Callable[[], Path]
) -> None:
    server.cuts = [100, 0]
    with pytest.raises(OfflineError):
        text()
    assert "text/text.txt is missing, 100 bytes of it came" in told(copies.check_all)[1]


def test_the_command(
    server: Server, cache: Path, text: Callable[[], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "--check"]) == 1
    assert main(["data"]) == 0
    assert main(["data", "--check", "text"]) == 0
    assert "1 right" in capsys.readouterr().out
    assert main(["data", "mnits"]) == 2
    assert "no data set 'mnits': there are text" in capsys.readouterr().err


def test_every_real_entry_is_held_to_its_contents() -> None:
    for entry in datasets.DATASETS.values():
        assert entry.licence
        assert entry.source
        for file in entry.files.values():
            assert all(url.startswith("https://") for url in file.urls)
            assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
