"""``recsys evaluate``: figures that a plain reading of the written lists gives too, and errors in one sentence."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    def go(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--home", str(tmp_path / "home")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return go


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 people, 30 films of three kinds, each person fond of one kind; rated, with times."""
    random = np.random.default_rng(11)
    rows = []
    for person in range(80):
        own = np.where(np.arange(30) % 3 == person % 3, 8.0, 1.0) / (3 + np.arange(30))
        for step, film in enumerate(random.choice(30, int(random.integers(5, 12)), replace=False, p=own / own.sum())):
            when = 1_600_000_000 + person * 977 + step * 86_400
            rows.append(f"p{person},f{film},{2 + 2 * (film % 3 == person % 3) + int(random.integers(0, 2))},{when}")
    path = tmp_path_factory.mktemp("ratings") / "ratings.csv"
    path.write_text("user,item,rating,time\n" + "\n".join(rows) + "\n")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def judged_plainly(folder: Path, name: str, k: int) -> dict[str, float]:
    """The metrics of one model from the written files, person by person, as their definitions say."""
    history: dict[str, set[str]] = {}
    wanted: dict[str, set[str]] = {}
    shown: dict[str, list[str]] = {}
    for row in rows_of(folder / "train.csv"):
        history.setdefault(row["user"], set()).add(row["item"])
    for row in rows_of(folder / "test.csv"):
        wanted.setdefault(row["user"], set()).add(row["item"])
    for row in sorted(rows_of(folder / f"{name}.csv"), key=lambda row: int(row["rank"])):
        shown.setdefault(row["user"], []).append(row["item"])
    sums = dict.fromkeys(("hr", "recall", "precision", "f1", "ndcg", "map", "mrr"), 0.0)
    for user, items in wanted.items():
        top = shown.get(user, [])[:k]
        places = [rank for rank, item in enumerate(top, start=1) if item in items and item not in history[user]]
        most = min(k, len(items))
        sums["hr"] += bool(places)
        sums["recall"] += len(places) / most
        sums["precision"] += len(places) / k
        sums["f1"] += 2 * len(places) / (k + most)
        sums["ndcg"] += sum(1 / math.log2(r + 1) for r in places) / sum(
            1 / math.log2(r + 1) for r in range(1, most + 1)
        )
        sums["map"] += sum(number / rank for number, rank in enumerate(places, start=1)) / most
        sums["mrr"] += 1 / places[0] if places else 0.0
    figures = {f"{metric}@{k}": value / len(wanted) for metric, value in sums.items()}
    catalogue = {row["item"] for row in rows_of(folder / "train.csv")}
    distinct = {item for user in wanted for item in shown.get(user, [])[:k]}
    return figures | {f"coverage@{k}": len(distinct) / len(catalogue)}


