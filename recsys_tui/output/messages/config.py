"""Sentences about the configuration file."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    # Commands
    "config.help": "The configuration file: keys, theme, defaults.",
    "config.help_path": "Print where the configuration file is, or would be.",
    "config.help_show": "Print the settings that apply: of the file, else those of the program (in comments).",
    "config.help_validate": "Check the configuration file: every problem in one sentence, exit code 2 where there is one.",
    "config.nothing_wrong": "{path}: nothing is wrong.",
    "config.no_such_file": "RECSYS_CONFIG, {path}, names a user that this machine does not have; name the file by its whole path.",
    "config.no_file": "There is no {path}; the settings of the program apply.",
    "config.passed_over": "{path}, line {line}: {problem} It is passed over; recsys config validate lists all there is.",
    "config.passed_over_whole": "{path}: {problem} It is passed over; recsys config validate lists all there is.",
    "config.at_line": "line {line}: {problem}",
    # Problems
    "config.near": "; {name} is the nearest",
    "config.unreadable": "The file cannot be read ({reason}).",
    "config.forbidden": "The file cannot be read ({reason}), and may ask for pseudonyms, so that ids of people are shown as tags.",
    "config.pipe": "it is a pipe",
    "config.too_large": "The file holds more than {most}, and so is no configuration.",
    "config.endless_number": "it holds a number of thousands of digits",
    "config.many_dots": "A line of more than {most} dots is none of a configuration.",
    "config.not_toml": "This is not TOML: {reason}.",
    "config.no_such_setting": "There is no setting {name}{near}.",
    "config.no_table": "{name} is a table: write [{name}] on a line of its own, and its settings below.",
    "config.one_of": "{name} cannot be {value}; it is one of {names}.",
    "config.one_of_near": "{name} cannot be {value}; {nearest} is the nearest.",
    "config.no_number": "{name} cannot be {value}; it is a whole number from {least} to {most}.",
    "config.no_flag": "{name} cannot be {value}; it is true or false, and counts as true until that is put right.",
    "config.no_key_id": "No key has the id {name}{near}.",
    "config.no_keys": "{name} needs a key, or a list of keys, in quotes.",
    "config.no_such_key": "{name}: there is no key {key}{near}.",
    "config.collision": "The key {key} stands for both {first} and {second}; give one of them another.",
    "config.collisions": "The key {key} of {name} is that of other actions too ({others}); give it another.",
}
