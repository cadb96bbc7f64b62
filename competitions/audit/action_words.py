"""What records say, in words: actions, kinds of objects, what changed. Knows no database."""

import json
from typing import Any

from competitions.words.codes import WORDS

ACTIONS = {
    "access.csrf": "页面校验未通过",
    "access.denied": "越权操作被拒绝",
    "account.activated": "激活账号",
    "account.activation_failed": "激活失败",
    "account.activation_locked": "激活次数过多，已锁定",
    "account.code_issued": "发放激活码",
    "account.create": "建立账号",
    "account.deactivate": "停用账号",
    "account.edit": "修改账号",
    "account.import": "批量建立账号",
    "account.password_changed": "修改密码",
    "account.reset": "重置账号",
    "attachment.add": "添加通知附件",
    "attachment.remove": "删除通知附件",
    "card.issue": "发放裁判卡",
    "card.revoke": "停用裁判卡",
    "check_in.mark": "检录",
    "codes.decode": "加密裁判确认解密",
    "codes.decode_witness": "监督员确认解密",
    "codes.draw": "抽取加密号",
    "codes.draw_without_levels": "系统生成编号",
    "codes.enter": "录入加密号",
    "codes.refuse_seal": "不予见证封存",
    "codes.seal": "封存加密号",
    "codes.witness": "见证封存",
    "competition.change": "修改赛事",
    "competition.create": "建立赛事",
    "competition.archive": "归档赛事",
    "competition.publish_notice": "发布通知",
    "deadline.extend": "延长截止时间",
    "demonstration.load": "装入演示数据",
    "employer.create": "添加单位",
    "employer.edit": "修改单位",
    "entry.approve": "审核通过",
    "entry.change": "修改报名",
    "entry.create": "录入报名",
    "entry.delete_draft": "删除草稿",
    "entry.endorse": "初审通过",
    "entry.refuse": "审核不通过",
    "entry.replace": "替换参赛者",
    "entry.return": "退回修改",
    "entry.submit": "提交报名",
    "entry.take_back": "撤回修改",
    "entry.withdraw": "退赛",
    "entry.edit": "修改报名",
    "event.call_off": "取消赛项",
    "event.change": "修改赛项",
    "event.copy": "复制赛项",
    "event.create": "添加赛项",
    "event.remove": "删除赛项",
    "incident.record": "记录现场情况",
    "incident.revoke": "撤销现场记录",
    "judgement.call_again": "要求重新评议",
    "judging.open": "开始评分",
    "late_delivery.dismiss": "不采用迟到的评分",
    "level.save": "修改竞赛级别",
    "list.close": "报送名单",
    "lots.take_over": "替补接用场次工位",
    "module.recheck": "抽查复核",
    "module.settings": "修改评分设置",
    "module.sign": "裁判长签字",
    "occupation.save": "修改职业目录",
    "panel.appoint": "指派代评",
    "panel.assign": "安排裁判",
    "panel.leave": "裁判退出",
    "panel.recuse": "裁判回避",
    "panel.replace": "更换裁判",
    "panel.take_back": "撤回裁判回避",
    "personal_data.view": "查看完整个人信息",
    "personal_data.export": "导出完整个人信息",
    "personal_data.purge": "删除到期的个人信息",
    "reference.remove": "删除参考数据",
    "stage.take_entrants": "确定晋级名单",
    "stage.add_reserve": "递补参赛",
    "stage.leave_out": "移出阶段名单",
    "stage.keep_entrants": "晋级名单维持不变",
    "module.carry": "设置带入成绩",
    "module.carried_missing": "无前一阶段成绩的按缺考计",
    "scan.attach": "附上签字扫描件",
    "scan.withdraw": "作废签字扫描件",
    "worksheet.import": "导入成绩表",
    "worksheet.import_again": "导入第二次录入的成绩表",
    "programme.change": "修改主题竞赛",
    "programme.create": "建立主题竞赛",
    "publication.approve": "审定公布",
    "publication.ask_withdrawal": "申请撤回公布",
    "publication.draft": "拟稿公布",
    "publication.keep": "不同意撤回公布",
    "publication.refuse": "退回公布稿",
    "publication.replace": "公布被新版替换",
    "publication.withdraw": "撤回公布",
    "reference.load": "装入参考数据",
    "request.approve": "同意重新开放",
    "request.make": "申请重新开放",
    "request.refuse": "不同意重新开放",
    "role.end": "结束角色",
    "role.give": "授予角色",
    "roster.import": "导入报名表",
    "roster.upload": "上传报名表",
    "roster.confirmed": "确认导入报名表",
    "roster.discarded": "放弃导入报名表",
    "ruleset.approve": "审定计分规则",
    "ruleset.propose": "提出修改计分规则",
    "ruleset.refuse": "不同意修改计分规则",
    "ruleset.save": "保存计分规则",
    "ruling.confirm": "确认并列裁定",
    "ruling.propose": "提出并列裁定",
    "ruling.refuse": "不同意并列裁定",
    "ruling.revoke": "撤销并列裁定",
    "scheme.approve": "审定评分细则",
    "scheme.save": "保存评分细则",
    "sheet.confirm": "复核评分表",
    "sheet.enter_again": "第二人录入",
    "sheet.keep_aside": "晚送达的评分，另存待处理",
    "sheet.reassign": "评分表换人或关闭",
    "sheet.sign": "裁判员签字",
    "sheet.submit": "送达评分",
    "sign_in.closed": "退出登录",
    "sign_in.closed_all": "结束全部登录",
    "sign_in.failed": "登录失败",
    "sign_in.locked": "登录失败过多，已锁定",
    "sign_in.opened": "登录",
    "sitting.add": "添加场次",
    "sitting.change": "修改场次",
    "sitting.remove": "删除场次",
    "stage.lock": "锁定计分规则和评分细则",
    "standings.export": "导出成绩汇总表",
    "audit.export": "导出审计记录",
    "sign_in_sheet.export": "导出签到表",
    "stations.export": "导出场次工位表",
    "codes.export": "导出加密登记表",
    "entries.export": "导出报名名单或报送名单",
    "case.export": "导出计分数据",
    "marks.export": "导出评分表或成绩汇总表",
    "standings.settle": "按加密号审定成绩",
    "union.create": "添加工会",
    "union.edit": "修改工会",
    "union.move": "调整上级工会",
    "union.seed": "建立工会树",
    "unit.import": "批量导入单位",
    "unit_application.apply": "申请添加单位",
    "unit_application.decide": "处理添加单位申请",
    "lots.record": "录入抽签结果",
    "lots.draw": "系统抽签",
}
"""Action → what was done. An action that is not here is shown by its code."""

