"""The words of codes: states, roles, kinds, phases → Chinese (always the same words). Knows no sentence."""


def _(text: str) -> str:
    """Marks a word for translation; the interface has one language today."""
    return text


ENTRY_STATES = {
    "draft": _("草稿"), "submitted": _("已提交"), "taken_back": _("已撤回修改"), "returned": _("退回修改"),
    "endorsed": _("初审通过"), "approved": _("审核通过"), "refused": _("未通过"), "withdrawn": _("已退赛"),
    "replaced": _("已替换"),
}
SHEET_STATES = {"empty": _("未评"), "draft": _("草稿"), "submitted": _("已送达"), "confirmed": _("已复核"), "signed": _("已签字")}
PRESENCE = {"present": _("到场"), "late": _("迟到"), "absent": _("缺考"), "withdrawn": _("弃权"), "disqualified": _("取消成绩")}
MODULE_STATUSES = {"absent": _("本模块缺考"), "void": _("本模块成绩作废")}
PHASES = {
    "setup": _("立项"), "notice": _("通知"), "registration": _("报名"), "review": _("资格审查"), "sittings": _("场次抽签"),
    "check_in": _("检录"), "coding": _("抽工位与加密"), "judging": _("评分"), "checking": _("复核"), "signing": _("签字"),
    "decoding": _("解密"), "approval": _("审定"), "results": _("成绩公布"), "notice_period": _("公示"),
    "commendation": _("表彰通报"), "certificates": _("证书"), "archived": _("归档"),
}
ROLES = {
    "administrator": _("系统管理员"), "organiser_drafting": _("组委会（拟稿）"), "organiser_approving": _("组委会（审定）"),
    "reviewer": _("审核工会"), "reporter": _("报送工会经办人"), "chief_judge": _("裁判长"), "deputy_chief_judge": _("副裁判长"),
    "judge": _("裁判员"), "checker": _("复核员"), "tabulator": _("统分员"), "coder": _("加密裁判"), "steward": _("检录裁判"),
    "supervisor": _("监督员"), "arbitrator": _("仲裁员"), "team_leader": _("领队"),
}
COMPETITION_STATES = {"draft": _("草稿"), "open": _("进行中"), "closed": _("已结束"), "archived": _("已归档")}
BODY_ROLES = {"host": _("主办单位"), "organiser": _("承办单位"), "co_organiser": _("协办单位"), "supporter": _("支持单位"),
              "technical": _("技术支持单位")}
RULESET_STATES = {"draft": _("草稿"), "proposed": _("待审定"), "approved": _("已生效"), "refused": _("未通过")}
UNION_KINDS = {
    "federation": _("总工会"), "industry": _("产业（系统）工会"), "railway": _("铁路工会"), "department": _("直属单位工会"),
    "town": _("乡镇（街道）工会"), "park": _("园区工会"), "joint": _("联合工会"), "enterprise": _("企业工会"),
}


# organisations
OWNERSHIPS = {
    "government": _("机关"), "institution": _("事业单位"), "state": _("国有及国有控股"), "collective": _("集体"),
    "private": _("民营（非公）"), "foreign": _("外资及港澳台"), "social": _("社会组织"),
}
UNIT_SIZES = {"large": _("大型"), "medium": _("中型"), "small": _("小型"), "micro": _("微型")}
INDUSTRIES = {
    "A": _("农、林、牧、渔业"), "B": _("采矿业"), "C": _("制造业"), "D": _("电力、热力、燃气及水生产和供应业"), "E": _("建筑业"),
    "F": _("批发和零售业"), "G": _("交通运输、仓储和邮政业"), "H": _("住宿和餐饮业"), "I": _("信息传输、软件和信息技术服务业"),
    "J": _("金融业"), "K": _("房地产业"), "L": _("租赁和商务服务业"), "M": _("科学研究和技术服务业"),
    "N": _("水利、环境和公共设施管理业"), "O": _("居民服务、修理和其他服务业"), "P": _("教育"), "Q": _("卫生和社会工作"),
    "R": _("文化、体育和娱乐业"), "S": _("公共管理、社会保障和社会组织"), "T": _("国际组织"),
}
"""Sections of GB/T 4754-2017."""
UNIT_KINDS = {"union": _("工会"), "employer": _("单位")}
APPLICATION_STATES = {"open": _("待处理"), "granted": _("已同意"), "refused": _("未同意")}
IMPORT_STATES = {"new": _("新增"), "changed": _("变化"), "same": _("相同"), "wrong": _("有误")}
UNIT_FIELDS = {
    "name": _("名称"), "kind": _("类型"), "short_name": _("简称"), "area_code": _("区划代码"), "uscc": _("统一社会信用代码"),
    "contact": _("联系人"), "contact_phone": _("联系电话"), "delegation": _("可作代表队"), "ownership": _("单位性质"),
    "industry": _("行业"), "size": _("规模"), "park": _("所在园区"), "new_employment": _("新就业形态"), "union_id": _("所属工会"),
}
# accounts
# results
STAGE_STATES = {"waiting": _("未开始"), "judging": _("评分中"), "ready": _("待结算"), "settled": _("已结算"),
                "decoded": _("已解密"), "published": _("已公布")}
PUBLICATION_STATES = {"draft": _("待审定"), "published": _("已公布"), "withdrawn": _("已撤回"), "refused": _("退回"),
                      "replaced": _("已被代替")}
TEAMS_BY = {"team": _("代表队"), "organisation": _("所在单位")}
PLACING_STATUSES = {"ranked": _("有名次"), "pending": _("成绩未定"), "absent": _("缺考"), "withdrawn": _("弃权"),
                    "disqualified": _("取消成绩")}
# coding
CODING_STATES = {
    "nobody": _("未开始"), "lots": _("待抽签"), "coding": _("待加密"), "witness": _("待见证"), "sealed": _("已封存"),
    "decoding": _("待解密"), "decoded": _("已解密"),
}
CODE_SHEET_STATES = {"open": _("未封存"), "sealed": _("已封存"), "decoded": _("已解密")}

SCOPE_KINDS = {"system": _("全系统"), "union": _("工会及下级"), "competition": _("赛事"), "event": _("赛项")}


WORDS: dict[str, dict[str, str]] = {
    "entry_state": ENTRY_STATES, "sheet_state": SHEET_STATES, "presence": PRESENCE, "module_status": MODULE_STATUSES,
    "phase": PHASES, "role": ROLES,
    "union_kind": UNION_KINDS,
    "competition_state": COMPETITION_STATES, "body_role": BODY_ROLES, "ruleset_state": RULESET_STATES,
    "ownership": OWNERSHIPS, "unit_size": UNIT_SIZES, "industry": INDUSTRIES, "unit_kind": UNIT_KINDS,
    "application_state": APPLICATION_STATES, "import_state": IMPORT_STATES, "unit_field": UNIT_FIELDS,
    "scope_kind": SCOPE_KINDS, "coding_state": CODING_STATES, "code_sheet_state": CODE_SHEET_STATES, "stage_state": STAGE_STATES,
    "publication_state": PUBLICATION_STATES,
    "placing_status": PLACING_STATUSES, "teams_by": TEAMS_BY,
}
"""Kind of code → its words, for templates: words.entry_state["draft"]. Features add their kinds here."""
