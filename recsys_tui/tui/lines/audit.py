"""What an audit of the explanations found, as lines of text: curves, areas with intervals, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.tui.state.audit import AuditState
from recsys_tui.tui.widgets.charts import columns
from recsys_tui.tui.widgets.line_chart import Series, line_chart
from recsys_tui.tui.widgets.line_table import fit

WIDTHS = (19, 11, 11, 20, 23)  # cells of the columns
WIDE = sum(WIDTHS) + len(WIDTHS) - 1
CHART_HEIGHT = 8
ATTRIBUTION, RANDOM = "attribution", "random"


def audit_lines(state: AuditState, width: int) -> list[Text]:
    """Everything there is to say in ``width`` cells."""
    if state.document is None:
        return [Text(state.problem or say("audit.wait"))]
    found: Mapping[str, Any] = state.document["faithfulness"]
    lines = [Text(say("audit.deletion_title"), style="bold"), *_chart(found["curves"], width), Text("")]
    heads = say("audit.order"), say("audit.deletion_curve"), say("audit.insertion_curve"), say("audit.area")
    lines += [Text(_laid_out((*heads, say("audit.ahead")), width), style="dim", no_wrap=True)]
    lines += [_row(name, found, width) for name in found["areas"]]
    lines += [Text("")] + [Text(sentence) for sentence in sentences(state.document)]
    return lines


def _chart(curves: Mapping[str, Sequence[float]], width: int) -> list[Text]:
    """What is left of the item's gain after 0, 1, 2, … actions are taken away: by the explanation, and at random."""
    series = [
        Series(tuple((float(step), gain) for step, gain in enumerate(curves[name])), say(f"audit.order_{name}"), style)
        for name, style in ((RANDOM, "italic"), (ATTRIBUTION, "bold"))
    ]
    steps = len(curves[ATTRIBUTION]) - 1
    return line_chart(series, width, CHART_HEIGHT, x_labels=("0", say("audit.steps", steps=steps)), form=".2f")


def _row(name: str, found: Mapping[str, Any], width: int) -> Text:
    area, ahead = found["areas"][name], found["differences"].get(name)
    form = "+.3f" if width >= WIDE else "+.2f"
    cells = (
        say(f"audit.order_{name}"),
        _curve(found["curves"][name]),
        _curve(found["insertion_curves"][name]),
        f"{area['value']:.3f} {interval(area, '.3f')}",
        "" if ahead is None else f"{ahead['value']:{form}} {interval(ahead, form)}",
    )
    return Text(_laid_out(cells, width), style="bold" if name == ATTRIBUTION else "", no_wrap=True)


def _laid_out(cells: Sequence[str], width: int) -> str:
    """The cells of a row side by side; without what is put in where there is no room for all."""
    whole = [fit(cell, size) for cell, size in zip(cells, WIDTHS, strict=True)]
    kept = whole if width >= WIDE else [*whole[:2], *whole[3:]]
    return " ".join(kept)[:width].rstrip()


def _curve(gains: Sequence[float]) -> str:
    """A curve from 0 to 1 in one row of columns."""
    row = columns([*gains, 1.0], len(gains) + 1, 1)[0].plain  # the last one sets the height
    return row[: len(gains)]


def interval(measured: Mapping[str, float], form: str) -> str:
    """A 95 % interval in brackets."""
    return f"[{measured['low']:{form}}, {measured['high']:{form}}]"


def sentences(document: Mapping[str, Any]) -> list[str]:
    """What the figures say, in the words of ``recsys audit``."""
    found, checks = document["faithfulness"], document["checks"]
    told = [say("audit.people", people=found["people"], steps=found["steps"])]
    size, verified = found["counterfactual_size"], found["counterfactuals_verified"]
    if size is None or verified is None:
        some = say("audit.few_counterfactuals", fewest=CrowdGate().minimum)
        told.append(some if found["counterfactuals_found"] else say("audit.no_counterfactuals"))
    else:
        share = f"{found['counterfactuals_found']:.0%}"
        told.append(say("audit.counterfactuals", found=share, size=f"{size:.1f}", verified=f"{verified:.0%}"))
    told.append(say("audit.completeness", error=f"{found['completeness_error']:.1e}"))
    told.append(say("audit.stability", stability=f"{checks['stability']:.2f}", kept=f"{checks['top_kept']:.0%}"))
    told.append(say("audit.sanity", randomised=f"{checks['randomised']:.2f}"))
    return told
