"""Checks of panels for `flask audit verify`: whose each sheet is, and why it is nobody's, is what the log says became of
it; what is in the log has not gone; a recusal was taken back by who the log says.

Registered with audit.verification, as sheets.py.
"""

import json
from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.verification import register_check
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.panels.hands import told
from competitions.judging.panels.models import Recusal, SheetChange

ACTION = "sheet.reassign"
Told = tuple[str | int | None, ...]


def change_findings(session: Session) -> Iterator[Finding]:
    """Changes that the log does not know, or knows otherwise, and changes in the log that have gone."""
    logged: dict[Told, int] = {}
    for seq, payload in session.execute(
        select(AuditEvent.seq, AuditEvent.payload).where(AuditEvent.action == ACTION).order_by(AuditEvent.seq)
    ):
        document = json.loads(payload)
        logged |= {(document.get("by"), *change): seq for change in document["after"]["changes"]}
    for change in session.scalars(select(SheetChange).execution_options(yield_per=500)):
        if logged.pop((change.by, *told(change)), None) is None:
            yield Finding(
                "ACT_WITHOUT_AUDIT",
                place=("sheet_change", change.id),
                message="有一条评分表换人或关闭的记录与审计记录对不上：可能是绕过系统写入或改动的。",
            )
    for seq in sorted(set(logged.values())):
        yield Finding(
            "AUDIT_WITHOUT_ACT", seq, message=f"第 {seq} 条审计记录所记的评分表换人或关闭已不存在，或已被改动。"
        )


def owner_findings(session: Session) -> Iterator[Finding]:
    """Sheets that are another's, or alive or closed otherwise, than what became of them says; sheets of nobody who was
    ever on the panel.
    """
    newest: dict[str, tuple[str, str | None]] = {
        sheet_id: (judge_id, closed)
        for sheet_id, judge_id, closed in session.execute(
            select(SheetChange.sheet_id, SheetChange.judge_id, SheetChange.closed).order_by(SheetChange.number)
        )
    }
    on_panel = exists().where(PanelMember.module_id == ScoreSheet.module_id, PanelMember.user_id == ScoreSheet.judge_id)
    recused = exists().where(
        Recusal.module_id == ScoreSheet.module_id,
        Recusal.code == ScoreSheet.code,
        Recusal.judge_id == ScoreSheet.judge_id,
        Recusal.revoked_at.is_(None),
    )
    rows = session.execute(select(ScoreSheet.id, ScoreSheet.judge_id, ScoreSheet.closed, on_panel, recused))
    for sheet_id, judge_id, closed, is_on_panel, is_recused in rows:
        unchanged = judge_id, "recused" if is_recused else None  # a recusal of before there was a history
        if not is_on_panel or (judge_id, closed) != newest.get(sheet_id, unchanged):
            yield Finding(
                "PROJECTION_MISMATCH",
                place=("score_sheet", sheet_id),
                message="评分表的裁判或关闭状态与换人、回避记录不符：被直接改动过。",
            )


register_check("sheet_changes", change_findings)
register_check("sheet_owners", owner_findings)
