"""The words of what registration records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "entries.export": "导出报名名单或报送名单",
        "entry.approve": "审核通过",
        "entry.change": "修改报名",
        "entry.correct": "更正报名信息",
        "entry.create": "录入报名",
        "entry.delete_draft": "删除草稿",
        "entry.edit": "修改报名",
        "entry.endorse": "初审通过",
        "entry.propose_correction": "提出更正报名信息",
        "entry.refuse": "审核不通过",
        "entry.refuse_correction": "不同意更正报名信息",
        "entry.replace": "替换参赛者",
        "entry.return": "退回修改",
        "entry.submit": "提交报名",
        "entry.take_back": "撤回修改",
        "entry.take_back_correction": "收回更正报名信息",
        "entry.withdraw": "退赛",
        "list.close": "报送名单",
        "personal_data.export": "导出完整个人信息",
        "personal_data.purge": "删除到期的个人信息",
        "personal_data.view": "查看完整个人信息",
        "roster.confirmed": "确认导入报名表",
        "roster.discarded": "放弃导入报名表",
        "roster.import": "导入报名表",
        "roster.upload": "上传报名表",
    },
    objects={
        "entry": "报名",
        "entry_member": "参赛成员",
        "reporting_list": "报送名单",
        "roster_upload": "报名表上传",
        "worker": "参赛职工",
    },
    states={
        "entry": (
            "entry_state",
            "presence",
        ),
    },
    checks={"entry_corrections": "报名更正"},
)
