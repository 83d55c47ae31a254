"""The accountant against numerical integration: what Gaussian noise promises, alone and together."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from recsys_tui.models.private.accountant import (
    Budget,
    Release,
    budget_for,
    composed,
    default_delta,
    delta_of,
    epsilon_of,
    mu_of,
    plan,
)
from recsys_tui.output.errors import ExitCode, UserError


def hockey_stick(epsilon: float, mean: float, sigma: float) -> float:
    """∫ max(0, p − e^ε q) of the two Gaussians that a statistic has with and without one person, by quadrature."""
    p, q = stats.norm(mean, sigma), stats.norm(0, sigma)

    def above(x: float) -> float:
        return max(0.0, p.pdf(x) - math.exp(epsilon) * q.pdf(x))

    # The two are even where x = σ²ε/mean + mean/2: all the mass lies to the right of it.
    edge = sigma**2 * epsilon / mean + mean / 2
    value, _ = integrate.quad(above, edge, max(edge, mean) + 40 * sigma, limit=500, points=[max(edge, mean)])
    return float(value)


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 1.0, 4.0, 8.0])
@pytest.mark.parametrize(("sensitivity", "sigma"), [(1.0, 0.7), (1.0, 3.0), (2.0, 2.5)])
def test_delta_is_the_mass_that_exceeds_the_promise(epsilon: float, sensitivity: float, sigma: float) -> None:
    exact = hockey_stick(epsilon, sensitivity, sigma)
    assert delta_of(epsilon, sensitivity / sigma) == pytest.approx(exact, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 2.0, 8.0])
@pytest.mark.parametrize("delta", [1e-3, 1e-5, 1e-8])
def test_noise_is_calibrated_as_exactly_as_can_be(epsilon: float, delta: float) -> None:
    mu = mu_of(Budget(epsilon, delta))
    assert hockey_stick(epsilon, mu, 1.0) == pytest.approx(delta, rel=1e-4)
    assert delta_of(epsilon, mu) <= delta
    assert delta_of(epsilon, 1.001 * mu) > delta
    assert epsilon_of(mu, delta) == pytest.approx(epsilon, rel=1e-6)


def test_never_more_noise_than_the_classic_bound_asks_for() -> None:
    # Dwork & Roth 2014, theorem A.1, for ε below 1: σ = √(2 ln(1.25/δ)) / ε.
    for epsilon in (0.1, 0.5, 0.99):
        for delta in (1e-3, 1e-6):
            assert 1 / mu_of(Budget(epsilon, delta)) < math.sqrt(2 * math.log(1.25 / delta)) / epsilon


def test_several_releases_promise_what_one_of_all_of_them_does() -> None:
    releases = [Release("a", 1.0, 2.0), Release("b", 3.0, 4.0), Release("c", 0.5, 5.0)]
    # Each statistic divided by its noise, side by side: one person moves that vector by the root of Σ(Δ/σ)², the noise
    # is 1 in every direction, so that only the projection on the line of the move tells the two apart.
    joint = math.sqrt((1 / 2) ** 2 + (3 / 4) ** 2 + (0.5 / 5) ** 2)
    assert composed(releases) == pytest.approx(joint, rel=1e-12)
    assert delta_of(1.0, composed(releases)) == pytest.approx(hockey_stick(1.0, joint, 1.0), rel=1e-6)


def test_composition_against_sampled_losses() -> None:
    """The loss of privacy of three Gaussian releases, drawn: P(L > ε) − e^ε P'(L > ε) is δ."""
    random = np.random.default_rng(0)
    shifts = np.array([0.6, 0.3, 0.4])
    drawn = random.normal(size=(400_000, 3))

    def losses(points: np.ndarray) -> np.ndarray:
        return (stats.norm.logpdf(points, shifts) - stats.norm.logpdf(points)).sum(axis=1)

    with_one, without = losses(drawn + shifts), losses(drawn)
    measured = (with_one > 1.0).mean() - math.e * (without > 1.0).mean()
    releases = [Release(str(place), shift, 1.0) for place, shift in enumerate(shifts)]
    assert delta_of(1.0, composed(releases)) == pytest.approx(measured, abs=4e-3)


def test_a_plan_uses_up_the_promise_and_no_more() -> None:
    budget = Budget(1.0, 1e-5)
    planned = plan(budget, {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 3.0})
    assert composed(list(planned.values())) == pytest.approx(mu_of(budget), rel=1e-12)
    assert planned["b"].mu ** 2 == pytest.approx(3 * planned["a"].mu ** 2)
    assert planned["b"].sigma == pytest.approx(2 / planned["b"].mu)
    assert delta_of(1.0, composed(list(planned.values()))) <= 1e-5 * (1 + 1e-9)


def test_no_noise_and_no_release_are_the_ends() -> None:
    assert Release("a", 1.0, 0.0).mu == math.inf
    assert delta_of(1.0, math.inf) == 1.0
    assert delta_of(1.0, 0.0) == 0.0
    assert epsilon_of(math.inf, 0.1) == math.inf


@pytest.mark.parametrize("epsilon", [0.0, -1.0, 1e-300, 0.00099, math.nan, math.inf, 101.0])
def test_a_promise_that_means_nothing_is_refused(epsilon: float) -> None:
    with pytest.raises(UserError) as caught:
        budget_for(epsilon, None, 1_000)
    assert caught.value.exit_code == ExitCode.USAGE
    assert caught.value.message_id == "private.bad_epsilon"


@pytest.mark.parametrize(
    ("delta", "people", "message"),
    [
        (0.0, 1_000, "private.bad_delta"),
        (1e-320, 1_000, "private.bad_delta"),
        (math.nan, 1_000, "private.bad_delta"),
        (1.0, 1_000, "private.bad_delta"),
        (0.001, 1_000, "private.delta_too_large"),
        (None, 99, "private.too_few"),
    ],
)
def test_a_delta_or_a_crowd_that_will_not_do_is_refused(delta: float | None, people: int, message: str) -> None:
    with pytest.raises(UserError) as caught:
        budget_for(1.0, delta, people)
    assert caught.value.message_id == message
    assert caught.value.exit_code == ExitCode.USAGE


def test_the_usual_delta_is_below_one_person() -> None:
    assert default_delta(1_000) == pytest.approx(10**-3.3)
    assert budget_for(1.0, None, 1_000).delta < 1 / 1_000
