"""`make chaos`: the long form, a hundred power cuts in a row instead of two, with the figures at its end."""

import os
import sys

import pytest

if __name__ == "__main__":
    os.environ.setdefault("CHAOS_ROUNDS", "100")
    sys.exit(pytest.main(["-q", "-rP", "tests/chaos", *sys.argv[1:]]))
