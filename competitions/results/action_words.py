"""The words of what results records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "case.export": "导出计分数据",
        "competition.archive": "归档赛事",
        "event.call_off": "取消赛项",
        "publication.approve": "审定公布",
        "publication.ask_withdrawal": "申请撤回公布",
        "publication.draft": "拟稿公布",
        "publication.keep": "不同意撤回公布",
        "publication.refuse": "退回公布稿",
        "publication.replace": "公布被新版替换",
        "publication.withdraw": "撤回公布",
        "ruling.confirm": "确认并列裁定",
        "ruling.propose": "提出并列裁定",
        "ruling.refuse": "不同意并列裁定",
        "ruling.revoke": "撤销并列裁定",
        "standings.export": "导出成绩汇总表",
        "standings.settle": "按加密号审定成绩",
    },
    objects={
        "tie_ruling": "并列裁定",
        "publication": "公布",
        "settlement": "成绩审定",
    },
    states={
        "publication": ("publication_state",),
    },
    checks={"results": "成绩与公布"},
    columns={
        "codes": "加密号",
        "confirmed_by": "确认人",
        "confirmed_at": "确认时间",
        "case": "计分数据",
        "drafted_by": "拟稿人",
        "drafted_at": "拟稿时间",
        "published_at": "公布时间",
        "withdrawal_by": "申请撤回人",
        "withdrawal_at": "申请撤回时间",
        "replaced_by_id": "替换它的公布",
        "public": "姓名、单位、名次或成绩",
        "cases": "计分数据",
        "identities": "加密号对应的报名",
        "publication.notice": "公告正文",
    },
    anchored=(
        "standings.settle",
        "publication.approve",
        "publication.withdraw",
        "publication.replace",
    ),
)
