"""What a column and its answers are called in data that leave, in one language."""

from __future__ import annotations

from si_research.survey.codebook import Codebook, ResponseFormat


def label_of(codebook: Codebook, name: str, language: str) -> str:
    """Return the question of an item or the label of a variable; its name where there is none.

    Examples
    --------
    >>> from si_research.survey.codebook import Item
    >>> codebook = Codebook(title="", items={"k1": Item(format="yes_no", wording_en="Can you?")}, scales={})
    >>> label_of(codebook, "k1", "nl")
    'Can you?'
    """
    what = "wording" if name in codebook.items else "label"
    entry = codebook.items[name] if name in codebook.items else codebook.variable(name)
    other = "en" if language == "nl" else "nl"
    return getattr(entry, f"{what}_{language}") or getattr(entry, f"{what}_{other}") or name


def described_columns(codebook: Codebook, name: str) -> tuple[str, ...]:
    """Return the columns of a file that hold an item or variable: one, or one a wave.

    Of several names that one column may have, the first.
    """
    return tuple(names[0] for names in codebook.columns_of(name).values())


def answer_labels(form: ResponseFormat, language: str) -> dict[float, str]:
    """Return the first label of each closed answer that has one.

    Examples
    --------
    >>> form = ResponseFormat(labels={"nl": ["nee", ["ja", "jawel"]], "en": ["no", "yes"]}, lowest=0)
    >>> answer_labels(form, "nl"), answer_labels(form, "de")
    ({0.0: 'nee', 1.0: 'ja'}, {0.0: 'nee', 1.0: 'ja'})
    """
    steps = form.labels.get(language)
    if steps is None:
        return {option.value: option.labels[0] for option in form.options if option.labels}
    first = (group if isinstance(group, str) else group[0] for group in steps if group)
    return dict(zip((option.value for option in form.options), first, strict=True))
