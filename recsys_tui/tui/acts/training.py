"""Training: starting, following, stopping; taking the model that it made."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.training.events import FAILED, SAVED, TrainingEvent
from recsys_tui.training.job import PRESETS, PRIVATE, TrainingRequest
from recsys_tui.tui import messages as told
from recsys_tui.tui.acts.person_on_screen import PersonOnScreen
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.state.jobs import EMPTY_PRIVATE_STAGES, EMPTY_STAGES, JobState, called

if TYPE_CHECKING:
    from recsys_tui.tui.dialogs.parameters import ParameterGroup


class TrainingActs(PersonOnScreen):
    """What is done with the training process and the models it stores."""

    _job_told: float | None = None  # when the training last told something
    _by_itself = False  # nobody asked for the training that runs
    _saved: JobState | None = None  # the training whose model is about to be taken

    def on_model_ready(self, event: told.ModelReady) -> None:
        if event.users is not None:
            self._users = event.users
        self.state = replace(self.state, model=event.model, note=event.note)
        self._tell_who_answers()
        self._garbage.settled()
        if event.model is not None:
            self.ask_for_person(with_history=True)
        self.draw()
        self.ask_estimates()
        self._train_on()

    def model_gone(self, horizon: str) -> None:
        """Go on with what is stored now; nothing is trained again unasked."""
        if self._work is not None:
            self._planned = list(PRESETS)
            self.notify(say("train.gone"), severity="warning", markup=False, timeout=10)
            self._worker.submit(partial(self._work.take_horizon, horizon))

    def _tell_who_answers(self) -> None:
        """Say it where the model that was just trained is not the one that answers."""
        job, model, self._saved = self._saved, self.state.model, None
        if job is None or model is None or job.horizon != model.horizon or job.called == model.called:
            return
        told = say("train.another_answers", trained=job.called, answers=model.called, preset=job.preset)
        self.notify(told, markup=False, timeout=10)

    def _train_on(self) -> None:
        """Start what is to be trained by itself: quick first, then standard; or the one preset that was asked for."""
        if self._no_train or self._jobs.running or self.state.training:
            return
        if self._work is None or self._work.session is None:
            return
        have = self.state.model.preset if self.state.model is not None else None
        if have == PRIVATE and self._preset is None:
            return  # who trained with differential privacy gets no other model unasked
        wanted = [self._preset] if self._preset is not None else ["quick", "standard"]
        missing = [preset for preset in wanted if have not in PRESETS or PRESETS.index(preset) > PRESETS.index(have)]
        todo = [preset for preset in missing if preset not in self._planned]
        if todo:
            self._planned.append(todo[0])
            self._by_itself = True
            self._start_training(self.request_of(todo[0]))

    def ask_estimates(self) -> None:
        """Work out how long trainings of this data take, by earlier ones and by its size."""

        def estimates(session: Session) -> dict[str, dict[str, float]]:
            from recsys_tui.training.estimates import DataSize, all_expected

            data = session.dataset
            size = DataSize(data.user_count, data.item_count, data.interaction_count)
            return all_expected(size, [info.manifest for info in session.workspace.models()])

        def take(found: dict[str, dict[str, float]]) -> None:
            self.state = replace(self.state, estimates=found)
            job = self.state.job
            if job is not None and job.running and not job.estimates:
                expected = found.get(f"{job.preset}-{job.horizon}", {})  # nothing for a private one
                self.state = replace(self.state, job=replace(job, estimates=expected))
            self.draw()

        self.ask(estimates, take, kind="estimates")

    def _start_training(self, request: TrainingRequest) -> None:
        work = self._work
        if work is None or work.session is None:
            return
        session = work.session
        self._worker.submit(lambda: self._jobs.start(session, request))

    def on_training_started(self, event: told.TrainingStarted) -> None:
        preset = called(event.preset, event.epsilon)
        begun = say("train.log_started", preset=preset, horizon=event.horizon, seed=event.seed)
        log = (*(self.state.job.log if self.state.job is not None else ()), begun)
        job = JobState(
            event.preset,
            log=log,
            horizon=event.horizon,
            seed=event.seed,
            epochs=event.epochs,
            epsilon=event.epsilon,
            device=event.device,
            stages=EMPTY_STAGES if event.epsilon is None else EMPTY_PRIVATE_STAGES,
            estimates=self.state.estimates.get(f"{event.preset}-{event.horizon}", {}),
        )
        self._job_told = time.monotonic()
        self.state = replace(self.state, job=job)
        self.draw()

    def _shown_event(self, event: TrainingEvent) -> TrainingEvent:
        """What a training told, as it may be shown."""
        data = self.state.dataset
        if data is None or data.pseudonyms is None or not data.shared_ids or not event.clusters:
            return event
        from recsys_tui.models.tagged_model import tagged_clusters

        return replace(event, clusters=tagged_clusters(event.clusters, data.pseudonyms))

    def on_training_told(self, event: told.TrainingTold) -> None:
        if self.state.job is None:
            return
        job = self.state.job.after(self._shown_event(event.event))
        self._job_told = time.monotonic()
        self.state = replace(self.state, job=job)
        if event.event.kind == SAVED and self._work is not None:
            self._saved = job
            model = self.state.model
            elsewhere = model is not None and job.horizon != model.horizon
            # Who chose a horizon meanwhile keeps it, unless they asked for this training themselves.
            kept = model.horizon if model is not None and elsewhere and self._by_itself else job.horizon
            self._worker.submit(partial(self._work.take_horizon, kept))
            if elsewhere:
                told = f"train.there_{job.horizon}" if self._by_itself else f"train.now_{job.horizon}"
                self.notify(say(told), markup=False, timeout=10)
        if event.event.kind == FAILED:
            self._planned = list(PRESETS)
            self.notify(event.event.note or "", severity="error", markup=False, timeout=10)
        self.draw()

    def _tick(self) -> None:
        """The clock of the stage that runs goes on while nothing is told of it."""
        super()._tick()
        job = self.state.job
        if job is not None and job.running and self.mode in ("home", "train"):
            now = time.monotonic()
            self.state = replace(self.state, job=replace(job, since=now - (self._job_told or now)))
            self.draw()

    def on_training_ended(self) -> None:
        self._train_on()

    def action_train(self) -> None:
        from recsys_tui.tui.dialogs.train_request import USUAL_EPSILON, TrainDialog

        if self._work is None or self._work.session is None:
            self.notify(say("tui.still_reading"), markup=False)
        elif self.state.training:
            self.notify(say("tui.training_already"), markup=False)
            self.action_mode("train")
        else:
            seconds = {name: sum(stages.values()) for name, stages in self.state.estimates.items()}
            model = self.state.model
            preset = PRESETS[0] if model is None else model.preset
            usual = self.request_of(preset)
            seed = usual.seed if model is None else model.seed
            epsilon = USUAL_EPSILON if model is None or model.epsilon is None else model.epsilon
            self.push_screen(TrainDialog(seconds, preset, seed, epsilon, usual.device), self._chosen)

    def _chosen(self, request: TrainingRequest | None) -> None:
        if request is not None:
            self._planned.append(request.preset)
            self._by_itself = False
            self._start_training(request)
            self.action_mode("train")

    def action_stop_job(self) -> None:
        if not self.state.training:
            self.notify(say("tui.nothing_trains"), markup=False)
            return
        self._planned = list(PRESETS)
        self._jobs.stop()
        self.notify(say("tui.stopping"), markup=False)

    def action_discard_job(self) -> None:
        if not self.state.training:
            self.notify(say("tui.nothing_trains"), markup=False)
            return
        from recsys_tui.tui.dialogs.leave import discard_offers

        def chosen(name: str | None) -> None:
            if name is None or not self.state.training:
                return
            self._planned = list(PRESETS)
            self._filtering.submit(self._jobs.discard)
            self.notify(say("train.discarding"), markup=False)

        self.push_screen(ChoiceDialog(say("train.discard_title"), discard_offers(), say("tui.quit_hint")), chosen)

    def action_log(self) -> None:
        """The log of the training over the whole view, or back in its place."""
        from recsys_tui.tui.views.train import TrainView

        if self.mode != "train":
            self.action_mode("train")
        for view in self.screen_stack[0].query(TrainView):  # none yet while the program starts
            view.toggle_log()
        self.call_after_refresh(self.draw)

    def action_parameters(self) -> None:
        """What the running training is set up with, else what the present model was."""
        from recsys_tui.tui.dialogs.parameters import parameters_of

        dataset = self.state.dataset
        if dataset is None:
            self.notify(say("tui.still_reading"), markup=False)
            return
        job, model = self.state.job, self.state.model
        if job is not None and (job.running or model is None):
            request = TrainingRequest(job.preset, job.horizon, job.seed, job.device)
        elif model is not None:
            request = TrainingRequest(model.preset, model.horizon, model.seed, model.device)
        else:
            request = self.request_of(PRESETS[0])
        explicit = dataset.explicit

        def take(groups: tuple[ParameterGroup, ...]) -> None:
            from recsys_tui.tui.dialogs.parameters import ParametersDialog

            if len(self.screen_stack) == 1:
                self.push_screen(ParametersDialog(request.preset, groups))

        self.ask_for_dialog(lambda _session: parameters_of(request, explicit), take, kind="parameters")
