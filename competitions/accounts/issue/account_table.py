"""The worksheets of accounts: what is sent in, and the codes that are handed back. Knows no database."""

from competitions.base.roles import GIVABLE, WORDS
from competitions.organisations.unit_table import file_faults, staged_form
from competitions.tabular import values
from competitions.tabular.columns import Column, Columns
from competitions.tabular.table import read_table
from competitions.tabular.writing import TableColumn, TemplateColumn, write_template

MOST_ROWS = 500
ACCOUNT_COLUMNS: Columns = (
    Column("sequence", "序号", ("编号",), derived=True, width=6),
    Column(
        "username",
        "用户名",
        ("账号", "登录名"),
        required=True,
        normaliser=values.text(64),
        as_text=True,
        width=18,
        note="3 到 64 个字符，全系统不重复",
    ),
    Column("display_name", "姓名", ("使用人", "经办人"), required=True, normaliser=values.name, width=12),
    Column("union", "单位", ("所属工会", "工会", "工会名称"), normaliser=values.text(120), width=30, note="写工会全称"),
    Column(
        "role",
        "角色",
        (),
        required=True,
        normaliser=values.choice([WORDS[role] for role in GIVABLE]),
        choices=tuple(WORDS[role] for role in GIVABLE),
        width=18,
    ),
    Column(
        "scope",
        "赛事或赛项",
        ("赛事", "赛项"),
        normaliser=values.text(200),
        width=30,
        note="裁判等赛事中的角色填写，其余留空",
    ),
    Column(
        "valid_to",
        "有效期至",
        ("失效日期",),
        normaliser=values.date,
        as_text=True,
        width=14,
        note="如 2026-12-31；留空则长期有效",
    ),
)
CODE_COLUMNS = (
    TableColumn("sequence", "序号", "integer"),
    TableColumn("username", "用户名"),
    TableColumn("display_name", "姓名"),
    TableColumn("union", "单位"),
    TableColumn("role", "角色"),
    TableColumn("code", "一次性激活码"),
    TableColumn("note", "说明"),
    TableColumn("until", "有效至", "date"),
)
_EXAMPLES = {"username": "nanning01", "display_name": "张三", "union": "南宁市总工会", "role": "审核工会"}


def read_accounts(data: bytes, filename: str) -> tuple[list[dict[str, object]], list[str]]:
    """The rows of a file as {"row", "values", "faults"}, and what is wrong with the file itself."""
    table = read_table(data, filename, ACCOUNT_COLUMNS)
    faults = file_faults(table)
    if len(table.rows) > MOST_ROWS and not faults:
        faults.append(f"表格有 {len(table.rows)} 行，一次最多发放 {MOST_ROWS} 个账号。请拆成几个文件后上传。")
    return staged_form(table), faults


def account_template(roles: list[str]) -> bytes:
    """The .xlsx to be filled in, with the roles that its user gives."""
    words = [WORDS[role] for role in roles]
    tips = ["带 * 的列必须填写。", "每行一个账号、一个角色；其他角色发放后在账号页面上添加。", "灰色的示例行不会导入。"]
    return write_template(
        "账号发放表",
        tips,
        [
            TemplateColumn(
                column.label,
                advice=column.note,
                required=column.required,
                width=column.width,
                example=_EXAMPLES.get(column.field, ""),
                options=words if column.field == "role" else (),
            )
            for column in ACCOUNT_COLUMNS
        ],
        sheet_name="账号",
        rows=200,
    )
