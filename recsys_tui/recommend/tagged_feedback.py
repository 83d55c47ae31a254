"""The feedback of a session under pseudonyms: ids in the log, tags in what is read of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recsys_tui.data.pseudonyms import is_tag
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.verdicts import Feedback, Verdicts

if TYPE_CHECKING:
    from recsys_tui.data.pseudonyms import Pseudonyms
    from recsys_tui.recommend.shown_names import ShownNames


class TaggedFeedback(FeedbackLog):
    """The log of a session; people may be named by id or by tag."""

    def __init__(self, folder: Path, pseudonyms: Pseudonyms, names: ShownNames) -> None:
        super().__init__(folder)
        self._pseudonyms, self._names = pseudonyms, names

    def add(self, said: Sequence[tuple[str, str, str | None]]) -> None:
        """See :meth:`FeedbackLog.add`; what is written down are ids."""
        names = self._names
        super().add([(names.stored(user), names.stored_item(item), verdict) for user, item, verdict in said])

    def entries(self, user: str | None = None) -> list[Feedback]:
        """See :meth:`FeedbackLog.entries`."""
        stored = None if user is None else self._names.stored(user)
        if stored is None or not is_tag(stored):
            return self._shown(super().entries(stored))
        # Nobody whom the data knows any more has it; who said something may.
        return [entry for entry in self._shown(super().entries()) if entry.user == user]

    def of(self, user: str) -> Verdicts:
        """See :meth:`FeedbackLog.of`."""
        return next(iter(self._gathered(self.entries(user)).values()), Verdicts())

    def _shown(self, entries: Sequence[Feedback]) -> list[Feedback]:
        if not entries:
            return []
        graph, tag = self._names.people_are_items, self._pseudonyms.of
        return [
            Feedback(entry.at, tag(entry.user), tag(entry.item) if graph else entry.item, entry.verdict)
            for entry in entries
        ]
