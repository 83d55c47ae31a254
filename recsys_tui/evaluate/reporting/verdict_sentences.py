"""The verdicts of a comparison in sentences, from the document of ``recsys evaluate --json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recsys_tui.evaluate.reporting.numbers import figure, points, share, signed
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say

Document = Mapping[str, Any]
LOSSES_TOLD = 3


def verdict_sentences(document: Document) -> Iterator[str]:
    """Satisfaction, overfitting, popularity bias, and where the model loses: the first few cases and how many more."""
    yield from satisfaction_sentences(document)
    yield from overfitting_sentences(document)
    yield from popularity_sentences(document)
    told = list(loss_sentences(document))
    yield from told[:LOSSES_TOLD]
    if len(told) > LOSSES_TOLD:
        yield say("report.loses_more", count=len(told) - LOSSES_TOLD)
    yield from loss_note(document)


def overfitting_sentences(document: Document) -> Iterator[str]:
    """One sentence, where a model told of its epochs."""
    found = document.get("verdicts", {}).get("overfitting")
    if not found:
        return
    loss, curve = found["training_loss"], found["validation_ndcg@10"]
    yield say(
        f"report.overfit_{found['verdict']}",
        model=document["verdicts"]["model"],
        epochs=found["epochs"],
        kept=found["kept"],
        loss_first=figure(loss["first"]),
        loss_kept=figure(loss["kept"]),
        loss_last=figure(loss["last"]),
        best=figure(curve["best"]),
        last=figure(curve["last"]),
    )


def popularity_sentences(document: Document) -> Iterator[str]:
    """One sentence, where enough people stand behind it."""
    found = document.get("verdicts", {}).get("popularity_bias")
    if not found:
        return
    yield say(
        f"report.bias_{found['verdict']}",
        model=document["verdicts"]["model"],
        shown=share(found["shown"]),
        had=share(found["had"]),
        took=share(found["took"]),
        people=f"{found['people']:,}",
        delta=points(found["difference"]),
        low=points(found["ci95"][0]),
        high=points(found["ci95"][1]),
    )


def loss_sentences(document: Document) -> Iterator[str]:
    """One sentence for each loss, overall first; or that there is none."""
    verdicts = document.get("verdicts", {})
    if len(document["models"]) < 2 or "losses" not in verdicts:
        return
    model = verdicts["model"]
    if not verdicts["losses"]:
        yield say("report.loses_nowhere", model=model)
    for one in sorted(verdicts["losses"], key=lambda entry: (entry["by"] is not None, entry["delta"])):
        fields = {
            "model": model,
            "other": one["model"],
            "delta": signed(one["delta"]),
            "low": signed(one["ci95"][0]),
            "high": signed(one["ci95"][1]),
        }
        if one["by"] is None:
            yield say("report.loses_overall", **fields)
        else:
            yield say("report.loses_segment", group=group_name(one), **fields)


def loss_note(document: Document) -> Iterator[str]:
    """That intervals in groups are not adjusted for their number."""
    count = sum(len(segment["differences"]) for segment in document.get("segments", ()))
    if count and len(document["models"]) > 1:
        yield say("report.loses_note", count=f"{count:,}")


def satisfaction_sentences(document: Document) -> Iterator[str]:
    """How well liked the finds were, by model, and what that can and cannot say."""
    found = [(model["name"], model["satisfaction"]) for model in document["models"] if model.get("satisfaction")]
    if not found:
        return
    kind = found[0][1]["kind"]
    told = []
    for name, entry in found:
        few = CrowdGate().pass_text("", 0)
        if entry["mean"] is None:
            beside = kept_back_beside(entry)
            told.append(
                say("report.liked_beside", model=name) if beside else say("report.liked_few", model=name, few=few)
            )
            continue
        low, high = entry["ci95"]
        told.append(
            say(
                "report.liked_one",
                model=name,
                mean=figure(entry["mean"]),
                low=figure(low),
                high=figure(high),
                people=f"{entry['people']:,}",
            )
        )
    yield say(
        "report.liked",
        kind=say(f"report.kind_{kind}"),
        models=", ".join(told),
        all=figure(found[0][1]["of_all_taken"]),
    )
    if any(kept_back_beside(entry) for _, entry in found):
        yield say("report.read_liked_beside", fewest=CrowdGate().minimum)
    yield say("report.liked_limits")


def kept_back_beside(satisfaction: Document) -> bool:
    """Whether the mean of a model's finds is kept back though enough people stand behind it."""
    return satisfaction["mean"] is None and satisfaction["people"] is not None


def group_name(segment: Document) -> str:
    """A group as people read it."""
    return say(f"report.segment_{segment['name']}", label=segment.get("label") or "")
