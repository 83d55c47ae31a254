"""What the workbench shows, as plain frozen data. Widgets hold no truth: they are shown a state and draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from recsys_tui.models.signal_names import PRIVATE_SIGNALS
from recsys_tui.output.messages import say
from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.recommend.live_edits import LiveEdits
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui.state.audit import NOT_AUDITED, AuditState
from recsys_tui.tui.state.clusters import NO_CLUSTER, ClusterState
from recsys_tui.tui.state.compare import CompareState
from recsys_tui.tui.state.items import NO_ITEM, ItemState
from recsys_tui.tui.state.jobs import EMPTY_STAGES, JobState, StageState, called

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.overview import Overview
    from recsys_tui.data.preview import Preview
    from recsys_tui.evaluate.ab.live_lists import Dealt
    from recsys_tui.recommend.answers import Cluster, HistoryItem, Recommendations
    from recsys_tui.recommend.explanations.explanation import Explanation

PLAIN_OPTIONS, NOTHING_SAID, NO_EDITS = ListOptions(), Verdicts(), LiveEdits()
NOTHING_COMPARED = CompareState()
NOTHING_NAMED: Mapping[str, str | None] = MappingProxyType({})
NOBODY_EDITED: Mapping[str, LiveEdits] = MappingProxyType({})
# The deep model first, then its parts.
RANKERS = (
    "deep",
    "encoder",
    "sequence",
    "ease",
    "neighbours",
    "content",
    "profile",
    "friends",
    "interaction",
    "popular",
)


@dataclass(frozen=True)
class ModelState:
    """The model that answers: how it was trained and what it measured.

    ``horizons``: those that a model is stored for, its own among them. ``epsilon``: what a private model promises, of
    which nothing is measured; None for any other. ``measured``: what was measured is of enough people to be told.
    """

    preset: str
    horizon: str
    device: str
    stages: tuple[StageState, ...]
    validation: dict[str, float]
    parts: dict[str, float]
    losses: tuple[float, ...]
    ndcg: tuple[float, ...]
    clusters: tuple[Cluster, ...]
    seed: int = 0
    horizons: tuple[str, ...] = ()
    epsilon: float | None = None
    measured: bool = True

    @property
    def called(self) -> str:
        """By its preset."""
        return called(self.preset, self.epsilon)

    def rankers(self) -> tuple[tuple[str, float | None], ...]:
        """What can rank, and its NDCG@10 on held-out lists: the deep model first, then its parts that say anything. Of
        a private model all its parts, None for what was not measured."""
        if self.epsilon is not None:
            return ((RANKERS[0], None), *((name, None) for name in RANKERS[1:] if name in PRIVATE_SIGNALS))
        parts = [(name, self.parts.get(name, 0.0)) for name in RANKERS[1:]]
        there = sorted((part for part in parts if part[1] > 0), key=lambda part: -part[1])
        if not self.measured:
            able = {name for name, _ in there}
            return ((RANKERS[0], None), *((name, None) for name in RANKERS[1:] if name in able))
        return ((RANKERS[0], self.validation.get("ndcg@10", 0.0)), *there)

    def ranker(self, wanted: str) -> str:
        """What ranks where ``wanted`` is asked for: the deep model where that part says nothing (any more)."""
        return wanted if any(name == wanted for name, _ in self.rankers()) else RANKERS[0]


@dataclass(frozen=True)
class Asked:
    """What is asked of every list on screen: how long, and by which options."""

    k: int = 20
    options: ListOptions = PLAIN_OPTIONS


PLAIN = Asked()


@dataclass(frozen=True)
class PersonState:
    """The person on screen: id, history newest first, and the list (None while it is being made).

    ``said``: what they like and dislike by now. ``what_if``: it is only tried, and is not kept; ``kept`` is then what
    is, and ``trial`` the edits that are tried. ``before``: the items of the list before the last change (in a what-if:
    before it began), in order, to show how each moved. ``titles``: of what is said and not in the history. ``deed``:
    what was done last, as a sentence. ``heard``: it is known by now what they said. ``dealt``: how an A/B test
    dealt the list that they were shown, if one did; in a what-if the list before it. ``on_screen``: the same of the
    list on screen, and None where that is one of what is only tried.
    """

    user: str
    history: tuple[HistoryItem, ...] = ()
    answer: Recommendations | None = None
    said: Verdicts = NOTHING_SAID
    kept: Verdicts = NOTHING_SAID
    what_if: bool = False
    before: tuple[str, ...] | None = None
    trial: LiveEdits = NO_EDITS
    titles: Mapping[str, str | None] = field(default_factory=lambda: NOTHING_NAMED)
    deed: str = ""
    heard: bool = False
    dealt: Dealt | None = None
    on_screen: Dealt | None = None

    @property
    def drafted(self) -> bool:
        """Whether both arms of an A/B test made the list on screen together."""
        return self.on_screen is not None and self.on_screen.interleaved


@dataclass(frozen=True)
class ReadingState:
    """What is known while data is read: its first rows, how many lines were counted, the share of the file that is."""

    preview: Preview | None = None
    lines: int | None = None
    share: float = 0.0


UNREAD = ReadingState()


@dataclass(frozen=True)
class WhyState:
    """Why one item of the list on screen stands there: of which ``answer``, and the explanation, None while it is
    worked out. ``settled``: what would change it was looked for too."""

    answer: Recommendations
    item: str
    explanation: Explanation | None = None
    settled: bool = False


@dataclass(frozen=True)
class WorkbenchState:
    """Everything on screen. ``estimates``: seconds that each stage would take, by ``preset-horizon``."""

    name: str = ""
    step: str = ""
    reading: ReadingState = UNREAD
    estimates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    dataset: Dataset | None = None
    overview: Overview | None = None
    note: str | None = None
    model: ModelState | None = None
    job: JobState | None = None
    person: PersonState | None = None
    why: WhyState | None = None
    ranked_by: str = "deep"
    asked: Asked = PLAIN
    edits: Mapping[str, LiveEdits] = field(default_factory=lambda: NOBODY_EDITED)
    compared: CompareState = NOTHING_COMPARED
    looked_at: ClusterState = NO_CLUSTER
    item: ItemState = NO_ITEM
    audit: AuditState = NOT_AUDITED

    @property
    def training(self) -> bool:
        """Whether a training runs now."""
        return self.job is not None and self.job.running

    @property
    def why_no_model(self) -> str:
        """Why there is no model to ask, and what gives one."""
        if self.dataset is None and self.step != "none":
            return say("tui.still_reading")
        return say("tui.first_training" if self.training else "tui.train_first")

    def stages(self) -> tuple[StageState, ...]:
        """The stages to show: of the running training, else of the model, else all waiting."""
        if self.job is not None and (self.job.running or self.model is None):
            return self.job.stages_now()
        return self.model.stages if self.model is not None else EMPTY_STAGES

    def clusters(self) -> tuple[Cluster, ...]:
        """The groups of people: of the model that answers, else of the training as soon as it has named them."""
        if self.model is not None:
            return self.model.clusters
        return self.job.clusters if self.job is not None else ()

    def expected(self) -> Mapping[str, float]:
        """Seconds that each stage takes by estimate: of the running training, else of the preset that would be next."""
        if self.job is not None and self.job.running:
            return self.job.estimates
        model = self.model
        return self.estimates.get("quick-next" if model is None else f"{model.preset}-{model.horizon}", {})
