"""What the buttons of this feature have done once they are done (web/done.py), by the endpoint."""

from competitions.web.done import Done

DONE = {
    "programme.attachment_remove": Done(
        "该附件已移除", actions=("attachment.remove",), of="attachment_id", way="programme.competition"
    ),
    "programme.competition_edit": Done("赛事信息已保存"),
    "programme.competition_new": Done("该赛事已建好"),
    "programme.county_decide": Done("三人办赛设置已处理"),
    "programme.county_end": Done("三人办赛已结束"),
    "programme.county_propose": Done("三人办赛设置已提出"),
    "programme.county_take_back": Done("三人办赛设置已撤回"),
    "programme.event_copy": Done("该赛项已复制"),
    "programme.event_edit": Done("赛项信息已保存"),
    "programme.event_new": Done("该赛项已添加"),
    "programme.event_people": Done("该人员已指派"),
    "programme.event_person_end": Done("这项指派已结束"),
    "programme.event_remove": Done(
        "该赛项已删除", actions=("event.remove",), of="event_id", way="programme.competitions"
    ),
    "programme.extensions": Done("截止时间已延长"),
    "programme.level_edit": Done("已保存"),
    "programme.module_settings": Done("评分设置已保存"),
    "programme.notice_publish": Done("通知已发布", codes=("state.programme.already_published",)),
    "programme.occupation_edit": Done("已保存"),
    "programme.programme_edit": Done("已保存"),
    "programme.reference_remove": Done("已删除"),
    "programme.ruleset_approve": Done("新的计分规则已审定生效", actions=("ruleset.approve",), of="ruleset_id"),
    "programme.ruleset_refuse": Done("这份修改申请已退回", actions=("ruleset.refuse",), of="ruleset_id"),
    "programme.ruleset_save": Done("计分规则已保存"),
    "programme.ruleset_withdraw": Done("这份修改申请已撤回"),
}
