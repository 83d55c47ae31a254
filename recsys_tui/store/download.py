"""Fetches one file over HTTPS: goes on where it stopped, follows redirects to HTTPS alone, takes no byte too many."""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.store.atomic_files import FILE_MODE, read_apart, told_apart

SCHEME = "https"
AGENT = "recsys-tui"
SECONDS = 30.0  # without a byte
CHUNK = 1 << 18
TRIES = 5
BROKEN = (OSError, http.client.HTTPException)
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")

# Gets the bytes that are there so far.
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Remote:
    """A file elsewhere, and what it is known by."""

    address: str
    bytes: int
    sha256: str


def download(remote: Remote, part: Path, progress: Progress = lambda _there: None) -> int:
    """Fetch a file into ``part``, which may hold the beginning of it already; returns how many bytes came now.

    Raises ``UserError`` (exit 1): for a host that cannot be reached or refuses, a redirect to anything but HTTPS, a
    file of another size or (with :func:`check_file`) of other contents, and a connection that keeps breaking. What came
    before a break stays in ``part``, an interrupt too; what cannot be the file is removed.
    """
    opener = https_opener()
    fetched = 0
    for _ in range(TRIES):
        there = _size(part)
        if there > remote.bytes:
            part.unlink()
        elif there == remote.bytes:
            break
        fetched += _fetch(remote, part, opener, progress)
    if _size(part) < remote.bytes:
        raise UserError("datasets.cut", ExitCode.FAILED, host=_host(remote), done=_size(part), total=remote.bytes)
    return fetched


def check_file(path: Path, remote: Remote) -> None:
    """Raise ``UserError`` (exit 1) where a file has another size or another SHA-256 than the remote one is to have."""
    if _size(path) != remote.bytes:
        raise _wrong_size(remote, _size(path))
    with read_apart(path), path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != remote.sha256:
        raise UserError("datasets.checksum", ExitCode.FAILED, found=found, wanted=remote.sha256)


def https_opener() -> OpenerDirector:
    """What speaks HTTPS and nothing else, through the proxy of the environment if there is one."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        _Redirects(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
        UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


class _Redirects(HTTPRedirectHandler):
    """Follows redirects, ten at most, to HTTPS alone, and takes nothing of what comes with one: it may have no end."""

    def http_error_302(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message) -> Any:
        target = urljoin(req.full_url, headers.get("location") or headers.get("uri") or "")
        if urlsplit(target).scheme != SCHEME:
            fields = {"address": req.full_url, "target": neutral_text(target)[:200]}
            raise UserError("datasets.redirect", ExitCode.FAILED, **fields)
        fp.close()
        return super().http_error_302(req, io.BytesIO(), code, msg, headers)  # type: ignore[arg-type]

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _fetch(remote: Remote, part: Path, opener: OpenerDirector, progress: Progress) -> int:
    """Ask once for what is missing, and append what comes; returns how many bytes that were."""
    there = _size(part)
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"} | ({"Range": f"bytes={there}-"} if there else {})
    try:
        answer = opener.open(Request(remote.address, headers=headers), timeout=SECONDS)  # noqa: S310 - HTTPS alone
    except HTTPError as error:
        with error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and there:
                part.unlink()  # asked from its start, the file tells its size
                return 0
            fields = {"code": error.code, "reason": neutral_text(error.reason), "address": remote.address}
            raise UserError("datasets.refused", ExitCode.FAILED, **fields) from error
    except (*BROKEN, ValueError) as error:  # the latter for a redirect to what is no address
        raise _unreachable(remote, error) from error
    with answer:
        start = _start(answer, remote, there)
        if start not in (0, there):
            part.unlink()
            return 0
        with told_apart(part):
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | (0 if start else os.O_TRUNC)
            stream = os.fdopen(os.open(part, flags, FILE_MODE), "wb", buffering=0)
        with stream:
            stream.seek(start)
            return _pour(answer, stream, part, start, remote, progress)


def _start(answer: Any, remote: Remote, there: int) -> int:
    """From which byte on the answer tells the file: 0 where ranges are not known."""
    if answer.status == http.client.PARTIAL_CONTENT and there:
        found = _RANGE.fullmatch(answer.headers.get("Content-Range") or "")
        if found is None:
            return -1
        if found[2] not in ("*", str(remote.bytes)):
            raise _wrong_size(remote, int(found[2]))
        return int(found[1])
    length = answer.headers.get("Content-Length")
    if length is not None and length != str(remote.bytes):
        raise _wrong_size(remote, neutral_text(length)[:20])
    return 0


def _pour(answer: Any, stream: Any, part: Path, start: int, remote: Remote, progress: Progress) -> int:
    """Write what comes until the file is whole or the connection breaks; returns how many bytes came."""
    there = start
    while there < remote.bytes:
        try:
            # What has come, without waiting for more: an interrupt loses nothing of it.
            block = memoryview(answer.read1(min(CHUNK, remote.bytes - there)))
        except BROKEN:
            break
        if not block:
            break
        with told_apart(part):
            while block:
                written = stream.write(block)
                block, there = block[written:], there + written
        progress(there)
    else:
        if _more(answer):
            part.unlink()
            raise _wrong_size(remote, f"> {remote.bytes}")
    return there - start


def _more(answer: Any) -> bool:
    try:
        return bool(answer.read(1))
    except BROKEN:
        return False


def _wrong_size(remote: Remote, found: int | str) -> UserError:
    return UserError(
        "datasets.wrong_size", ExitCode.FAILED, address=remote.address, found=found, wanted=f"{remote.bytes}"
    )


def _unreachable(remote: Remote, error: BaseException) -> UserError:
    reason = error.reason if isinstance(error, URLError) else error
    told = neutral_text(str(getattr(reason, "strerror", None) or reason or type(reason).__name__))
    certificate = isinstance(reason, ssl.SSLCertVerificationError)
    if certificate:
        told = neutral_text(str(getattr(reason, "verify_message", "") or told))
    kind = "datasets.certificate" if certificate else "datasets.unreachable"
    return UserError(kind, ExitCode.FAILED, host=_host(remote), reason=told, address=remote.address)


def _host(remote: Remote) -> str:
    return urlsplit(remote.address).hostname or remote.address


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
