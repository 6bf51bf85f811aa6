"""The flow in a report: no number below five told or left to work out, every word in a box, in grey too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from si_research.report.findings import StudyFindings
from si_research.report.flow import flow_of_rows, flow_of_study, shown_flow
from si_research.report.flow_plot import flow_in_words, plot_flow
from si_research.report.html import render_report
from si_research.report.labels import Labels
from si_research.report.ledger_words import reason_in_words, rule_in_words
from si_research.report.results_json import results_json
from si_research.report.tables import ledger_table
from si_research.report.voice import voice
from si_research.survey.flow import Flow, FlowStep

Small = Callable[..., StudyFindings]
STEPS = ("system_rows", "consent", "duplicates", "selection", "unfinished", "screening", "no_score")
WHYS = {
    "system_rows": ("preview", "test", "spam", "stored_twice"),
    "consent": ("others", "without_answer"),
    "duplicates": ("repeated",),
    "selection": ("others", "without_answer"),
    "unfinished": ("too_few", "not_sent_in", "not_completed"),
    "screening": ("careless",),
    "no_score": ("kunnen", "willen"),
}
LONG = "only people who work at the organisation for a year or more, as was agreed with the works council"


def flow_with(offered: int, steps: Iterable[tuple[str, dict[str, int]]], reason: str = "why") -> Flow:
    made, n = [], offered
    for place, (step, left_out) in enumerate(steps, start=2):
        made.append(FlowStep(place, step, reason, n, n - sum(left_out.values()), tuple(left_out.items())))
        n -= sum(left_out.values())
    return Flow(offered, tuple(made))


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    steps = []
    for step in draw(st.lists(st.sampled_from(STEPS), unique=True)):
        whys = draw(st.lists(st.sampled_from(WHYS[step]), min_size=1, unique=True))
        steps.append((step, {why: draw(st.integers(1, 30)) for why in whys}))
    return flow_with(3000, steps)


@given(flows())
def test_nobody_is_lost_and_the_numbers_add_up(flow: Flow) -> None:
    shown = shown_flow(flow)
    assert flow.offered - sum(each.n_left_out for each in shown) == flow.used
    assert [name for each in shown for name in each.steps] == [each.step for each in flow.steps]
    for each in shown:
        assert each.n_in - each.n_out == each.n_left_out
    for one, other in pairwise(shown):
        assert one.n_out == other.n_in


@given(flows())
def test_no_small_number_is_told_or_left_to_work_out(flow: Flow) -> None:
    """All that can be had by subtracting what is shown are sums of whole groups, and no group is small."""
    total = flow.offered - flow.used
    counts = {_name(each, why): n for each in flow.steps for why, n in each.left_out}
    for each in shown_flow(flow):
        assert each.n_left_out >= 5 or each.n_left_out == total  # the total is always shown
        for codes, n in each.groups:
            assert (codes == (("few", ""),)) == (n < 5)  # why one to four people left is theirs
            assert n < 5 or n == sum(
                counts[code, detail if code == "no_score" else ""] for code, detail in codes
            )
            assert n >= 5 or n == total
            assert len(codes) > 1 or n >= 5 or n == total


def _name(step: FlowStep, why: str) -> tuple[str, str]:
    return ("no_score", why) if step.step == "no_score" else (f"{step.step}.{why}", "")


def test_a_small_step_goes_with_its_neighbour_and_the_rows_between_are_not_told() -> None:
    flow = flow_with(
        100, [("duplicates", {"repeated": 3}), ("selection", {"others": 10}), ("unfinished", {"too_few": 6})]
    )
    first, second = shown_flow(flow)
    assert (first.steps, first.n_in, first.n_out) == (("duplicates", "selection"), 100, 87)
    assert [n for _, n in first.groups] == [13]
    assert (second.n_in, second.n_out) == (87, 81)
    assert "97" not in flow_in_words(flow, Labels(voice("en")))


def test_few_reasons_of_one_step_are_taken_together() -> None:
    flow = flow_with(100, [("system_rows", {"preview": 2, "test": 9, "spam": 20})])
    (step,) = shown_flow(flow)
    assert [(len(codes), n) for codes, n in step.groups] == [(1, 20), (2, 11)]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reason_has_words_and_no_empty_brackets(language: str) -> None:
    labels = Labels(voice(language))
    for step, whys in WHYS.items():
        for why in whys:
            code, detail = ("no_score", why) if step == "no_score" else (f"{step}.{why}", "")
            words = reason_in_words(labels, code, "because" if step == "selection" else detail)
            assert "()" not in words
            assert not words.startswith(voice(language).say("flow.other", detail="")[:6]), code


def drawn(flow: Flow, language: str = "en") -> tuple[list[tuple[str, object]], list[Rectangle]]:
    """Draw and return the texts with their place in pixels, and the boxes."""
    axis = plot_flow(flow, language=language)
    canvas = FigureCanvasAgg(axis.figure)
    canvas.draw()
    texts = [(text.get_text(), text.get_window_extent()) for text in axis.texts if text.get_text()]
    return texts, [patch for patch in axis.patches if isinstance(patch, Rectangle)]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("n_steps", [0, 1, 3, 7, 12])
@pytest.mark.parametrize("reason", ["kort", LONG])
def test_every_word_lies_in_a_box_and_boxes_lie_apart(language: str, n_steps: int, reason: str) -> None:
    steps = [
        (name, dict.fromkeys(WHYS[name], 100 + place)) for place, name in enumerate((STEPS * 2)[:n_steps])
    ]
    texts, boxes = drawn(flow_with(123_456, steps, reason), language)
    frames = [box.get_window_extent() for box in boxes]
    assert len(boxes) == max(2 * n_steps + 1, 2)
    for text, place in texts:
        assert any(
            frame.x0 <= place.x0 and place.x1 <= frame.x1 and frame.y0 <= place.y0 and place.y1 <= frame.y1
            for frame in frames
        ), text
    for number, frame in enumerate(frames):
        assert not any(frame.overlaps(other) for other in frames[number + 1 :])
    for (_, one), (_, other) in pairwise(sorted(texts, key=lambda each: (each[1].x0 > 800, each[1].y0))):
        assert not one.overlaps(other)
    figure = boxes[0].get_figure()
    assert figure is not None
    assert all(frame.x0 >= 0 and frame.x1 <= figure.bbox.x1 and frame.y0 >= 0 for frame in frames)


def test_nothing_is_told_by_colour() -> None:
    _, boxes = drawn(flow_with(100, [("duplicates", {"repeated": 10})]))
    for box in boxes:
        assert to_rgb(box.get_facecolor()) == (1, 1, 1)
        assert max(to_rgb(box.get_edgecolor())) < 0.55  # dark on white


def test_the_alternative_text_tells_it_all() -> None:
    flow = flow_with(100, [("system_rows", {"preview": 8, "test": 9}), ("duplicates", {"repeated": 10})])
    assert flow_in_words(flow, Labels(voice("nl"))) == (
        "Stroomschema van 100 rijen in het bestand naar 73 mensen. Niet mee 17: voorbeeldweergaven: 8; "
        "tests: 9; daarna blijven er 83. Niet mee 10: dubbel ingevuld; daarna blijven er 73."
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_ledger_is_in_the_words_of_the_language(example: StudyFindings, language: str) -> None:
    labels = Labels(voice(language))
    texts = [rule_in_words(labels, dict(row)) for _, row in example.ledger.steps.iterrows()]
    assert len(set(texts)) == len(texts) == 12
    page = render_report(example, language)
    assert voice(language).say("sections.ledger") in page
    if language == "nl":
        assert texts[5].endswith("van meer blijft de laatste volledige")
        assert texts[4].endswith("(decimale komma's)")
        assert "minder dan 50%" in texts[8]
        assert texts[9].endswith("`w3`")
    for step, text in zip(example.ledger.steps["step"], texts, strict=True):
        assert not text.startswith(step)


def test_rows_stand_in_the_ledger_only_where_the_flow_tells_them(small: Small) -> None:
    def three_twice_and_seven_unfinished(folder: Path) -> None:
        lines = (folder / "survey.csv").read_text("utf-8").splitlines()
        unfinished = [";".join(line.split(";")[:4] + [""] * 10) for line in lines[1:8]]
        (folder / "survey.csv").write_text(
            "\n".join([lines[0], *unfinished, *lines[8:], *lines[10:13]]) + "\n"
        )

    found = small(240, 12, three_twice_and_seven_unfinished)
    flow = flow_of_study(found)
    assert [(each.step, each.n_left_out) for each in flow.steps] == [("duplicates", 3), ("unfinished", 7)]
    table = ledger_table(found, Labels(voice("en"))).table()
    shown = dict(zip(found.ledger.steps["step"], table.iloc[:, 2], strict=True))
    assert shown == {**dict.fromkeys(shown, ""), "read_file": "243", "unfinished": "233"}
    assert flow_of_rows(found)["n"].tolist() == [243, 10, 233]
    for text in (render_report(found, "nl"), results_json(found)):
        assert "240 rijen" not in text
        assert '"n": 3,' not in text
