"""Commands of judging: is this signed paper what the database says?"""

import click
from flask import Flask
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.cli import group
from competitions.base.clock import beijing_text
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.judging.signing.models import ModuleSignature
from competitions.judging.signing.module_state import module_state
from competitions.judging.signing.scans import scans_of
from competitions.judging.signing.services import signature_by_paper_code, signed_sheets
from competitions.judging.signing.signatures import signed_document
from competitions.judging.tampering import acts, panels, rules, sheets, times
from competitions.programme.models import Division, Module

__all__ = ["acts", "panels", "register", "rules", "sheets", "times"]


def register(_app: Flask) -> None:
    """The command joins `flask audit` (import order: audit is registered first)."""
    if "check-paper" not in group.commands:
        group.add_command(check_paper)


@click.command("check-paper")
@click.argument("code")
@click.pass_context
def check_paper(context: click.Context, code: str) -> None:
    """Whether the 成绩确认单 with this code is what is signed now: exit 0 yes, 1 no longer, 2 unknown code."""
    session = db.session()
    session.rollback()
    try:
        signature = signature_by_paper_code(session, code)
    except NotFound:
        click.echo("没有找到这个确认码对应的签字。请核对纸面上的 16 位字符。")
        context.exit(2)
    module, division = session.get_one(Module, signature.module_id), session.get_one(Division, signature.division_id)
    state = module_state(session, module, division.id)
    click.echo(
        f"{module.stage.event.name} {module.name} {division.name}：第 {signature.opening} 次签字，"
        f"{beijing_text(signature.at)}\n签字摘要 {signature.digest}\n审计链头 {signature.audit_head}"
    )
    for scan in scans_of(session, [signature.id]):
        click.echo(
            f"签字扫描件 {beijing_text(scan.at)} SHA-256 {scan.sha256}{'（已作废）' if scan.withdrawn_at else ''}"
        )
    if all(scan.withdrawn_at for scan in scans_of(session, [signature.id])):
        click.echo("没有签字扫描件。")
    current = state.signature is not None and state.signature.id == signature.id and state.signed
    if current and _signed_now(session, signature, module, division) == signature.digest:
        click.echo("相符：纸面与库中一致。")
        return
    click.echo("不再有效：签字后已重新开放或另行签字，或内容已变。")
    context.exit(1)


def _signed_now(session: Session, signature: ModuleSignature, module: Module, division: Division) -> str:
    """What the signature would be over today."""
    sheets = signed_sheets(session, module, division.id)
    return digest(signed_document(session, module, division, sheets, signature.version))
