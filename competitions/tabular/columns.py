"""The columns of a table: one list for the template, the reading, the page and the export. Knows no file format.

`ROSTER_COLUMNS` is the 报名汇总表; other imports (organisations, judges, marks, accounts) give a list of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from competitions.tabular import limits, values
from competitions.tabular.values import Normaliser


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called and what may stand in it.

    `synonyms` are other headings for it, the more telling first: where two columns of a file would serve,
           the first wins.
    `filled_down`: a merged cell counts for all its rows (a unit over its people); other cells must not be merged.
    `as_text`: the template and the export give it the format "text", so that Excel keeps all digits.
    `advisory`: a fault is a warning and the value is left out; the row is taken all the same.
    `derived`: recomputed or only counting (序号, 年龄): whatever stands there, formulas too, is never a problem.
    """

    field: str
    label: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    normaliser: Normaliser = values.text()
    filled_down: bool = False
    as_text: bool = False
    advisory: bool = False
    derived: bool = False
    choices: tuple[str, ...] = ()
    width: int = 12
    note: str = ""


Columns = Sequence[Column]

YES_NO = ("是", "否")

ROSTER_COLUMNS: tuple[Column, ...] = (
    Column("sequence", "序号", ("编号", "No", "顺序", "顺序号", "报名序号", "排序"), derived=True, width=6),
    Column(
        "delegation",
        "代表队",
        (
            "参赛代表队",
            "参赛队",
            "代表团",
            "参赛队伍",
            "队名",
            "代表队名称",
            "参赛队名称",
            "所属地市",
            "地市",
            "所属市",
            "所在市",
            "市",
            "地区",
            "赛区",
            "所属赛区",
        ),
        filled_down=True,
        width=14,
    ),
    Column(
        "organisation",
        "单位名称",
        (
            "工作单位",
            "所在单位",
            "单位全称",
            "工作单位名称",
            "所在单位名称",
            "单位",
            "企业名称",
            "所在企业",
            "企业",
            "公司名称",
            "参赛单位",
            "参赛单位名称",
            "选手单位",
            "所属单位",
            "用人单位",
            "就业单位",
            "服务单位",
        ),
        filled_down=True,
        width=30,
    ),
    Column(
        "uscc",
        "统一社会信用代码",
        ("社会信用代码", "信用代码", "单位统一社会信用代码", "企业统一社会信用代码"),
        normaliser=values.uscc,
        advisory=True,
        filled_down=True,
        as_text=True,
        width=22,
    ),
    Column(
        "reporting_union",
        "报送工会",
        ("推荐工会", "所属工会", "报送单位", "推荐单位", "选送单位", "填报单位", "归口单位", "参赛归口", "组队单位"),
        filled_down=True,
        width=24,
    ),
    Column(
        "event",
        "参赛项目",
        (
            "竞赛项目",
            "赛项",
            "参赛赛项",
            "竞赛赛项",
            "赛项名称",
            "参赛工种",
            "竞赛工种",
            "工种",
            "报名项目",
            "比赛项目",
            "项目名称",
            "参赛职业",
            "竞赛职业",
            "职业工种",
            "职业",
            "工种名称",
            "报名工种",
            "申报工种",
            "项目",
            "参赛项目工种",
            "竞赛项目工种",
        ),
        filled_down=True,
        width=16,
    ),
    Column("division", "组别", ("参赛组别", "竞赛组别", "报名组别", "组"), filled_down=True, width=10),
    Column(
        "name",
        "姓名",
        (
            "选手姓名",
            "参赛选手姓名",
            "参赛选手",
            "参赛者",
            "选手",
            "参赛人员",
            "参赛人员姓名",
            "职工姓名",
            "人员姓名",
            "参赛者姓名",
        ),
        required=True,
        normaliser=values.name,
        note="每格一个姓名",
    ),
    Column("sex", "性别", (), normaliser=values.sex, choices=("男", "女"), width=6),
    Column("ethnicity", "民族", ("族别",), width=8),
    Column(
        "birth_date",
        "出生年月",
        ("出生日期", "出生年月日", "生日", "出生时间", "出生"),
        normaliser=values.date,
        as_text=True,
        note="如 1990-03-07 或 1990年3月；留空则取自身份证号",
    ),
    Column(
        "id_number",
        "身份证号",
        (
            "身份证号码",
            "公民身份号码",
            "居民身份证号码",
            "居民身份证号",
            "身份证",
            "身份证件号码",
            "证件号码",
            "证件号",
            "身份号码",
            "公民身份证号码",
            "公民身份证号",
            "二代身份证号",
            "二代身份证号码",
        ),
        required=True,
        normaliser=values.id_number,
        as_text=True,
        width=22,
        note="18 位，请保持文本格式",
    ),
    Column("age", "年龄", ("周岁", "实足年龄"), derived=True, width=6),
    Column("education", "文化程度", ("学历", "最高学历", "教育程度", "学历学位"), width=10),
    Column("politics", "政治面貌", ("政治面目", "党派"), width=10),
    Column("department", "部门", ("所在部门", "部门岗位", "车间", "部门班组", "班组"), width=14),
    Column("post", "职务", ("岗位", "职务岗位", "工作岗位", "岗位职务", "现任职务", "职位"), width=12),
    Column(
        "level",
        "职业技能等级",
        (
            "技能等级",
            "现职业技能等级",
            "职业资格等级",
            "现职业资格等级",
            "现有职业技能等级",
            "现技能等级",
            "资格等级",
            "职业等级",
            "等级",
            "职业资格",
            "现职业资格",
            "职业技能",
            "职业资格技能等级",
            "职业技能资格等级",
            "级别",
            "职称等级",
            "技术等级",
            "职称",
        ),
        normaliser=values.level,
        choices=values.LEVELS,
        width=16,
    ),
    Column(
        "certificate",
        "证书编号",
        (
            "职业资格证书编号",
            "技能等级证书编号",
            "职业技能等级证书编号",
            "等级证书编号",
            "证书号",
            "资格证书编号",
            "证书号码",
            "职业资格证书编号",
        ),
        as_text=True,
        width=22,
    ),
    Column(
        "years",
        "本工种工龄",
        (
            "从业年限",
            "本工种工作年限",
            "工龄",
            "工作年限",
            "从事本工种年限",
            "本职业工作年限",
            "从事本职业年限",
            "本岗位年限",
            "从业时间",
        ),
        width=10,
    ),
    Column("started_work", "参加工作时间", ("参加工作年月", "工作时间", "入职时间"), width=12),
    Column(
        "phone",
        "手机",
        (
            "手机号",
            "手机号码",
            "移动电话",
            "联系手机",
            "本人手机",
            "联系电话",
            "电话号码",
            "电话",
            "联系方式",
            "手机电话",
            "联系号码",
        ),
        normaliser=values.phone,
        as_text=True,
        width=14,
    ),
    Column("landline", "办公电话", ("固定电话", "固话", "座机", "单位电话", "办公固话"), as_text=True, width=14),
    Column("email", "电子邮箱", ("邮箱", "email", "e-mail", "电子邮件"), width=20),
    Column(
        "migrant_worker",
        "是否农民工",
        ("农民工", "是否为农民工"),
        normaliser=values.yes_no,
        advisory=True,
        choices=YES_NO,
        width=10,
    ),
    Column(
        "new_employment",
        "是否新就业形态劳动者",
        ("新就业形态", "新就业形态劳动者", "是否新就业形态", "是否为新就业形态劳动者"),
        normaliser=values.yes_no,
        advisory=True,
        choices=YES_NO,
        width=12,
    ),
    Column(
        "clothes_size", "衣服尺码", ("服装尺码", "尺码", "服装型号", "衣服号码", "服装号码"), as_text=True, width=10
    ),
    Column("meals", "用餐习惯", ("饮食习惯", "用餐", "饮食", "是否清真", "用餐要求"), width=10),
    Column(
        "remark",
        "备注",
        ("说明", "备注说明", "附注"),
        normaliser=values.text(limits.REMARK_CHARACTERS),
        filled_down=True,
        width=20,
    ),
)
"""The roster as unions send it; the first synonyms are the ones seen most."""


def column(columns: Columns, field: str) -> Column:
    """The column of this field.

    Raises:
        KeyError: there is none.
    """
    for each in columns:
        if each.field == field:
            return each
    raise KeyError(field)
