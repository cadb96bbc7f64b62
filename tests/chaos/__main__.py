"""`make chaos`: the long form, thirty power cuts in a row instead of two."""

import os
import sys

import pytest

if __name__ == "__main__":
    os.environ.setdefault("CHAOS_ROUNDS", "30")
    sys.exit(pytest.main(["-q", "tests/chaos", *sys.argv[1:]]))
