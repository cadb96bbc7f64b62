"""A region's database (`flask demo load --scale region`, or the scale named): loaded, and found sound by both verifies."""

import os
import subprocess
import sys
import tempfile
import time


def main(scale: str) -> int:
    """0 when it loads and both verifies are clean."""
    with tempfile.TemporaryDirectory(prefix="competitions-region-") as place:
        environment = {**os.environ, "INSTANCE_PATH": place, "DATABASE_URL": ""}
        for words in (["demo", "load", "--scale", scale], ["audit", "verify"], ["results", "verify"]):
            started = time.monotonic()
            command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
            status = subprocess.call(command, env=environment, stdout=subprocess.DEVNULL)
            print(f"{' '.join(words)}: exit {status}, {time.monotonic() - started:.0f} s", flush=True)
            if status:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "region"))
