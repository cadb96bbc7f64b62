"""The words of what organisations records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "employer.create": "添加单位",
        "employer.edit": "修改单位",
        "employers.import": "批量导入单位",
        "union.create": "添加工会",
        "union.edit": "修改工会",
        "union.move": "调整上级工会",
        "union.seed": "建立工会树",
        "unions.import": "批量导入工会",
        "unit.import": "批量导入单位",
        "unit_application.apply": "申请添加单位",
        "unit_application.decide": "处理添加单位申请",
    },
    objects={"union": "工会", "employer": "单位", "unit_application": "添加单位申请"},
    columns={
        "area_code": "行政区划",
        "parent_code": "上级区划",
        "parent_id": "上级",
        "path": "所在位置",
        "short_name": "简称",
        "uscc": "统一社会信用代码",
        "contact": "联系人",
        "contact_phone": "联系电话",
        "delegation": "是否代表队",
        "ownership": "性质",
        "industry": "行业",
        "park": "园区",
        "new_employment": "是否新就业形态",
        "union_id": "工会",
        "union_kind": "工会种类",
        "applied_by": "申请人",
        "applied_at": "申请时间",
        "result_id": "办理结果",
        "employer.size": "规模",
    },
)
