"""The ablation measures the product itself, goes on where it was stopped, and sees a planted signal but no noise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import Dataset, Mapping
from recsys_tui.data.histories import Histories, histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.evaluate.protocols import split
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.fusion_training import fit_blend
from recsys_tui.models.signal_names import INPUT_SIGNALS, SIGNALS
from recsys_tui.recommend.ranking import rank
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import HeldBack, train
from tests.bench import ablation, ablation_cells
from tests.bench.ablation_cells import Cells, Group, code_digest, measure
from tests.bench.ablation_places import Place, Question, Trial, judge, newest, trial_of
from tests.bench.ablation_refit import Shared
from tests.bench.ablation_results import beaten, results_of, table_of
from tests.bench.ablation_signals import Moments, Pool, fit_drawers, without_stand_ins
from tests.bench.ablation_variants import FULL, Variant, variants

PEOPLE, ITEMS = 120, 40
REQUEST = TrainingRequest("quick", "next", 0, "cpu")
GROUP = Group("tiny", "last", 0, "quick")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """People of two tastes, each walking through the items of theirs; titles tell the taste."""
    folder = tmp_path_factory.mktemp("ablation")
    random = np.random.default_rng(0)
    rows = ["userId,movieId,rating,timestamp"]
    for person in range(PEOPLE):
        own = np.where(np.arange(ITEMS) % 2 == person % 2, 6.0, 1.0)
        taken = random.choice(ITEMS, random.integers(4, 12), replace=False, p=own / own.sum())
        rows += [
            f"{person + 1},{item + 1},{random.integers(1, 6)},{1_000_000_000 + person * 900 + step * 86_400}"
            for step, item in enumerate(taken)
        ]
    (folder / "ratings.csv").write_text("\n".join(rows))
    titles = [f"{item + 1},{'Fog' if item % 2 else 'Sun'} {item},{'Crime' if item % 2 else 'Comedy'}"
              for item in range(ITEMS)]  # fmt: skip
    (folder / "movies.csv").write_text("\n".join(["movieId,title,genres", *titles]))
    return load_dataset(folder)


@pytest.fixture(scope="module")
def measured(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all cells of one group: from a run for one part, one that was stopped, and one that went on."""
    folder = tmp_path_factory.mktemp("cells")
    first = list(measure(lambda: dataset, GROUP, Cells(folder), ["content"]))
    assert "signals" in first[0]
    assert len(first) == 3
    lines = measure(lambda: dataset, GROUP, Cells(folder))
    first.append(next(lines))
    lines.close()
    rest = list(measure(lambda: dataset, GROUP, Cells(folder)))
    assert not any("signals" in line for line in rest)  # read again, not computed again
    named = [line.split()[1].rstrip(":") for line in (*first[1:], *rest)]
    assert len(named) == len(set(named))
    assert set(named) >= {FULL, "profile", "content", "interaction", "ease"}
    return folder


def test_the_full_variant_is_the_product(dataset: Dataset, measured: Path):
    """Each person's NDCG@10 is that of the list which the trained product ranks for them."""
    cut = split(dataset, "last", 0)
    model, manifest = train(cut.train, REQUEST, lambda _event: None, lambda: False)
    test = trial_of(cut, histories_of(cut.train).item_counts())
    asked = test.questions["everyone"].moments.histories
    allowed = np.ones((len(asked), ITEMS), np.bool_)
    allowed[asked.owners, asked.items] = False
    lists = rank(model, asked, 10, DEEP, allowed).items
    whole = Trial({"everyone": test.questions["everyone"]}, {"everyone": test.places["everyone"]})
    scores = Cells(measured).scores(GROUP, FULL)["everyone"]
    np.testing.assert_allclose(scores, judge({"everyone": lists}, whole)["everyone"], atol=1e-12)
    assert 0 < scores.mean() < 1
    about = Cells(measured).finished(GROUP, FULL)
    assert about is not None
    assert about["validation"] == pytest.approx(manifest["validation"]["ndcg@10"], abs=1e-9)
    assert about["served"] == manifest["served"]


def test_finished_cells_are_not_measured_again(dataset: Dataset, measured: Path):
    def never() -> Dataset:
        raise AssertionError("the data must not be read")

    assert list(measure(never, GROUP, Cells(measured))) == []
    assert not (measured / GROUP.name / "signals").exists()
    with pytest.raises(AssertionError, match="must not be read"):
        list(measure(never, Group("tiny", "last", 1, "quick"), Cells(measured)))


def test_cells_of_other_code_are_not_finished(measured: Path, monkeypatch: pytest.MonkeyPatch):
    assert Cells(measured).finished(GROUP, FULL) is not None
    monkeypatch.setattr(ablation_cells, "code_digest", lambda: "another")
    assert Cells(measured).finished(GROUP, FULL) is None
    assert Cells(measured, any_code=True).finished(GROUP, FULL) is not None


