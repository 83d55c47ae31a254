"""What the Users mode says about why an item is in a list: in words, in parts, by causes, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from recsys_tui.output.messages import say
from recsys_tui.output.probability import percent
from recsys_tui.recommend.agreement import STAGE_PARTS, stages_that_agree
from recsys_tui.recommend.answers import Reason, Recommendations
from recsys_tui.recommend.explanations.explanation import Cause, Explanation, causes_that_count
from recsys_tui.tui.lines.figures import decimals_of, plain, signed
from recsys_tui.tui.lines.person_rows import AGREES, DISAGREES, UNKNOWN, ListRow
from recsys_tui.tui.state.workbench import RANKERS, WhyState, WorkbenchState
from recsys_tui.tui.widgets.charts import bar
from recsys_tui.tui.widgets.line_table import fit

BAR_WIDTH = 8
MOST_CAUSES, MOST_TERMS = 6, 4
UNCLEAR = 0.25


def why_title(row: ListRow | None) -> str:
    """Which item is spoken of."""
    return say("tui.why") if row is None else say("tui.why_title", rank=row.entry.rank, title=row.title)


def why_lines(state: WorkbenchState, row: ListRow | None, width: int) -> list[Text]:
    """Everything about the item under the cursor; what is not worked out yet is left out."""
    answer = state.person.answer if state.person is not None else None
    if row is None or answer is None:
        return [Text(say("tui.why_empty"), style="dim")]
    entry, why = row.entry, state.why
    foretold = "live.probability" if entry.chance is None else "live.chance"
    likely = say(foretold, probability=percent(entry.foretold) if row.chances else UNKNOWN)
    known = why if why is not None and why.answer is answer and why.item == entry.item else None
    found = known.explanation if known is not None else None
    drafted = state.person is not None and state.person.drafted
    score, parts = _as_explained(found) if drafted else (row.score, entry.reasons)
    lines = [Text(fit(", ".join(entry.categories), width), style="dim")]
    lines.append(Text(likely if score is None else say("live.scored", likely=likely, score=score)))
    if cell_len(why_title(row)) > width:  # the border cuts it
        lines.insert(0, Text(row.title, style="bold"))
    if found is not None:
        lines += [Text(sentence, style="bold") for sentence in found.sentences]
    lines.append(Text(""))
    if drafted or len(parts) <= 1:
        lines += _who_ranked(state, answer)
    lines += _parts(parts, width)
    if known is not None and found is not None:
        lines += _explained(known, found, width)
    return lines


def _as_explained(found: Explanation | None) -> tuple[str | None, tuple[Reason, ...]]:
    """The score and its parts where they are worked out: those of a list that two models drafted do not compare, and
    would tell which of the two an item is of."""
    return (None, ()) if found is None else (plain(found.score, decimals_of([found.score])), found.components)


def _who_ranked(state: WorkbenchState, answer: Recommendations) -> Iterator[Text]:
    """Why the score has no parts, where it is not one of the deep model, which nothing but one part speaks for."""
    if state.person is not None and state.person.drafted:
        yield Text(say("ab.why_drafted", model=answer.model))
    elif answer.model != RANKERS[0]:
        # Where the deep model was asked, it says itself who serves in its place.
        served = state.ranked_by == RANKERS[0] and answer.note is not None
        yield Text(str(answer.note) if served else say("tui.why_one_part", model=answer.model))


def _parts(reasons: Sequence[Reason], width: int) -> Iterator[Text]:
    """What the score is made of; a dot says whether one of the four stages speaks for the item."""
    agree = dict(zip((name for name, _ in STAGE_PARTS), stages_that_agree(reasons) or (), strict=False))
    stage_of = {kind: name for name, kinds in STAGE_PARTS for kind in kinds}
    most = max((abs(reason.contribution) for reason in reasons), default=1.0) or 1.0
    decimals = decimals_of([most])
    for reason in reasons:
        agrees = agree.get(stage_of.get(reason.kind, ""))
        dot = " " if agrees is None else AGREES if agrees else DISAGREES
        name = fit(say(f"tui.component_{reason.kind}"), 12)
        shown = fit(bar(abs(reason.contribution) / most, BAR_WIDTH), BAR_WIDTH)
        line = Text(f"{dot} {name} {signed(reason.contribution, decimals)} ").append(shown, style="bold")
        if width > 48:
            line.append(" " + fit(reason.text, width - line.cell_len - 1).rstrip(), style="dim")
        yield line


def _explained(why: WhyState, found: Explanation, width: int) -> Iterator[Text]:
    """Causes with what would be without them, shared terms, the group, how sure."""
    ranks = {entry.item: entry for entry in found.without}
    causes = [cause for cause in causes_that_count(found.history) if cause.beyond_chance][:MOST_CAUSES]
    decimals = decimals_of(cause.contribution for cause in causes)
    if causes:
        yield Text("")
        yield Text(say("live.because"), style="dim")
    for cause in causes:
        entry = ranks.get(cause.item)
        moved = ""
        if entry is not None and entry.rank_before is not None and entry.rank_after != entry.rank_before:
            after = f"#{entry.rank_after}" if entry.rank_after is not None else f">{found.depth}"
            moved = f"#{entry.rank_before}→{after}"
        amount = signed(cause.contribution, decimals)
        room = max(4, width - len(amount) - len(moved) - 2)
        yield Text(f"{fit(_named(cause), room)} {amount} ").append(moved, style="bold")
    if not why.settled:
        yield Text(say("live.looking_for_changes"), style="dim")
    changed = found.counterfactual
    if changed is not None:
        named = ", ".join(title or item for item, title in changed.items)
        after = f">{found.depth}" if changed.rank is None else f"#{changed.rank}"
        yield Text(say("live.leaves", k=changed.k, items=named, after=after))
    terms = [term for term in found.content if term.telling][:MOST_TERMS]
    if terms:
        decimals = decimals_of(term.contribution for term in terms)
        told = " · ".join(f"{term.term} {signed(term.contribution, decimals)}" for term in terms)
        yield Text(say("live.shared", terms=told))
    taste = found.profile
    if taste is not None and taste.lift is not None and taste.share is not None:
        yield Text(say("live.group_takes", cluster=taste.cluster, share=f"{taste.share:.0%}", lift=f"{taste.lift:.1f}"))
    sure = found.sureness
    counts = {"agreeing": sure.agreeing, "speaking": sure.speaking, "causes": sure.causes, "actions": sure.actions}
    if sure.speaking:
        yield Text(say(f"explain.sureness_{sure.level}", **counts), style="dim")
    if sure.not_attributable > UNCLEAR:
        yield Text(say("explain.not_attributable", share=f"{sure.not_attributable:.0%}"), style="dim")


def _named(cause: Cause) -> str:
    title = cause.title or cause.item
    if cause.opinion is not None:
        return f"{'♥' if cause.opinion == 'like' else '✗'} {title}"
    return title if cause.rating is None else f"{cause.rating:g} {title}"
