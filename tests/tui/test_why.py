"""The pane that says why: in words, by causes, with what would change it, for the item that the cursor rests on."""

from __future__ import annotations

import pytest

from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.session import Session
from tests.tui.test_workbench import text_of, until, workbench


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_pane_says_what_the_command_says(
    trained: Session, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    recommender = trained.recommender()
    assert recommender is not None
    async with workbench(trained, size) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        if size[0] < 100:
            await pilot.press("x")
        await until(pilot, lambda: app.state.why is not None and app.state.why.settled)
        item = app.state.person.answer.items[0].item
        assert app.state.why.item == item
        found = explain(recommender, "42", item)
        text = " ".join(text_of(app, "why").split())
        assert all(sentence in text for sentence in found.sentences)
        cause = next(cause for cause in found.history if cause.beyond_chance)
        assert f"{cause.contribution:+.2f}".replace("-", "−") in text
        moved = [entry for entry in found.without if entry.rank_after != entry.rank_before]
        assert all(f"#{entry.rank_before}→#{entry.rank_after}" in text for entry in moved if entry.rank_after)


async def test_running_through_a_list_explains_where_it_stops(trained: Session):
    asked: list[str] = []
    async with workbench(trained) as (app, pilot):
        app.show_person("7")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        await pilot.press("tab") if app.view.pane == "history" else None
        explained = app._explain
        app._explain = lambda why, changes=False: (asked.append(why.item), explained(why, changes))
        await pilot.press(*["j"] * 5)
        place = app.view.item_under_cursor()
        assert place == app.state.person.answer.items[5].item
        await until(pilot, lambda: app.state.why is not None and app.state.why.item == place and app.state.why.settled)
        shown = app.state.why.explanation
        assert shown.item == place
        assert shown.rank == 6


async def test_a_like_is_explained_too(trained_copy: Session):
    async with workbench(trained_copy) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        first = app.state.person.answer.items[0].item
        await pilot.press("plus")
        await until(pilot, lambda: app.state.person.answer.items[0].item != first)
        await until(pilot, lambda: app.state.why is not None and app.state.why.explanation is not None
                    and app.state.why.answer is app.state.person.answer)  # fmt: skip
        said = {cause.item: cause.opinion for cause in app.state.why.explanation.history}
        assert said[first] == "like"
