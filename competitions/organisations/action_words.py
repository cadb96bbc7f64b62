"""The words of what organisations records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "employer.create": "添加单位",
        "employer.edit": "修改单位",
        "union.create": "添加工会",
        "union.edit": "修改工会",
        "union.move": "调整上级工会",
        "union.seed": "建立工会树",
        "unit.import": "批量导入单位",
        "unit_application.apply": "申请添加单位",
        "unit_application.decide": "处理添加单位申请",
    },
    objects={"union": "工会", "employer": "单位", "unit_application": "添加单位申请"},
)
