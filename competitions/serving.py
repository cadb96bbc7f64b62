"""Starting the server: `make run` (demonstration) and `make serve` (the real installation). Knows waitress.

Brings the database to the newest schema, loads demonstration data the first time (whole or not at all), prints where
to go, then serves.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from click import ClickException
from flask import Flask
from sqlalchemy.engine import make_url

from competitions.base import logs, orphans, version_lock, write_ahead_log
from competitions.base.config import Settings, cautions, from_environment, keep_private, refusal
from competitions.jobs.supervising import Supervisor

WAITRESS = {
    "threads": 12,
    "connection_limit": 1000,
    "channel_timeout": 60,
    "ident": "",
    "max_request_body_size": 64 * 1024 * 1024,
}
"""How waitress serves. Of the threads some may wait for a heavy request (web/heavy.py); the others are the judges'. A
browser keeps up to six connections open; with waitress's own limit of 100 the server stops
accepting when some twenty tablets are on. A body beyond waitress's limit is cut off, and the browser shows a reset
connection in place of the page that says what to do: so the application refuses what is more than a view takes
(24 MB at most; not kept while it arrives, web/arriving.py), and waitress only far beyond.
"""
OTHER_VERSION = "另一个版本的服务正在使用这个实例目录（INSTANCE_PATH）。请先停止它，再启动这个版本。"
LOG = "server.log"
"""Where the demonstration logs, in the instance folder; errors are on standard error too."""
JOBS_LOG = "jobs.log"
"""Where its worker logs: a file that turns has one writer."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped. Exit status 1 with a sentence when the database does not fit the way it was started."""
    parser = argparse.ArgumentParser(description="Start the skill-competition server.")
    parser.add_argument("--demo", action="store_true", help="with demonstration data, on 127.0.0.1 only")
    options = parser.parse_args(arguments)
    gc.disable()  # until all is loaded: the collector would go through half a million objects that stay
    settings = demo_settings(from_environment()) if options.demo else from_environment()
    if said := refusal(settings):
        print(said, file=sys.stderr)
        return 1
    keep_private(settings)
    logs.start(file=settings.instance_path / LOG if options.demo else None)
    from competitions.app import create_app

    app = create_app(settings)
    try:
        if options.demo and settings.is_sqlite:
            make_demo_file(settings)
        with app.app_context():
            unfit = prepare(app, settings, demo=options.demo)
    except ClickException as fault:  # an upgrade that stopped says why
        unfit = fault.message
    if unfit:
        print(unfit, file=sys.stderr)
        return 1
    if not version_lock.hold(settings.instance_path, version_lock.version()):
        print(OTHER_VERSION, file=sys.stderr)
        return 1
    for said in cautions(settings):
        print(said, file=sys.stderr, flush=True)
    worker = start_worker(settings, settings.instance_path / JOBS_LOG if options.demo else None)
    try:
        serve(app, settings.host, settings.port)
    finally:
        if worker:
            worker.stop()
    return 0


def application(*, limits_statements: bool = True) -> Flask:
    """The application of the environment's settings, for a WSGI server and the command line (wsgi.py) and for the worker,
    which reads without a limit.

    Raises SystemExit with a sentence when it must not serve so; a command may be what mends a ring that does not fit.
    """
    settings = replace(from_environment(), limits_statements=limits_statements)
    if said := refusal(settings):
        sys.exit(said)
    keep_private(settings)
    from competitions.app import create_app
    from competitions.base import clock, installation

    app = create_app(settings)
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        return app
    if not version_lock.hold(settings.instance_path, version_lock.version()):
        sys.exit(OTHER_VERSION)
    try:
        with app.app_context():
            installation.begin(clock.now())
    except ClickException as fault:
        sys.exit(fault.message)
    write_ahead_log.keep_short(settings.database_url)
    orphans.end_with_parent()
    return app