def test_the_digest_does_not_change_with_comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    digests = []
    for text in ('"""Old."""\nX = 1\n', '"""New words."""\nX = 1  # why\n', "X = 2\n"):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / "one.py").write_text(text)
        monkeypatch.setattr(ablation_cells, "PACKAGE", tmp_path)
        code_digest.cache_clear()
        digests.append(code_digest())
    code_digest.cache_clear()
    assert digests[0] == digests[1] != digests[2]


def test_what_goes_out_has_no_weight_in_the_interaction_model(dataset: Dataset):
    """Its logit is made of what is left alone: no weight of a signal taken out, or of a product with one."""
    caught: list[HeldBack] = []
    model, _ = train(dataset, REQUEST, lambda _event: None, lambda: False, caught.append)
    content = next(variant for variant in variants() if variant.key == "content")
    full, without = fit_drawers(caught[0], [variants()[0], content], "next", 50, 0)
    out = content.places(INPUT_SIGNALS)
    assert len(out) == 3
    assert np.abs(full.interaction.weights[out]).min() > 0
    assert not without.interaction.weights[out].any()
    assert not without.blend[content.places()].any()
    # The blend that is fitted here for the full model is the one that the product learned.
    (full,) = fit_drawers(caught[0], [variants()[0]], "next", 1_000, 0)
    np.testing.assert_allclose(full.blend, model.fusion.blend, atol=2e-5)


@pytest.fixture(scope="module")
def planted() -> tuple[Shared, Trial]:
    """300 lists of 20 items; EASE puts the one that is taken near the top, neighbours say something random."""
    random = np.random.default_rng(3)
    lists, width = 300, 20
    keys = (FULL, "ease", "neighbours")

    def pool(targets: np.ndarray) -> Pool:
        raw = np.zeros((len(SIGNALS), lists, width), np.float32)
        raw[SIGNALS.index("ease")] = random.normal(size=(lists, width))
        raw[SIGNALS.index("ease"), np.arange(lists), targets] += 2.5
        raw[SIGNALS.index("neighbours")] = random.normal(size=(lists, width))
        places = np.tile(np.arange(width, dtype=np.int16), (lists, 1))
        return Pool(
            np.arange(lists + 1) * width,
            np.tile(np.arange(width, dtype=np.int32), lists),
            raw.reshape(len(SIGNALS), -1),
            np.zeros((lists, 4), np.float32),
            dict.fromkeys(keys, places),
            dict.fromkeys(keys, np.zeros(places.shape, np.float32)),
        )

    then, now = random.integers(0, width, lists), random.integers(0, width, lists)
    truth = SparseRows(np.arange(lists + 1), now.astype(np.int32), np.ones(lists, np.float32))
    nobody = Histories(np.zeros(lists + 1, np.int64), np.zeros(0, np.int32), None, np.zeros(0, np.float32), width)
    test = Trial(
        {"everyone": Question(Moments(nobody), truth)}, {"everyone": Place("everyone", np.arange(lists), truth)}
    )
    pools = {"training": pool(then), "everyone": pool(now)}
    blends = {}
    for variant in variants():
        if variant.key in keys:
            # The taken item first, as the blend's samples have it.
            _, z = pools["training"].candidates(variant, "next")
            first = np.argsort(np.arange(width) != then[:, None], axis=1, kind="stable")
            blends[variant.key] = fit_blend(np.take_along_axis(z, first[:, :, None], axis=1))
    features = np.zeros((width, 3), np.float32)
    shared = Shared(
        REQUEST,
        pools,
        blends,
        then[:, None],
        np.arange(lists),
        np.arange(lists) % 5 == 0,
        np.where(np.arange(lists) % 5 == 0, 0, -1),
        features,
        features,
        {"context": [None] * 4, "features": [None] * 3, "served": DEEP},
    )
    return shared, test


def test_a_planted_signal_costs_and_noise_does_not(planted: tuple[Shared, Trial], tmp_path: Path):
    shared, test = planted
    cells = Cells(tmp_path)
    group = Group("planted", "last", 0, "quick")
    for variant in shared.variants:
        scores, about = shared.refit(variant, test)
        cells.save(group, variant.key, scores, about | {"served": DEEP})
    found = {row["variant"]: row for row in results_of([group], cells)["comparisons"]}
    # By chance one of 20 items is at each rank: the mean of 1/log2(rank + 1) over the first ten, times 10/20.
    chance = sum(1 / np.log2(rank + 1) for rank in range(1, 11)) / 20
    assert found[FULL]["ndcg@10"] > 0.7
    assert found["ease"]["ndcg@10"] == pytest.approx(chance, abs=0.05)
    assert found["ease"]["ci95"][1] < 0
    assert found["ease"]["p"] < 0.001
    assert found["neighbours"]["ci95"][0] < 0.01
    assert abs(found["neighbours"]["delta"]) < 0.02


