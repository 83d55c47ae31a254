"""The feedback of some data as a program writes to it: what the data does not know is refused before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.given_values import given_id
from recsys_tui.store.feedback_log import FeedbackLog

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session

FIELDS = 3


class CheckedFeedback(FeedbackLog):
    """The log of a session, whose users and items have to be in the data."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.workspace.folder)
        self._session = session

    def add(self, said: Sequence[tuple[str | int, str | int, str | None]]) -> None:
        """Write down (user, item, verdict) as :meth:`FeedbackLog.add` does; ids may be whole numbers.

        Raises ``UserError`` as that does, exit 2 for what is no such row, and exit 3 for a user or an item that is not
        in the data, unless what was said of it is taken back.
        """
        rows = [self._row(row) for row in _rows(said)]
        super().add([self._known(*row) if row[2] is not None else row for row in rows])

    def _row(self, row: Any) -> tuple[str, str, str | None]:
        if isinstance(row, str | bytes) or not isinstance(row, Sequence) or len(row) != FIELDS:
            raise UserError("feedback.no_row", ExitCode.USAGE, row=repr(row)[:200])
        user, item, verdict = row
        return given_id(user), given_id(item), verdict

    def _known(self, user: str, item: str, verdict: str | None) -> tuple[str, str, str | None]:
        return (*self._session.known_pair(user, item), verdict)


def _rows(said: Any) -> list[Any]:
    if isinstance(said, str | bytes) or not isinstance(said, Sequence):
        raise UserError("feedback.no_row", ExitCode.USAGE, row=repr(said)[:200])
    return list(said)
