"""A PostgreSQL cluster of our own for tests and benches, run as `postgres` when we are root. Knows no schema."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PG_BIN = (
    sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1] if Path("/usr/lib/postgresql").exists() else Path("missing")
)
QUICK = " -c fsync=off -c full_page_writes=off"


@contextmanager
def cluster(workplace: Path, *, durable: bool) -> Iterator[str]:
    """A running server in `workplace`/pg (a socket there, no port); yields the address with {name} for the database.

    `durable`: as in service; without it nothing is synced, which tests that do not cut the power need not wait for.
    """
    place = workplace / "pg"
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    place.mkdir()
    workplace.chmod(0o755)
    if as_user:
        shutil.chown(place, "postgres")
    control = [*as_user, PG_BIN / "pg_ctl", "-D", place / "data"]
    subprocess.run(
        [
            *as_user,
            PG_BIN / "initdb",
            "-D",
            place / "data",
            "-U",
            "tester",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    options = (
        f"-c listen_addresses='' -c unix_socket_directories={place} -c max_connections=200{'' if durable else QUICK}"
    )
    subprocess.run([*control, "-w", "-o", options, "-l", place / "log", "start"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql+psycopg://tester@/{{name}}?host={place}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL)
