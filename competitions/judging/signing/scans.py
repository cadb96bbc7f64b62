"""The signed paper 成绩确认单, scanned and attached to the signature that it prints: keeping, withdrawing, opening it.

Several for a signature, none deleted; a wrong one is withdrawn with a reason. Sealed at rest like other papers. A scan shows
codes and signatures, so whoever reads the module's paper may read it. Never commits. Source: issue 5 point 5.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from competitions.audit.findings import Finding
from competitions.audit.recording import record
from competitions.audit.verification import register_check
from competitions.base.database import new_id
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.kept_files import ReadyFile, link
from competitions.base.permissions import Actor, Permission
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.judging.panels.queries import marked_modules
from competitions.judging.queries import latest_signatures, modules_in_scope
from competitions.judging.schemes.versions import module_parts
from competitions.judging.signing.models import ModuleSignature, SignedScan
from competitions.programme.models import Division, Module, Stage


def attach_scan(
    session: Session, signature: ModuleSignature, file: ReadyFile, *, by: Actor, at: datetime
) -> SignedScan:
    """Attach a scan that was put already to a signature. Raises Invalid when the same file is there already."""
    stage_id = session.get_one(Module, signature.module_id).stage_id
    session.get_one(Stage, stage_id, with_for_update=True)
    if any(scan.sha256 == file.sha256 and scan.withdrawn_at is None for scan in scans_of(session, [signature.id])):
        raise Invalid([Problem("scan.same", "file")])
    key = new_id()
    scan = SignedScan(
        id=key,
        signature_id=signature.id,
        filename=file.filename,
        sha256=file.sha256,
        file=link(session, file, ("signed_scan", key), "paper", at=at),
        by=by.id,
        at=at,
    )
    session.add(scan)
    session.flush()
    record(
        session,
        "scan.attach",
        "module_signature",
        signature.id,
        by=by,
        at=at,
        after={"scan": scan.id, "sha256": scan.sha256, "size": file.stored.size},
    )
    return scan


def withdraw_scan(session: Session, scan: SignedScan, reason: str, *, by: Actor, at: datetime) -> None:
    """A wrong scan does not count; it stays to be read. Raises Invalid without a reason, StateForbids when it is done."""
    session.refresh(scan, ["withdrawn_at"], with_for_update=True)
    if scan.withdrawn_at is not None:
        raise StateForbids("scan_withdrawn")
    words = reason_of(reason, "scan.withdraw")
    scan.withdrawn_at, scan.withdrawn_by, scan.withdrawn_reason = at, by.id, words
    session.flush()
    record(
        session,
        "scan.withdraw",
        "module_signature",
        scan.signature_id,
        by=by,
        at=at,
        after={"scan": scan.id, "sha256": scan.sha256},
        reason=words,
    )


def scans_of(session: Session, signature_ids: Sequence[str]) -> list[SignedScan]:
    """The scans of these signatures, newest first, those withdrawn too."""
    return list(
        session.scalars(
            select(SignedScan)
            .where(SignedScan.signature_id.in_(signature_ids))
            .options(joinedload(SignedScan.signature))
            .order_by(SignedScan.at.desc(), SignedScan.id)
        )
    )


def signatures_of(session: Session, module_id: str, division_id: str) -> list[ModuleSignature]:
    """Every signature of a module of a division, newest first."""
    return list(
        session.scalars(
            select(ModuleSignature)
            .where(ModuleSignature.module_id == module_id, ModuleSignature.division_id == division_id)
            .order_by(ModuleSignature.opening.desc())
        )
    )


def scan_in_scope(session: Session, actor: Actor, scan_id: str, permission: Permission) -> SignedScan:
    """A scan of a module in scope. Raises NotFound."""
    modules = modules_in_scope(actor, permission).with_only_columns(Module.id)
    found = session.scalar(
        select(SignedScan)
        .join(SignedScan.signature)
        .where(SignedScan.id == scan_id, ModuleSignature.module_id.in_(modules))
        .options(joinedload(SignedScan.signature))
    )
    if found is None:
        raise NotFound
    return found


def without_scan(session: Session, stage: Stage) -> list[tuple[Module, Division]]:
    """The signed modules of a stage, division by division, whose newest signature has no scan that counts."""
    parts = module_parts(session, stage.id)
    modules = [module for module in marked_modules(session, stage.id) if module.key in parts]
    divisions = session.scalars(
        select(Division).where(Division.event_id == stage.event_id).order_by(Division.position, Division.id)
    ).all()
    newest = latest_signatures(session, [module.id for module in modules])
    attached = scans_of(session, [signature.id for signature in newest.values()])
    scanned = {scan.signature_id for scan in attached if not scan.withdrawn_at}
    return [
        (module, division)
        for module in modules
        for division in divisions
        if (signature := newest.get((module.id, division.id))) and signature.id not in scanned
    ]


def scan_findings(session: Session) -> Iterator[Finding]:
    """Scans that lead to another file than the one that was attached; whether the files are sound is checked for all."""
    for scan in session.scalars(select(SignedScan)):
        if not scan.file.is_of(scan.sha256):
            yield Finding("SCAN_CHANGED", place=("signed_scan", scan.id), message="签字扫描件与上传时不符：被改动过。")


register_check("scans", scan_findings)
