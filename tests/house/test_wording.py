"""The catalogue of sentences: one sentence for a code."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "competitions"


def worded(path: Path) -> list[str]:
    """The codes of ERRORS and of what is added to it, as they are written (a later one would hide an earlier one)."""
    found = []
    for node in ast.parse(path.read_text("utf-8")).body:
        target = ast.unparse(node)[:40]
        if target.startswith(("ERRORS", "PROGRAMME_SENTENCES")):
            found += [key.value for each in ast.walk(node) if isinstance(each, ast.Dict)
                      for key in each.keys if isinstance(key, ast.Constant)]
    return found


def test_no_code_has_two_sentences() -> None:
    codes = [code for path in sorted(ROOT.glob("wording*.py")) for code in worded(path)]
    assert len(codes) > 200
    assert sorted({code for code in codes if codes.count(code) > 1}) == []