def evaluated(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, err = run("evaluate", *arguments, "--json")
    assert code == 0, err
    document: dict[str, Any] = json.loads(out)
    jsonschema.validate(document, load_schema("evaluate"), jsonschema.Draft202012Validator)
    return document


@pytest.mark.parametrize(
    ("protocol", "names"),
    [("last", "popular,recent,knn,ease"), ("temporal", "popular,ease"), ("random", "popular,ease")],
)
def test_figures_are_those_of_the_written_lists(run: Run, ratings: Path, tmp_path: Path, protocol: str, names: str):
    lists = tmp_path / "lists"
    document = evaluated(run, str(ratings), "--protocol", protocol, "--models", names, "--lists", str(lists))
    assert document["protocol"] == protocol
    assert [model["name"] for model in document["models"]] == names.split(",")
    for model in document["models"]:
        for k in (10, 20):
            for name, value in judged_plainly(lists, model["name"], k).items():
                assert model["metrics"][name] == pytest.approx(value, abs=1e-6), (model["name"], name)
        assert model["seen_items_shown"] == model["repeated_items"] == model["users_without_list"] == 0
        low, high = model["ci95"]["ndcg@10"]
        assert low <= model["metrics"]["ndcg@10"] <= high
        assert model["cpu_seconds"] > 0.1
        assert model["peak_bytes"] > 10_000_000
    # What everyone gets alike knows less than what looks at the person.
    figures = {model["name"]: model["metrics"]["ndcg@10"] for model in document["models"]}
    assert figures["ease"] > figures["popular"]
    assert {(entry["a"], entry["metric"]) for entry in document["comparisons"]} == {
        (max(figures, key=lambda name: figures[name]), metric) for metric in ("ndcg@10", "hr@10", "recall@20")
    }


def test_a_written_split_and_lists_come_back_the_same(run: Run, ratings: Path, tmp_path: Path):
    lists = tmp_path / "lists"
    first = evaluated(run, str(ratings), "--protocol", "last", "--models", "ease,popular", "--lists", str(lists))
    second = evaluated(
        run, "--train", str(lists / "train.csv"), "--test", str(lists / "test.csv"), "--models", "popular",
        "--recs", str(lists / "ease.csv"), "--recs", str(lists / "popular.csv"),
    )  # fmt: skip
    assert second["protocol"] == "own"
    was = {model["name"]: model["metrics"] for model in first["models"]}
    now = {model["name"]: model["metrics"] for model in second["models"]}
    assert set(now) == {"popular", "ease", "own-popular"}
    for name in ("hr@10", "ndcg@10", "recall@20", "coverage@10"):
        assert now["ease"][name] == pytest.approx(was["ease"][name], abs=1e-9)
        assert now["own-popular"][name] == pytest.approx(was["popular"][name], abs=1e-9)
        assert now["popular"][name] == pytest.approx(was["popular"][name], abs=1e-9)


def test_people_whom_no_model_has_seen(run: Run, ratings: Path, tmp_path: Path):
    lists = tmp_path / "lists"
    document = evaluated(run, str(ratings), "--protocol", "users", "--models", "ease", "--lists", str(lists))
    asked = {row["user"] for row in rows_of(lists / "test.csv")}
    assert document["users"] == len(asked) == 10
    assert (
        asked
        == {row["user"] for row in rows_of(lists / "history.csv")}
        == {row["user"] for row in rows_of(lists / "ease.csv")}
    )
    assert not asked & {row["user"] for row in rows_of(lists / "train.csv")}


def test_the_deep_model_beside_a_classic(run: Run, ratings: Path):
    document = evaluated(run, str(ratings), "--protocol", "last", "--models", "deep,popular", "--preset", "quick")
    deep = document["models"][0]
    assert deep["name"] == "deep"
    assert {"accuracy", "precision", "recall", "f1", "auc", "ece", "brier", "log_loss"} <= set(deep["classifier"])
    assert deep["classifier"]["pairs"] % 2 == 0
    assert deep["classifier"]["auc"] > 0.5
    assert {entry["a"] for entry in document["comparisons"]} == {"deep"}
    again = evaluated(run, str(ratings), "--protocol", "last", "--models", "deep,popular", "--preset", "quick")
    assert again["models"][0]["metrics"] == deep["metrics"]
    assert again["comparisons"] == document["comparisons"]


def test_ratings_that_a_model_expects_are_held_against_those_given(run: Run, ratings: Path, tmp_path: Path):
    lists = tmp_path / "lists"
    document = evaluated(run, str(ratings), "--protocol", "last", "--models", "mf", "--lists", str(lists))
    (model,) = document["models"]
    given = [float(row["rating"]) for row in rows_of(lists / "test.csv")]
    known = [float(row["rating"]) for row in rows_of(lists / "train.csv")]
    assert model["ratings"]["count"] == len(given)
    # Better than the mean rating for everyone and everything.
    guessed = math.sqrt(sum((rating - sum(known) / len(known)) ** 2 for rating in given) / len(given))
    assert 0 < model["ratings"]["mae"] <= model["ratings"]["rmse"] < guessed
    assert all("rmse" in entry for entry in model["tried"])
    code, _, err = run("evaluate", "circle", "--models", "mf")
    assert code == 2
    assert "ratings" in err


def test_the_table_and_its_sentences(run: Run, ratings: Path, tmp_path: Path):
    report = tmp_path / "report.json"
    code, out, err = run("evaluate", str(ratings), "--models", "popular,ease", "--output", str(report))
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("model\t")
    assert {line.split("\t")[0] for line in lines[1:3]} == {"popular", "ease"}
    assert "ease is better than popular" in out or "cannot be told apart" in out or "ease is worse" in out
    assert "Protocol: last" in err
    assert json.loads(report.read_text())["users"] == 80
    code, out, _ = run("evaluate", str(ratings), "--models", "popular", "--csv", "--quiet")
    header, only = list(csv.reader(out.splitlines()))
    assert (header[0], only[0]) == ("model", "popular")
    assert "ndcg@10" in header


def test_reports_for_people_in_two_forms(run: Run, ratings: Path, tmp_path: Path):
    page, notes = tmp_path / "reports" / "report.HTML", tmp_path / "report.md"
    arguments = ["evaluate", str(ratings), "--models", "popular,als", "--seeds", "2", "--json"]
    code, out, err = run(*arguments, "-o", str(page))
    assert code == 0, err
    assert "report.HTML" in err
    document = json.loads(out)
    jsonschema.validate(document, load_schema("evaluate"))
    popular, als = document["models"]
    assert "seeds" not in popular  # another seed gives the same
    assert len(als["seeds"]["ndcg@10"]) == 2
    assert als["seeds"]["mean"] == pytest.approx(sum(als["seeds"]["ndcg@10"]) / 2)
    assert als["metrics"]["ndcg@10"] == pytest.approx(als["seeds"]["mean"])
    apart = als["seeds"]["ndcg@10"][0] - als["seeds"]["ndcg@10"][1]
    assert als["seeds"]["deviation"] == pytest.approx(abs(apart) / math.sqrt(2))
    text = page.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count("<svg") == 3  # models, differences, groups; these models have no epochs
    assert f"{als['metrics']['ndcg@10']:.4f}" in text
    code, out, err = run("evaluate", str(ratings), "--models", "popular,knn", "-o", str(notes))
    assert code == 0, err
    assert notes.read_text("utf-8").startswith("# Comparison of recommenders: ratings.csv")
    assert notes.stat().st_mode & 0o777 == page.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("behind", ["nobody", "full"])
def test_files_are_written_whatever_becomes_of_standard_output(ratings: Path, tmp_path: Path, behind: str):
    """``recsys evaluate … -o report.html | head`` ended with 0, or a full disk with 1, and all was compared in vain."""
    if behind == "full":
        if not Path("/dev/full").exists():
            pytest.skip("this system has no /dev/full")
        writer = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, writer = os.pipe()
        os.close(reader)
    page, lists = tmp_path / "report.html", tmp_path / "lists"
    command = [sys.executable, "-m", "recsys_tui", "evaluate", str(ratings), "--models", "popular"]
    command += ["-o", str(page), "--lists", str(lists), "--home", str(tmp_path / "home")]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.returncode == (behind == "full"), done.stderr
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert {path.name for path in lists.iterdir()} == {"train.csv", "test.csv", "popular.csv"}


def test_no_traceback_is_printed_where_the_tools_that_count_cores_are_missing(ratings: Path, tmp_path: Path):
    environment = {name: text for name, text in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, "-P", "-m", "recsys_tui", "evaluate", str(ratings), "--models", "popular,recent"]
    done = subprocess.run(
        [*command, "--json", "--home", str(tmp_path / "home")],
        env=environment | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [group["by"] for group in json.loads(done.stdout)["segments"]].count("cluster")
    assert "Traceback" not in done.stderr
    assert "File " not in done.stderr


def test_windows_in_time(run: Run, ratings: Path):
    document = evaluated(run, str(ratings), "--protocol", "windows", "--models", "popular,recent")
    assert document["protocol"] == "windows"
    assert len(document["windows"]) >= 2
    assert sum(window["test_interactions"] for window in document["windows"]) == document["test_interactions"]
    for window in document["windows"]:
        assert set(window["ndcg@10"]) == {"popular", "recent"}
    assert document["users"] <= sum(window["users"] for window in document["windows"])
    code, out, err = run("evaluate", str(ratings), "--protocol", "windows", "--lists", "anywhere")
    assert (code, out) == (2, "")
    assert "--protocol temporal" in err


def test_groups_and_satisfaction_from_a_plain_reading_of_the_files(run: Run, ratings: Path, tmp_path: Path):
    lists = tmp_path / "lists"
    document = evaluated(run, str(ratings), "--protocol", "random", "--models", "ease", "--lists", str(lists))
    had: dict[str, set[str]] = {}
    for row in rows_of(lists / "train.csv"):
        had.setdefault(row["user"], set()).add(row["item"])
    held = rows_of(lists / "test.csv")
    ranks = {(row["user"], row["item"]): int(row["rank"]) for row in rows_of(lists / "ease.csv")}
    liked: dict[str, list[float]] = {}
    for row in held:
        if ranks.get((row["user"], row["item"]), 99) <= 10:
            liked.setdefault(row["user"], []).append(float(row["rating"]))
    (model,) = document["models"]
    assert model["satisfaction"]["people"] == len(liked)
    own = [sum(stars) / len(stars) for stars in liked.values()]
    half_a_step = 2 / len(own) + 1e-9  # from 1 to 5 in as many steps as people
    assert model["satisfaction"]["mean"] == pytest.approx(sum(own) / len(own), abs=half_a_step)
    low, high = model["satisfaction"]["ci95"]
    assert low < sum(own) / len(own) < high
    having: dict[str, int] = {}
    for items in had.values():
        for item in items:
            having[item] = having.get(item, 0) + 1
    told = {segment["name"]: segment for segment in document["segments"] if segment["by"] != "cluster"}
    assert {"light", "middle", "heavy", "rare", "popular", "early", "late"} <= set(told)
    # Bounds are the terciles of the held-out pairs; what is told of them are ends that ten people reach,
    # and 1 to 9 who have an item are told as ten.
    counts = sorted(having.get(row["item"], 0) for row in held)
    lower, upper = counts[(len(counts) - 1) // 3], counts[2 * (len(counts) - 1) // 3]
    for name, least, most in (("rare", 0, lower), ("popular", upper + 1, counts[-1])):
        wanted: dict[str, list[str]] = {}
        reach: dict[str, list[int]] = {}
        for row in held:
            count = having.get(row["item"], 0)
            if least <= count <= most:
                wanted.setdefault(row["user"], []).append(row["item"])
                reach.setdefault(row["user"], []).append(max(count, 10) if count else 0)
        assert told[name]["range"] == [sorted(map(min, reach.values()))[9], sorted(map(max, reach.values()))[-10]]
        values = []
        for user, items in wanted.items():
            places = [rank for item in items if (rank := ranks.get((user, item), 99)) <= 10]
            ideal = sum(1 / math.log2(place + 1) for place in range(1, min(10, len(items)) + 1))
            values.append(sum(1 / math.log2(rank + 1) for rank in places) / ideal)
        assert told[name]["people"] == len(wanted)
        assert told[name]["ndcg@10"]["ease"] == pytest.approx(sum(values) / len(values))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--models", "magic"], "choose from"),
        (["--models", ","], "nothing to compare"),
        (["--train", "x.csv"], "together"),
        (["--protocol", "last", "--train", "x.csv", "--test", "y.csv"], "either"),
        (["--output", "report.pdf"], ".html"),
        (["--protocol", "windows", "--recs", "x.csv"], "temporal"),
        (["--recs", "nowhere.csv"], "nowhere.csv"),
        (["--lists", "{data}"], "no folder"),
        (["--lists", "{folder}"], "folder of the data"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(run: Run, ratings: Path, arguments: list[str], says: str):
    filled = [text.format(data=ratings, folder=ratings.parent) for text in arguments]
    code, out, err = run("evaluate", str(ratings), *filled)
    assert (code, out) == (2, "")
    assert says in err.splitlines()[-1]
    assert "Traceback" not in err


def test_nothing_that_was_read_is_written_over(run: Run, ratings: Path, tmp_path: Path):
    lists, mine = tmp_path / "lists", tmp_path / "mine"
    assert run("evaluate", str(ratings), "--models", "popular", "--lists", str(lists))[0] == 0
    mine.mkdir()
    for name, new in (("test.csv", "test.csv"), ("popular.csv", "train.csv")):
        (mine / new).write_bytes((lists / name).read_bytes())
    own = ["--train", str(lists / "train.csv"), "--test", str(mine / "test.csv"), "--recs", str(mine / "train.csv")]
    code, out, err = run("evaluate", *own, "--models", "popular", "--lists", str(mine))
    assert (code, out) == (2, "")
    assert "give another" in err
    assert {path.name for path in mine.iterdir()} == {"test.csv", "train.csv"}
    # Lists in a file of the name of the split's own stand beside them.
    code, _, err = run("evaluate", *own, "--models", "popular", "--lists", str(tmp_path / "new"))
    assert code == 0, err
    assert set(rows_of(tmp_path / "new" / "train.csv")[0]) >= {"user", "item", "rating"}
    assert set(rows_of(tmp_path / "new" / "own-train.csv")[0]) == {"user", "item", "rank"}
    data = tmp_path / "data.json"
    data.write_text("\n".join(json.dumps(row) for row in rows_of(ratings)))
    was = data.read_bytes()
    code, out, err = run("evaluate", str(data), "--models", "popular", "--output", str(data))
    assert (code, out) == (2, "")
    assert "another name" in err
    assert data.read_bytes() == was


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="folders refuse nothing to this user")
def test_a_folder_that_refuses_is_found_out_before_any_work(run: Run, ratings: Path, tmp_path: Path):
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o500)
    for option, path in (("--lists", shut / "lists"), ("--output", shut / "report.json")):
        code, out, err = run("evaluate", str(ratings), "--models", "popular", option, str(path))
        assert (code, out) == (1, "")
        assert "Trying" not in err


@pytest.mark.parametrize(("option", "name"), [("--lists", "lists"), ("--output", "report.json")])
def test_a_folder_that_refuses_is_not_told_to_be_the_home_folder(
    run: Run, ratings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, name: str
):
    shut, access = tmp_path / "shut", os.access
    shut.mkdir()
    monkeypatch.setattr("os.access", lambda path, how, **more: Path(path) != shut and access(path, how, **more))
    code, out, err = run("evaluate", str(ratings), "--models", "popular", option, str(shut / name))
    assert (code, out) == (1, "")
    assert f"{shut / name} could not be written (Permission denied)." in err
    assert "home folder" not in err


@pytest.mark.parametrize("option", ["--lists", "--output"])
def test_a_place_below_a_file_is_found_out_before_any_work(run: Run, ratings: Path, tmp_path: Path, option: str):
    (tmp_path / "file").write_text("")
    code, out, err = run("evaluate", str(ratings), "--models", "popular", option, str(tmp_path / "file" / "x.json"))
    assert (code, out) == (1, "")
    assert "Trying" not in err


@pytest.mark.parametrize(
    ("number", "code", "left"),
    [
        (signal.SIGINT, 130, False),
        (signal.SIGTERM, 143, False),
        (signal.SIGHUP, 129, False),
        (signal.SIGKILL, -9, True),
    ],
)
def test_whatever_ends_it_ends_the_models_and_leaves_nothing(
    run: Run, ratings: Path, tmp_path: Path, number: int, code: int, left: bool
):
    home = tmp_path / "home"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "recsys_tui", "evaluate", str(ratings), "--home", str(home)),
            *("--models", "sasrec,deep", "--jobs", "2"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests may be deaf to hang-ups (nohup), which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stderr is not None
    lines = iter(process.stderr.readline, "")
    trying = [next(line for line in lines if line.startswith("Trying")) for _model in range(2)]
    assert {line.split()[1] for line in trying} == {"sasrec", "deep"}
    children = _children(process.pid)
    assert len(children) == (2 if Path("/proc").exists() else 0)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err == ("Interrupted.\n" if number == signal.SIGINT else "")
    assert bool(list(home.glob(".evaluate-*"))) == left
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    if left:  # nobody could tidy up then: the next comparison does
        assert run("evaluate", str(ratings), "--models", "popular")[0] == 0
        assert not list(home.glob(".evaluate-*"))


def _children(pid: int) -> list[int]:
    """The child processes of a process, whichever of its threads started them; none where there is no ``/proc``."""
    return [int(child) for each in Path(f"/proc/{pid}/task").glob("*/children") for child in each.read_text().split()]


def test_the_independent_scorer_agrees_on_real_lists(run: Run, real_data: Callable[[str], Path], tmp_path: Path):
    scorer = real_data("README.md").parent.parent / "bench" / "score.py"
    if not scorer.exists():
        pytest.skip(f"{scorer.name} is not beside the real data")
    data, lists = real_data("ml-100k"), tmp_path / "lists"
    document = evaluated(run, str(data), "--protocol", "temporal", "--models", "knn,ease", "--lists", str(lists))
    for model in document["models"]:
        parts = {"--train": "train", "--test": "test", "--recs": model["name"]}
        files = [text for option, name in parts.items() for text in (option, str(lists / f"{name}.csv"))]
        done = subprocess.run([sys.executable, scorer, *files], capture_output=True, text=True, check=True)
        said = json.loads(done.stdout)
        assert said["users"] == document["users"] == 90
        for name, value in said.items():
            if "@" in name:
                assert model["metrics"][name] == pytest.approx(value, abs=1e-6), name
