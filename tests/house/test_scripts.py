"""The pages' own scripts: what they import is there, what is there is used, lines fit, and the linter guards what is pure.

Reads files and runs the linter; what the scripts do is tested in tests/browser.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "competitions" / "static" / "js"
TABLET = SCRIPTS / "tablet"
PURE = ("decimals", "marks", "clock", "queue", "delivery")
IMPORT = re.compile(r'^(?:import|export) [^;]*?from "(.+?)";', re.M | re.S)


def imports(name: str) -> set[str]:
    """Modules that a module imports, as it names them."""
    return set(IMPORT.findall((TABLET / name).read_text(encoding="utf-8")))


def test_every_module_of_the_tablet_is_reached_from_its_entry() -> None:
    reached, left = set(), {"app.js"}
    while left:
        name = left.pop()
        reached.add(name)
        assert all(each.startswith("./") for each in imports(name)), name
        left |= {each.removeprefix("./") for each in imports(name)} - reached
    assert reached == {file.name for file in TABLET.glob("*.js")}


def test_lines_of_scripts_fit() -> None:
    long = [
        f"{file.name}:{number}"
        for file in SCRIPTS.rglob("*.js")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 120
    ]
    assert long == []


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """The linter over the scripts in a folder."""
    linter = Path(sys.executable).with_name("oxlint")
    command = [str(linter), "--deny-warnings", "--format", "unix", "competitions/static/js"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The scripts and the linter's rules, to be spoiled."""
    shutil.copytree(TABLET, tmp_path / "competitions/static/js/tablet")
    shutil.copy(ROOT / ".oxlintrc.json", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "fault",
    [
        'import { h } from "./elements.js"; export { h };',
        "export const read = (text) => parseFloat(text);",
        "export const read = (text) => Number(text);",
        "export const now = () => Date.now();",
        "export const at = () => document.activeElement;",
    ],
)
@pytest.mark.parametrize("name", PURE)
def test_the_linter_refuses_what_would_make_a_pure_module_impure(copy: Path, name: str, fault: str) -> None:
    spoiled = copy / f"competitions/static/js/tablet/{name}.js"
    spoiled.write_text(f"{spoiled.read_text(encoding='utf-8')}\n{fault}\n", encoding="utf-8")
    assert re.search(r"no-restricted-(imports|globals|properties)", lint(copy).stdout)


def test_the_linter_has_no_complaint(copy: Path) -> None:
    found = lint(copy)
    assert found.returncode == 0, found.stdout
