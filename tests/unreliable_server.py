"""A web server on 127.0.0.1 that fails in the ways real ones do, for tests."""

from __future__ import annotations

import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HABITS = ("reliable", "cuts", "busy", "no_range", "cuts_no_range", "wrong_byte", "missing", "login", "gzip_header")


class UnreliableServer:
    """Serves `files` below `/{habit}/{name}`; `with UnreliableServer(files) as server: server.url("cuts", "a.tar")`.

    reliable: as it should be. cuts: closes the connection half-way through what was asked for, three times.
    busy: answers 503 twice. no_range: ignores Range. cuts_no_range: ignores it and cuts each time.
    wrong_byte: changes one byte. missing: 404. login: a page in place of the file.
    gzip_header: says Content-Encoding: gzip of a file that is meant to stay packed.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.requests = files, Counter()
        self.ranges: list[str | None] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> UnreliableServer:
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, habit: str, name: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{habit}/{name}"

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                habit, name = self.path.strip("/").split("/")
                server.requests[self.path] += 1
                server.ranges.append(self.headers.get("Range"))
                if habit == "missing":
                    self.send_error(404)
                elif habit == "busy" and server.requests[self.path] <= 2:
                    self.send_response(503)
                    self.send_header("Retry-After", "0")
                    self.end_headers()
                else:
                    self._send(habit, server.files[name])

            def _send(self, habit: str, content: bytes) -> None:
                if habit == "login":
                    content = b"<html>Please log in</html>"
                if habit == "wrong_byte":
                    content = content[:-1] + bytes([content[-1] ^ 1])
                start = 0
                asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
                if asked and habit not in ("no_range", "cuts_no_range"):
                    start = int(asked[1])
                    if start >= len(content):
                        self.send_error(416)
                        return
                    self.send_response(206)
                    self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
                else:
                    self.send_response(200)
                if habit == "gzip_header":
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(content) - start))
                self.end_headers()
                cut = habit == "cuts" and server.requests[self.path] <= 3 or habit == "cuts_no_range"
                self.wfile.write(content[start : start + (len(content) - start) // 2] if cut else content[start:])

        return Handler
