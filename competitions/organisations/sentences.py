"""The sentences of organisations, by code; registered with `words` at the start. Knows no logic."""

SENTENCES: dict[str, str] = {
    "invalid.unit.name_taken": "这个名称已被使用。请核对是否已在系统中；重名的单位请在名称前加上所在地。",
    "invalid.unit.uscc_taken": "这个统一社会信用代码已登记在另一单位名下。请核对代码。",
    "invalid.unit.uscc_union": "不是有效的工会统一社会信用代码：应为 18 位，以 81 开头。请对照工会法人证书核对。",
    "invalid.unit.uscc_employer": "不是有效的单位统一社会信用代码：应为 18 位；以 81 开头的是工会自己的代码。请对照证照核对。",
    "invalid.unit.area_unknown": "没有这个行政区划代码。请填写 6 位代码，如 450103。",
    "invalid.unit.area_not_territorial": "产业、铁路和直属单位工会不填行政区划。请留空。",
    "invalid.unit.parent_unknown": "没有找到“{parent}”，或不在管理范围内。请填写工会全称。",
    "invalid.unit.other_parent": "上级工会与系统中的不同。导入不改动上级，请在该工会的页面上调整。",
    "invalid.unit.own_union": "本级工会的名称、类型和代码由上一级工会修改。",
    "invalid.unit.union_needed": "没有填写所属工会。新增单位须写明所属工会的全称。",
    "invalid.unit.repeated": "与第 {first} 行重名。同一单位请只保留一行。",
    "invalid.unit.exists": "系统中已有这个单位，不必再申请。如看不到它，请联系上一级工会。",
    "invalid.unit.applied": "已有人为这个单位提出申请，正在等待处理。",
    "state.tree_too_deep": "工会层级最多 {most} 层，放在这里会超出。请选择更上一级的工会。",
    "state.union_below_itself": "不能把工会移到它自己或它的下级工会下面。请另选上级。",
    "state.union_top_of_scope": "本级工会的上级只能由上一级工会调整。",
    "state.application_decided": "这项申请已经处理过了。请刷新页面查看结果。",
    "state.own_application": "自己提出的申请由上一级工会处理，不能自己批准。",
    "state.preview_changed": "预览之后数据有变化，没有导入任何内容。以下是最新的预览，请重新核对后确认。",
    "state.import_changed": "预览之后数据有变化，有的行已不能导入。请重新上传，查看新的预览。",
}
