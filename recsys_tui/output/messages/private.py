"""Sentences about differential privacy: ``recsys train --private`` and what it leaves out."""

ENGLISH: dict[str, str] = {
    "private.help": "Train with differential privacy instead of a preset: with this ε no one person changes by much what the model says; smaller is stricter, 1 is strict, 8 is loose.",
    "private.help_delta": "The chance that what --private promises does not hold; by default 1 / people^1.1.",
    "private.delta_alone": "--delta goes with --private EPSILON.",
    "private.bad_epsilon": "ε must be a number above 0 and at most {most}, not {value}; 1 is strict, 8 is loose.",
    "private.bad_delta": "δ must lie between 0 and 1, not be {value}.",
    "private.delta_too_large": "δ must be below one person among {people}, which is {most}, not {delta}.",
    "private.too_few": "Differential privacy needs {fewest} people at least, and this data has {people}: the noise would leave nothing.",
    "private.needs_epsilon": "No private model is stored: train one with recsys train DATA --private 1.",
    "private.everybody": "Everybody",
    "private.promised": "Trained with differential privacy: ε = {epsilon}, δ = {delta}, each person as a whole. Left out for it: groups of people, the network, chances, expected ratings, and figures of how well it ranks.",
    "private.trained": "Trained in {seconds} s; no figures of how well it ranks: measuring would tell of people. recsys evaluate DATA --private EPSILON measures such a model on the side.",
    "private.answers": "The private model answers (ε = {epsilon}). It tells no chances: 0.5 stands for not known.",
    "private.no_such_part": "A private model has no part {name}; it has: {names}.",
    "private.no_taste": "A private model does not tell which items the same people take; --by content is open to it.",
    "private.no_audience": "A private model tells no chances, by which people could be compared; --preset quick ranks them.",
    "private.help_evaluate": "Compare a model trained with differential privacy too, with this ε.",
    "private.say_epsilon": "Say what the private model is to promise: --private EPSILON.",
    "private.no_parameters": "Trained with differential privacy; recsys train DATA --private EPSILON --json tells all of it.",
    "private.core": "With --k-core it depends on one person whether others stay in the data, which no noise here covers; leave it out with --private.",
    "private.people_are_items": "In this data people are items too, and a model names its items: differential privacy of people cannot be promised for it.",
}
