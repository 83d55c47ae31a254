"""``recsys audit``: are the explanations true, and does the model leak who it was trained on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from recsys_tui.cli.answering import answering_recommender, teller
from recsys_tui.cli.choices import AnsweringPreset, HorizonOption, NoTrain, SeedOption
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.privacy_audit import audited_request, show_privacy
from recsys_tui.data.dataset import Mapping
from recsys_tui.models.private.accountant import check_given
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.training.job import PRIVATE

if TYPE_CHECKING:
    from recsys_tui.evaluate.attribution_checks import AttributionChecks
    from recsys_tui.evaluate.faithfulness import Faithfulness

MEASURED, ATTACKED, CHECKED = 200, 500, 50


@with_mapping
def audit(
    data: OptionalData = None,
    faithfulness: Annotated[bool, typer.Option("--faithfulness", help=say("audit.help_faithfulness"))] = False,
    privacy: Annotated[bool, typer.Option("--privacy", help=say("audit.help_privacy"))] = False,
    private: Annotated[
        float | None, typer.Option("--private", metavar="EPSILON", help=say("audit.help_private"))
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help=say("audit.help_forget"))] = False,
    delta: Annotated[float | None, typer.Option("--delta", help=say("private.help_delta"))] = None,
    people: Annotated[int | None, typer.Option("--people", min=2, max=10_000, help=say("audit.help_people"))] = None,
    preset: AnsweringPreset = None,
    horizon: HorizonOption = "next",
    seed: SeedOption = 0,
    no_train: NoTrain = False,
    *,
    mapping: Mapping,
) -> None:
    if faithfulness == privacy:
        raise UserError("audit.which")
    if faithfulness and (private is not None or delta is not None or forget):
        raise UserError("audit.private_is_of_privacy")
    if privacy and no_train:
        raise UserError("audit.privacy_trains", ExitCode.NOT_TRAINED)
    check_given(private, delta)
    out = console()
    session = open_session(data, mapping)
    if privacy:
        request = audited_request(session, preset, horizon, seed, private, delta)
        if forget and request.preset == PRIVATE:
            raise UserError("audit.forget_trains_no_private")
        show_privacy(session, request, people or ATTACKED, forget, out)
        return
    from recsys_tui.output.crowd_counts import next_crowds

    gate = CrowdGate()
    people = next_crowds(people or MEASURED, gate)
    recommender, _ = answering_recommender(session, out, preset=preset, horizon=horizon, no_train=no_train)
    from recsys_tui.evaluate.attribution_checks import check_attributions
    from recsys_tui.evaluate.faithfulness import FEWEST_ACTIONS, audit_people
    from recsys_tui.evaluate.faithfulness import faithfulness as summed_up

    out.tell(say("audit.measuring", people=people))
    # Of one person more or fewer, two audits would tell of that person by subtraction.
    measured = audit_people(recommender, people, seed, teller(out), gate.minimum)
    if not measured:
        raise UserError("audit.nobody", ExitCode.FAILED, people=gate.minimum, fewest=FEWEST_ACTIONS)
    found = summed_up(measured, seed, gate.minimum)
    checks = check_attributions(recommender, min(next_crowds(CHECKED, gate), people), seed, gate.minimum)
    head = {"preset": recommender.preset, "horizon": recommender.horizon, "seed": seed}
    if out.options.form == JSON:
        out.data(json_document(head | {"faithfulness": asdict(found), "checks": asdict(checks)}))
    elif out.options.form == CSV:
        rows = [
            (name, step, gain, found.insertion_curves[name][step])
            for name, curve in found.curves.items()
            for step, gain in enumerate(curve)
        ]
        out.data(csv_table(("order", "step", "deletion_gain", "insertion_gain"), rows))
    else:
        _show(found, checks, out)


def _show(found: Faithfulness, checks: AttributionChecks, out: Console) -> None:
    from recsys_tui.evaluate.faithfulness import K

    headers = [
        say("audit.order"),
        say("audit.area"),
        say("audit.interval"),
        say("audit.insertion"),
        say("audit.pos", k=K),
        say("audit.neg", k=K),
        say("audit.cdcg"),
        say("audit.ahead"),
        say("audit.interval"),
    ]
    rows = []
    for name, area in found.areas.items():
        ahead = found.differences.get(name)
        rows.append(
            (
                say(f"audit.order_{name}"),
                f"{area.value:.3f}",
                f"[{area.low:.3f}, {area.high:.3f}]",
                f"{found.insertion_areas[name].value:.3f}",
                f"{found.pos[name]:.3f}",
                f"{found.neg[name]:.3f}",
                f"{found.cdcg[name]:.3f}",
                "" if ahead is None else f"{ahead.value:+.3f}",
                "" if ahead is None else f"[{ahead.low:+.3f}, {ahead.high:+.3f}]",
            )
        )
    out.table(headers, rows, numbers=(1, 3, 4, 5, 6, 7))
    out.tell(say("audit.people", people=found.people, steps=found.steps))
    if found.counterfactual_size is None or found.counterfactuals_verified is None:
        some = say("audit.few_counterfactuals", fewest=CrowdGate().minimum)
        out.tell(some if found.counterfactuals_found else say("audit.no_counterfactuals"))
    else:
        share, size = f"{found.counterfactuals_found:.0%}", f"{found.counterfactual_size:.1f}"
        verified = f"{found.counterfactuals_verified:.0%}"
        out.tell(say("audit.counterfactuals", found=share, size=size, verified=verified))
    out.tell(say("audit.completeness", error=f"{found.completeness_error:.1e}"))
    out.tell(say("audit.stability", stability=f"{checks.stability:.2f}", kept=f"{checks.top_kept:.0%}"))
    out.tell(say("audit.sanity", randomised=f"{checks.randomised:.2f}"))
