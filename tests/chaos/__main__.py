"""`make chaos`: the long form, a hundred kills in a row instead of two, two hundred power cuts replayed instead of ten, with
the figures at its end."""

import os
import sys

import pytest

if __name__ == "__main__":
    os.environ.setdefault("CHAOS_ROUNDS", "100")
    os.environ.setdefault("POWER_CUTS", "200")
    sys.exit(pytest.main(["-q", "-rP", "tests/chaos", *sys.argv[1:]]))
