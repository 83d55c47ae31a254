"""What commands share that answer from a model: the one that is stored, or one that is trained first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from recsys_tui.cli.training_progress import ready_recommender
from recsys_tui.output.console import Console
from recsys_tui.output.messages import say
from recsys_tui.training.job import TrainingRequest

if TYPE_CHECKING:
    from recsys_tui.recommend.list_options import ListOptions
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session

PARTS_TOLD = 20


def answering_recommender(
    session: Session,
    out: Console,
    *,
    preset: str | None,
    horizon: str,
    no_train: bool,
    seed: int = 0,
    device: str = "auto",
    refresh: bool = False,
    users: Sequence[str] = (),
    items: Sequence[str] = (),
    options: ListOptions | None = None,
) -> tuple[Recommender, str | None]:
    """The recommender, and a sentence where the data is no longer what it was trained on, which is also told.

    Raises as :func:`recsys_tui.cli.training_progress.ready_recommender` does.
    """
    request = TrainingRequest(preset or "quick", horizon, seed, device)
    recommender = ready_recommender(
        session,
        request,
        out,
        no_train=no_train,
        preset_given=preset is not None,
        refresh=refresh,
        users=users,
        items=items,
        options=options,
    )
    session.home.remember(session.identity)
    info = session.model_info(horizon, preset)
    if info and "privacy" in info.manifest:
        out.tell(say("private.answers", epsilon=f"{info.manifest['privacy']['epsilon']:g}"))
    note = session.note(info) if info else None
    if note:
        out.tell(note)
    return recommender, note


def tell_probability(horizon: str, out: Console) -> None:
    """Say what the probabilities of a horizon mean."""
    out.tell(say("cli.what_probability_means" if horizon == "next" else "cli.what_probability_means_later"))


def teller(out: Console) -> Callable[[float], None]:
    """A function that tells on a terminal how far the answers are, at every twentieth."""
    told = [0]

    def progress(share: float) -> None:
        if out.lively and int(share * PARTS_TOLD) > told[0]:
            told[0] = int(share * PARTS_TOLD)
            out.tell(say("cli.answers_done", percent=f"{share:.0%}"))

    return progress
