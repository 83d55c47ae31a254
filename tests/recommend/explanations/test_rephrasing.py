"""The text service on loopback: a real HTTP server that answers well, slowly, brokenly, or with lies."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.explanations.explanation import Explanation
from recsys_tui.recommend.explanations.loopback_service import Endpoint
from recsys_tui.recommend.explanations.rephrasing import figures_of, rephrased
from recsys_tui.recommend.session import Session

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def service(answer: Answer) -> Iterator[tuple[Endpoint, list[dict]]]:
    """A server on a free port of loopback, and what it was asked."""
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked.append({"path": self.path, "body": json.loads(self.rfile.read(length))})
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Endpoint.of(f"http://127.0.0.1:{server.server_port}/v1", "some"), asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def saying(text: object) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"choices": [{"message": {"content": text}}]}).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture(scope="module")
def found(trained: Session) -> Explanation:
    recommender = trained.recommender()
    assert recommender is not None
    item = recommender.recommend("42", k=1).items[0].item
    return explain(recommender, "42", item)


@pytest.fixture(scope="module")
def titles(trained: Session) -> list[str | None]:
    recommender = trained.recommender()
    assert recommender is not None
    return recommender.model.catalogue.titles.to_list()


def test_a_true_answer_is_shown_and_only_figures_were_sent(found: Explanation, titles: list[str | None]):
    cause = next(entry for entry in found.history if entry.beyond_chance and entry.contribution > 0)
    with service(saying(f"You took {cause.title}, hence {found.title} at rank {found.rank}.\x1b[31m")) as (at, asked):
        text, problem = rephrased(found, at, "en", titles)
    assert (text, problem) == (f"You took {cause.title}, hence {found.title} at rank {found.rank}.", None)
    assert asked[0]["path"] == "/v1/chat/completions"
    sent = json.loads(asked[0]["body"]["messages"][1]["content"])
    assert sent == json.loads(json.dumps(figures_of(found)))
    assert "user" not in sent


@pytest.mark.parametrize(
    "lie",
    [
        "It is loved by 97 people.",
        "It is much like “The Godfather of Nowhere”.",
        "",
        "very long " * 100,
    ],
)
def test_lies_are_not_shown(found: Explanation, titles: list[str | None], lie: str):
    with service(saying(lie)) as (at, _):
        text, problem = rephrased(found, at, "en", titles)
    assert text is None
    assert problem
    assert "own sentences" in problem


def test_an_item_that_was_not_given_is_a_lie(found: Explanation, titles: list[str | None]):
    given = {found.title, *(cause.title for cause in found.history)}
    other = next(title for title in titles if title and title not in given).partition(" (")[0]
    assert not any(letter.isdigit() for letter in other)
    with service(saying(f"People who took {other} took it too.")) as (at, _):
        assert rephrased(found, at, "en", titles)[0] is None
    with service(saying(f"People who took {other} took it too.")) as (at, _):
        assert rephrased(found, at, "en", [])[0] is not None, "it was refused for the title alone"


def broken(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')


def failing(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(500)


def elsewhere(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://example.org/")
    handler.end_headers()


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):  # until nobody listens any more
        while True:
            handler.wfile.write(b" " * 4096)


def nested(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"[" * 60_000)


@pytest.mark.parametrize("answer", [broken, failing, elsewhere, endless, nested])
def test_broken_answers_leave_our_own_sentences(found: Explanation, titles: list[str | None], answer: Answer):
    with service(answer) as (at, _):
        text, problem = rephrased(found, at, "en", titles)
    assert text is None
    assert problem is not None


@pytest.mark.parametrize("content", [None, ["a"], {"a": "b"}, 7, True, "", "  "])
def test_what_is_no_text_is_no_answer(found: Explanation, titles: list[str | None], content: object):
    with service(saying(content)) as (at, _):
        text, problem = rephrased(found, at, "en", titles)
    assert text is None
    assert problem is not None


def test_half_a_pair_of_surrogates_can_be_printed(found: Explanation, titles: list[str | None]):
    with service(saying("It fits. \ud800")) as (at, _):
        text, _ = rephrased(found, at, "en", titles)
    assert text is not None
    assert text.encode()


@pytest.mark.parametrize("piece", [b"X-Slow: yes\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_slow_headers_are_not_waited_for(found: Explanation, titles: list[str | None], piece: bytes):
    """Each piece comes well within the time that a socket alone would wait for it."""
    done, left = threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        if piece.startswith(b"X"):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            for _ in range(60):
                handler.wfile.write(piece)
                if done.wait(0.1):
                    return
        except OSError:
            left.set()

    with service(slow) as (at, _):
        start = time.monotonic()
        text, problem = rephrased(found, at, "en", titles, seconds=0.4)
        took = time.monotonic() - start
        hung_up = left.wait(5)
        done.set()
    assert text is None
    assert problem is not None
    assert took < 3
    assert hung_up, "the connection is not left open"


@pytest.mark.parametrize("dripping", [False, True])
def test_a_slow_answer_is_not_waited_for(found: Explanation, titles: list[str | None], dripping: bool):
    done = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        if dripping:
            handler.send_response(200)
            handler.end_headers()
        while not done.wait(0.05):
            if dripping:
                handler.wfile.write(b" ")

    with service(slow) as (at, _):
        start = time.monotonic()
        text, _ = rephrased(found, at, "en", titles, seconds=0.4)
        took = time.monotonic() - start
        done.set()
    assert text is None
    assert took < 5


def test_nobody_there_is_no_answer(found: Explanation, titles: list[str | None]):
    with service(saying("x")) as (at, _):
        port = at.port
    assert rephrased(found, replace(at, port=port), "en", titles)[0] is None


@pytest.mark.parametrize(
    "url",
    ["http://example.org/v1", "https://127.0.0.1/v1", "file:///etc/passwd", "http://10.0.0.1", "127.0.0.1:80", "", "http://[::1",
     "http://127.0.0.1@example.org/", "http://localhost.example.org"],
)  # fmt: skip
def test_nothing_leaves_the_machine(url: str):
    with pytest.raises(UserError) as refused:
        Endpoint.of(url, "some")
    assert refused.value.exit_code == ExitCode.USAGE
    assert str(refused.value).startswith("--rephrase takes")


@pytest.mark.parametrize("url", ["http://127.0.0.1:11434/v1", "http://localhost:8080", "http://[::1]:9/v1/"])
def test_loopback_is_allowed(url: str):
    assert not Endpoint.of(url, "some").path.endswith("/")
