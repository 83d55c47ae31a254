"""The names of the signals: what the three first stages say about a person and an item, and what each belongs to."""

from __future__ import annotations

# Signal → the component of the score that it belongs to, in the order of the stack. Last come those that are learned in
# steps: the interaction model's logit, which is made of the others before it, and the sequence encoder.
COMPONENT_OF = {
    "sequence": "sequence",
    "transitions": "sequence",
    "ease": "co_liking",
    "neighbours": "co_liking",
    "content": "content",
    "content_recent": "content",
    "content_last": "content",
    "profile": "profile",
    "profile_recent": "profile",
    "cluster": "profile",
    "popular": "popularity",
    "recent": "popularity",
    "friends": "friends",
    "follows_back": "friends",
    "interaction": "interaction",
    "encoder": "encoder",
}
SIGNALS = tuple(COMPONENT_OF)
INPUT_SIGNALS = SIGNALS[:-2]
# What a person takes next follows from what they took last; what they take over weeks does not.
NEXT_ONLY = ("sequence", "transitions", "content_last", "encoder")

# What a private model has; the other signals would need people's histories themselves.
PRIVATE_SIGNALS = ("ease", "transitions", "content", "content_recent", "content_last", "popular")


def signals_for(horizon: str) -> tuple[str, ...]:
    """The signals that the deep model of a horizon reads."""
    return SIGNALS if horizon == "next" else tuple(name for name in SIGNALS if name not in NEXT_ONLY)
