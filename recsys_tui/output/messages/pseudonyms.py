"""Sentences about pseudonyms."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    "pseudonyms.making_key": "making the key of pseudonyms",
    "pseudonyms.no_key": "The key of pseudonyms, {key}, is damaged; put it back from a copy, or remove it: with a new one everybody has another pseudonym.",
    "pseudonyms.collision": "Two people of this data have the same pseudonym, which hardly ever happens; remove pseudonyms.key from the home folder, and with a new key everybody has another one.",
    "pseudonyms.said": "People are shown by pseudonyms. That is not anonymity: what somebody did can tell who they are.",
    "pseudonyms.chip": "pseudonyms",
}
