"""The sentences of an explanation, said more fluently by a text service on this machine, if a person asks for it.

The service speaks the ``/chat/completions`` protocol and must be on loopback. It gets the figures and the sentences,
nothing else; what it answers is shown only if every number and every item in it is among them. Without an answer in
time, or with one that says more, the program's own sentences stand.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import re
import time
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say, say_in
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.recommend.explanations.explanation import Explanation

SECONDS = 10.0
MOST_BYTES = 65_536
MOST_CHARACTERS = 600
MOST_CAUSES, MOST_TERMS = 5, 5
SHORTEST_TITLE = 4
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_YEAR_AT_END = re.compile(r"\s*\(\d{4}\)\s*$")
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|《([^》]+)》|«([^»]+)»|「([^」]+)」|『([^』]+)』")


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


def rephrased(
    found: Explanation, endpoint: Endpoint, language: str, titles: Iterable[str | None], seconds: float = SECONDS
) -> tuple[str | None, str | None]:
    """The service's sentence, or None and why there is none. ``titles``: of all items, none but those given may occur.

    Takes ``seconds`` at most, however slowly the service answers.
    """
    figures = figures_of(found)
    try:
        answer = _asked(endpoint, language, figures, seconds)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, IndexError):
        return None, say("explain.no_rephrasing")
    text = neutral_text(answer)
    problem = unfounded(text, figures, found, titles)
    return (None, problem) if problem else (text, None)


def figures_of(found: Explanation) -> dict[str, object]:
    """All that the service gets to know: no ids of people, no history beyond the causes that are named."""
    causes = [cause for cause in found.history if cause.beyond_chance and cause.contribution > 0][:MOST_CAUSES]
    taste = found.profile
    return {
        "title": found.title or found.item,
        "rank": found.rank,
        "sentences": list(found.sentences),
        "because_of": [
            {"title": cause.title or cause.item, "rating": cause.rating, "adds": round(cause.contribution, 3)}
            for cause in causes
        ],
        "shares": [term.term for term in found.content if term.telling and term.contribution > 0][:MOST_TERMS],
        "group": None
        if taste is None or taste.lift is None
        else {"name": taste.name, "times_as_often": round(taste.lift, 1)},
        "without": [
            {"title": entry.title or entry.item, "rank": entry.rank_after, "rank_before": entry.rank_before}
            for entry in found.without
        ],
        "sure": found.sureness.level,
    }


def unfounded(text: str, figures: dict[str, object], found: Explanation, titles: Iterable[str | None]) -> str | None:
    """Why a text must not be shown: it is no sentence, or names a number or an item that was not given; else None."""
    if not text or len(text) > MOST_CHARACTERS:
        return say("explain.no_rephrasing")
    known = json.dumps(figures, ensure_ascii=False)
    numbers = {_plain(number) for number in _NUMBER.findall(known)}
    if any(_plain(number) not in numbers for number in _NUMBER.findall(text)):
        return say("explain.rephrasing_invents")
    given = _folded(known)
    quoted = [next(part for part in match.groups() if part) for match in _QUOTED.finditer(text)]
    if any(_folded(entry) not in given for entry in quoted):
        return say("explain.rephrasing_invents")
    shown = _folded(text)
    # What is part of a title that was given may stand there.
    for title in given_titles(found):
        shown = shown.replace(_name(title), " ")
    for known_title in titles:
        folded = _name(known_title) if known_title else ""
        if len(folded) >= SHORTEST_TITLE and folded in shown and folded not in given:
            return say("explain.rephrasing_invents")
    return None


def given_titles(found: Explanation) -> Sequence[str]:
    """Titles that the service was given, the longest first."""
    named = [found.title or found.item, *(cause.title or cause.item for cause in found.history)]
    return sorted(dict.fromkeys(named), key=len, reverse=True)


def _plain(number: str) -> str:
    return number.replace(",", ".").rstrip("0").rstrip(".") if "." in number or "," in number else number


def _name(title: str) -> str:
    """A title as it may be written in a sentence: whatever its case, without the year at its end."""
    return _folded(_YEAR_AT_END.sub("", title))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _asked(endpoint: Endpoint, language: str, figures: dict[str, object], seconds: float) -> str:
    """The text of the answer. Raises ``OSError``, ``ValueError`` and such where there is none in time."""
    deadline = time.monotonic() + seconds
    body = {
        "model": endpoint.model,
        "temperature": 0,
        "max_tokens": 200,
        "messages": [
            {"role": "system", "content": say_in(language, "explain.ask_rephrasing")},
            {"role": "user", "content": json.dumps(figures, ensure_ascii=False)},
        ],
    }
    connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=seconds)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"{endpoint.path}/chat/completions", json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise ValueError(answer.status)
        pieces: list[bytes] = []
        while sum(len(piece) for piece in pieces) <= MOST_BYTES:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if connection.sock is not None:
                connection.sock.settimeout(left)
            piece = answer.read1(MOST_BYTES)
            if not piece:
                return str(json.loads(b"".join(pieces))["choices"][0]["message"]["content"])
            pieces.append(piece)
        raise ValueError(MOST_BYTES)
    finally:
        connection.close()
