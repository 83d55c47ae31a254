"""Training: starting, following, stopping; taking the model that it made."""

from __future__ import annotations

import gc
from dataclasses import replace

from recsys_tui.output.messages import say
from recsys_tui.training.events import FAILED, SAVED
from recsys_tui.training.job import PRESETS, TrainingRequest
from recsys_tui.tui import messages as told
from recsys_tui.tui.base import WorkbenchBase
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer
from recsys_tui.tui.state import JobState


class TrainingActs(WorkbenchBase):
    """What is done with the training process and the models it stores."""

    def on_model_ready(self, event: told.ModelReady) -> None:
        if event.users is not None:
            self._users = event.users
        self.state = replace(self.state, model=event.model, note=event.note)
        # What is there now stays: without this every full garbage collection would walk it, 100 ms between two keys.
        gc.freeze()
        person = self.state.person
        if person is not None and event.model is not None and self._work is not None:
            work, user, ranked_by = self._work, person.user, self.state.ranked_by
            self._worker.submit(lambda: work.person(user, ranked_by), kind="person")
        self.draw()
        self._train_on()

    def _train_on(self) -> None:
        """Start what is to be trained by itself: quick first, then standard; or the one preset that was asked for."""
        if self._no_train or self._jobs.running or self.state.training:
            return
        if self._work is None or self._work.session is None:
            return
        have = self.state.model.preset if self.state.model is not None else None
        wanted = [self._preset] if self._preset is not None else ["quick", "standard"]
        missing = [preset for preset in wanted if have is None or PRESETS.index(preset) > PRESETS.index(have)]
        todo = [preset for preset in missing if preset not in self._planned]
        if todo:
            self._planned.append(todo[0])
            self._start_training(todo[0])

    def _start_training(self, preset: str) -> None:
        work = self._work
        if work is None or work.session is None:
            return
        session = work.session
        self._worker.submit(lambda: self._jobs.start(session, TrainingRequest(preset)))

    def on_training_started(self, event: told.TrainingStarted) -> None:
        log = self.state.job.log if self.state.job is not None else ()
        self.state = replace(self.state, job=JobState(event.preset, log=log))
        self.draw()

    def on_training_told(self, event: told.TrainingTold) -> None:
        if self.state.job is None:
            return
        self.state = replace(self.state, job=self.state.job.after(event.event))
        if event.event.kind == SAVED and self._work is not None:
            self._worker.submit(self._work.take_model)
        if event.event.kind == FAILED:
            self._planned = list(PRESETS)
            self.notify(event.event.note or "", severity="error", markup=False, timeout=10)
        self.draw()

    def on_training_ended(self) -> None:
        self._train_on()

    def action_train(self) -> None:
        if self._work is None or self._work.session is None:
            self.notify(say("tui.still_reading"), markup=False)
        elif self.state.training:
            self.notify(say("tui.training_already"), markup=False)
            self.action_mode("train")
        else:
            offers = [Offer(preset, preset, say(f"tui.about_{preset}")) for preset in PRESETS]
            self.push_screen(ChoiceDialog(say("tui.choose_preset"), offers), self._chosen_preset)

    def _chosen_preset(self, preset: str | None) -> None:
        if preset is not None:
            self._planned.append(preset)
            self._start_training(preset)
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
        self._planned = list(PRESETS)
        self._filtering.submit(self._jobs.discard)
