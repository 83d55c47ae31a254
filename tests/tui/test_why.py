"""The pane that says why: in words, by causes, with what would change it, for the item that the cursor rests on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import OptionList

from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.explanations.explanation import causes_that_count
from recsys_tui.recommend.session import Session
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.lines.figures import decimals_apart, decimals_of, plain, signed
from recsys_tui.tui.lines.person_rows import list_rows
from recsys_tui.tui.lines.why import why_lines
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
        told = [one.contribution for one in causes_that_count(found.history) if one.beyond_chance]
        assert signed(cause.contribution, decimals_of(told)) in text
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


async def test_who_ranks_is_told_where_the_score_has_no_parts(trained: Session):
    note = "On held-out data friends alone ranked better than the deep model here, so it serves this list."
    async with workbench(trained) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        person, state = app.state.person, app.state
        row = list_rows(person, "")[0]
        bare = replace(row, entry=replace(row.entry, reasons=()))

        def said(model: str, asked: str, told: str | None) -> str:
            answer = replace(person.answer, model=model, note=told)
            now = replace(state, person=replace(person, answer=answer), ranked_by=asked)
            return " ".join(line.plain for line in why_lines(now, bare, 60))

        assert note in said("friends", "deep", note)
        assert "press m" not in said("friends", "deep", note)
        assert "Ranked by friends alone; press m" in said("friends", "friends", None)
        assert "alone" not in said("deep", "deep", None)

        app.state = replace(state, person=replace(person, answer=replace(person.answer, model="popular", note=note)))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog) and app.screen.query(OptionList))
        rows = [option.prompt.plain for option in app.screen.query_one(OptionList).options]
        assert [row.endswith("for which popular ranks here") for row in rows].index(True) == 0
        assert sum("ranks here" in row for row in rows) == 1
        await pilot.press("escape")
        ease = [name for name, _ in state.model.rankers()].index("ease")
        app.state = replace(state, ranked_by="ease")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog) and app.screen.query(OptionList))
        assert app.screen.query_one(OptionList).highlighted == ease


def test_small_numbers_are_told_to_three_digits():
    assert [decimals_of(values) for values in ([12.3, 0.1], [1.5], [0.5, -0.02], [-0.0312], [0.00312], [])] == [
        2, 2, 3, 4, 5, 2,
    ]  # fmt: skip
    assert decimals_of([1e-12, float("inf")]) == 6
    assert decimals_apart([2.312, 2.301]) == 2
    assert decimals_apart([2.312, 2.311]) == 3
    assert decimals_apart([2.312, 2.312]) == 2
    assert (plain(-0.7111), plain(-0.0001), signed(-0.0312, 4)) == ("−0.71", "0.00", "−0.0312")


async def test_causes_that_add_next_to_nothing_are_not_told(trained: Session):
    async with workbench(trained, (120, 36)) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.why is not None and app.state.why.settled)
        found, person = app.state.why.explanation, app.state.person
        first, second = (replace(cause, beyond_chance=True) for cause in found.history[:2])
        first, second = replace(first, contribution=0.03), replace(second, contribution=0.0001)
        made = replace(app.state.why, explanation=replace(found, history=(first, second)))
        row = list_rows(person, "")[0]
        text = "\n".join(line.plain for line in why_lines(replace(app.state, why=made), row, 70))
        assert "+0.0300" in text
        assert "0.0001" not in text
        assert "+0.00 " not in text


async def test_a_title_that_the_border_cuts_is_told_whole(trained: Session):
    async with workbench(trained, (120, 36)) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        row = list_rows(app.state.person, "")[0]
        assert why_lines(app.state, row, 80)[0].plain != row.title
        long = replace(row, entry=replace(row.entry, title="A title that goes on and on and on (1999)"))
        assert why_lines(app.state, long, 30)[0].plain == long.title
