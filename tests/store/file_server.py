"""A server of one file over HTTPS on this machine's loopback, which can be told to misbehave."""

from __future__ import annotations

import re
import ssl
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Behaviour = Callable[[BaseHTTPRequestHandler, bytes], None]


class Site:
    """``content`` is what every path holds. ``next``: what answers the next requests, one each; then it is whole.

    ``asked``: path and range of each request so far.
    """

    def __init__(self, port: int, content: bytes) -> None:
        self.content = content
        self.next: deque[Behaviour] = deque()
        self.asked: list[tuple[str, str | None]] = []
        self.address = f"https://127.0.0.1:{port}/file.zip"


def whole(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """All of it, or the range that was asked for."""
    answer(request, content, content)


def answer(request: BaseHTTPRequestHandler, content: bytes, sent: bytes) -> None:
    """Announce the range that was asked for, or all, and send what of ``sent`` lies in it."""
    asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range") or "")
    start = int(asked[1]) if asked else 0
    request.send_response(206 if asked else 200)
    if asked:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    request.send_header("Content-Length", str(len(content) - start))
    request.end_headers()
    request.wfile.write(sent[start:])


def cut(after: int) -> Behaviour:
    """The connection ends after that many bytes of the file."""

    def behave(request: BaseHTTPRequestHandler, content: bytes) -> None:
        answer(request, content, content[:after])

    return behave


def without_ranges(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """A server that does not know ranges."""
    del request.headers["Range"]
    answer(request, content, content)


def other(size: int, *, told: bool = True) -> Behaviour:
    """A file of another size, which it tells or not."""

    def behave(request: BaseHTTPRequestHandler, _content: bytes) -> None:
        request.send_response(200)
        if told:
            request.send_header("Content-Length", str(size))
        request.end_headers()
        request.wfile.write(bytes(size))

    return behave


def status(code: int, **headers: str) -> Behaviour:
    """An answer without a file."""

    def behave(request: BaseHTTPRequestHandler, _content: bytes) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return behave


def sends_on(location: str, most: int, sent: list[int]) -> Behaviour:
    """A redirect with up to ``most`` bytes after it; ``sent`` takes how many of these went out."""

    def behave(request: BaseHTTPRequestHandler, _content: bytes) -> None:
        request.send_response(302)
        request.send_header("Location", location)
        request.end_headers()
        sent.append(0)
        with suppress(OSError):  # whom it serves has hung up
            while sent[-1] < most:
                sent[-1] += request.wfile.write(bytes(1 << 16))

    return behave


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    paths = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


@contextmanager
def served(content: bytes, pair: tuple[Path, Path]) -> Iterator[Site]:
    """Serve a file as long as the context lasts."""

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, self.headers.get("Range")))
            behave = site.next.popleft() if site.next else whole
            self.close_connection = True
            behave(self, site.content)

        def log_message(self, *_words: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    with ThreadingHTTPServer(("127.0.0.1", 0), Request) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_request: None  # whom it serves may hang up
        site = Site(server.server_address[1], content)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
