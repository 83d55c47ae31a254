"""A text service on this machine that speaks the ``/chat/completions`` protocol: where it is, and one answer of it."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from recsys_tui.output.errors import UserError
from recsys_tui.output.neutralise import neutral_text

MOST_BYTES = 65_536
# What a broken or hostile service can bring about, apart from saying something wrong.
NO_ANSWER = (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, IndexError, RecursionError)


@dataclass(frozen=True)
class Endpoint:
    """A text service on loopback: its address (``http://127.0.0.1:11434/v1``) and the name of its model."""

    host: str
    port: int
    path: str
    model: str

    @classmethod
    def of(cls, url: str, model: str) -> Endpoint:
        """Read an address. Raises ``UserError`` (exit 2) for anything that is not plain HTTP on loopback."""
        try:
            parts = urlsplit(url)
            port = parts.port or 80
        except ValueError:
            parts, port = SplitResult("", "", "", "", ""), 0
        if parts.scheme != "http" or not parts.hostname or parts.username or not _is_loopback(parts.hostname):
            raise UserError("explain.not_loopback", url=neutral_text(url))
        return cls(parts.hostname, port, parts.path.rstrip("/"), model)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def answer_of(endpoint: Endpoint, messages: list[dict[str, str]], seconds: float) -> str:
    """The text that a service answers, which is never empty. Raises one of ``NO_ANSWER`` where there is none in time.

    ``seconds`` are for everything together: connecting, headers and body, however slowly each of them comes.
    """
    body = {"model": endpoint.model, "temperature": 0, "max_tokens": 200, "messages": messages}
    request = _Request(endpoint, json.dumps(body).encode(), seconds)
    request.start()
    request.join(seconds)
    answer = request.answer
    if answer is None:
        request.give_up()
        raise TimeoutError
    if isinstance(answer, Exception):
        raise answer
    content = json.loads(answer)["choices"][0]["message"]["content"]
    if not isinstance(content, str) or not content.strip():
        raise TypeError
    # Halves of a pair of surrogates are no text, and could not be printed.
    return content.encode("utf-8", "replace").decode("utf-8")


class _Request(threading.Thread):
    """One request, in a thread of its own that whoever has waited long enough leaves behind."""

    def __init__(self, endpoint: Endpoint, body: bytes, seconds: float) -> None:
        super().__init__(daemon=True)
        self.answer: bytes | Exception | None = None
        self._endpoint = endpoint
        self._body = body
        self._connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=seconds)
        self._socket: socket.socket | None = None
        self._given_up = False

    def run(self) -> None:
        try:
            self.answer = self._asked()
        except Exception as problem:
            self.answer = problem
        finally:
            self._connection.close()

    def give_up(self) -> None:
        """End whatever the thread still waits for."""
        self._given_up = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _asked(self) -> bytes:
        self._connection.connect()
        self._socket = self._connection.sock  # the connection forgets it where the service will close it
        if self._given_up:
            raise TimeoutError
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", f"{self._endpoint.path}/chat/completions", self._body, headers)
        answer = self._connection.getresponse()
        if answer.status != http.client.OK:
            raise ValueError(answer.status)
        found = answer.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            raise ValueError(MOST_BYTES)
        return found
