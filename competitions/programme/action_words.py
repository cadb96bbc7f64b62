"""The words of what programme records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "attachment.add": "添加通知附件",
        "attachment.remove": "删除通知附件",
        "competition.change": "修改赛事",
        "competition.create": "建立赛事",
        "competition.publish_notice": "发布通知",
        "deadline.extend": "延长截止时间",
        "event.change": "修改赛项",
        "event.copy": "复制赛项",
        "event.create": "添加赛项",
        "event.remove": "删除赛项",
        "level.save": "修改竞赛级别",
        "module.carried_missing": "无前一阶段成绩的按缺考计",
        "module.carry": "设置带入成绩",
        "module.settings": "修改评分设置",
        "occupation.save": "修改职业目录",
        "programme.change": "修改主题竞赛",
        "programme.create": "建立主题竞赛",
        "reference.load": "装入参考数据",
        "reference.remove": "删除参考数据",
        "ruleset.approve": "审定计分规则",
        "ruleset.propose": "提出修改计分规则",
        "ruleset.refuse": "不同意修改计分规则",
        "ruleset.save": "保存计分规则",
        "stage.lock": "锁定计分规则和评分细则",
    },
    objects={
        "competition": "赛事",
        "event": "赛项",
        "stage": "阶段",
        "module": "模块",
        "attachment": "附件",
        "programme": "主题竞赛",
        "competition_level": "竞赛级别",
        "occupation": "职业（工种）",
        "reference": "基础数据",
    },
    states={
        "competition": ("competition_state",),
    },
    checks={"attachments": "通知附件"},
)
