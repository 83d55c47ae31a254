"""Tags: by their definition, different for everybody, and found again."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from pathlib import Path

import polars as pl
import pytest

from recsys_tui.data import pseudonyms as module
from recsys_tui.data.dataset import Mapping
from recsys_tui.data.preview import preview
from recsys_tui.data.pseudonyms import Pseudonyms, is_tag
from recsys_tui.data.tagged_preview import tagged_preview
from recsys_tui.data.tagged_texts import TaggedTexts, untagged
from recsys_tui.data.text_list import TextList
from recsys_tui.output.errors import UserError

KEY = bytes(range(32))
IDS = ["1", "42", "Zoë", "a b", "u-", "user\udc80"]


def by_definition(user: str) -> str:
    digest = hmac.new(KEY, user.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return "u-" + b32encode(digest).decode()[:12].lower()


def test_a_tag_is_the_beginning_of_an_hmac_in_base_32():
    tags = Pseudonyms(KEY)
    assert [tags.of(user) for user in IDS] == tags.of_all(IDS) == [by_definition(user) for user in IDS]
    assert all(is_tag(tag) for tag in tags.of_all(IDS))
    column = pl.Series("who", ["42", None, "1", "42"])
    assert tags.of_series(column).to_list() == [by_definition("42"), None, by_definition("1"), by_definition("42")]
    assert tags.of_all([]) == []


@pytest.mark.parametrize(
    "text", ["", "u-", "42", "u-abcdefghijk", "u-abcdefghijklm", "u-abcdefghijk1", "U-abcdefghijkl"]
)
def test_what_is_no_tag(text: str):
    assert not is_tag(text)


def test_a_list_is_read_as_tags_and_looked_through_by_both():
    known = TextList.of(["12", None, "7", "Zoë"])
    shown = TaggedTexts.over(known, Pseudonyms(KEY))
    tags = [by_definition("12"), None, by_definition("7"), by_definition("Zoë")]
    assert shown.to_list() == [shown[place] for place in range(4)] == tags
    assert [shown.index(text) for text in ("12", tags[2], "Zoë", "13", by_definition("13"), by_definition(""))] == [
        0, 2, 3, None, None, None,
    ]  # fmt: skip
    assert [shown.original_of(text) for text in (tags[3], "12", by_definition("9"))] == [
        "Zoë",
        "12",
        by_definition("9"),
    ]
    assert shown.tagged(["7.0", "Zoë", "9", tags[0]]) == [tags[2], tags[3], "9", tags[0]]
    assert untagged(shown).to_list() == known.to_list()
    assert untagged(known) is known
    assert TaggedTexts.over(TextList.of([]), Pseudonyms(KEY)).index(tags[0]) is None


def test_two_people_of_one_tag_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "TAG_LETTERS", 1)
    monkeypatch.setattr(module, "_PLACES", module._PLACES[-1:])
    shown = TaggedTexts.over(TextList.of([str(number) for number in range(40)]), Pseudonyms(KEY))
    for ask in (shown.to_list, lambda: Pseudonyms(KEY).of_all([str(number) for number in range(40)])):
        with pytest.raises(UserError) as told:
            ask()
        assert told.value.message_id == "pseudonyms.collision"


def test_first_rows_show_tags_wherever_somebody_may_be(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("who,whom,rating,time,note\n" + "".join(f"p{n},q{n},{n % 5},{10**9 + n},p{n}\n" for n in range(9)))
    found, tags = preview(path, Mapping(user="who", item="whom")), Pseudonyms(KEY)
    assert found.rows[3] == ("p3", "q3", "3", "1000000003", "p3")
    masked = (by_definition("p3"), by_definition("q3"), "3", "1000000003", by_definition("p3"))
    assert tagged_preview(found, tags).rows[3] == masked
    assert tagged_preview(found, tags, people_are_items=False).rows[3] == (masked[0], "q3", *masked[2:])
    assert tagged_preview(found, tags).under(Mapping(user="whom", item="who")).rows[3] == masked
