"""`python -m competitions.tabular FILE`: what is in a roster, as `flask roster check --json` prints it."""

import json
import sys
from pathlib import Path

from competitions.tabular.roster_check import UNREADABLE, check


def main(arguments: list[str]) -> int:
    """Prints the document; the exit code is that of the check, 2 also when there is no such file."""
    if len(arguments) != 1:
        print("用法：python -m competitions.tabular 文件", file=sys.stderr)
        return UNREADABLE
    path = Path(arguments[0])
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    document, code = check(data, path.name)
    print(json.dumps(document, ensure_ascii=False, indent=1))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
