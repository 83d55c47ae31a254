"""Auditing the explanations: in the background, by the command that anybody can run."""

from __future__ import annotations

import threading
from dataclasses import replace

from recsys_tui.output.messages import say
from recsys_tui.tui.acts.take import TakeActs
from recsys_tui.tui.audit_run import AuditEnded, AuditRunner
from recsys_tui.tui.messages import DataReady
from recsys_tui.tui.state.audit import AuditState


class AuditingActs(TakeActs):
    """What is done to find out whether the explanations are true."""

    _audits: AuditRunner | None = None

    @property
    def audits(self) -> AuditRunner:
        """The audit that runs, if one does."""
        if self._audits is None:
            self._audits = AuditRunner(self.post_message)
        return self._audits

    def action_audit(self) -> None:
        """Show what an audit of the present model found; start one where there is none."""
        from recsys_tui.tui.dialogs.audit import AuditDialog

        if self.state.model is None:
            self.notify(self.state.why_no_model, markup=False)
            return
        if self.state.audit.model is not self.state.model:
            self._start_audit()
        self.push_screen(AuditDialog(self.state.audit), self._after_audit)

    def _after_audit(self, again: bool | None) -> None:
        from recsys_tui.tui.dialogs.audit import AuditDialog

        if again and not self.state.audit.running:
            self._start_audit()
            self.push_screen(AuditDialog(self.state.audit), self._after_audit)

    def _start_audit(self) -> None:
        from recsys_tui.tui.taking.equivalent_command import audit_command

        arguments = audit_command(self.state, self.opened())[1:]
        self._told(AuditState(self.state.model, running=True))
        self._filtering.submit(lambda: self.audits.start(arguments))

    def on_audit_ended(self, event: AuditEnded) -> None:
        from recsys_tui.tui.dialogs.audit import AuditDialog

        before = self.state.audit
        if not before.running:
            return
        self._told(AuditState(before.model, False, event.document, event.problem))
        if not isinstance(self.screen, AuditDialog):
            shown = self.shown_key("explain.audit")
            sentence = say("audit.done", key=shown) if event.problem is None else event.problem
            self.notify(sentence, markup=False)

    def _told(self, audit: AuditState) -> None:
        from recsys_tui.tui.dialogs.audit import AuditDialog

        self.state = replace(self.state, audit=audit)
        for screen in self.screen_stack:
            if isinstance(screen, AuditDialog):
                screen.show(audit)

    def on_data_ready(self, _event: DataReady) -> None:
        """Other data is open: an audit of the data before ends."""
        if self._audits is not None and self._audits.running:
            threading.Thread(target=self._audits.stop, name="stopping", daemon=True).start()

    def on_unmount(self) -> None:
        """Nothing of an audit outlives the workbench."""
        if self._audits is not None:
            self._audits.stop()
