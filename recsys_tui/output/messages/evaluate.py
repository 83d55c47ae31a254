"""Sentences about judging models."""

from __future__ import annotations

ENGLISH = {
    "evaluate.chosen_temporal": "Protocol: temporal, the most honest that this data allows: no model sees anything that happened after what it is asked about.",
    "evaluate.chosen_last": "Protocol: last. One cut in time would be about {people} people only, and fewer than {enough} make figures too uncertain.",
    "evaluate.chosen_last_without_dates": "Protocol: last. There is an order but no dates, so no cut in time is possible.",
    "evaluate.chosen_random": "Protocol: random. There is no time or order, so nothing can be told about what people take next.",
    "evaluate.says_last": "Each person's newest item is held out. Models learn from what other people did later, which a recommender at work would not know yet.",
    "evaluate.says_temporal": "What people took for the first time after one moment is held out, the newest tenth of all; models see nothing from that moment on.",
    "evaluate.says_random": "A fifth of each person's items is held out at random.",
    "evaluate.leaks_random": "This leaks the future: models learn from what people did after what they are asked about, so figures are higher than at work. Prefer temporal or last.",
    "evaluate.says_users": "{people} people are kept from the models altogether; asked about each one's newest item, models get the rest of the history as that of someone new.",
    "evaluate.no_order": "The protocol {protocol} needs times or an order, which this data does not have; use --protocol random.",
    "evaluate.no_dates": "The protocol {protocol} needs dates, which this data does not have; use --protocol last or random.",
    "evaluate.too_few_people": "The protocol {protocol} leaves fewer than two people to ask about; the data is too small to judge models by.",
    "evaluate.says_own": "The split is your own; whether it lets models see the future is yours to know.",
    "evaluate.test_of_unknown": "{people} people of the test file have no training row and are left out.",
    "evaluate.test_of_others": "Nobody in {path} has a row in the training file; give the two parts of one split.",
    "evaluate.test_without_pairs": "{path} has no columns of users and items that could be told; name them as the training file does.",
    "evaluate.lists_without_columns": "{path} needs the columns user, item and rank; it has {names}.",
    "evaluate.lists_without_order": "Not every {column} in {path} is a number; give ranks from 1, or scores.",
    "evaluate.lists_of_others": "{path} has a list for none of the people who are asked about; write the split with --lists and make lists for its test.csv.",
}
