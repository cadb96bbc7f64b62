"""The words of what judging records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "card.issue": "发放裁判卡",
        "card.revoke": "停用裁判卡",
        "incident.record": "记录现场情况",
        "incident.revoke": "撤销现场记录",
        "judgement.call_again": "要求重新评议",
        "judging.open": "开始评分",
        "late_delivery.dismiss": "不采用迟到的评分",
        "marks.export": "导出评分表或成绩汇总表",
        "module.recheck": "抽查复核",
        "module.sign": "裁判长签字",
        "panel.assign": "安排裁判",
        "panel.leave": "裁判退出",
        "panel.recuse": "裁判回避",
        "panel.replace": "更换裁判",
        "request.approve": "同意重新开放",
        "request.make": "申请重新开放",
        "request.refuse": "不同意重新开放",
        "scan.attach": "附上签字扫描件",
        "scan.withdraw": "作废签字扫描件",
        "scheme.approve": "审定评分细则",
        "scheme.save": "保存评分细则",
        "sheet.confirm": "复核评分表",
        "sheet.enter_again": "第二人录入",
        "sheet.keep_aside": "签字后送达，另存待处理",
        "sheet.sign": "裁判员签字",
        "sheet.submit": "送达评分",
        "worksheet.import": "导入成绩表",
        "worksheet.import_again": "导入第二次录入的成绩表",
    },
    objects={
        "score_sheet": "评分表",
        "judge_card": "裁判卡",
        "change_request": "重新开放申请",
    },
    states={
        "score_sheet": ("sheet_state",),
    },
    facts={
        "total": "合计",
        "revision": "版次",
    },
    checks={
        "rules": "计分规则与评分细则",
        "revisions": "评分版次",
        "sheets": "评分表",
        "scans": "签字扫描件",
        "totals": "评分合计",
        "acts": "复核、签字与现场记录",
        "signatures": "签字",
        "second_person": "双人办理",
    },
)
