"""What a study has words for is said somewhere."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinicalblip.web.served_study import wording

_WEB, _ROOM = Path(wording.__file__).parents[1], wording.__name__.rpartition(".")[0]


def words_of(module: ast.Module) -> Iterator[str]:
    """The study's words that a module takes, under whatever name it imports them."""
    nodes = list(ast.walk(module))
    imports = [each for each in nodes if isinstance(each, ast.ImportFrom) and each.module == _ROOM]
    names = {each.asname or each.name for one in imports for each in one.names if each.name == "wording"}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            yield node.attr


@pytest.fixture(scope="module")
def used() -> set[str]:
    """The study's words that the page's rooms take."""
    sources = (file.read_text(encoding="utf-8") for file in sorted(_WEB.rglob("*.py")))
    return {word for source in sources for word in words_of(ast.parse(source))}


@pytest.mark.parametrize("name", [name for name in vars(wording) if name.isupper()])
def test_every_sentence_of_a_study_is_said(used: set[str], name: str) -> None:
    """No constant of wording.py is left over."""
    assert name in used