def test_shared_signals_survive_being_stored(planted: tuple[Shared, Trial], tmp_path: Path):
    shared, test = planted
    about = shared.about | {"code": "now"}
    Shared(**{**shared.__dict__, "about": about}).save(tmp_path / "signals")
    assert Shared.load(tmp_path / "signals", REQUEST, "later") is None
    assert Shared.load(tmp_path / "elsewhere", REQUEST, "now") is None
    again = Shared.load(tmp_path / "signals", REQUEST, "now")
    assert again is not None
    ease = next(variant for variant in shared.variants if variant.key == "ease")
    for one, other in zip(shared.refit(ease, test), again.refit(ease, test), strict=True):
        assert one.keys() == other.keys()
    np.testing.assert_array_equal(shared.refit(ease, test)[0]["everyone"], again.refit(ease, test)[0]["everyone"])


def test_places_of_a_cut_in_time(tmp_path: Path):
    """Of 150 events the newest 15 are held out: ten people take f, of which one event is known, and five take a."""
    rows = ["user,item,timestamp"]
    for person in range(15):
        rows += [f"u{person},{item},{1_600_000_000 + 86_400 * step}" for step, item in enumerate("bcdeghij")]
    rows += [f"v{person},a,{1_600_000_000 + person}" for person in range(14)]
    rows += [f"v0,f,{1_600_000_000 + 86_400}"]
    rows += [f"u{person},{'f' if person < 10 else 'a'},{1_700_000_000 + person}" for person in range(15)]
    (tmp_path / "events.csv").write_text("\n".join(rows))
    cut = split(load_dataset(tmp_path / "events.csv"), "temporal", 0)
    test = trial_of(cut, histories_of(cut.train).item_counts())
    assert len(test.places["everyone"].rows) == 15
    assert len(test.places["rare_items"].rows) == len(test.places["of_rare_items"].rows) == 10
    assert "few_actions" not in test.places
    rare = test.questions["rare_items"].moments.allowed
    assert [text for text, is_rare in zip(cut.train.items["id"].to_list(), rare, strict=True) if is_rare] == ["f"]


def test_shortened_histories_keep_the_newest_actions():
    histories = Histories(
        np.array([0, 4, 4, 6]), np.array([5, 6, 7, 8, 1, 2], np.int32), None, np.ones(6, np.float32), 10
    )
    short = newest(histories, np.array([2, 3, 5]))
    assert [short.items_of(person).tolist() for person in range(3)] == [[7, 8], [], [1, 2]]


def test_what_is_hidden_of_a_shortened_history_is_not_shown(dataset: Dataset):
    cut = split(dataset, "last", 0)
    test = trial_of(cut, histories_of(cut.train).item_counts())
    whole = test.questions["everyone"].moments.histories
    question = test.questions["few_actions"].moments
    assert question.histories.lengths.tolist() == np.minimum(whole.lengths, 1 + np.arange(len(whole)) % 5).tolist()
    for start, batch, allowed in question.blocks():
        for row in range(len(batch)):
            assert not allowed[row, whole.items_of(start + row)].any()
            assert allowed[row].sum() == ITEMS - len(whole.items_of(start + row))


def stored(cells: Cells, key: str, seed: int, scores: np.ndarray, **about: object) -> None:
    cells.save(Group("d", "last", seed, "quick"), key, {"everyone": scores, "few_actions": scores}, about)


