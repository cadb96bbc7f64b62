"""How long scoring takes beside `json.loads` of the same document, how much memory it needs, and how it grows.

`table()` gives (name, figure, limit) for each promise; a figure above its limit is a broken one. Ratios, not seconds,
so that a slow machine gives the same table. Memory is the peak that tracemalloc sees while scoring, document included,
beside what it sees for the parsed document alone.
"""

import gc
import json
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from competitions.scoring import case_from_document, standings

Row = tuple[str, float, float]
ROUNDING = {"places": 2, "mode": "half_up"}


def document(entrants: int, judges: int, aspects: int) -> str:
    """A case as JSON text: one module, a trimmed panel, measurements on a half-point grid, no problems."""
    rng = random.Random(20_261_121)
    module = {
        "id": "practice",
        "full_marks": str(10 * aspects),
        "weight": "1",
        "panel": {"combine": "mean", "drop_highest": 1, "drop_lowest": 1, "judges": judges},
        "combine_at": "sheet",
        "aspects": [{"id": f"A{number}", "kind": "measurement", "max": "10"} for number in range(aspects)],
        "deduction_cap": None,
        "bonus_cap": None,
        "round": ROUNDING,
        "pass_mark": None,
    }
    ruleset = {
        "modules": [module],
        "total": {"round": ROUNDING, "deduction_cap": None, "floor": "0"},
        "order": "descending",
        "tie_breaks": [{"by": "aspect", "module": "practice", "id": "A0"}, {"by": "time"}],
        "ties": "shared",
        "absent": "unranked",
    }
    marks = [
        {
            "entrant": f"E{entrant:05}",
            "module": "practice",
            "aspect": f"A{aspect}",
            "judge": f"J{judge}",
            "value": str(rng.randrange(21) / 2),
        }
        for entrant in range(entrants)
        for judge in range(judges)
        for aspect in range(aspects)
    ]
    case = {
        "version": 1,
        "ruleset": ruleset,
        "entrants": [{"id": f"E{number:05}"} for number in range(entrants)],
        "marks": marks,
        "times": [],
        "adjustments": [],
        "rulings": [],
    }
    return json.dumps(case)


def score(parsed: Any) -> None:
    """What is measured: from the parsed document to the standings."""
    result = standings(case_from_document(parsed))
    assert not result["problems"] and result["placings"][0]["rank"] == 1


def _seconds(work: Callable[[], Any], repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def time_beside_parsing(entrants: int, judges: int, aspects: int, repeats: int = 3) -> tuple[float, float]:
    """Seconds to parse the document, and to score it; the best of some runs."""
    text = document(entrants, judges, aspects)
    parsing = _seconds(lambda: json.loads(text), repeats)
    parsed = json.loads(text)
    return parsing, _seconds(lambda: score(parsed), repeats)


def memory_beside_document(entrants: int, judges: int, aspects: int) -> float:
    """Peak of scoring with the document, in multiples of the parsed document."""
    text = document(entrants, judges, aspects)
    tracemalloc.start()
    parsed = json.loads(text)
    alone, _ = tracemalloc.get_traced_memory()
    score(parsed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / alone


def web_modules_loaded() -> int:
    """How many modules of the web application `python -m competitions.scoring` has loaded."""
    program = (
        "import sys, competitions.scoring.__main__;"
        "print(len({'flask', 'jinja2', 'sqlalchemy', 'werkzeug', 'competitions.app'} & set(sys.modules)))"
    )
    return int(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


def table() -> list[Row]:
    """Each promise with its figure and its limit."""
    large_parse, large = time_beside_parsing(10_000, 5, 20)
    stage_parse, stage = time_beside_parsing(300, 7, 30)
    _, small = time_beside_parsing(1_000, 5, 20)
    return [
        ("scoring 10 000 × 5 × 20, multiples of json.loads", large / large_parse, 10),
        ("scoring 300 × 7 × 30, multiples of json.loads", stage / stage_parse, 8),
        ("scoring, growth from 1 000 to 10 000 entrants", large / small, 11),
        ("scoring 10 000 × 5 × 20, peak memory in parsed documents", memory_beside_document(10_000, 5, 20), 3),
        ("scoring, web modules loaded by the command", web_modules_loaded(), 0),
    ]


if __name__ == "__main__":
    for name, figure, limit in table():
        print(f"{name:<60} {figure:>8.2f} {limit:>6}")
