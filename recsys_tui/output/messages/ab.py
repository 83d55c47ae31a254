"""Sentences of ``recsys ab`` and of tests in the workbench."""

ENGLISH: dict[str, str] = {
    # The log
    "ab.log_newer": "The log of A/B tests {path} is of a newer version of the program; use that.",
    "ab.log_busy": "Another process writes to the log of A/B tests {path} and does not end; try again.",
    "ab.log_damaged": "The log of A/B tests {path} cannot be read ({reason}); move it away to begin a new one.",
    "ab.already_running": "A/B test {number} ({a} against {b}) runs on this data; end it with recsys ab stop first.",
    "ab.none_runs": "No A/B test runs on this data; recsys ab start --a deep --b ease begins one.",
}
