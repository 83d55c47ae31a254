"""A trained model as it is shown under pseudonyms: tags where ids of people stood; it answers as before."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from recsys_tui.data.pseudonyms import Pseudonyms
from recsys_tui.data.tagged_texts import TaggedTexts
from recsys_tui.data.text_list import TextList
from recsys_tui.models.trained_model import Catalogue, TrainedModel
from recsys_tui.output.messages import say


def tagged_model(model: TrainedModel, pseudonyms: Pseudonyms) -> TrainedModel:
    """The model with tags instead of ids of people.

    In a graph of people the items are people too: their ids are tags, and their titles, which are names, are left out.
    """
    attributes = copy.copy(model.attributes)
    if attributes is not None:
        attributes.silent = TaggedTexts.over(attributes.silent, pseudonyms)
    catalogue = model.catalogue
    if model.people.own_items is not None:
        untitled = TextList.of([None] * len(catalogue))
        catalogue = replace(catalogue, ids=TaggedTexts.over(catalogue.ids, pseudonyms), titles=untitled)
    people = replace(model.people, ids=TaggedTexts.over(model.people.ids, pseudonyms))
    return replace(model, people=people, catalogue=catalogue, attributes=attributes)


def tagged_manifest(manifest: Mapping[str, Any], known: Catalogue, shown: Catalogue) -> Mapping[str, Any]:
    """What is stored of a model, with no cluster named after a title that is not shown any more."""
    if known.titles is shown.titles:
        return manifest
    clusters = []
    for entry in manifest["clusters"]:
        codes = [int(code) for code, _lift in entry["items"]]
        items = [(str(shown.ids[code]), known.titles[code]) for code in codes]
        clusters.append(entry | {"name": _name(entry["name"], items)})
    return {**manifest, "clusters": clusters}


def tagged_clusters(clusters: Sequence[Mapping[str, Any]], pseudonyms: Pseudonyms) -> list[dict[str, Any]]:
    """The clusters that a training tells of in a graph of people: name, items (id, title, lift) and what else is known
    of each."""
    shown = []
    for entry in clusters:
        items = [(pseudonyms.of(item), title) for item, title, _lift in entry["items"]]
        lifts = [lift for _item, _title, lift in entry["items"]]
        told = [[tag, None, lift] for (tag, _title), lift in zip(items, lifts, strict=True)]
        shown.append({**entry, "name": _name(entry["name"], items), "items": told})
    return shown


def _name(name: str, items: Sequence[tuple[str, str | None]]) -> str:
    """The name of a cluster; one after the title of an item, which is not shown, with its tag instead."""
    like = {say("models.cluster_like", title=title): say("models.cluster_like", title=tag) for tag, title in items}
    return like.get(name, name)
