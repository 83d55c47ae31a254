"""What is asked of lists beyond the usual, in words."""

from __future__ import annotations

from recsys_tui.output.messages import say
from recsys_tui.recommend.list_options import NEVER
from recsys_tui.tui.state.workbench import PLAIN, Asked


def options_told(asked: Asked) -> tuple[str, ...]:
    """Each option that is set, in a few words; empty for a plain list."""
    options, told = asked.options, []
    if asked.k != PLAIN.k:
        told.append(say("live.told_k", k=asked.k))
    told += [str(condition) for condition in options.where]
    if options.repeat == NEVER:
        told.append(say("live.told_unseen"))
    if options.products_only:
        told.append(say("live.told_products"))
    if options.hide_popular:
        told.append(say("live.told_hide_popular", percent=f"{options.hide_popular:g}"))
    if options.diversity:
        told.append(say("live.told_diversity", value=f"{options.diversity:g}"))
    return tuple(told)
