"""From a file of a small Dutch firm survey to an answer: new with data, confirm as proposed, run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from si_research.cli import main
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import read_codebook
from si_research.survey.drafting.questions import count_questions
from si_research.survey.reading import read_survey
from si_research.survey.scoring import score_scales

AGREE = ("helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens")
OFTEN = ("nooit", "zelden", "soms", "vaak", "altijd")
QUESTIONS = {
    "Kunnen: Ik heb de kennis om iets nieuws te bedenken": (0, 1),
    "Kunnen: Ik heb de vaardigheden om mijn werk te verbeteren": (0, 1),
    "Kunnen: Ik weet niet hoe ik mijn werk kan verbeteren": (0, -1),
    "Willen: Ik vind het leuk om met nieuwe ideeën te komen": (1, 1),
    "Willen: Ik wil mijn werk graag beter maken": (1, 1),
    "Willen: Ik houd het liever bij het oude": (1, -1),
    "Mogen: Mijn leidinggevende geeft mij ruimte om te experimenteren": (2, 1),
    "Mogen: Ik mag fouten maken": (2, 1),
    "Mogen: Hier is ruimte voor nieuwe ideeën": (2, 1),
}
BEHAVIOUR = (
    "Hoe vaak bedenkt u nieuwe ideeën voor uw werk?",
    "Hoe vaak werkt u een nieuw idee uit?",
    "Hoe vaak overtuigt u collega's van een nieuw idee?",
    "Hoe vaak voert u een verbetering in?",
)
CONSTRUCTS = ("kunnen", "willen", "mogen", "innovative_behaviour")
TURNED = {"Kunnen: Ik weet niet hoe ik mijn werk kan verbeteren", "Willen: Ik houd het liever bij het oude"}


def _survey(path: Path, n: int = 120) -> pd.DataFrame:
    """Write 120 people in 8 firms; return what they have in truth, one column a construct."""
    rng = np.random.default_rng(4)
    causes = np.linalg.cholesky(0.3 + 0.7 * np.eye(3)) @ rng.normal(size=(3, n))
    behaviour = 0.3 * causes.sum(axis=0) + rng.normal(0, 0.7, n)

    def answers(latent: np.ndarray[tuple[int], np.dtype[np.float64]], sign: int) -> list[int]:
        return list(np.clip(np.round(3.3 + sign * 0.8 * latent + rng.normal(0, 0.6, n)), 1, 5).astype(int))

    columns: dict[str, list[object]] = {
        "Respondentnummer": list(range(1, n + 1)),
        "Bedrijf": [f"Bedrijf {firm} BV" for firm in rng.integers(1, 9, n)],
        "Leeftijd": list(rng.integers(19, 66, n)),
    }
    for question, (cause, sign) in QUESTIONS.items():
        given = [AGREE[point - 1] for point in answers(causes[cause], sign)]
        columns[question] = ["weet ik niet" if rng.random() < 0.03 else each for each in given]
    for question in BEHAVIOUR:
        columns[question] = [OFTEN[point - 1] for point in answers(behaviour, 1)]
    pd.DataFrame(columns).to_excel(path, index=False, sheet_name="Antwoorden")
    return pd.DataFrame(dict(zip(CONSTRUCTS, [*causes, behaviour], strict=True)))


def _said(arguments: list[str], answers: str = "") -> str:
    result = CliRunner().invoke(main, arguments, input=answers)
    assert result.exit_code == 0, result.output
    return result.output


def _columns(codebook: Codebook, names: tuple[str, ...]) -> set[str]:
    return {codebook.column_names(name)[0] for name in names}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_named_file_leads_to_an_answer_by_saying_yes(folder: Path) -> None:
    truth = _survey(folder / "mkb.xlsx")
    told = _said(["new", "mkb", "--data", "mkb.xlsx"])
    draft = read_codebook(folder / "mkb" / "codebook.yml")
    assert {scale.construct_name for scale in draft.scales.values()} == set(CONSTRUCTS)
    assert not any(scale.confirm for scale in draft.scales.values())
    assert _columns(draft, draft.scales["innovative_behaviour"].items) == set(BEHAVIOUR)
    for name in ("kunnen", "willen", "mogen"):
        asked = {question for question in QUESTIONS if question.lower().startswith(name)}
        assert _columns(draft, draft.scales[name].items) == asked
    turned = tuple(name for name, item in draft.items.items() if item.reverse)
    assert _columns(draft, turned) == TURNED
    assert not any(draft.items[name].confirm for name in turned)

    assert f"for you to decide: {count_questions(draft)} questions" in told
    _said(["codebook", "--confirm", "mkb/codebook.yml"], "y\n" * 40)
    _said(["check", "mkb"])
    _said(["run", "mkb"])
    confirmed = read_codebook(folder / "mkb" / "codebook.yml")
    scores = score_scales(read_survey(folder / "mkb.xlsx", confirmed), confirmed).table()
    for name in CONSTRUCTS:
        assert scores[name].corr(truth[name].set_axis(scores.index)) > 0.7


def test_a_file_without_questions_to_decide_goes_on_to_check(folder: Path) -> None:
    rows = "\n".join(f"{place};{place * 1.5 + 20}" for place in range(1, 30))
    (folder / "plain.csv").write_text(f"respondent;salary\n{rows}\n", "utf-8")
    told = _said(["new", "plain", "--data", "plain.csv"])
    assert "for you to decide: 0 questions" in told
    assert "Next: si-research check plain" in told
    assert "--confirm" not in told
