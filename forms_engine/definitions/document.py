"""A definition as plain data, to be changed and written again. Pure.

What is written reads equal, and written again is the same text. Comments of the author are lost.
"""

import json
from typing import Any

import yaml

from forms_engine.definitions import schema

Data = dict[str, Any]


class _Dumper(yaml.CSafeDumper):
    """Block style in the order of the data, several lines as "|", no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def read(source: str) -> Data:
    """The data of a text that schema.load() takes, to be changed at will."""
    data: Data = json.loads(schema.as_json(source))
    return data


def write(data: Data) -> str:
    """The text; schema.written() knows it without reading it again."""
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120))
