"""What the Users mode says about the person on screen."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from recsys_tui.output.messages import say
from recsys_tui.recommend.agreement import STAGE_PARTS, stages_that_agree
from recsys_tui.tui.lines.list_options import options_told
from recsys_tui.tui.state.workbench import PersonState, WorkbenchState
from recsys_tui.tui.widgets.line_table import fit


def person_title(state: WorkbenchState) -> str:
    """Who is on screen, and whether edits are only tried."""
    person = state.person
    if person is None:
        return say("tui.nobody")
    return say("live.what_if_title" if person.what_if else "tui.user_title", user=person.user)


def person_lines(state: WorkbenchState, width: int) -> list[Text]:
    """The person in figures, what was done last (a line of its own, so that nothing below it moves), and what narrows
    their list."""
    person = state.person
    if person is None:
        return [Text(say("tui.press_u"), style="dim")]
    answer = person.answer
    figures = "  ·  ".join(_figures(person))
    if cell_len(figures) > width:
        figures = " · ".join(_figures(person, short=True))
    lines = [Text(fit(figures, width)), Text(fit(person.deed, width), style="bold")]
    options = options_told(state.asked)
    if options:
        lines.append(Text(fit(say("live.told_options", options=" · ".join(options)), width)))
    if answer is not None and answer.note and answer.items:
        lines.append(Text(answer.note, style="dim"))
    return lines


def _figures(person: PersonState, short: bool = False) -> list[str]:
    """Cluster, items taken (actions where some are there more than once), mean rating, what ranked and how long it
    took."""
    once = len({entry.item for entry in person.history}) == len(person.history)
    parts = [say("tui.items_taken" if once else "tui.actions", count=f"{len(person.history):,}")]
    ratings = [entry.rating for entry in person.history if entry.rating is not None]
    if ratings:
        parts.append(say("live.mean" if short else "tui.mean_rating", mean=f"{sum(ratings) / len(ratings):.2f}"))
    answer = person.answer
    if answer is not None:
        if answer.cluster is not None:
            parts.insert(0, f"C{answer.cluster} {answer.cluster_name}")
        named = say("tui.model_is", model=answer.model, preset=answer.preset, horizon=answer.horizon)
        parts.append(answer.model if short else named)
        parts.append(say("live.ms" if short else "tui.milliseconds", count=f"{answer.milliseconds:.0f}"))
    return parts


def stages_line(state: WorkbenchState) -> str:
    """What the dots of the list stand for; empty where it has none."""
    answer = state.person.answer if state.person is not None else None
    if answer is None or not any(stages_that_agree(entry.reasons) for entry in answer.items[:1]):
        return ""
    return say("live.stages", stages=" ".join(say(f"live.stage_{name}") for name, _ in STAGE_PARTS))
