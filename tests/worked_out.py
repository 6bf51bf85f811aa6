"""What a function found for arguments of the same content, kept for the next time they are asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd

from si_research.privacy.profiles import profile_in_force


class WorkedOut:
    """Results of functions by the content of their arguments; nothing that a study is given can be
    changed."""

    def __init__(self) -> None:
        self.found: dict[Hashable, Any] = {}
        self.kept: dict[int, Any] = {}

    def once(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, worked out once for the same arguments; what raises is tried again."""

        @functools.wraps(function)
        def remembered(*values: Any, **options: Any) -> Any:
            try:
                content = self.content((values, options))
                key = (profile_in_force(), function.__module__, function.__qualname__, content)
            except TypeError:  # an argument without content of its own, such as a function
                return function(*values, **options)
            if key not in self.found:
                self.found[key] = self.kept_one(function(*values, **options))
            return self.found[key]

        return remembered

    def kept_one(self, value: Any) -> Any:
        """Keep a result alive, so that its identity stands for its content."""
        if is_dataclass(value):
            self.kept[id(value)] = value
        return value

    def content(self, value: Any) -> Hashable:
        """Return what tells a value from others: the same for the same content.

        Raises
        ------
        TypeError
            For values of which that is not known.
        """
        if id(value) in self.kept:
            return ("kept", id(value))
        if value is None or isinstance(value, (str, int, float, np.generic)):
            return (type(value).__name__, repr(value))
        if isinstance(value, (pd.DataFrame, pd.Series, pd.Index)):
            return of_table(value)
        if isinstance(value, np.ndarray) and value.dtype != object:
            return (value.dtype.str, value.shape, value.tobytes())
        if isinstance(value, Mapping):
            return (
                "mapping",
                tuple((self.content(name), self.content(each)) for name, each in value.items()),
            )
        if isinstance(value, (tuple, list)):
            return (type(value).__name__, tuple(self.content(each) for each in value))
        if is_dataclass(value) and not isinstance(value, type):
            return (
                type(value).__name__,
                tuple(self.content(getattr(value, each.name)) for each in fields(value)),
            )
        raise TypeError(type(value).__name__)


def of_table(value: pd.DataFrame | pd.Series | pd.Index) -> Hashable:
    """Return the content of a table: its cells, index, columns and types."""
    cells = pd.util.hash_pandas_object(value).to_numpy().tobytes()
    if isinstance(value, pd.Index):
        return ("index", cells, tuple(value.names), str(value.dtype))
    names = (*value.index.names, str(value.index.dtype))
    if isinstance(value, pd.DataFrame):
        heads: tuple[Hashable, ...] = (*value.columns, *map(str, value.dtypes), *value.columns.names)
        return ("frame", cells, heads, names, repr(value.attrs))
    return ("series", cells, value.name, str(value.dtype), names)
