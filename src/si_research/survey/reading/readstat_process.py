"""Reads one SPSS or Stata file in a process of its own, and hands it over as an Arrow stream.

The library that reads these files ends the whole process on some damaged ones. Here that ends only this
one, and whoever started it gets an error instead. Run by path, so that it starts without the toolkit:
``python -P readstat_process.py FILE READER ENCODING`` writes to standard output; exit code 3 says that the
library refused the file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa
import pyreadstat

REFUSED: Final = 3
_META: Final = (
    "column_labels",
    "variable_value_labels",
    "missing_ranges",
    "missing_user_values",
    "original_variable_types",
    "file_encoding",
)


def main(path: str, reader: str, encoding: str) -> int:
    """Read a file and write it out; return the exit code."""
    options: dict[str, Any] = {} if reader == "read_por" else {"user_missing": True}
    if encoding:
        options["encoding"] = encoding
    try:
        cells, meta = getattr(pyreadstat, reader)(
            path, disable_datetime_conversion=True, output_format="dict", **options
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError):
        return REFUSED
    if not _are_texts(cells, meta.variable_value_labels):
        return REFUSED
    kinds = meta.readstat_variable_types
    columns = [_column(values, kinds.get(name) == "string") for name, values in cells.items()]
    known = {name: _pairs(getattr(meta, name, None)) for name in _META}
    known["names"] = list(cells)
    schema = pa.schema(
        [(str(place), column.type) for place, column in enumerate(columns)],
        metadata={"meta": json.dumps(known)},
    )
    sys.stdout.flush()
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as stream:
        stream.write_batch(pa.record_batch(columns, schema=schema))
    return 0


def _are_texts(names: Iterable[Any], labels: Mapping[Any, Mapping[Any, Any]]) -> bool:
    """Tell whether names and labels could be read: what is no text in any encoding comes as nothing."""
    words = [word for of in labels.values() for word in of.values()]
    return all(isinstance(each, str) for each in (*names, *labels, *words))


def _column(values: list[Any], is_text: bool) -> pa.Array:
    """Return a column as texts, as numbers, or as both: an extended missing value of Stata is a letter."""
    if is_text:
        return pa.array(values, pa.large_string())
    if not any(isinstance(value, str) for value in values):
        return pa.array(values, pa.float64())
    numbers = [None if isinstance(value, str) else value for value in values]
    letters = [value if isinstance(value, str) else None for value in values]
    return pa.StructArray.from_arrays(
        [pa.array(numbers, pa.float64()), pa.array(letters, pa.large_string())], ["number", "letter"]
    )


def _pairs(value: Any) -> Any:
    """Return a mapping as pairs: the keys of JSON are texts only, and here some are numbers."""
    if isinstance(value, dict):
        return [[key, _pairs(each) if isinstance(each, dict) else each] for key, each in value.items()]
    return value


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
