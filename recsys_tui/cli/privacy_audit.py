"""``recsys audit --privacy``: does the model leak who it was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recsys_tui.cli.promises import promise_told
from recsys_tui.output.console import CSV, JSON, Console
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.writers import csv_table, json_document
from recsys_tui.training.job import PRIVATE, TrainingRequest

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session

PARTS_TOLD = 10


def audited_request(
    session: Session, preset: str | None, horizon: str, seed: int, epsilon: float | None, delta: float | None
) -> TrainingRequest:
    """What is trained to be attacked: what was asked for, else as the stored model was, else ``quick``.

    Raises ``UserError`` (exit 2) where a private model is asked for and nobody says what it is to promise.
    """
    if epsilon is not None:
        return TrainingRequest(PRIVATE, horizon, seed, "auto", epsilon, delta)
    info = session.model_info(horizon, preset)
    chosen = preset or (info.preset if info is not None else "quick")
    if chosen != PRIVATE:
        return TrainingRequest(chosen, horizon, seed)
    if info is None:
        raise UserError("private.say_epsilon")
    promised = info.manifest["privacy"]
    given = promised["delta"] if promised["delta_given"] else None
    return TrainingRequest(PRIVATE, horizon, seed, "auto", promised["epsilon"], given)


def show_privacy(session: Session, request: TrainingRequest, people: int, forget: bool, out: Console) -> None:
    """Run the audit and print what was found; ``forget``: also after the attacked people were forgotten."""
    from recsys_tui.evaluate.privacy.audit_process import run_audit

    session.load()
    session.home.check_writable()
    out.tell(say("audit.privacy_begins", preset=request.preset))
    found = run_audit(session.workspace.folder, request, people, forget, _teller(out))
    head = {"preset": request.preset, "horizon": request.horizon, "seed": request.seed}
    if out.options.form == JSON:
        out.data(json_document(head | found))
    elif out.options.form == CSV:
        rows = [
            (one["attack"], name, *(one[name][end] for end in ("value", "low", "high")), when)
            for when, one in _attacks(found)
            for name in ("auc", "tpr")
        ]
        out.data(csv_table(("attack", "figure", "value", "low", "high", "model"), rows))
    else:
        _show(found, out)


def _attacks(found: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each attack with the model that was attacked: ``trained`` on the members, or after they were ``forgotten``."""
    after = found["forgotten"]["attacks"] if found["forgotten"] else []
    return [("trained", one) for one in found["attacks"]] + [("forgotten", one) for one in after]


def _show(found: dict[str, Any], out: Console) -> None:
    headers = [
        say("audit.attack"),
        say("audit.auc"),
        say("audit.interval"),
        say("audit.tpr"),
        say("audit.interval"),
    ]
    rows = []
    for when, one in _attacks(found):
        attack = say(f"audit.attack_{one['attack']}")
        rows.append((
            attack if when == "trained" else say("audit.after_forgetting", attack=attack),
            f"{one['auc']['value']:.3f}",
            f"[{one['auc']['low']:.3f}, {one['auc']['high']:.3f}]",
            f"{one['tpr']['value']:.1%}",
            f"[{one['tpr']['low']:.1%}, {one['tpr']['high']:.1%}]",
        ))  # fmt: skip
    out.table(headers, rows, numbers=(1, 3))
    out.sentence(say(f"audit.leaks_{found['verdict']}"))
    if found["forgotten"]:
        out.sentence(say(f"audit.forgotten_{found['forgotten']['verdict']}"))
    out.sentence(say("audit.how_read", members=found["members"], others=found["others"]))
    if found["limits"] is not None:
        out.sentence(promise_told(found["privacy"]))
        out.sentence(say("audit.limits", auc=f"{found['limits']['auc']:.3f}", tpr=f"{found['limits']['tpr']:.1%}"))


def _teller(out: Console) -> Any:
    """Tell on a terminal how far each step is, elsewhere that it began."""
    told: dict[str, int] = {}

    def tell(step: str, share: float) -> None:
        done = int(share * PARTS_TOLD) if out.lively else 0
        if done > told.get(step, -1):
            told[step] = done
            out.tell(say(f"audit.step_{step}", percent=f"{share:.0%}"))

    return tell
