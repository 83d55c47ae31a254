"""The report as one page: complete, harmless whatever names are in it, and quiet in a real browser."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from recsys_tui.evaluate.reporting.html_report import html_report
from recsys_tui.evaluate.reporting.sections import report_of
from recsys_tui.output.schema_files import load_schema

sys.path.insert(0, str(Path(__file__).parent))
from browser import Page, chromium
from invented import DATA, LABEL, MODEL, document

# Attributes that make a browser fetch or run something.
FETCHING = {"src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "data", "background", "ping"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "p", "div", "table", "thead",
    "tbody", "tr", "th", "td", "svg", "desc", "line", "text", "circle", "rect", "polyline",
}  # fmt: skip


class Reader(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self._open[-1], data))


@pytest.fixture(scope="module")
def page() -> str:
    return html_report(report_of(document(), DATA, "2026-01-31"))


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_the_invented_comparison_is_one():
    jsonschema.validate(document(), load_schema("evaluate"))


def test_nothing_outside_is_referred_to(page: str, read: Reader):
    assert {tag for tag, _ in read.tags} <= TAGS
    for tag, attributes in read.tags:
        assert not FETCHING & set(attributes), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
    style = "".join(text for tag, text in read.texts if tag == "style")
    assert "url(" not in style
    assert "@import" not in style
    policy = next(of["content"] for tag, of in read.tags if of.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "prefers-color-scheme: dark" in page


def test_names_are_text(read: Reader):
    cells = [text for tag, text in read.texts if tag in ("td", "th")]
    assert MODEL in cells
    assert f"cluster {LABEL}" in cells
    assert DATA in cells
    assert any(DATA in text for tag, text in read.texts if tag == "h1")


def test_what_it_tells(read: Reader):
    said = [text for tag, text in read.texts if tag == "p"]
    assert any(text.startswith("deep loses to") and "-0.0400" in text and LABEL in text for text in said)
    assert any("Overfitting: held off in deep. After epoch 2 of 3" in text for text in said)
    assert any("Popularity bias: yes." in text and "31.0%" in text and "+11.0" in text for text in said)
    cells = [text for tag, text in read.texts if tag == "td"]
    assert "4.250 (4.000 to 4.500)" in cells
    assert "<10 people" in cells


def test_plots_can_be_read_without_being_seen(read: Reader):
    plots = [attributes for tag, attributes in read.tags if tag == "svg"]
    assert len(plots) == 4  # models, differences, groups, epochs
    titles = {attributes["id"] for tag, attributes in read.tags if tag in ("title", "desc") and "id" in attributes}
    for attributes in plots:
        assert attributes["role"] == "img"
        assert set(str(attributes["aria-labelledby"]).split()) <= titles
    # Two series differ in shape, not in colour alone.
    assert {tag for tag, of in read.tags if "mark" in str(of.get("class"))} == {"circle", "rect"}


def test_a_browser_opens_it_without_a_word_and_without_a_request(page: str, tmp_path: Path):
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is installed; Debian's package is called chromium")
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    tab = Page(program, tmp_path / "profile")
    try:
        for part in ("Page", "Network", "Log", "Runtime", "Audits"):
            tab.ask(f"{part}.enable")
        tab.ask("Page.navigate", url=path.as_uri())
        tab.wait_for("Page.loadEventFired")
        shown = tab.ask("Runtime.evaluate", expression="document.body.innerText + document.scripts.length")
        title = tab.ask("Runtime.evaluate", expression="document.title")["result"]["value"]
    finally:
        tab.close()
    assert DATA in title
    assert MODEL in shown["result"]["value"]
    assert shown["result"]["value"].endswith("0")
    asked = [
        event["params"]["request"]["url"] for event in tab.events if event["method"] == "Network.requestWillBeSent"
    ]
    assert asked == [path.as_uri()]
    told = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Audits.issueAdded")
    assert [event for event in tab.events if event.get("method") in told] == []
