"""A codebook as DDI-Codebook 2.5, the form in which data archives describe a survey."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from si_research.constructs import CONSTRUCTS
from si_research.survey.codebook import Codebook, MissingReason, Variable, number_of
from si_research.survey.labels import answer_labels, described_columns, label_of
from si_research.survey.reading.cells import text_of_number
from si_research.survey.survey_data import SourceFacts
from si_research.survey.whole_file import writing_whole

NAMESPACE: Final = "ddi:codebook:2_5"
_LANGUAGE: Final = "xml:lang"
_LANGUAGES: Final = ("nl", "en")
_FILE: Final = "F1"
_NOT_IN_XML: Final = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNED: Final = "Worded the other way round; turned when it is scored, not in the data."


def write_ddi(
    codebook: Codebook, path: Path | str, facts: SourceFacts | None = None, *, overwrite: bool = False
) -> Path:
    """Write a codebook as DDI-Codebook 2.5, for an archive.

    Parameters
    ----------
    codebook : Codebook
    path : path
        A name that ends in ``.xml``.
    facts : SourceFacts, optional
        The data file it describes: its name, rows and columns.
    overwrite : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    Path
        The file: study, data file, one ``var`` a column with question, answers, missing codes and range, one
        ``varGrp`` a scale. It holds no answer of anybody.

    Raises
    ------
    SurveyDataError
        A file of that name is there; nothing is changed then.

    References
    ----------
    DDI Alliance (2012). DDI-Codebook 2.5.
    """
    root = ElementTree.Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5"})
    _add_study(root, codebook)
    if facts is not None:
        _add_file(root, facts)
    data = ElementTree.SubElement(root, "dataDscr")
    columns = [(name, column) for name in codebook.used_names for column in described_columns(codebook, name)]
    ids: dict[str, list[str]] = {name: [] for name in codebook.used_names}
    for place, (name, _) in enumerate(columns, start=1):
        ids[name].append(f"V{place}")
    _add_scales(data, codebook, ids)
    for place, (name, column) in enumerate(columns, start=1):
        described = {"ID": f"V{place}", "name": column, **({"files": _FILE} if facts is not None else {})}
        _add_variable(data, codebook, name, described)
    ElementTree.indent(root)
    with writing_whole([Path(path)], overwrite=overwrite) as (target,):
        ElementTree.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)
    return Path(path)


def _text(parent: ElementTree.Element, tag: str, text: str, **attributes: str) -> ElementTree.Element:
    """Add an element with a text; what XML cannot hold is left out of it."""
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = _NOT_IN_XML.sub("", text)
    return child


def _add_study(root: ElementTree.Element, codebook: Codebook) -> None:
    study = ElementTree.SubElement(root, "stdyDscr")
    citation = ElementTree.SubElement(study, "citation")
    _text(ElementTree.SubElement(citation, "titlStmt"), "titl", codebook.title)
    if codebook.synthetic:
        info = ElementTree.SubElement(study, "stdyInfo")
        _text(info, "abstract", "Synthetic data: nobody answered this survey.")


def _add_file(root: ElementTree.Element, facts: SourceFacts) -> None:
    described = ElementTree.SubElement(root, "fileDscr", {"ID": _FILE})
    text = ElementTree.SubElement(described, "fileTxt")
    _text(text, "fileName", facts.name)
    size = ElementTree.SubElement(text, "dimensns")
    _text(size, "caseQnty", str(facts.n_rows))
    _text(size, "varQnty", str(facts.n_columns))
    _text(text, "fileType", facts.kind)


def _add_scales(data: ElementTree.Element, codebook: Codebook, ids: Mapping[str, list[str]]) -> None:
    """Add the scales: each a group of the variables that it is made of."""
    known = {construct.name: construct for construct in CONSTRUCTS.values()}
    for place, (name, scale) in enumerate(codebook.scales.items(), start=1):
        parts = scale.items or ((scale.score,) if scale.score else ())
        variables = " ".join(identity for part in parts for identity in ids[part])
        group = ElementTree.SubElement(
            data,
            "varGrp",
            {
                "ID": f"G{place}",
                "name": name,
                "type": "subject",
                "var": variables,
            },
        )
        for language, label in (("nl", scale.label_nl), ("en", scale.label_en)):
            if label:
                _text(group, "labl", label, **{_LANGUAGE: language})
        construct = known.get(scale.construct_name)
        _text(group, "concept", construct.name if construct else scale.construct_name)


def _add_variable(
    data: ElementTree.Element, codebook: Codebook, name: str, described: Mapping[str, str]
) -> None:
    """Add a variable, its parts in the order of the standard."""
    item = codebook.items.get(name)
    is_measured = item is None and codebook.variable(name).kind == "number"
    is_number = item is not None or is_measured
    part = ElementTree.SubElement(
        data, "var", {**described, "intrvl": "contin" if is_measured else "discrete"}
    )
    _add_words(part, codebook, name)
    _add_ranges(part, codebook, name)
    for value, label in _answers(codebook, name):
        category = ElementTree.SubElement(part, "catgry")
        _text(category, "catValu", value)
        _text(category, "labl", label)
    for code, reason in _missing(codebook, name).items():
        category = ElementTree.SubElement(part, "catgry", {"missing": "Y"})
        _text(category, "catValu", code)
        _text(category, "labl", reason)
    if item is not None and item.reverse:
        _text(part, "codInstr", _TURNED)
    ElementTree.SubElement(part, "varFormat", {"type": "numeric" if is_number else "character"})


def _add_words(part: ElementTree.Element, codebook: Codebook, name: str) -> None:
    """Add the label in each language; of an item, the question as asked as well."""
    texts = {language: label_of(codebook, name, language) for language in _LANGUAGES}
    if len(set(texts.values())) == 1:
        _text(part, "labl", texts["nl"])
    else:
        for language, label in texts.items():
            _text(part, "labl", label, **{_LANGUAGE: language})
    if name in codebook.items and set(texts.values()) != {name}:
        question = ElementTree.SubElement(part, "qstn")
        for language, wording in texts.items():
            if getattr(codebook.items[name], f"wording_{language}"):
                _text(question, "qstnLit", wording, **{_LANGUAGE: language})


def _add_ranges(part: ElementTree.Element, codebook: Codebook, name: str) -> None:
    """Add which numbers are possible, and which stand for no answer."""
    is_category = name not in codebook.items and codebook.variable(name).kind != "number"
    if is_category:
        return
    ends = codebook.format_of(name) if name in codebook.items else codebook.variable(name)
    low, high = (ends.lowest, ends.highest)
    known = {key: text_of_number(end) for key, end in (("min", low), ("max", high)) if end is not None}
    if known:
        ElementTree.SubElement(ElementTree.SubElement(part, "valrng"), "range", known)
    numbers = [number for code in _missing(codebook, name) if (number := number_of(code)) is not None]
    if numbers:
        invalid = ElementTree.SubElement(part, "invalrng")
        for number in numbers:
            ElementTree.SubElement(invalid, "item", {"VALUE": text_of_number(number)})


def _answers(codebook: Codebook, name: str) -> Iterator[tuple[str, str]]:
    if name in codebook.items:
        form = codebook.format_of(name)
        labels = answer_labels(form, "nl")
        yield from (
            (text_of_number(value), labels.get(value, text_of_number(value))) for value in form.values
        )
    else:
        variable: Variable = codebook.variable(name)
        yield from variable.labels.items()


def _missing(codebook: Codebook, name: str) -> dict[str, MissingReason]:
    """Return the codes that stand for no answer, as the codebook writes them."""
    entry = codebook.items[name] if name in codebook.items else codebook.variable(name)
    general = {
        code: why
        for code, why in codebook.missing_codes.items()
        if not (isinstance(entry, Variable) and entry.names(code))
    }
    return {**general, **entry.missing_codes}
