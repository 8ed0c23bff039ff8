"""Rows as CSV (RFC 4180, UTF-8) and JSON. Pure: a dataset and its rows in, bytes out; same rows, same bytes."""

import csv
import io
import json
from collections.abc import Sequence

from opendata.datasets import Dataset, Row


def to_csv(dataset: Dataset, rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in dataset.columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: str | int | bool | None) -> str | int:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


def to_json(dataset: Dataset, rows: Sequence[Row]) -> bytes:
    names = [column.name for column in dataset.columns]
    body = {
        "title": dataset.title,
        "description": dataset.summary,
        "license": {"title": dataset.licence, "url": dataset.licence_url},
        "schema": {"fields": [{"name": c.name, "type": c.type, "title": c.title} for c in dataset.columns]},
        "data": [dict(zip(names, row, strict=True)) for row in rows],
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()
