"""recsys-tui: a recommender one can see into, for anyone with a file of interactions.

The rooms, in the order in which a file becomes a recommendation: ``data`` reads it, ``profiles`` describes its
people and its items, ``models`` learns, ``training`` runs the stages in a process of their own, ``store`` keeps the
result, ``recommend`` answers, ``cli`` and ``tui`` show. ``output`` holds the words and the
writers; every room may use it. ``recsys_tui.api`` is the Python face.
"""

__version__ = "0.1.0"

_FACE = ("open", "train", "recommend", "OpenData")


def __getattr__(name: str) -> object:
    """Bring in the Python face when it is first used, so that importing the package stays light."""
    if name in _FACE:
        from recsys_tui import api

        return getattr(api, name)
    raise AttributeError(name)
