"""What somebody may try who owns the database, one line each. Knows no test."""

from dataclasses import dataclass

SWAP = (
    "UPDATE {table} SET {column} = CASE WHEN {column} = (SELECT min({column}) FROM {table}) "
    "THEN (SELECT max({column}) FROM {table}) ELSE (SELECT min({column}) FROM {table}) END {where}"
)


@dataclass(frozen=True)
class Tampering:
    """One statement (or some, one after the other); `refused`: whether a trigger refuses it; `says`: how what verification says of it begins, or a part of
    it, once the triggers are out of the way.
    """

    name: str
    statement: str
    says: str
    refused: bool = False


def swapped(table: str, column: str, where: str = "") -> str:
    """Exchange the values of a column that has two."""
    return SWAP.format(table=table, column=column, where=where)


MISSING = "(SELECT code FROM coded_place WHERE code NOT IN (SELECT code FROM score_sheet))"
EXCHANGE = (
    "UPDATE score_sheet SET code = 'TMP' WHERE code = (SELECT min(code) FROM score_sheet)",
    f"UPDATE score_sheet SET code = {MISSING} WHERE code <> 'TMP'",
    f"UPDATE score_sheet SET code = {MISSING} WHERE code = 'TMP'",
)
CUT = "DELETE FROM audit_event WHERE seq = (SELECT max(seq) FROM audit_event)"
TAMPERINGS = (
    Tampering("exchange the codes of two competitors' sheets", "; ".join(EXCHANGE), "的加密号与", True),
    Tampering("exchange the judges of sheets", swapped("score_sheet", "judge_id"), "的裁判与"),
    Tampering("move sheets to another module", swapped("score_sheet", "module_id"), "的模块与", True),
    Tampering("move a sheet to another division", swapped("score_sheet", "division_id"), "的组别与", True),
    Tampering("another station", "UPDATE score_sheet SET station = 99", "的工位与"),
    Tampering("digest of a settlement", "UPDATE settlement SET digest = 'ff'", "的摘要与", True),
    Tampering("case of a settlement", "UPDATE settlement SET \"case\" = '{}'", "的计分数据与", True),
    Tampering("digest of a snapshot", "UPDATE publication_snapshot SET digest = 'ff'", "的摘要与", True),
    Tampering(
        "a name in a snapshot, its digest made anew",
        "UPDATE publication_snapshot SET public = replace(public, '选手', '冠军')",
        "的姓名、单位、名次或成绩与",
        True,
    ),
    Tampering("who is who in a snapshot", "UPDATE publication_snapshot SET identities = '{}'", "对应的报名与", True),
    Tampering("take a publication off", "UPDATE publication SET state = 'withdrawn'", "的状态与"),
    Tampering("text of a notice", "UPDATE publication SET notice = '另行通知'", "的公告正文与"),
    Tampering("number of a publication", "UPDATE publication SET number = 7", "的编号与", True),
    Tampering("who approved", "UPDATE publication SET approved_by = 'x'", "的审定人与"),
    Tampering("delete a snapshot", "DELETE FROM publication_snapshot", "公布内容（", True),
    Tampering(
        "another role", "UPDATE role_assignment SET role = 'supervisor' WHERE role = 'checker'", "的角色与", True
    ),
    Tampering("a role for longer", "UPDATE role_assignment SET valid_to = '2099-01-01 00:00:00'", "的失效时间与"),
    Tampering(
        "a role from nothing",
        "INSERT INTO role_assignment (id, user_id, role, scope_kind) "
        "SELECT 'ffffffff-0000-4000-8000-000000000000', min(id), 'administrator', 'system' FROM user_account",
        "没有审计记录",
    ),
    Tampering("take a role away", "DELETE FROM role_assignment WHERE role = 'supervisor'", "已不存在"),
    Tampering("another password", "UPDATE user_account SET password_hash = 'argon2'", "的密码与"),
    Tampering("switch an account off", "UPDATE user_account SET active = false", "的是否启用与"),
    Tampering(
        "whose a sign-in is",
        "UPDATE sign_in SET user_id = (SELECT min(id) FROM user_account WHERE id NOT IN (SELECT user_id FROM sign_in))",
        "的用户与",
        True,
    ),
    Tampering("codes of a tie ruling", "UPDATE tie_ruling SET codes = '[\"Z\"]'", "的加密号与", True),
    Tampering("revoke a tie ruling", "UPDATE tie_ruling SET revoked_at = proposed_at", "的撤销时间与"),
    Tampering("state of an entry", "UPDATE entry SET state = 'withdrawn'", "的状态与"),
    Tampering("delegation of an entry", swapped("entry", "delegation_id"), "的代表队与"),
    Tampering("who an entry is", "UPDATE entry_member SET name = '某某'", "的姓名与"),
    Tampering("which worker", "UPDATE entry_member SET worker_id = NULL", "的职工与"),
    Tampering("a worker's ID number", "UPDATE worker SET id_number = 'v1.k.x.y'", "的证件号与"),
    Tampering("an entry's history", "UPDATE entry_history SET reason = '另有原因'", "的原因与", True),
    Tampering("a judge off the panel", "UPDATE panel_member SET left_at = assigned_at", "的退出时间与"),
    Tampering("another judge on the panel", swapped("panel_member", "user_id"), "的用户与", True),
    Tampering("settings of a module", "UPDATE module SET settings = '{\"late_minutes\": 99}'", "的评分设置与"),
    Tampering("the ruleset", "UPDATE ruleset SET document = replace(document, '0.3', '0.4')", "的正文与"),
    Tampering("a deadline", "UPDATE competition SET report_until = '2099-01-01 00:00:00'", "的报名截止与"),
    Tampering("an extension", "UPDATE deadline_extension SET until = '2099-01-01 00:00:00'", "的截止时间与", True),
    Tampering("notes of a revision", 'UPDATE score_revision SET notes = \'{"a": "b"}\'', "的备注与", True),
    Tampering("marks of a revision", 'UPDATE score_revision SET marks = \'{"score":"99"}\'', "的给分与", True),
    Tampering("a reporting list", "UPDATE reporting_list SET document = '{}'", "的正文与", True),
    Tampering("answer to a delivery", "UPDATE sheet_delivery SET answer = '{}'", "的回执内容与", True),
    Tampering("answer to a form", "UPDATE form_key SET place = '/desk/elsewhere'", "的答复地址与"),
    Tampering("who sent a form", "UPDATE form_key SET user_id = 'x'", "的用户与"),
    Tampering(
        "the code of a competitor",
        "UPDATE code_row SET code = 'ZZ' WHERE code = (SELECT min(code) FROM code_row)",
        "加密登记",
        True,
    ),
    Tampering("who the codes are", "UPDATE code_sheet SET sealed_digest = 'ff'", "的封存摘要与"),
    Tampering("who came", "UPDATE check_in SET presence = 'absent'", "的到场情况与"),
    Tampering("an act of two", "UPDATE act_of_two SET reason = '另有原因'", "的原因与", True),
    Tampering("who decided an act of two", "UPDATE act_of_two SET decided_by = 'x'", "的决定人与"),
    Tampering("a signature", "UPDATE module_signature SET digest = 'ff'", "的摘要与", True),
    Tampering("the version of a signature", "UPDATE module_signature SET version = 1", "的签字版本与", True),
    Tampering("settle a stage again", "UPDATE stage SET settled_at = NULL", "的审定时间与"),
    Tampering("a setting", "UPDATE setting SET value = '99'", "的值与"),
    Tampering("a record of the log", "UPDATE audit_event SET payload = '{}' WHERE seq = 5", "第 5 条审计记录", True),
    Tampering("cut off the end of the log", "DELETE FROM audit_event WHERE seq > 20", "末尾被截断", True),
    Tampering("cut off the last record, no anchor yet", CUT, "的地点与", True),
)
