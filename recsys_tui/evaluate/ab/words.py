"""What an A/B test says, in sentences."""

from __future__ import annotations

from recsys_tui.evaluate.ab.report import MISMATCH, PRIMARY, AbReport, SampleRatio
from recsys_tui.output.messages import say
from recsys_tui.store.ab_records import ARM_A, ARM_B, INTERLEAVE


def verdict(found: AbReport) -> str:
    """What may be concluded now, by the primary outcome alone."""
    test, primary = found.test, found.primary
    if found.people is None:
        return say("ab.too_few_people", fewest=found.fewest)
    if found.sample_ratio is not None and found.sample_ratio.mismatch:
        return say("ab.at_fault", what=_dealt(found), p=_dealt_p(found.sample_ratio))
    if primary is None:
        return say("ab.nothing_to_judge", fewest=found.fewest)
    outcome = say(f"ab.outcome_{PRIMARY[test.mode]}")
    if primary.p > found.alpha:
        return say("ab.no_difference", outcome=outcome, p=shown_p_value(primary.p))
    ahead, behind = (ARM_A, ARM_B) if primary.delta > 0 else (ARM_B, ARM_A)
    by = f"{abs(primary.delta):.3f}"
    names = {"ahead": test.model_of(ahead), "behind": test.model_of(behind)}
    return say("ab.ahead", outcome=outcome, by=by, p=shown_p_value(primary.p), **names)


def notes(found: AbReport) -> list[str]:
    """How far to go, whether chance dealt fairly, what else is to be known."""
    size, told = found.sample_size, []
    unit = say(f"ab.unit_{size.unit}")
    figures = {"unit": unit, "effect": f"{size.effect:g}", "power": f"{size.power:.0%}"}
    if size.needed is not None:
        more = size.needed if size.still_needed is None else size.still_needed
        told.append(say("ab.sample_size", needed=f"{size.needed:,}", more=f"{more:,}", **figures))
    if found.sample_ratio is not None:
        ratio = found.sample_ratio
        told.append(say("ab.sample_ratio", what=_dealt(found), p=_dealt_p(ratio)))
    told.append(say("ab.others_unadjusted"))
    if found.test.mode == INTERLEAVE:
        told.append(say("ab.activity_of_both"))
    if found.open_sessions is None:
        told.append(say("ab.open_sessions_of_few", fewest=found.fewest))
    elif found.open_sessions:
        told.append(say("ab.open_sessions", count=found.open_sessions))
    if len(found.models) > 1:
        told.append(say("ab.model_replaced", count=len(found.models)))
    return told


def method(found: AbReport) -> str:
    """How differences are judged."""
    exact = say("ab.method_exact") if found.test.mode == INTERLEAVE else ""
    told = say("ab.method", level=f"{1 - found.alpha:.0%}", alpha=f"{found.alpha:.0%}")
    return " ".join(part for part in (told, exact, say("ab.method_people")) if part)


def _dealt(found: AbReport) -> str:
    ratio = found.sample_ratio
    if ratio is None:
        return ""
    if ratio.a is None or ratio.b is None:
        return say("ab.dealt_of_few", fewest=found.fewest)
    return say(f"ab.dealt_{found.test.mode}", a=f"{ratio.a:,}", b=f"{ratio.b:,}")


def _dealt_p(ratio: SampleRatio) -> str:
    if ratio.p is not None:
        return shown_p_value(ratio.p)
    return f"<{MISMATCH:.3f}" if ratio.mismatch else f"≥{MISMATCH:.3f}"


def shown_p_value(p: float) -> str:
    """A p value as people read it."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"