OBJECTS = {
    "audit": "审计记录",
    "competition": "赛事",
    "event": "赛项",
    "stage": "阶段",
    "module": "模块",
    "entry": "报名",
    "entry_member": "参赛成员",
    "sitting": "场次",
    "code_sheet": "加密登记表",
    "score_sheet": "评分表",
    "judge_card": "裁判卡",
    "change_request": "重新开放申请",
    "tie_ruling": "并列裁定",
    "publication": "公布",
    "settlement": "成绩审定",
    "attachment": "附件",
    "reporting_list": "报送名单",
    "roster_upload": "报名表上传",
    "worker": "参赛职工",
}
"""Kind of object → its word, in the order of the filter."""

_STATES: dict[str, tuple[str, ...]] = {
    "entry": ("entry_state", "presence"),
    "score_sheet": ("sheet_state",),
    "code_sheet": ("code_sheet_state",),
    "publication": ("publication_state",),
    "competition": ("competition_state",),
}
_FIELDS = {
    "level": "级别",
    "codes": "编号",
    "lots": "抽签",
    "digest": "校验值",
    "seed": "种子校验值",
    "number": "第",
    "count": "数量",
    "state": "状态",
    "revision": "版次",
    "total": "合计",
    "reason": "原因",
    "same_device": "同一设备",
    "stations": "工位数",
}


def action_word(action: str) -> str:
    """What was done."""
    return ACTIONS.get(action, action)


def object_word(kind: str) -> str:
    """What it was done to."""
    return OBJECTS.get(kind, kind)


def change_words(payload: str) -> str:
    """What changed, as far as it can be said in a few words: states and short facts, digests by their first eight."""
    try:
        said = json.loads(payload)
        kind = said["object"][0]
    except (ValueError, KeyError, TypeError, IndexError):
        return "记录无法识别"
    before, after = (_said(kind, said.get(name)) for name in ("before", "after"))
    facts = [f"{_FIELDS[name]} {_short(said[name])}" for name in ("level", "reason", "same_device") if name in said]
    moved = f"{before} → {after}" if before and after else after or before
    return "；".join(part for part in (moved, *facts) if part)


def _said(kind: str, value: Any) -> str:
    if isinstance(value, str):
        return next(
            (WORDS[words][value] for words in _STATES.get(kind, ()) if value in WORDS.get(words, {})), _short(value)
        )
    if isinstance(value, dict):
        return "，".join(
            f"{_FIELDS[name]} {_word(kind, name, each)}"
            for name, each in value.items()
            if name in _FIELDS and not isinstance(each, dict | list)
        )
    return ""


def _word(kind: str, name: str, value: Any) -> str:
    return _said(kind, value) if name == "state" else _short(value)


def _short(value: Any) -> str:
    text = "是" if value is True else str(value)
    return f"{text[:8]}…" if len(text) == 64 else text[:60]
