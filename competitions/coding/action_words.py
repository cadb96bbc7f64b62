"""The words of what coding records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "check_in.by_paper": "按纸质签到表登记到场",
        "check_in.mark": "检录",
        "codes.add": "补编加密号",
        "codes.decode": "加密裁判确认解密",
        "codes.decode_witness": "监督员确认解密",
        "codes.draw": "抽取加密号",
        "codes.draw_without_levels": "系统生成编号",
        "codes.enter": "录入加密号",
        "codes.export": "导出加密登记表",
        "codes.refuse_added": "不同意补编的加密号",
        "codes.refuse_seal": "不予见证封存",
        "codes.seal": "封存加密号",
        "codes.witness": "见证封存",
        "codes.witness_added": "见证补编的加密号",
        "lots.draw": "系统抽签",
        "lots.record": "录入抽签结果",
        "lots.take_over": "替补接用场次工位",
        "presence.agree": "同意更改到场情况",
        "presence.propose": "申请更改到场情况",
        "presence.refuse": "不同意更改到场情况",
        "sign_in_sheet.export": "导出签到表",
        "sitting.add": "添加场次",
        "sitting.change": "修改场次",
        "sitting.remove": "删除场次",
        "stage.add_reserve": "递补参赛",
        "stage.keep_entrants": "晋级名单维持不变",
        "stage.leave_out": "移出阶段名单",
        "stage.take_entrants": "确定晋级名单",
        "stations.export": "导出场次工位表",
    },
    objects={
        "sitting": "场次",
        "code_sheet": "加密登记表",
    },
    states={
        "code_sheet": ("code_sheet_state",),
    },
    facts={
        "codes": "编号",
        "lots": "抽签",
        "seed": "种子校验值",
        "stations": "工位数",
        "level": "级别",
        "same_device": "同一设备",
    },
    asides=("level", "same_device"),
    checks={
        "codes": "加密登记表",
        "presence": "检录到场",
        "papers": "签到表扫描件",
    },
)
