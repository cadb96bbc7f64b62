"""The catalogue of sentences: one sentence for a code."""

import ast
from pathlib import Path

import pytest

from competitions.words import sentences

ROOT = Path(__file__).resolve().parents[2] / "competitions"


def worded(path: Path) -> list[str]:
    """The codes of SENTENCES as they are written (in one dictionary a later one would hide an earlier one)."""
    return [
        key.value
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.AnnAssign)
        and ast.unparse(node.target) == "SENTENCES"
        and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant)
    ]


def test_no_code_has_two_sentences() -> None:
    codes = [code for path in sorted(ROOT.rglob("sentences.py")) for code in worded(path)]
    assert len(codes) > 300
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


def test_a_feature_cannot_hide_the_sentence_of_another() -> None:
    with pytest.raises(ValueError, match="not_found"):
        sentences.register({"not_found": "另一句话"})