def test_results_pair_people_over_seeds_and_correct_for_their_number(tmp_path: Path):
    cells = Cells(tmp_path)
    random = np.random.default_rng(0)
    base = random.random((2, 50))
    for seed in (0, 1):
        stored(cells, FULL, seed, base[seed], served=DEEP, validation=0.5, variants=[FULL])
        stored(cells, "profile", seed, base[seed] - 0.1)
        stored(cells, "content", seed, base[seed] + random.normal(0, 0.2, 50))
        stored(cells, "only ease", seed, base[seed] + 0.05)
    results = results_of([Group("d", "last", seed, "quick") for seed in (0, 1, 2)], cells)
    found = {(row["variant"], row["place"]): row for row in results["comparisons"]}
    full = found[FULL, "everyone"]
    assert full["ndcg@10"] == pytest.approx(base.mean(), abs=1e-5)
    means = base.mean(axis=1)
    assert full["standard_error_of_seeds"] == pytest.approx(abs(means[0] - means[1]) / 2, abs=1e-5)
    profile, content = found["profile", "few_actions"], found["content", "few_actions"]
    assert profile["delta"] == pytest.approx(-0.1)
    assert profile["ci95"] == pytest.approx([-0.1, -0.1])
    # Two claims: Holm doubles the smaller p and leaves the other, unless that would put it below.
    assert profile["p_holm"] == pytest.approx(2 * profile["p"], rel=0.01)
    assert content["p_holm"] == pytest.approx(max(content["p"], profile["p_holm"]), rel=0.01)
    assert "p_holm" not in found["profile", "everyone"]
    assert [row["variant"] for row in beaten(results)] == ["only ease"]
    lines = table_of(results).splitlines()
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|") == 4
    assert any("**−100.0 [−100.0, −100.0]**" in line for line in lines if "user profiles" in line)
    assert "EASE: **+50.0 [+50.0, +50.0]**" in lines[-1]
    other = [row | {"dataset": "e"} for row in results["comparisons"]]
    apart = table_of({"comparisons": results["comparisons"] + other}).split("\n\n")
    assert [table.split(" |")[0] for table in apart] == ["| d", "| e"]
    assert apart[0].splitlines() == lines


def test_a_part_that_serves_does_not_beat_the_model(tmp_path: Path):
    cells = Cells(tmp_path)
    base = np.random.default_rng(0).random(50)
    stored(cells, FULL, 0, base, served="ease", validation=0.5, variants=[FULL])
    stored(cells, "only ease", 0, base + 0.05)
    assert beaten(results_of([Group("d", "last", 0, "quick")], cells)) == []


def test_without_content_nothing_stands_in_for_new_items(tmp_path: Path):
    """Item 9 is new and like item 8: with content its EASE score is that of item 8, without it has none."""
    rows = [f"{person},{item}" for person in range(20) for item in range(9) if (person + item) % 3]
    (tmp_path / "events.csv").write_text("\n".join(["user,item", *rows]))
    titles = [f"{item},{'Sea of Fog' if item >= 8 else 'Plain'}" for item in range(10)]
    (tmp_path / "items.csv").write_text("\n".join(["item,title", *titles]))
    dataset = load_dataset(tmp_path / "events.csv", Mapping(items=tmp_path / "items.csv"))
    model, _ = train(dataset, REQUEST, lambda _event: None, lambda: False)
    new, like = (dataset.items["id"].to_list().index(text) for text in ("9", "8"))
    asked = model.people.histories
    with_content, without = model.experts.score("ease", asked), without_stand_ins(model.experts).score("ease", asked)
    np.testing.assert_allclose(with_content[:, new], with_content[:, like], rtol=1e-5)
    assert np.abs(with_content[:, new]).max() > 0
    assert not without[:, new].any()
    np.testing.assert_array_equal(np.delete(with_content, new, axis=1), np.delete(without, new, axis=1))
    assert not without_stand_ins(model.experts).profiles.item_places[new].any()


def test_every_signal_goes_out_with_one_variant():
    out = [name for variant in variants() for name in variant.signals]
    assert sorted(out) == sorted(SIGNALS)
    masked = Variant("x", "x", frozenset(), "content").masked(np.ones((2, 3), np.float32), ("content", None, "profile"))
    assert masked.tolist() == [[0, 1, 1], [0, 1, 1]]


def test_the_command_writes_results_without_people(
    dataset: Dataset, measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    out = tmp_path / "results.json"
    options = ["--datasets", "tiny", "--protocols", "last", "--seeds", "0", "--preset", "quick"]
    code = ablation.main([*options, "--scratch", str(measured), "--out", str(out)], tmp_path)
    results = json.loads(out.read_text())
    assert code == (1 if beaten(results) else 0)
    assert len(out.read_bytes()) < 60_000
    full = [row for row in results["cells"] if row["variant"] == FULL and row["place"] == "everyone"]
    assert [row["people"] for row in full] == [PEOPLE]
    capsys.readouterr()
    assert ablation.main(["--table", "--out", str(out)], tmp_path) == 0
    assert capsys.readouterr().out == table_of(results) + "\n"


def test_the_readme_shows_the_committed_figures(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    results = json.loads(ablation.RESULTS.read_text(encoding="utf-8"))
    assert ablation.main(["--table"], tmp_path) == 0
    table = capsys.readouterr().out
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    assert readme.count(table) == 1
    assert not readme[readme.index(table) + len(table) :].startswith("|"), "rows that are in no result"
    measured = {(row["dataset"], row["protocol"]) for row in results["comparisons"]}
    headers = {line.split(" | ")[0]: line for line in table.splitlines() if ": everyone |" in line}
    assert all(f" {protocol}: everyone |" in headers[f"| {dataset}"] for dataset, protocol in measured)
