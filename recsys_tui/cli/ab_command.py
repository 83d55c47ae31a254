"""``recsys ab``: online A/B tests, begun, ended, reported, and tried with simulated people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from recsys_tui.cli.choices import AnsweringPreset, NoTrain, SeedOption
from recsys_tui.cli.context import console, open_session
from recsys_tui.cli.data_options import OptionalData, with_mapping
from recsys_tui.cli.quick_group import QuickGroup
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import Console
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.ab_records import INTERLEAVE, SPLIT

if TYPE_CHECKING:
    from recsys_tui.evaluate.ab.report import AbReport
    from recsys_tui.evaluate.ab.simulate import Simulation
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.ab_log import AbLog
    from recsys_tui.store.ab_records import AbTest

ab = typer.Typer(help=say("ab.help"), cls=QuickGroup, no_args_is_help=True, rich_markup_mode=None)
ArmA = Annotated[str, typer.Option("--a", metavar="MODEL", help=say("ab.help_a"))]
ArmB = Annotated[str, typer.Option("--b", metavar="MODEL", help=say("ab.help_b"))]
Interleave = Annotated[bool, typer.Option("--interleave", help=say("ab.help_interleave"))]
Split = Annotated[bool, typer.Option("--split", help=say("ab.help_split"))]
Effect = Annotated[float, typer.Option("--effect", min=0.001, max=1.0, help=say("ab.help_effect"))]
Power = Annotated[float, typer.Option("--power", min=0.05, max=0.99, help=say("ab.help_power"))]
PlantedEffect = Annotated[float | None, typer.Option("--effect", min=0.001, max=1.0, help=say("ab.help_planted"))]


@ab.command("start", help=say("ab.help_start"))
@with_mapping
def start(
    data: OptionalData = None,
    a: ArmA = "deep",
    b: ArmB = "ease",
    interleave: Interleave = False,
    split: Split = False,
    preset: AnsweringPreset = None,
    seed: SeedOption = 0,
    no_train: NoTrain = False,
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.evaluate.ab.arms import check_arms
    from recsys_tui.evaluate.ab.assignment import new_salt

    mode = _mode(interleave, split)
    session = open_session(data, mapping)
    log, out = _log(session), console()
    running = log.running()
    if running is not None:
        raise UserError("ab.already_running", ExitCode.USAGE, number=running.number, a=running.a, b=running.b)
    recommender = _recommender(session, out, preset, no_train, seed)
    names = check_arms(recommender, (a, b), session.dataset.explicit)
    _fit(session, names, out, seed)
    test = log.start(names[0], names[1], mode, new_salt())
    _show(log, test, out)
    out.tell(say("ab.started"))


@ab.command("stop", help=say("ab.help_stop"))
@with_mapping
def stop(data: OptionalData = None, *, mapping: Mapping) -> None:
    log = _log(open_session(data, mapping))
    _show(log, log.stop(), console())


@ab.command("report", help=say("ab.help_report"))
@with_mapping
def report_test(
    data: OptionalData = None,
    test: Annotated[int | None, typer.Option("--test", min=1, metavar="NUMBER", help=say("ab.help_test"))] = None,
    effect: Effect = 0.1,
    power: Power = 0.8,
    *,
    mapping: Mapping,
) -> None:
    log = _log(open_session(data, mapping))
    tests = log.tests()
    if not tests:
        raise UserError("ab.no_tests", ExitCode.USAGE)
    chosen = next((one for one in tests if test in (one.number, None)), None) if test else tests[-1]
    if chosen is None:
        numbers = ", ".join(str(one.number) for one in tests)
        raise UserError("ab.no_such_test", ExitCode.USAGE, number=test, numbers=numbers)
    _show(log, chosen, console(), effect, power)


@ab.command("simulate", help=say("ab.help_simulate"))
@with_mapping
def simulate_tests(
    data: OptionalData = None,
    a: ArmA = "deep",
    b: ArmB = "popular",
    interleave: Interleave = False,
    split: Split = False,
    aa: Annotated[bool, typer.Option("--aa", help=say("ab.help_aa"))] = False,
    effect: PlantedEffect = None,
    power: Power = 0.8,
    runs: Annotated[int, typer.Option("--runs", min=1, max=100_000, help=say("ab.help_runs"))] = 20,
    people: Annotated[int | None, typer.Option("--people", min=1, max=100_000, help=say("ab.help_people"))] = None,
    looks: Annotated[int, typer.Option("--looks", min=1, max=1_000, help=say("ab.help_looks"))] = 10,
    preset: AnsweringPreset = None,
    seed: SeedOption = 0,
    no_train: NoTrain = False,
    *,
    mapping: Mapping,
) -> None:
    from recsys_tui.cli.answering import teller
    from recsys_tui.evaluate.ab.arms import check_arms, load_arm
    from recsys_tui.evaluate.ab.replay import moments_of_people
    from recsys_tui.evaluate.ab.simulate import SimulationRequest, simulate

    mode = _mode(interleave, split)
    if aa and effect is not None:
        raise UserError("ab.one_plan")
    out, session = console(), open_session(data, mapping)
    recommender = _recommender(session, out, preset, no_train, seed)
    # Where both arms show the same lists, what is called b is a too.
    asked = (a,) if aa or effect is not None else (a, b)
    names = check_arms(recommender, asked, session.dataset.explicit)
    _fit(session, names, out, seed)
    out.tell(say("ab.replaying"))
    moments = moments_of_people(recommender, load_arm(session, names[0]), load_arm(session, names[-1]), seed)
    request = SimulationRequest(names[0], names[-1], mode, runs, effect, power, people, looks, seed)
    _show_simulation(simulate(moments, request, teller(out)), aa, out)


def _mode(interleave: bool, split: bool) -> str:
    if interleave and split:
        raise UserError("ab.one_mode")
    return SPLIT if split else INTERLEAVE


def _log(session: Session) -> AbLog:
    from recsys_tui.store.ab_log import AbLog

    return AbLog(session.workspace.folder)


def _recommender(session: Session, out: Console, preset: str | None, no_train: bool, seed: int) -> Recommender:
    from recsys_tui.cli.answering import answering_recommender

    return answering_recommender(session, out, preset=preset, horizon=session.horizon, no_train=no_train, seed=seed)[0]


def _fit(session: Session, names: tuple[str, ...], out: Console, seed: int) -> None:
    """Fit the classic arms that are not fitted on this data yet."""
    from recsys_tui.evaluate.ab.arm_fitting import fit_arm
    from recsys_tui.evaluate.ab.arms import CLASSICS

    for name in names:
        if name in CLASSICS:
            out.tell(say("ab.fitting", name=name))
            fit_arm(session, name, seed)


def _show(log: AbLog, test: AbTest, out: Console, effect: float = 0.1, power: float = 0.8) -> None:
    from recsys_tui.cli.ab_report_text import show_report
    from recsys_tui.evaluate.ab.report import report

    found: AbReport = report(test, *log.record(test), time.time_ns() // 1_000_000, effect, power)
    show_report(found, out)


def _show_simulation(found: Simulation, aa: bool, out: Console) -> None:
    from recsys_tui.cli.ab_report_text import show_simulation

    show_simulation(found, aa, out)
