"""`python -m competitions.scoring CASE.json`: prints the standings of a scoring case as JSON.

Exit status 0 without errors, 1 with errors, 2 when the case cannot be read. Knows files and streams only.
"""

import json
import sys
from pathlib import Path

from .case import read_case
from .problems import Severity
from .shape import Unreadable
from .standings import standings

EXIT_SOUND, EXIT_ERRORS, EXIT_UNREADABLE = 0, 1, 2


def main(arguments: list[str]) -> int:
    """Runs the command and gives its exit status."""
    if len(arguments) != 1:
        return _refuse("用法：python -m competitions.scoring CASE.json")
    try:
        result = standings(read_case(Path(arguments[0]).read_bytes()))
    except Unreadable as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{arguments[0]}：打不开文件（{error.strerror}）")
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.flush()
    has_errors = any(problem["severity"] == Severity.ERROR for problem in result["problems"])
    return EXIT_ERRORS if has_errors else EXIT_SOUND


def _refuse(sentence: str) -> int:
    line = " ".join(sentence.splitlines())
    sys.stderr.buffer.write(f"{line}\n".encode("utf-8", "backslashreplace"))
    return EXIT_UNREADABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
