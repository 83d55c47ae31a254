"""The command that prints what is on screen: the same list, with the same scores and reasons, as one JSON document."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.stored_feedback import merged
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui.state.compare import CLASSIC_OF
from recsys_tui.tui.state.items import SHOWN, WAYS
from recsys_tui.tui.state.workbench import Asked, PersonState, WorkbenchState

PROGRAM = "recsys"
STANDARD_INPUT = "-"
AUDITED = 100  # people
BY_ITSELF = ("deep", "ease", "popular")


@dataclass(frozen=True)
class Opened:
    """What is open: the data as it was given, where it lies, its mapping, and the home folder if it is not the usual.

    ``forgotten``: the mapping is empty, though another was the last used for this data. ``pseudonyms``: people are
    shown by tags.
    """

    data: str
    path: Path
    mapping: Mapping
    home: Path | None = None
    forgotten: bool = False
    pseudonyms: bool = False

    def argument(self) -> str:
        """The data as an argument: what came through standard input by the file that keeps it."""
        if self.data == STANDARD_INPUT:
            return str(self.path)
        return f"./{self.data}" if self.data.startswith("-") else self.data

    def options(self) -> list[str]:
        """The options that open the same data with the same columns from the same home folder."""
        found = self.mapping.options()
        if self.forgotten:
            found.append("--detect")
        if self.pseudonyms:
            found.append("--pseudonyms")
        return found + ([] if self.home is None else option("--home", self.home))


def option(name: str, value: object) -> list[str]:
    """An option and its value: as one argument where the value could be taken for another option."""
    text = str(value)
    return [f"{name}={text}"] if text.startswith("-") else [name, text]


def equivalent_command(mode: str, state: WorkbenchState, opened: Opened, item: str | None = None) -> list[str]:
    """The arguments of the command that prints what a mode shows; ``item``: that of the item on screen, if any.

    Raises ``UserError`` where no command does, with a sentence that says why.
    """
    if mode == "train":
        return [PROGRAM, "train", opened.argument(), *_training(state), *opened.options(), "--json"]
    if mode == "clusters":
        looked = state.looked_at
        one = ["--cluster", str(looked.at)] if looked.inside and looked.at is not None else []
        return [PROGRAM, "clusters", opened.argument(), *one, *opened.options(), "--json"]
    if mode == "users" and state.person is not None:
        return recommend_command(state.person, state.ranked_by, state.asked, state, opened)
    if mode == "items" and item is not None:
        return [PROGRAM, "similar", opened.argument(), *_similar(item, state), *opened.options(), "--json"]
    if mode == "compare":
        return [PROGRAM, "evaluate", opened.argument(), *_evaluation(state), *opened.options(), "--json"]
    return [PROGRAM, "inspect", opened.argument(), *opened.options(), "--json"]


def recommend_command(
    person: PersonState, ranked_by: str, asked: Asked, state: WorkbenchState, opened: Opened
) -> list[str]:
    """The command whose list is that of the person on screen.

    Stored likes and dislikes count there as they do here; what is only tried is said in the command.
    """
    if ranked_by == "deep" and person.on_screen is not None:
        raise UserError("ab.no_command")
    command = [PROGRAM, "recommend", opened.argument(), *option("--user", person.user), "-k", str(asked.k)]
    if ranked_by != "deep":
        command += option("--model", ranked_by)
    if person.what_if:
        command += _tried(person.kept, person.said)
    command += _list_options(asked.options)
    answer, model = person.answer, state.model
    preset = answer.preset if answer is not None else None if model is None else model.preset
    horizon = answer.horizon if answer is not None else "next" if model is None else model.horizon
    if preset is not None:
        command += ["--preset", preset]
    command += _horizon(horizon)
    return [*command, *opened.options(), "--explain", "--json"]


def audit_command(state: WorkbenchState, opened: Opened) -> list[str]:
    """The command that audits the explanations of the model that answers."""
    model = state.model
    made = [] if model is None else ["--preset", model.preset, *_horizon(model.horizon)]
    command = [PROGRAM, "audit", opened.argument(), "--faithfulness", "--people", str(AUDITED), *made, "--no-train"]
    return [*command, *opened.options(), "--json"]


def _horizon(horizon: str) -> list[str]:
    return [] if horizon == "next" else ["--horizon", horizon]


def _tried(kept: Verdicts, said: Verdicts) -> list[str]:
    """The edits that are tried on top of what is kept; all of them, and nothing stored, where that cannot say it."""
    like = [item for item in said.liked if item not in kept.liked]
    dislike = [item for item in said.disliked if item not in kept.disliked]
    found: list[str] = []
    if merged(kept, like, dislike) != said:
        found, like, dislike = ["--no-feedback"], list(said.liked), list(said.disliked)
    for item in like:
        found += option("--like", item)
    for item in dislike:
        found += option("--dislike", item)
    return found


def _list_options(options: ListOptions) -> list[str]:
    """The options of the list that are not what they are by themselves."""
    if options.only is not None or options.exclude:
        raise UserError("take.items_from_a_file")
    found: list[str] = []
    if options.repeat != "auto":
        found += ["--repeat", options.repeat]
    if options.products_only:
        found.append("--products-only")
    for condition in options.where:
        found += option("--where", condition)
    for item in options.pin:
        found += option("--pin", item)
    if options.diversity:
        found += ["--diversity", str(options.diversity)]
    if options.hide_popular:
        found += ["--hide-popular", str(options.hide_popular)]
    return found


def _training(state: WorkbenchState) -> list[str]:
    """How the running training, or else the model that answers, was asked for."""
    made = state.job if state.training else state.model
    if made is None:
        return []
    seed = [] if not made.seed else ["--seed", str(made.seed)]
    # A model tells where it has learned, not what it was asked for: on another machine that may be elsewhere.
    device = [] if state.job is None or not state.training else _device(state.job.device)
    return ["--preset", made.preset, *_horizon(made.horizon), *seed, *device]


def _device(device: str) -> list[str]:
    return [] if device == "auto" else ["--device", device]


def _similar(item: str, state: WorkbenchState) -> list[str]:
    """The list of similar items that is on screen."""
    preset = [] if state.model is None or state.item.by == WAYS[-1] else ["--preset", state.model.preset]
    return [*option("--item", item), "-k", str(SHOWN), "--by", state.item.by, *preset]


def _evaluation(state: WorkbenchState) -> list[str]:
    """The comparison that is on screen, else the one that would be made."""
    stored = state.compared.stored
    if stored is not None:
        seed = stored.document["seed"]
        found = ["--models", ",".join(stored.names), "--preset", stored.preset]
        return found + ([] if not seed else ["--seed", str(seed)])
    named = [CLASSIC_OF.get(name, name) for name in (state.compared.a, state.compared.b)]
    models = [name for name in BY_ITSELF if name in named] or list(BY_ITSELF)
    preset = "quick" if state.model is None else state.model.preset
    return ["--models", ",".join(models if len(models) > 1 else BY_ITSELF), "--preset", preset]


def shell_text(arguments: Sequence[str]) -> str:
    """The command as a shell reads it."""
    return shlex.join(arguments)
