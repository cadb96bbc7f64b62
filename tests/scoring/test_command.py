"""The command `python -m competitions.scoring`: exit status, output, and what it loads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scoring import vectors

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "competitions.scoring", *arguments], cwd=ROOT, capture_output=True)


def case_file(tmp_path: Path, name: str) -> str:
    path = tmp_path / "case.json"
    example = vectors.load(vectors.VECTORS / "scoring" / f"{name}.json")
    path.write_text(json.dumps(example["case"], ensure_ascii=False), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "status"),
    [("v06-forklift", 0), ("c15-awards-field-too-small", 0), ("p01-bad-marks", 1), ("g18-ruleset-group", 1)],
)
def test_the_exit_status_tells_errors_from_warnings(tmp_path: Path, name: str, status: int) -> None:
    expected = vectors.load(vectors.VECTORS / "scoring" / f"{name}.json")["expected"]
    result = run(case_file(tmp_path, name))
    assert result.returncode == status
    printed = json.loads(result.stdout)
    assert printed["placings"] == expected["placings"]
    assert vectors.problems(printed) == vectors.problems(expected)


def test_an_unreadable_case_is_one_line_that_says_where(tmp_path: Path) -> None:
    result = run(case_file(tmp_path, "p05-unreadable-float"))
    assert (result.returncode, result.stdout) == (2, b"")
    lines = result.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("marks[0].value：")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\xff", b'{"version": NaN}', b"[" * 100_000])
def test_what_is_no_case_at_all_is_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "case.json"
    path.write_bytes(content)
    result = run(str(path))
    assert (result.returncode, result.stdout) == (2, b"")
    assert len(result.stderr.decode().splitlines()) == 1


def test_a_missing_file_and_a_missing_argument_are_unreadable(tmp_path: Path) -> None:
    assert run(str(tmp_path / "nowhere.json")).returncode == 2
    assert run(str(tmp_path)).returncode == 2
    assert run().returncode == 2


def test_the_command_loads_nothing_of_the_web_application() -> None:
    program = (
        "import sys, competitions.scoring.__main__;"
        "ours = {n for n in sys.modules if n.startswith('competitions.') and not n.startswith('competitions.scoring')};"
        "print(sorted(ours | {'flask', 'sqlalchemy', 'jinja2', 'werkzeug'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.strip() == "[]"