def demo_settings(settings: Settings) -> Settings:
    """The demonstration: its own database, this machine only (design.md §5)."""
    database = os.environ.get("DATABASE_URL") and settings.database_url
    return replace(
        settings,
        host="127.0.0.1",
        database_url=database or f"sqlite:///{settings.instance_path / 'demo.sqlite'}",
        profile="open",
    )


def make_demo_file(settings: Settings) -> None:
    """Load the demonstration into a file beside the database and rename it when it is whole, so that a start which is
    killed leaves nothing behind. Does nothing when the database file exists.
    """
    from competitions.app import create_app
    from competitions.base.database import db

    name = make_url(settings.database_url).database
    if not name or Path(name).exists():
        return
    fresh = Path(f"{name}.new")
    for leftover in (fresh, Path(f"{fresh}-wal"), Path(f"{fresh}-shm")):
        leftover.unlink(missing_ok=True)
    with create_app(replace(settings, database_url=f"sqlite:///{fresh}")).app_context():
        upgrade_and_load(settings)
        db.session.remove()
        db.engine.dispose()
    fresh.rename(name)


def upgrade_and_load(settings: Settings) -> None:
    """The newest schema, and the demonstration in a database where nobody has an account."""
    from competitions.base.migrating import upgrade_when_old
    from competitions.demo.mark import is_empty

    upgrade_when_old()
    if is_empty():
        from competitions.demo.loading import load_with_sign_ins

        gc.enable()
        print("正在准备演示数据，约需半分钟……", flush=True)
        load_with_sign_ins(settings.instance_path)


def prepare(app: Flask, settings: Settings, *, demo: bool) -> str | None:
    """Migrate; load the demonstration or refuse a marked database. Returns a sentence when it must not start."""
    from competitions.base import clock, installation, planner
    from competitions.base.migrating import upgrade_when_old
    from competitions.demo.mark import is_demo, is_half_loaded

    if demo:
        upgrade_and_load(settings)
    else:
        upgrade_when_old()
    if demo and not is_demo():
        return "这个数据库不是演示库，make run 不会使用它。正式使用请运行 make serve。"
    if demo and is_half_loaded():
        return "演示数据上次没有装完。请清空这个演示库（SQLite 删除数据库文件）后再启动。"
    if not demo and is_demo():
        return "这个数据库是演示库，不能用于正式运行。请为正式使用另设 DATABASE_URL。"
    installation.begin(clock.now())
    if settings.is_sqlite:
        planner.gather_now()  # PostgreSQL does so by itself
    app.extensions["demo"] = demo
    _greet(settings, demo)
    return None


def _greet(settings: Settings, demo: bool) -> None:
    address = f"http://{settings.host}:{settings.port}"
    if not demo:
        print(f"职工技能竞赛系统：{address}/", flush=True)
        return
    sign_ins = settings.instance_path / "demo-signins.txt"
    lines = [
        "",
        "职工技能竞赛系统（演示）已启动，按 Ctrl+C 停止。",
        f"  公众页面  {address}/",
        f"  登录      {address}/login",
        f"  运行日志  {settings.instance_path / LOG}",
        "",
    ]
    print("\n".join(lines), sign_ins.read_text(encoding="utf-8") if sign_ins.exists() else "", sep="\n", flush=True)


def start_worker(settings: Settings, log: Path | None) -> Supervisor | None:
    """The worker that does the jobs beside this server, if there is to be one (JOBS)."""
    if not settings.jobs:
        return None
    arguments = ["--log", str(log)] if log else []
    return Supervisor("competitions.working", arguments, {"DATABASE_URL": settings.database_url}).start()


def serve(app: Flask, host: str, port: int) -> None:
    """Serve until stopped. What is loaded by now stays for good: the collector need not look through it again and again
    (reading a large publication took eight times as long).
    """
    from competitions.web.arriving import server_of

    if settings := app.extensions.get("settings"):
        write_ahead_log.keep_short(settings.database_url)
    gc.collect()
    gc.freeze()
    gc.enable()
    server_of(app, host=host, port=port, **WAITRESS).run()


if __name__ == "__main__":
    sys.exit(main())
