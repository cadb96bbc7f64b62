"""Commands: making, looking at and restoring archives; keys for them."""

from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from competitions import readiness
from competitions.audit.anchors import anchor_file
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.backup import keys
from competitions.backup.age import Identity, Recipient
from competitions.backup.archive import Manifest
from competitions.backup.faults import BackupFault
from competitions.backup.making import keep_newest, make, name_of
from competitions.backup.restoring import Restored, anchored
from competitions.backup.restoring import restore as restore_archive
from competitions.backup.services import opened, record_made
from competitions.base import clock
from competitions.base.clock import beijing_text
from competitions.base.config import Settings, database_address
from competitions.base.database import db
from competitions.results.publications.verifying import verify_results
from competitions.words.sentences import SENTENCES, sentence

FILE = click.Path(path_type=Path, dir_okay=False)
group = AppGroup("backup", help="Backups: make, check, restore.")
recipient_option = click.option("--recipient", metavar="age1…", help="Public key (default: BACKUP_RECIPIENT).")
pass_option = click.option("--passphrase-file", "pass_file", type=FILE, help="File with the pass phrase (0600).")
identity_option = click.option("--identity", type=FILE, help="File with the private key.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)


@group.command("new-key")
@click.option("--out", required=True, type=FILE, help="File for the private key. Keep it on another machine.")
def new_key(out: Path) -> None:
    """Make a pair of keys: the private one in a file, the public one printed, for BACKUP_RECIPIENT."""
    public = keys.new_private_key(out)
    click.echo(f"BACKUP_RECIPIENT={public}")
    click.echo(f"私钥在 {out}：请抄两份，放到别处（不要留在这台服务器上）。没有它，备份无法打开。", err=True)


@group.command("keys")
@click.option("--out", required=True, type=FILE, help="File to write.")
@recipient_option
@pass_option
def key_files(out: Path, recipient: str | None, pass_file: Path | None) -> None:
    """Write the installation's key files as one encrypted file; archives do not hold them."""
    keys.write_keys(_settings(), _recipient(recipient, pass_file), out)
    click.echo(f"已备份密钥文件：{out}")
    click.echo("请与备份分开存放：没有密钥文件，证件号、电话和加密文件无法再读；两样在一起，等于没有加密。", err=True)


@group.command("create")
@click.option("--out", type=FILE, help="File to write (default: a name with the time in BACKUP_PATH).")
@click.option("--keep", type=click.IntRange(min=1), help="Afterwards keep only the newest so many in the folder.")
@recipient_option
@pass_option
def create(out: Path | None, keep: int | None, recipient: str | None, pass_file: Path | None) -> None:
    """Make an archive of everything but the key files, while others work."""
    settings, at = _settings(), clock.now()
    path = out or settings.backup_path / name_of(at)
    made = make(db.engine, settings, _recipient(recipient, pass_file), path, at, _say)
    with transaction() as session:
        record_made(session, made, by=None, at=clock.now())
    click.echo(f"已备份：{made.path}（{_megabytes(made.size)}）")
    click.echo(_contents(made.manifest))
    for old in keep_newest(path.parent, keep) if keep else ():
        click.echo(f"已删除较早的备份：{old.name}")
    click.echo("备份里没有密钥文件：请另用 flask backup keys 备份，并与备份分开存放。", err=True)


@group.command("check")
@click.argument("file", type=FILE)
@identity_option
@pass_option
def check(file: Path, identity: Path | None, pass_file: Path | None) -> None:
    """Open FILE and compare all that it holds with its manifest; writes nothing."""
    click.echo(_contents(opened(file, _identity(identity, pass_file))))
    click.echo("备份完整。")


@group.command("restore")
@click.argument("file", type=FILE)
@click.option("--into", required=True, metavar="DATABASE_URL", help="An empty database: SQLite or PostgreSQL.")
@click.option(
    "--keys", "key_file", type=FILE, help="What `flask backup keys` wrote (not needed where they lie in place)."
)
@identity_option
@pass_option
@click.pass_context
def restore(
    context: click.Context, file: Path, into: str, key_file: Path | None, identity: Path | None, pass_file: Path | None
) -> None:
    """Restore FILE into an empty place and look at it. Exit 1 when it could not be, or is not sound."""
    settings, at, opener = _settings(), clock.now(), _identity(identity, pass_file)
    held = keys.read_keys(key_file, opener) if key_file else None
    address = database_address(into)
    restored = restore_archive(file, opener, held, address, settings, at, _say)
    engine = create_engine(address)
    try:
        anchored(engine, settings, at)
        click.echo("\n".join(_told(restored, at)))
        sound = _looks_right(engine, settings)
    except SQLAlchemyError as fault:
        _stop(fault)
    finally:
        engine.dispose()
    if address != settings.database_url:
        click.echo("启动前请把 DATABASE_URL 设为恢复到的数据库。")
    context.exit(0 if sound else 1)


def _looks_right(engine: Engine, settings: Settings) -> bool:
    """What readyz and both verifications say, printed."""
    faults = readiness.faults(engine)
    click.echo("readyz：" + ("就绪" if not faults else "、".join(sentence(c) if c in SENTENCES else c for c in faults)))
    file = anchor_file(settings.instance_path)
    with Session(engine) as session:
        report = verify(session, at=clock.now(), anchors=file if file.is_file() else None)
        click.echo(f"审计核验：{'通过' if report.sound else '未通过'}，{report.records} 条记录")
        for finding in report.findings:
            click.echo(("  错误：" if finding.is_fault else "  注意：") + finding.sentence)
    with Session(engine) as session:
        results = verify_results(session)
        click.echo(f"成绩核验：{'通过' if not results.findings else '未通过'}，{results.publications} 份公布")
        for wrong in results.findings:
            click.echo(f"  错误：{wrong.sentence}")
    return not faults and report.sound and not results.findings


def _told(restored: Restored, at: datetime) -> list[str]:
    """What is otherwise than before, in words."""
    manifest = restored.manifest
    made = datetime.fromisoformat(manifest.made_at)
    minutes = int((at - made).total_seconds() // 60)
    lines = ["已恢复。", _contents(manifest), f"备份之后的 {minutes // 60} 小时 {minutes % 60} 分没有恢复。"]
    lines += [f"已结束 {restored.sign_ins} 个登录，作废 {restored.codes} 个未用的激活码：所有人须重新登录。"]
    if restored.anchor > manifest.seq:
        lost = restored.anchor - manifest.seq
        lines.append(f"锚点文件记到第 {restored.anchor} 条审计记录，备份到第 {manifest.seq} 条，少 {lost} 条。")
    lines += [f"备份时已缺少的文件：{name}" for name in manifest.missing]
    lines += [f"数据库旁的旧文件已移开：{path}" for path in restored.moved]
    lines += [f"设置 {name}：备份时 {then}，现在 {now}" for name, (then, now) in restored.settings.items()]
    return [*lines, "裁判平板连上后会自动补送备份之后送达过的评分；不一致的交裁判长处理。"]


def _contents(manifest: Manifest) -> str:
    made = beijing_text(datetime.fromisoformat(manifest.made_at))
    tables = f"{len(manifest.tables)} 张表 {manifest.rows} 行，{manifest.files} 个文件"
    gap = f"，缺少 {len(manifest.missing)} 个文件" if manifest.missing else ""
    return f"制作于 {made}（北京时间），来自 {manifest.source}，{tables}{gap}，审计记录到第 {manifest.seq} 条。"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _recipient(public: str | None, pass_file: Path | None) -> Recipient:
    if public:
        return keys.public_key(public)
    return keys.pass_phrase(pass_file) if pass_file else keys.recipient_of(_settings())


def _identity(private: Path | None, pass_file: Path | None) -> Identity:
    """What opens an archive: what is named, the pass phrase of the settings, or what somebody types."""
    if private:
        return keys.private_key(private)
    if file := pass_file or _settings().backup_pass_file:
        return keys.pass_phrase(file)
    return keys.checked(click.prompt("口令", hide_input=True, err=True))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def _say(words: str) -> None:
    click.echo(words, err=True)


def _stop(fault: SQLAlchemyError) -> NoReturn:
    raise BackupFault("database", why=str(getattr(fault, "orig", None) or fault).splitlines()[0])
