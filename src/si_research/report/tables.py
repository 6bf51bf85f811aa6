"""Tables as they are shown: captions, rounded numbers, notes. What stands in them is computed elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from si_research.report.describe import (
    OTHER,
    describe_sample,
    describe_scales,
    described_scales,
    is_stacked,
    record,
    records,
    scale_correlations,
    told_of_scale,
)
from si_research.report.flow import flow_of_rows, rows_after_steps
from si_research.report.labels import Labels
from si_research.report.ledger_words import reason_in_words, rule_in_words
from si_research.report.suppression import is_exact, is_small, told_figure, told_of_all
from si_research.report.voice import plain, sentence_case

if TYPE_CHECKING:
    from si_research.report.findings import StudyFindings


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table ready to be shown. Made by the functions of ``tables`` and ``model_tables``.

    Attributes
    ----------
    name : str
        Identifier, also in the page.
    caption, note : str
    columns : tuple of str
    rows : tuple of tuple of str
        The first cell heads the row.
    words : frozenset of int
        Columns of words, by place; the others hold numbers.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})
    note: str = ""

    def table(self) -> pd.DataFrame:
        """Return what is shown, as text."""
        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    def __str__(self) -> str:
        return plain(f"{self.caption}\n{self.table().to_string(index=False)}\n{self.note}".strip())

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr>{self._cells('td', row)}</tr>" for row in self.rows)
        head = f"<thead><tr>{self._cells('th', self.columns)}</tr></thead>"
        return f"<p>{escape(plain(self.caption))}</p><table>{head}<tbody>{rows}</tbody></table>"

    def _cells(self, tag: str, texts: tuple[str, ...]) -> str:
        """Return cells for a notebook, which sets all to the right where nothing else is said."""
        sides = ["left" if place in self.words else "right" for place in range(len(texts))]
        return "".join(
            f'<{tag} style="text-align: {side}">{escape(plain(text))}</{tag}>'
            for side, text in zip(sides, texts, strict=True)
        )


def make_table(
    name: str,
    columns: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    labels: Labels,
    words: Iterable[int] = (0,),
    note: str = "",
    **values: object,
) -> Table:
    """Return a table with the caption of its name; columns are keys of ``columns`` or ready texts."""
    speak = labels.voice
    heads = [speak.say(f"columns.{each}") if speak.has(f"columns.{each}") else each for each in columns]
    return Table(
        name=name,
        caption=sentence_case(speak.say(f"tables.{name}", **values)),
        columns=tuple(heads),
        rows=tuple(tuple(row) for row in rows),
        words=frozenset(words),
        note=note,
    )


def scale_range(labels: Labels, low: float, high: float) -> str:
    """Return the ends of a scale, ``1–5``; nothing where the codebook leaves one open."""
    if pd.isna(low) or pd.isna(high):
        return ""
    digits = 0 if float(low).is_integer() and float(high).is_integer() else 1
    return f"{labels.voice.number(low, digits)}–{labels.voice.number(high, digits)}"


def measures_table(findings: StudyFindings, labels: Labels) -> Table:
    """Return what the conditions and the outcome were measured as."""
    study, rows = findings.study, []
    roles = {
        **dict.fromkeys(study.planned, "outcome_planned"),
        **dict.fromkeys(study.exploratory, "outcome_exploratory"),
        study.outcome: "outcome_main" if len(study.outcomes) > 1 else "outcome",
    }
    for name in described_scales(findings):
        facts = findings.scores.scales[name]
        concept = labels.voice.say(f"terms.{roles[name]}") if name in roles else labels.of(name)
        n_items = labels.voice.whole(len(facts.items)) if facts.items else labels.voice.say("terms.score")
        rows.append(
            (concept, labels.measured(name), n_items, scale_range(labels, facts.lowest, facts.highest))
        )
    columns = ("concept", "measured", "items", "range")
    name = "measures" if findings.fit is not None else "measures_refusal"
    return make_table(name, columns, rows, labels=labels, words=(0, 1))


def flow_table(findings: StudyFindings, labels: Labels) -> Table:
    """Return how the rows of the file became the people of the tests."""
    speak, refused = labels.voice, findings.fit is None
    used = "flow.used_refusal" if refused else "flow.used"
    offered = "flow.offered_waves" if is_stacked(findings) else "flow.offered"
    rows = []
    for step in records(flow_of_rows(findings)):
        if step["step"] == "left_out":
            reasons = [reason_in_words(labels, code, detail) for code, detail in step["codes"]]
            text = speak.say("flow.out", reasons=speak.listed(list(dict.fromkeys(reasons))))
            rows.append((text, "−\u2009" + speak.people(step["n"])))
        else:
            rows.append((speak.say(offered if step["step"] == "offered" else used), speak.count(step["n"])))
    name = "flow_refusal" if refused else "flow"
    return make_table(name, ("step", "n"), rows, labels=labels)


def sample_table(findings: StudyFindings, labels: Labels) -> Table | None:
    """Return who was in; None when the codebook names no background variables."""
    speak, rows, last = labels.voice, [], ""
    for row in records(describe_sample(findings)):
        name = str(row["variable"])
        head = sentence_case(labels.of(name)) if name != last else ""
        last = name
        rows.append((head, _level(labels, row), speak.count(row["n"]), *_shares(labels, row)))
    if not rows:
        return None
    columns = ("variable", "level", "n", "share", "mean", "std_dev")
    note = speak.say("table_notes.sample")
    return make_table("sample", columns, rows, labels=labels, words=(0, 1), note=note)


def _level(labels: Labels, row: dict[str, Any]) -> str:
    if row["level"] == OTHER and row["merged"]:
        return labels.voice.say("terms.other_levels", count=int(row["merged"]))
    return labels.level(row["variable"], row["level"])


def _shares(labels: Labels, row: dict[str, Any]) -> tuple[str, str, str]:
    speak = labels.voice
    if row["level"] == "":
        return "", speak.number(row["mean"]), speak.number(row["std_dev"])
    return speak.percent(row["share"]), "", ""


def descriptives_table(findings: StudyFindings, labels: Labels) -> Table:
    """Return mean, spread, and the shares at the ends of the scale."""
    speak, rows = labels.voice, []
    few = speak.say("numbers.few")
    for row in records(describe_scales(findings)):
        ends = [
            few if pd.isna(row[end]) else speak.percent(row[end]) for end in ("share_lowest", "share_highest")
        ]
        numbers = (speak.number(row["mean"]), speak.number(row["std_dev"]), speak.number(row["pomp"], 0))
        reach = scale_range(labels, row["lowest"], row["highest"])
        n = few if is_small(row["n_used"]) else speak.count(row["n_used"])
        rows.append((labels.of(row["term"]), n, reach, *numbers, *ends))
    columns = ("scale", "n", "range", "mean", "std_dev", "pomp", "share_lowest", "share_highest")
    note = speak.say("table_notes.descriptives", few=few)
    return make_table("descriptives", columns, rows, labels=labels, note=note)


def correlation_table(findings: StudyFindings, labels: Labels) -> Table:
    """Return means, standard deviations, correlations below the diagonal and alpha on it."""
    speak, names = labels.voice, described_scales(findings)
    described, pairs = describe_scales(findings), scale_correlations(findings)
    r = {(row["term_1"], row["term_2"]): row["estimate"] for row in records(pairs)}
    rows = []
    for place, name in enumerate(names):
        row = record(described, name)
        cells = [speak.bounded(r[other, name]) for other in names[:place]]
        cells += [f"({speak.bounded(row['alpha'])})", *[""] * (len(names) - place - 1)]
        head = f"{place + 1}. {labels.of(name)}"
        rows.append((head, speak.number(row["mean"]), speak.number(row["std_dev"]), *cells))
    columns = ("scale", "mean", "std_dev", *(str(place + 1) for place in range(len(names))))
    counts = sorted({int(n) for n in pairs["n_used"]})
    shown = "–".join(speak.count(n) for n in dict.fromkeys([*counts[:1], *counts[-1:]]))
    note = speak.say("table_notes.correlations", n=shown)
    return make_table("correlations", columns, rows, labels=labels, note=note)


def item_table(findings: StudyFindings, labels: Labels) -> Table:
    """Return the items as they were answered."""
    speak, rows, n_all = labels.voice, [], len(findings.scores.table_)
    for row in records(findings.items):
        hidden, told = is_small(row["n_used"]), told_of_all(row["n_used"], n_all)
        n = speak.say("numbers.few") if hidden else speak.count(told)
        shown = [float("nan") if hidden else float(row[key]) for key in ("mean", "std_dev")]
        exact = is_exact(told, row["n_used"])
        if not exact:
            shown = [told_figure(each, n_all) for each in shown]
        mean, spread = (speak.number(each, 3 if exact else 2) for each in shown)
        reach = scale_range(labels, row["lowest"], row["highest"])
        turned = speak.say("terms.yes") if row["reversed"] else ""
        rows.append((str(row["item"]), labels.of(row["scale"]), n, mean, spread, reach, turned))
    columns = ("item", "scale", "n", "mean", "std_dev", "range", "reversed")
    note = f"{speak.say('table_notes.items')} {speak.say('table_notes.told_n')}"
    return make_table("items", columns, rows, labels=labels, words=(0, 1, 6), note=note)


def item_quality_table(findings: StudyFindings, labels: Labels) -> Table | None:
    """Return what each item does within its scale; None when no scale has two items."""
    speak, rows = labels.voice, []
    for each in findings.reliabilities:
        if each.status != "estimated" or is_small(each.n_used):
            continue
        for row in records(each.items):
            own = told_of_scale(findings, each.scale, row["n_used"])
            shown = [float(row[key]) for key in ("mean", "std_dev")]
            if not is_exact(own, row["n_used"]):
                shown = [told_figure(figure, each.n_rows) for figure in shown]
            numbers = [speak.number(figure) for figure in shown]
            fit = (speak.bounded(row["item_rest"]), speak.bounded(row["alpha_if_dropped"]))
            item = str(row["item"]).removesuffix("_reversed")
            rows.append((item, labels.of(each.scale), speak.count(own), *numbers, *fit))
    if not rows:
        return None
    columns = ("item", "scale", "n", "mean", "std_dev", "item_rest", "alpha_if_dropped")
    note = f"{speak.say('table_notes.item_quality')} {speak.say('table_notes.told_of_scale')}"
    return make_table("item_quality", columns, rows, labels=labels, words=(0, 1), note=note)


def ledger_table(findings: StudyFindings, labels: Labels) -> Table:
    """Return every step in words; rows only where the flow tells them: no small number can be worked out."""
    speak, rows = labels.voice, []
    after = rows_after_steps(findings)
    for place, row in enumerate(records(findings.ledger.steps), start=1):
        changed = int(row["cells_changed"])
        few = changed > 0 and is_small(changed)
        n_rows = speak.count(after[place]) if place in after else ""
        n_changed = speak.say("numbers.few") if few else speak.count(changed)
        rows.append((speak.whole(place), rule_in_words(labels, row), n_rows, n_changed))
    note = speak.say("table_notes.ledger")
    return make_table(
        "ledger", ("place", "done", "rows", "changed"), rows, labels=labels, words=(1,), note=note
    )
