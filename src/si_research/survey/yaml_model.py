"""A YAML file as a model; what the model refuses becomes problems with line and nearest name."""

from __future__ import annotations

import re
from pathlib import Path
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from si_research.errors import Problem, ProblemsError
from si_research.survey.response_format import did_you_mean
from si_research.survey.yaml_file import Steps, YamlFile, place, read_yaml

_Model = TypeVar("_Model", bound=BaseModel)

_EXPECTED: Final = {
    "missing": "the key `{last}`",
    "string_type": "one text",
    "string_pattern_mismatch": "a name: a letter, then letters, digits or _",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number, with a decimal point",
    "float_type": "a number, with a decimal point",
    "finite_number": "a finite number",
    "bool_parsing": "yes or no",
    "bool_type": "yes or no",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "literal_error": "{expected}",
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
    "too_short": "a list of {min_length} or more",
    "too_long": "a list of {max_length} at most",
    "response_format": "{expected}",
}


def read_yaml_model(path: Path | str, model: type[_Model], error: type[ProblemsError]) -> _Model:
    """Read a YAML file into a model.

    Parameters
    ----------
    path : path
        A YAML file in UTF-8.
    model : type
        A pydantic model; values reach it as text (and whole numbers as such).
    error : type
        The error that carries the problems.

    Returns
    -------
    BaseModel
        An instance of ``model``.

    Raises
    ------
    ProblemsError
        The ``error`` that was asked for, with every problem of the file and its line.
    """
    file = read_yaml(path)
    problems = list(file.problems)
    if file.root is not None:
        try:
            read = model.model_validate(file.tree)
        except ValidationError as refused:
            problems.extend(problems_in(refused, model, file))
    if problems:
        raise error(
            in_file_order(problems), where=Path(path).resolve().name, expected="a file without problems"
        )
    return read


def in_file_order(problems: list[Problem]) -> list[Problem]:
    """Return problems by line; those about the whole file first."""
    return sorted(problems, key=lambda problem: problem.line or 0)


def shown(value: Any, longest: int = 40) -> str:
    """Return a value of a YAML file as it appears in a message: quoted, and cut when long.

    Examples
    --------
    >>> shown("agree_6"), shown(None), shown(["a"])
    ('`agree_6`', 'nothing', 'a list')
    """
    if value is None:
        return "nothing"
    if isinstance(value, dict | BaseModel):
        return "keys with values"
    if isinstance(value, list | tuple):
        return "a list"
    text = " ".join(str(value).split())
    return f"`{text if len(text) <= longest else text[: longest - 1] + '…'}`"


def kind_of_whole(tree: Any) -> str:
    """Return what a file without keys holds, and nothing of it: it may be a file of answers.

    Examples
    --------
    >>> kind_of_whole("nr;name"), kind_of_whole(["a"])
    ('a text without keys', 'a list')
    """
    return shown(tree) if tree is None or isinstance(tree, list) else "a text without keys"


def problems_in(error: ValidationError, model: type[BaseModel], file: YamlFile) -> tuple[Problem, ...]:
    """Return one problem for each place of a YAML file that a model refuses.

    Parameters
    ----------
    error : pydantic.ValidationError
        What validating ``file.tree`` raised.
    model : type
        The model that was asked.
    file : YamlFile
        The file, for its lines.

    Returns
    -------
    tuple of Problem
        In the order of the model. Where several kinds of value are allowed, one problem names all.
    """
    by_place: dict[Steps, list[Any]] = {}
    for detail in error.errors(include_url=False):
        by_place.setdefault(steps_of(detail, file.tree), []).append(detail)
    return tuple(_problem(steps, details, model, file) for steps, details in by_place.items())


def steps_of(detail: Any, tree: Any) -> Steps:
    """Return the path of an error in the file, without what pydantic adds about types and keys."""
    steps: list[str | int] = []
    for step in detail["loc"]:
        inside = isinstance(tree, dict) and step in tree
        if not inside and not (isinstance(tree, list) and isinstance(step, int)):
            break
        tree = tree[step]
        steps.append(step)
    if detail["type"] == "missing" and len(steps) < len(detail["loc"]):
        steps.append(detail["loc"][-1])
    return tuple(steps)


def _problem(steps: Steps, details: list[Any], model: type[BaseModel], file: YamlFile) -> Problem:
    detail = details[0]
    found, todo = (shown if steps else kind_of_whole)(detail["input"]), ""
    if detail["type"] == "extra_forbidden":
        keys = _keys_of(model, steps[:-1])
        expected = f"one of the keys {', '.join(keys)}"
        found, todo = shown(steps[-1]), did_you_mean(str(steps[-1]), keys)
    else:
        expected = " or ".join(dict.fromkeys(_expected(each, steps) for each in details))
    if detail["type"] == "missing":
        found = "nothing"
    elif detail["type"] in {"too_short", "too_long"} and isinstance(detail["input"], list | tuple):
        found = f"{len(detail['input'])}"
    elif detail["type"] == "response_format":
        found = detail["ctx"]["found"]
    elif detail["type"] == "literal_error":
        todo = did_you_mean(str(detail["input"]), re.findall(r"'([^']*)'", expected))
    return Problem(where=place(steps), expected=expected, found=found, todo=todo, line=file.line_of(steps))


def _expected(detail: Any, steps: Steps) -> str:
    """Return what one error of pydantic asks for, in the words of this project."""
    template = _EXPECTED.get(detail["type"])
    if template is None:
        message = str(detail["msg"]).removeprefix("Value error, ")
        return message[:1].lower() + message[1:]
    return template.format(last=steps[-1] if steps else "", **detail.get("ctx", {}))


def _keys_of(model: type[BaseModel], steps: Steps) -> tuple[str, ...]:
    """Return the keys that a part of the file may have."""
    kind: Any = model
    for step in steps:
        kind = _inside(kind, step)
    part = next((each for each in _alternatives(kind) if _is_model(each)), None)
    if part is None:
        return ()
    return tuple(field.alias or name for name, field in part.model_fields.items())


def _inside(kind: Any, step: str | int) -> Any:
    """Return the type of what a key or index of a type leads to; None when it leads nowhere."""
    for each in _alternatives(kind):
        if _is_model(each):
            named = [field for name, field in each.model_fields.items() if step in (name, field.alias)]
            if named:
                return named[0].annotation
        elif get_origin(each) is dict:
            return get_args(each)[1]
        elif get_origin(each) in (tuple, list):
            return get_args(each)[0]
    return None


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
