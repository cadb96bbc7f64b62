"""`make bench`: every measured ratio against its limit, as one table. Exit status 1 when one is missed."""

import importlib
import pkgutil
import sys

import tests.bench


def main(names: list[str]) -> int:
    """Run the benches named (all without names) and print what they measured."""
    missed = 0
    found = [module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name.endswith("_bench")]
    for name in sorted(names or found):
        print(f"\n{name}", flush=True)
        for measured, figure, limit in importlib.import_module(f"tests.bench.{name}").table():
            ok = verdict(figure, limit)
            missed += not ok
            print(f"  {'ok    ' if ok else 'MISSED'} {measured:<78} {figure:>12}   limit {limit}", flush=True)
    return 1 if missed else 0


def verdict(figure: object, limit: object) -> bool:
    """Whether the figure keeps its limit: "≤ 10", "≥ 0.4" (a bare number means at most)."""
    words = str(limit).split()
    bound = float(words[-1])
    value = float(str(figure).split()[0])
    return value >= bound if words[0] in (">=", "≥") else value <= bound


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
