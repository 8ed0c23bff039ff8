"""Where in a YAML file a path of a definition stands: problems name file, line, path and a sentence. Pure."""

import re

import yaml

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class Lines:
    """The lines of one text; 0 for what it does not have. Only texts that schema.read_yaml() takes."""

    def __init__(self, text: str):
        try:
            self._root = yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            self._root = None

    def of(self, path: str) -> int:
        """Counted from 1; of the nearest that exists around it, if it does not ("pages[3].title" is missing)."""
        if found := re.fullmatch(r"Zeile (\d+)", path):
            return int(found[1])
        node = self._root
        if node is None or not path:
            return 0
        line = 0
        for number, name in _PART.findall(path):
            step = self._index(node, int(number)) if number else self._key(node, name)
            if step is None:
                break
            node, line = step
        return line

    @staticmethod
    def _index(node: yaml.Node, number: int) -> tuple[yaml.Node, int] | None:
        if not isinstance(node, yaml.SequenceNode) or number >= len(node.value):
            return None
        entry = node.value[number]
        return entry, entry.start_mark.line + 1

    @staticmethod
    def _key(node: yaml.Node, name: str) -> tuple[yaml.Node, int] | None:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        return next(((value, key.start_mark.line + 1) for key, value in pairs if key.value == name), None)
