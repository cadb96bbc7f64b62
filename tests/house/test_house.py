"""The rules of the house (design.md §3), read off the code itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "competitions").rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in SOURCES]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("name", NAMES)
def test_a_function_fits_a_screen_and_a_file_is_not_a_grab_bag(name: str) -> None:
    source = (ROOT / name).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 400, f"{name} asks to be split"
    assert not [number for number, line in enumerate(source.splitlines(), 1) if len(line) > 132], (
        "lines over 132 characters"
    )
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in functions(ast.parse(source))
        if node.end_lineno and node.end_lineno - node.lineno + 1 > 50
    ]
    assert not long


@pytest.mark.parametrize("name", NAMES)
def test_everything_public_says_what_it_does(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    if name.endswith("__init__.py") and not tree.body:
        return
    silent = [] if ast.get_docstring(tree) else ["the module"]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            silent += [] if ast.get_docstring(node) else [node.name]
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            silent += [] if ast.get_docstring(node) else [node.name]
    assert not silent


def test_nothing_is_called_utils_or_helpers() -> None:
    bad = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not [name for name in NAMES if set(Path(name).with_suffix("").parts) & bad]


def test_no_binary_float_comes_near_a_mark() -> None:
    near = [path for path in SOURCES if path.parts[len(ROOT.parts) + 1] in ("scoring", "judging", "results")]
    calls = [
        f"{path.name}:{node.lineno}"
        for path in near
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("float", "round")
    ]
    literals = [
        f"{path.name}:{node.lineno}"
        for path in near
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert not calls + literals


def test_imports_go_down_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--config", "setup.cfg", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_template_has_an_inline_style_script_or_handler() -> None:
    import re

    bad = re.compile(
        r"""\sstyle\s*=|<style|<script(?![^>]*\bsrc=)|\son(click|change|submit|load|input)\s*=""", re.IGNORECASE
    )
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if bad.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_no_page_writes_an_address_by_hand() -> None:
    import re

    written = re.compile(r"""["'](/desk/|/judge/|/competitions/)[^"']*["']""")
    declared = re.compile(r"""^\s*(@\w+\.(get|post|route)\(|f?"/desk/(modules|stages)/<|.*url_for\()""")
    beginnings = {
        "web/error_frames.py",
        "web/addresses.py",
        "programme/competitions/phases.py",
        "judging/sw.js",
        "tablet_views.py",
    }
    files = [
        *(ROOT / "templates").rglob("*.*"),
        *(path for path in (ROOT / "competitions").rglob("*.py") if "demo" not in path.parts),
    ]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files
        if not any(str(path).endswith(place) for place in beginnings)
        for line in path.read_text(encoding="utf-8").splitlines()
        if written.search(line) and not declared.match(line)
    ]
    assert not found


def test_scoring_runs_without_the_web_application() -> None:
    code = "import sys, competitions.scoring; print([m for m in sys.modules if m.split('.')[0] in ('flask', 'sqlalchemy', 'openpyxl')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
