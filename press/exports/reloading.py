"""A server for one's own browser: what was exported, and a reload when it is made again.

It listens on 127.0.0.1 alone, answers nobody who calls it by another name, and gives out decks,
pages and papers of the two languages: marks and whatever else lies in ``build/`` stay there. The
few lines that reload a page are put into it as it is sent; the file itself stays free of them.
"""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from press.arguments import LAST_PORT
from unrolled.messages import LANGUAGES

HOST = "127.0.0.1"
#: What is given out of the folder: the first page and the editions.
SHOWN = ("index.html", *LANGUAGES)
#: Where a page hears what was made again.
NEWS = "/.news"
#: How often a page that waits is written to, so that one that was closed is noticed (seconds).
PULSE = 5.0
#: How many ports are tried.
PORTS = 20

_SCRIPT = f"""<script>
new EventSource("{NEWS}").onmessage = said => {{
  if (said.data === decodeURI(location.pathname)) location.reload();
}};
</script>
""".encode()


class Server(ThreadingHTTPServer):
    """Serves a folder; :meth:`tell` says that a file in it was made again.

    Args:
        out: the folder of the exports.
        port: where it listens.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, out: Path, port: int) -> None:
        self.out = out.resolve()
        self.said: list[str] = []
        self.spoken = threading.Condition()
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """Where it is, without a path."""
        return f"http://{HOST}:{self.server_address[1]}"

    def url(self, path: Path) -> str:
        """Return the address of a file of the folder."""
        return f"{self.address}/{path.resolve().relative_to(self.out).as_posix()}"

    def tell(self, path: Path) -> None:
        """Let open pages know that a file was made again."""
        with self.spoken:
            self.said.append("/" + path.resolve().relative_to(self.out).as_posix())
            self.spoken.notify_all()

    def news(self, heard: int) -> list[str]:
        """Return what was told after the first ``heard`` messages; wait a little for it."""
        with self.spoken:
            if len(self.said) <= heard:
                self.spoken.wait(PULSE)
            return self.said[heard:]

    def file(self, address: str) -> Path | None:
        """Return the file that an address stands for, or None if it is not given out."""
        try:
            path = (self.out / unquote(urlsplit(address).path).lstrip("/")).resolve()
            if path.is_dir():
                path = path / "index.html"
            parts = path.resolve().relative_to(self.out).parts
        except (ValueError, OSError):  # outside, or no path at all
            return None
        return path if parts and parts[0] in SHOWN and path.is_file() else None


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        name = self.headers.get("Host", "").rpartition(":")[0]
        if name not in (HOST, "localhost"):  # a page of another host, by a trick with its name
            self.send_error(HTTPStatus.FORBIDDEN)
        elif urlsplit(self.path).path == NEWS:
            self._news()
        elif (path := self.server.file(self.path)) is None:
            why = "not made yet: save its source, or run make"
            self.send_error(HTTPStatus.NOT_FOUND, explain=why)
        else:
            self._send(path)

    def _send(self, path: Path) -> None:
        body = path.read_bytes()
        if path.suffix == ".html":
            before, end, after = body.rpartition(b"</body>")
            body = before + _SCRIPT + end + after if end else body + _SCRIPT
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if "html" in kind else kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _news(self) -> None:
        heard = len(self.server.said)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        while True:
            said = self.server.news(heard)
            heard += len(said)
            lines = "".join(f"data: {one}\n\n" for one in said) or ":\n\n"
            try:
                self.wfile.write(lines.encode())
                self.wfile.flush()
            except OSError:  # the page was closed
                return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what is told is what was made."""


@contextmanager
def serving(out: Path, port: int) -> Iterator[Server]:
    """Serve a folder from the first free port on, until the block ends.

    Raises:
        OSError: none of the ports is free.
    """
    out.mkdir(parents=True, exist_ok=True)
    ports = range(port, min(port + PORTS, LAST_PORT + 1))
    for tried in ports:
        try:
            server = Server(out, tried)
            break
        except OSError:
            if tried == ports[-1]:
                raise OSError(
                    f"no port from {port} to {ports[-1]} is free: give another --port"
                ) from None
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
