"""The one table of what is asked of a person, and of what else stands in his row of a roster. Data: knows no feature.

Whoever adds a field adds a row to `PERSON_FIELDS`: template, reading, typing, page, 报名汇总表, 报名表 and what is stored
follow it; a column of its own (`kept="column"`) needs a migration besides. The order is that of a roster; on a person's
own papers the fields stand by `group`, the order of the table within each.
"""

from competitions.tabular import limits
from competitions.tabular.columns import Column
from competitions.tabular.field_kinds import EVERYWHERE, GROUPS, LISTS, PAPERS, Kept, PersonField, Place

PERSON_FIELDS: tuple[PersonField, ...] = (
    PersonField(
        "sequence",
        "序号",
        "编号 No 顺序 顺序号 报名序号 排序",
        kind="counted",
        kept="nowhere",
        places=LISTS,
        example="1",
        width=6,
    ),
    PersonField(
        "delegation",
        "代表队",
        "参赛代表队 参赛队 代表团 参赛队伍 队名 代表队名称 参赛队名称 所属地市 地市 所属市 所在市 市 地区 赛区 所属赛区",
        kept="entry",
        places=("summary",),
        filled_down=True,
        width=14,
    ),
    PersonField(
        "organisation",
        "单位名称",
        "工作单位 所在单位 单位全称 工作单位名称 所在单位名称 单位 企业名称 所在企业 企业 公司名称 参赛单位 参赛单位名称"
        " 选手单位 所属单位 用人单位 就业单位 服务单位",
        kind="unit",
        kept="unit",
        places=EVERYWHERE,
        group="work",
        example="广西某某机械有限公司",
        advice="填写单位全称，与营业执照一致。",
        help="填写单位全称；本工会只有一个单位的可不填。",
        wanted=True,
        filled_down=True,
        stays=True,
        width=30,
        share=2,
        paper_label="工作单位",
    ),
    PersonField(
        "uscc",
        "统一社会信用代码",
        "社会信用代码 信用代码 单位统一社会信用代码 企业统一社会信用代码",
        kind="uscc",
        kept="unit",
        places=(),
        filled_down=True,
        width=22,
    ),
    PersonField(
        "reporting_union",
        "报送工会",
        "推荐工会 所属工会 报送单位 推荐单位 选送单位 填报单位 归口单位 参赛归口 组队单位",
        kept="entry",
        places=(),
        filled_down=True,
        width=24,
    ),
    PersonField(
        "event",
        "参赛项目",
        "竞赛项目 赛项 参赛赛项 竞赛赛项 赛项名称 参赛工种 竞赛工种 工种 报名项目 比赛项目 项目名称 参赛职业 竞赛职业"
        " 职业工种 职业 工种名称 报名工种 申报工种 项目 参赛项目工种 竞赛项目工种",
        kept="entry",
        places=LISTS,
        advice="从下拉列表中选择，每行只填一个项目。",
        wanted=True,
        filled_down=True,
        width=16,
    ),
    PersonField(
        "division",
        "组别",
        "参赛组别 竞赛组别 报名组别 组",
        kept="entry",
        places=LISTS,
        advice="不填为职工组。",
        filled_down=True,
        width=10,
    ),
    PersonField(
        "name",
        "姓名",
        "选手姓名 参赛选手姓名 参赛选手 参赛者 选手 参赛人员 参赛人员姓名 职工姓名 人员姓名 参赛者姓名",
        kind="name",
        length=limits.NAME_CHARACTERS,
        kept="column",
        places=(*LISTS, "form", "print"),  # on the page it is the heading
        group="identity",
        example="张三",
        advice="每格一个姓名，少数民族姓名中的点用“·”。",
        required=True,
        stays=True,
    ),
    PersonField(
        "sex",
        "性别",
        kind="sex",
        kept="column",
        places=(*LISTS, "page", "print"),
        group="identity",
        example="男",
        advice="可不填，由身份证号得出。",
        from_id=True,
        stays=True,
        width=6,
    ),
    PersonField("ethnicity", "民族", "族别", places=EVERYWHERE, group="identity", example="壮族", width=8),
    PersonField(
        "birth_date",
        "出生年月",
        "出生日期 出生年月日 生日 出生时间 出生",
        kind="date",
        kept="column",
        places=(*LISTS, "page", "print"),
        group="identity",
        example="1990-03-07",
        advice="如 1990-03-07；可不填，由身份证号得出。",
        from_id=True,
    ),
    PersonField(
        "id_number",
        "身份证号",
        "身份证号码 公民身份号码 居民身份证号码 居民身份证号 身份证 身份证件号码 证件号码 证件号 身份号码 公民身份证号码"
        " 公民身份证号 二代身份证号 二代身份证号码",
        kind="id_number",
        length=18,
        kept="sealed",
        places=EVERYWHERE,
        group="identity",
        example="11010119900307891X",
        advice="18 位，本列已设为文本，请不要改动格式。",
        help="18 位。性别和出生年月由身份证号得出。",
        required=True,
        width=22,
        share=2,
    ),
    PersonField("age", "年龄", "周岁 实足年龄", kind="counted", kept="nowhere", places=(), width=6),
    PersonField(
        "education",
        "文化程度",
        "学历 最高学历 教育程度 学历学位",
        places=EVERYWHERE,
        group="identity",
        example="大专",
        width=10,
    ),
    PersonField("politics", "政治面貌", "政治面目 党派", group="identity", width=10),
    PersonField("department", "部门", "所在部门 部门岗位 车间 部门班组 班组", group="work", width=14),
    PersonField("post", "职务", "岗位 职务岗位 工作岗位 岗位职务 现任职务 职位", group="work"),
    PersonField(
        "level",
        "职业技能等级",
        "技能等级 现职业技能等级 职业资格等级 现职业资格等级 现有职业技能等级 现技能等级 资格等级 职业等级 等级 职业资格"
        " 现职业资格 职业技能 职业资格技能等级 职业技能资格等级 级别 职称等级 技术等级 职称",
        kind="level",
        kept="column",
        places=EVERYWHERE,
        group="work",
        example="三级/高级工",
        stays=True,
        width=16,
        paper_label="技能等级",
    ),
    PersonField(
        "certificate",
        "证书编号",
        "职业资格证书编号 技能等级证书编号 职业技能等级证书编号 等级证书编号 证书号 资格证书编号 证书号码",
        places=EVERYWHERE,
        group="work",
        example="0000000000000000",
        width=22,
    ),
    PersonField(
        "years",
        "本工种工龄",
        "从业年限 本工种工作年限 工龄 工作年限 从事本工种年限 本职业工作年限 从事本职业年限 本岗位年限 从业时间",
        places=EVERYWHERE,
        group="work",
        example="8",
        width=10,
    ),
    PersonField("started_work", "参加工作时间", "参加工作年月 工作时间 入职时间", group="work"),
    PersonField(
        "phone",
        "手机",
        "手机号 手机号码 移动电话 联系手机 本人手机 联系电话 电话号码 电话 联系方式 手机电话 联系号码",
        kind="phone",
        length=11,
        kept="sealed",
        places=EVERYWHERE,
        group="contact",
        example="13800000000",
        advice="11 位手机号，只填一个。",
        help="11 位手机号，用于通知参赛事项。",
        width=14,
    ),
    PersonField("landline", "办公电话", "固定电话 固话 座机 单位电话 办公固话", group="contact", width=14),
    PersonField("email", "电子邮箱", "邮箱 email e-mail 电子邮件", kind="email", group="contact", width=20),
    PersonField(
        "migrant_worker",
        "是否农民工",
        "农民工 是否为农民工",
        kind="yes_no",
        places=("template", *PAPERS),
        example="否",
        width=10,
    ),
    PersonField(
        "new_employment",
        "是否新就业形态劳动者",
        "新就业形态 新就业形态劳动者 是否新就业形态 是否为新就业形态劳动者",
        kind="yes_no",
        places=("template", *PAPERS),
        example="否",
        paper_label="新就业形态",
    ),
    PersonField(
        "clothes_size",
        "衣服尺码",
        "服装尺码 尺码 服装型号 衣服号码 服装号码",
        places=EVERYWHERE,
        example="XL",
        width=10,
    ),
    PersonField("meals", "用餐习惯", "饮食习惯 用餐 饮食 是否清真 用餐要求", width=10),
    PersonField(
        "note",
        "备注",
        "说明 备注说明 附注",
        kind="long_text",
        length=limits.REMARK_CHARACTERS,
        places=EVERYWHERE,
        filled_down=True,
        width=20,
        share=2,
        column="remark",  # with what stood beside a name it becomes the note
    ),
)


def roster_columns() -> tuple[Column, ...]:
    """The columns of a 报名汇总表 as unions send it."""
    return tuple(each.as_column() for each in PERSON_FIELDS)


def fields_in(place: Place) -> list[PersonField]:
    """The fields that stand there, in their order there."""
    found = [each for each in PERSON_FIELDS if place in each.places]
    return found if place in LISTS else sorted(found, key=lambda each: GROUPS.index(each.group))


def fields_kept(*kept: Kept) -> list[PersonField]:
    """The fields that are kept in one of these ways."""
    return [each for each in PERSON_FIELDS if each.kept in kept]


def column_of(name: str) -> str:
    """The name of a field's column in a roster."""
    return next((each.column for each in PERSON_FIELDS if each.name == name and each.column), name)


def label_of(name: str) -> str:
    """What a field is called; its name where the table has none."""
    return next((each.label for each in PERSON_FIELDS if name in (each.name, each.column)), name)
