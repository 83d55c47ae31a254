"""recsys-tui: a recommender one can see into, for anyone with a file of interactions.

The rooms, in the order in which a file becomes a recommendation: ``data`` reads it, ``profiles`` describes its
people and its items, ``models`` learns, ``training`` runs the stages in a process of their own, ``store`` keeps the
result, ``recommend`` answers, ``cli`` and ``tui`` show. ``output`` holds the words and the
writers; every room may use it. ``recsys_tui.api`` is the Python face.
"""

TYPE_CHECKING = False  # what type checkers take for True: typing is not read before an interrupt can be told

if TYPE_CHECKING:
    from recsys_tui.api import OpenData as OpenData
    from recsys_tui.api import open as open
    from recsys_tui.api import train as train

__version__ = "0.1.0"

# ``recommend`` is not among them: that name is the room's; the function is ``recsys_tui.api.recommend``.
_FACE = ("open", "train", "OpenData")


def __getattr__(name: str) -> object:
    """Bring in the Python face when it is first used, so that importing the package stays light."""
    if name in _FACE:
        from recsys_tui import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_FACE])
