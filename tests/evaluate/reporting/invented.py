"""A comparison that was never made, with names that would do harm where they are not taken for text."""

from __future__ import annotations

from typing import Any

MODEL = '<img src="http://evil.example/m.png" onerror=alert(1)>'
LABEL = "\"><script>fetch('http://evil.example/c')</script>"
DATA = "![x](http://evil.example/d.png) <b>|bold|</b>"
METRICS = [
    f"{name}@{k}"
    for k in (10, 20)
    for name in (
        "hr", "recall", "precision", "f1", "ndcg", "map", "mrr", "coverage", "novelty", "diversity", "gini",
        "popularity_lift", "miscalibration",
    )
]  # fmt: skip


def model(name: str, ndcg: float, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "metrics": dict.fromkeys(METRICS, 0.5) | {"ndcg@10": ndcg, "miscalibration@10": None},
        "ci95": {"ndcg@10": [ndcg - 0.01, ndcg + 0.01]},
        "users_without_list": 0,
        "seen_items_shown": 0,
        "repeated_items": 0,
        "satisfaction": {
            "kind": "rating", "people": 40, "mean": 4.25, "ci95": [4.0, 4.5], "all_people": 80, "of_all_taken": 3.5,
        },
        **more,
    }  # fmt: skip


def document() -> dict[str, Any]:
    """As ``recsys evaluate --json`` prints it."""
    segment = {
        "by": "cluster",
        "name": "cluster",
        "label": LABEL,
        "people": 30,
        "range": None,
        "ndcg@10": {"deep": 0.08, MODEL: 0.12},
        "ci95": {"deep": [0.06, 0.1], MODEL: [0.1, 0.14]},
        "differences": [{"a": "deep", "b": MODEL, "delta": -0.04, "ci95": [-0.06, -0.02]}],
    }
    few = {"by": "activity", "name": "heavy", "label": None, "people": None, "range": None}
    return {
        "protocol": "last",
        "notes": ["Each person's newest item is held out."],
        "horizon": "next",
        "seed": 0,
        "users": 80,
        "test_interactions": 80,
        "train_interactions": 900,
        "train_users": 80,
        "train_items": 30,
        "catalogue_items": 30,
        "models": [
            model("deep", 0.11, epochs={"loss": [3.0, 2.0, 1.5], "ndcg@10": [0.1, 0.12, 0.09], "kept": 2}),
            model(MODEL, 0.1),
        ],
        "comparisons": [
            {
                "a": "deep", "b": MODEL, "metric": "ndcg@10", "delta": 0.01, "ci95": [-0.01, 0.03], "p": 0.3,
                "p_holm": 0.3, "effect_size": 0.1,
            }
        ],
        "segments": [segment, few | {"ndcg@10": {}, "ci95": {}, "differences": []}],
        "verdicts": {
            "model": "deep",
            "overfitting": {
                "verdict": "stopped_in_time",
                "epochs": 3,
                "kept": 2,
                "training_loss": {"first": 3.0, "kept": 2.0, "last": 1.5},
                "validation_ndcg@10": {"first": 0.1, "best": 0.12, "last": 0.09},
            },
            "popularity_bias": {
                "verdict": "popular", "people": 80, "shown": 0.31, "had": 0.2, "took": 0.19, "difference": 0.11,
                "ci95": [0.1, 0.12],
            },
            "losses": [
                {"by": "cluster", "name": "cluster", "label": LABEL, "model": MODEL, "delta": -0.04,
                 "ci95": [-0.06, -0.02]}
            ],
        },
        "failures": [],
    }  # fmt: skip
