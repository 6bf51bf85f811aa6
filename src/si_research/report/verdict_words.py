"""Words for the verdict on "only the combination": one sentence first, then what each reading rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from si_research.model.verdict.error_table import error_table
from si_research.model.verdict.rule import (
    BOTTLENECK,
    COMPENSATING,
    MINIMUM,
    NECESSARY,
    NO_RELATION,
    PRODUCT,
    REINFORCING,
    UNDECIDED,
    Figure,
    against_any_combination,
    decide,
)
from si_research.report.describe import records
from si_research.report.labels import Labels

if TYPE_CHECKING:
    from si_research.model.verdict.needed_n import NeededN
    from si_research.model.verdict.rule import Evidence, VerdictRule
    from si_research.model.verdict.verdict import Verdict

WRONG_SIGNS: Final = ("slope_negative", "slope_falls", "three_way_negative")
WITHOUT_SLOPES: Final = ("combinations_without_slopes", "turns_without_slopes")
OF_ONE_NAME: Final = "necessity_of_"
RELATION: Final = "relation"


def verdict_sentence(found: Verdict, labels: Labels) -> str:
    """Return the verdict for somebody who reads nothing else."""
    speak, numbers = labels.voice, found.numbers
    tested = {} if numbers is None else numbers.necessity
    necessary = [labels.of(name) for name, p in tested.items() if p <= found.rule.alpha]
    said = speak.say(
        f"verdict.{_form_of(found)}",
        predictors=speak.listed([labels.of(name) for name in found.predictors]),
        outcome=labels.of(found.outcome),
        r2=speak.rate(found.rule.smallest_r2),
        section=speak.say("sections.probing"),
        necessary=speak.listed(necessary) if len(necessary) > 1 else speak.say("verdict.two_of_them"),
    )
    if found.code == NECESSARY and numbers is not None:
        rest = "otherwise_open" if numbers.joint_p <= found.rule.alpha else "otherwise_sum"
        said += f" {speak.say(f'verdict.{rest}')}"
    return said


def _form_of(found: Verdict) -> str:
    """Return which sentence fits: that conditions add up is said more or less boldly, by where p lies."""
    numbers = found.numbers
    if found.code == UNDECIDED:
        hidden = [code for code in WITHOUT_SLOPES if code in found.reasons]
        return hidden[0] if hidden else UNDECIDED
    if found.code != COMPENSATING or numbers is None:
        return found.code
    if numbers.p_hat.low > 1 and numbers.joint_p <= found.rule.alpha:
        return "compensating_highest"
    return COMPENSATING if numbers.p_hat.low > found.rule.essential_below else "compensating_open"


def verdict_sentences(found: Verdict, labels: Labels) -> Iterator[str]:
    """Give the verdict, and what is of the wrong sign for the theory."""
    yield verdict_sentence(found, labels)
    yield from wrong_sign_sentences(found, labels)


def wrong_sign_sentences(found: Verdict, labels: Labels) -> Iterator[str]:
    """Name what is found to run against the theory: slopes, slopes that fall, the product of all."""
    speak, signs = labels.voice, found.wrong_signs
    for finding in WRONG_SIGNS:
        rows = records(signs[signs["found"].astype(bool) & (signs.index == finding)])
        if rows:
            names = speak.listed([labels.term(str(row["term"])) for row in rows])
            yield speak.say(f"verdict.wrong_sign.{finding}", names=names, outcome=labels.of(found.outcome))
    forms = signs["term"][signs.index == "share_negative"]
    if len(forms):
        named = [speak.say(f"verdict.formed.{form}") for form in forms]
        yield speak.say("verdict.share_negative_sign", forms=speak.listed(named))


def doubtful_sign_sentences(found: Verdict, labels: Labels) -> Iterator[str]:
    """Name slopes, and the product of all, that are negative but not told apart from 0."""
    speak, signs = labels.voice, found.wrong_signs
    meant = signs.index.isin(["slope_negative", "three_way_negative"])
    rows = records(signs[~signs["found"].astype(bool) & meant])
    said = [f"{labels.term(str(row['term']))} ({speak.p_value(row['p_value'])})" for row in rows]
    if said:
        yield speak.say("verdict.wrong_sign.doubtful", count=len(said), terms=speak.listed(said))


def reach_sentences(found: Verdict, labels: Labels) -> Iterator[str]:
    """Say what a verdict leaves possible, and on what it hangs."""
    numbers, speak = found.numbers, labels.voice
    if numbers is None:
        return
    interval = power_interval(numbers.p_hat, labels)
    if found.code == COMPENSATING and numbers.p_hat.low < 1:
        yield speak.say("verdict.mild", interval=interval)
    if found.code == COMPENSATING and found.compensation is not None:
        essential = found.compensation.p_value(0.0)
        if essential > found.rule.alpha:
            yield speak.say("verdict.free_weights", p=speak.p_value(essential))
    if found.code == BOTTLENECK and numbers.p_hat.high >= found.rule.essential_below:
        limit = power_in_words(numbers.p_hat_below, labels)
        yield speak.say("verdict.one_sided", interval=interval, limit=limit)
    if found.code == NECESSARY:
        two = sorted(numbers.necessity.values())[1:2]
        p = min(p for p in (numbers.necessity_of_two, *two) if not math.isnan(p))
        without = replace(numbers, necessity={}, necessity_of_two=math.nan)
        yield speak.say("verdict.hangs", p=speak.p_value(p), instead=_instead(without, found.rule, labels))
    if found.code == UNDECIDED:
        yield from _doubts(found, numbers, labels)


def _doubts(found: Verdict, numbers: Evidence, labels: Labels) -> Iterator[str]:
    """Say what the tests point to, where only a doubt about the conditions stands in the way."""
    speak, floor = labels.voice, found.rule.reliability_floor
    doubts = against_any_combination(numbers, found.rule)
    low = [name for name in found.predictors if numbers.reliability.get(name, math.nan) < floor]
    names = speak.listed([labels.of(name) for name in low])
    if not doubts or found.reasons != doubts:
        return
    without = replace(numbers, distinct=True, reliability={})
    yield speak.say("verdict.doubted", instead=_instead(without, found.rule, labels))
    for doubt in doubts:
        yield speak.say(f"verdict.{doubt}", names=names, floor=speak.bounded(floor))


def _instead(numbers: Evidence, rule: VerdictRule, labels: Labels) -> str:
    return labels.voice.say(f"verdict.instead.{decide(numbers, rule).code}")


def codes_in_words(codes: Sequence[str], side: str, labels: Labels) -> str:
    """Return what speaks for or against a reading (``side``), or a dash for nothing."""
    said = []
    for code in dict.fromkeys(codes):
        if code.startswith(OF_ONE_NAME):
            name = labels.of(code.removeprefix(OF_ONE_NAME))
            said.append(labels.voice.say(f"verdict.{side}.necessity_of", name=name))
        else:
            said.append(labels.voice.say(f"verdict.{side}.{code}"))
    return "; ".join(said) or labels.voice.say("numbers.none")


def strength_in_words(reading: str, evidence: Evidence, alpha: float, labels: Labels) -> str:
    """Return the numbers that a reading rests on."""
    speak, necessity = labels.voice, evidence.necessity
    share = {form: evidence.shares.get(form, Figure()) for form in (PRODUCT, MINIMUM)}
    power = power_in_words(evidence.p_hat.estimate, labels)
    smallest = min((p for p in necessity.values() if not math.isnan(p)), default=math.nan)
    if reading == NECESSARY and math.isnan(smallest):
        return speak.say("verdict.strength.necessary_missing")
    p = {NO_RELATION: evidence.relation_p, NECESSARY: smallest}.get(reading, evidence.joint_p)
    return speak.say(
        f"verdict.strength.{reading}",
        power_mean=f"p̂ = {power} {power_interval(evidence.p_hat, labels)}",
        product=_share(share[PRODUCT], labels),
        minimum=_share(share[MINIMUM], labels),
        p=speak.p_value(p),
        n=sum(each <= alpha for each in necessity.values()),
        k=len(necessity),
        power=speak.rate(evidence.relation_power),
    )


def _share(figure: Figure, labels: Labels) -> str:
    if math.isnan(figure.estimate):
        return labels.voice.say("numbers.none")
    return f"{labels.voice.number(figure.estimate)} {labels.voice.interval(figure.low, figure.high)}"


def power_in_words(p: float, labels: Labels) -> str:
    """Return a power of the mean, infinities included."""
    if math.isinf(p):
        return ("\N{MINUS SIGN}" if p < 0 else "") + "∞"
    return labels.voice.number(p, 1)


def power_interval(p_hat: Figure, labels: Labels) -> str:
    """Return the interval of a power of the mean."""
    low, high = (power_in_words(value, labels) for value in (p_hat.low, p_hat.high))
    return labels.voice.say("numbers.interval", low=low, high=high)


def needed_sentences(found: NeededN, labels: Labels) -> Iterator[str]:
    """Say how many people, and organisations, would tell the readings apart, or that none tried would."""
    speak = labels.voice
    share, sure = speak.rate(found.target), math.isfinite(found.n_employees)
    worlds = found.worlds[found.worlds.index != RELATION]
    if (
        found.n_employees <= found.n_used
    ):  # of the relation: it would have been found, which is said elsewhere
        yield from [speak.say("verdict.needed_not")] if len(worlds) else []
        return
    if sure:
        people = _people(found.n_employees, found.n_firms, labels)
        yield speak.say(
            "verdict.needed" if len(worlds) else "verdict.needed_relation", people=people, share=share
        )
    for key, there in (("needed_some", True), ("not_reached", False)):
        known = records(worlds[worlds["reached"].astype(bool) == there].reset_index())
        if sure or not known:
            continue
        most = max(known, key=lambda row: float(row["n_employees" if there else "highest_tried"]))
        names = speak.listed([speak.say(f"verdict.worlds.{row['world']}") for row in known])
        people = _people(float(most["n_employees"]), float(most["n_firms"]), labels) if there else ""
        tried = speak.whole(rounded(float(most["highest_tried"])))
        now = "_now" if there and most["n_employees"] <= found.n_used else ""
        yield speak.say(f"verdict.{key}{now}", worlds=names, people=people, n=tried, share=share)
    if len(found.runs):
        yield speak.say("verdict.needed_how", runs=int(found.runs["runs"].max()))


def error_sentence(labels: Labels) -> str:
    """Return how often the rule was right, and wrong, in simulated surveys of which the truth is known."""
    speak, table = labels.voice, error_table().reset_index()
    usual = table[table["situation"] == "usual"].set_index("world")
    sums = usual[usual.index.str.startswith("additive")]
    false = usual.loc[[*sums.index, "nothing"], [BOTTLENECK, NECESSARY, REINFORCING]]
    right = {name: speak.rate(float(usual["right"][name])) for name in ("product", "minimum", "nothing")}
    return speak.say(
        "verdict.errors",
        runs=int(usual["runs"].min()),
        low=speak.rate(float(sums["right"].min())),
        high=speak.rate(float(sums["right"].max())),
        false=speak.rate(float(false.to_numpy().max())),
        **right,
    )


def unseen_sentences(found: Verdict, labels: Labels) -> Iterator[str]:
    """Say what a verdict takes for granted, and what it mistakes, by the stored runs."""
    speak, table = labels.voice, error_table()[COMPENSATING]
    notes = {note.code: note.values for note in found.notes}
    if "mean_and_geometric_alike" in notes and found.code == COMPENSATING:
        yield speak.say("verdict.alike", share=speak.rate(float(table["geometric", "usual"])))
    if "halo_looks_compensating" in notes:
        yield speak.say("verdict.halo", share=speak.rate(float(table["nothing", "strong halo"])))
    if "reliability_assumed" in notes:
        known = found.reliability or {}
        names = speak.listed([labels.of(name) for name in found.predictors if name not in known])
        value = speak.bounded(found.rule.assumed_reliability)
        yield speak.say("verdict.reliability_assumed", names=names, value=value)
    for code in ("unreliable_scales", "reliability_not_positive"):
        if code in notes:
            scales = speak.listed([labels.of(str(name)) for name in notes[code]["scales"]])  # type: ignore[attr-defined]
            floor = speak.bounded(found.rule.reliability_floor)
            yield speak.say(f"verdict.{code}", names=scales, floor=floor)
    if "conditions_hardly_distinct" in notes:
        yield speak.say("verdict.hardly_distinct")


def _people(n: float, firms: float, labels: Labels) -> str:
    speak, people = labels.voice, labels.voice.whole(rounded(n))
    if math.isnan(firms):
        return speak.say("verdict.people", n=people)
    return speak.say("verdict.people_in_firms", n=people, firms=speak.whole(math.ceil(firms)))


def rounded(n: float) -> int:
    """Return a number of people that a simulation found, up to two digits: it is no surer than that.

    Examples
    --------
    >>> rounded(1234), rounded(87.2), rounded(12000)
    (1300, 88, 12000)
    """
    unit: int = 10 ** max(math.floor(math.log10(max(n, 1))) - 1, 0)
    return math.ceil(n / unit) * unit
