"""A YAML text as plain values, each with the line on which it stands and as it was written."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from clinicalblip.reader_study.design.fault import Place

_DEEPEST: Final = 12
_LONGEST_NUMBER: Final = 18
_WHOLE: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_BOOLS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("yes", "true", "on"), True),
    **dict.fromkeys(("no", "false", "off"), False),
}
_TAG: Final = "tag:yaml.org,2002:"


class YamlFault(Exception):
    """The text is no document of plain values; `line` counts from 1, and `place` is empty where no field is meant."""

    def __init__(self, line: int, what: str, place: Place = ()) -> None:
        super().__init__(line, what, place)
        self.line, self.what, self.place = line, what, place


@dataclass(frozen=True)
class YamlDocument:
    """`lines` and `written` have a value's line and its characters by its place; lists and mappings have no characters.

    A mapping's value stands on the line of its key.
    """

    values: Any
    lines: Mapping[Place, int] = field(default_factory=dict)
    written: Mapping[Place, str] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """The line of a value; of one that is not there, that of the nearest mapping or list which could hold it."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_document(text: str) -> YamlDocument:
    """Read one document of mappings, lists, texts, plain decimal numbers, yes or no, and empty values.

    An empty text has the value None. Raises YamlFault for broken syntax, several documents, aliases, tags, a key that
    comes twice, what is nested too deep, and numbers and characters that are more likely a mistake than meant.
    """
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        raise YamlFault(text.count("\n", 0, error.position) + 1, "it has a character that no text has") from error
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"it is no YAML: {error.problem or error.context}"
        raise YamlFault(mark.line + 1 if mark else 1, what) from error
    finally:
        loader.dispose()
    if root is None:
        return YamlDocument(None)
    walk = _Walk()
    return YamlDocument(walk.value(root, ()), walk.lines, walk.written)


class _Loader(yaml.SafeLoader):
    """Composes nodes, but neither aliases, which can be cyclic or a thousand million values, nor what is very deep."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise YamlFault(line, "it refers to another place by an alias (*); write the values out")
        if self.depth == _DEEPEST:
            raise YamlFault(line, "it is nested deeper than any field of a design is")
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Walk:
    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.written: dict[Place, str] = {}

    def value(self, node: yaml.Node, place: Place, line: int | None = None) -> Any:
        line = line or node.start_mark.line + 1
        self.lines[place] = line
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(item, (*place, number)) for number, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            self.written[place] = node.value
            return _scalar(node, place, line)
        raise YamlFault(line, _tagged(node), place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise YamlFault(line, "the name of a field is no text", place)
            name = key.value
            if _NO_TEXT.search(name):
                raise YamlFault(line, "the name of a field has a character that no text has", place)
            if name in values:
                first = self.lines[(*place, name)]
                raise YamlFault(line, f"it stands on line {first} already; keep one", (*place, name))
            values[name] = self.value(value, (*place, name), line)
        return values


def _scalar(node: yaml.ScalarNode, place: Place, line: int) -> Any:
    written: str = node.value
    kind = node.tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool" and written.lower() in _BOOLS:
        return _BOOLS[written.lower()]
    if kind == "int" and _WHOLE.fullmatch(written) and len(written) <= _LONGEST_NUMBER:
        return int(written)
    if kind == "float" and _DECIMAL.fullmatch(written) and math.isfinite(float(written)):
        return float(written)
    if kind in ("int", "float"):
        raise YamlFault(line, f"found {shorten(written)}; write a plain decimal number, or a text in quotes", place)
    if kind in ("str", "timestamp", "merge", "value"):
        if _NO_TEXT.search(written):
            raise YamlFault(line, "it has a character that no text has", place)
        return written
    raise YamlFault(line, _tagged(node), place)


def shorten(text: str) -> str:
    """What was written as it is shown in a sentence: on one line, and not long."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= 40 else line[:37] + '...'}`"


def _tagged(node: yaml.Node) -> str:
    return f"the tag {shorten(node.tag.replace(_TAG, '!!'))} is not understood; leave it out"
