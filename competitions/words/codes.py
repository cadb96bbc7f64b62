"""The words of codes: states, kinds, phases → Chinese (always the same words). Knows no sentence."""

ENTRY_STATES = {
    "draft": "草稿",
    "submitted": "已提交",
    "taken_back": "已撤回修改",
    "returned": "退回修改",
    "endorsed": "初审通过",
    "approved": "审核通过",
    "refused": "未通过",
    "withdrawn": "已退赛",
    "replaced": "已替换",
}
REQUEST_KINDS = {"reopen": "重新开放", "late_delivery": "采纳晚送达", "take_back": "撤回回避"}
SHEET_STATES = {"empty": "未评", "draft": "草稿", "submitted": "已送达", "confirmed": "已复核", "signed": "已签字"}
PRESENCE = {"present": "到场", "late": "迟到", "absent": "缺考", "withdrawn": "弃权", "disqualified": "取消成绩"}
MODULE_STATUSES = {"absent": "本模块缺考", "void": "本模块成绩作废"}
PHASES = {
    "setup": "立项",
    "notice": "通知",
    "registration": "报名",
    "review": "资格审查",
    "sittings": "场次抽签",
    "check_in": "检录",
    "coding": "抽工位与加密",
    "judging": "评分",
    "checking": "复核",
    "signing": "签字",
    "decoding": "解密",
    "approval": "审定",
    "results": "成绩公布",
    "notice_period": "公示",
    "commendation": "表彰通报",
    "certificates": "证书",
    "archived": "归档",
}
COMPETITION_STATES = {"draft": "草稿", "open": "进行中", "closed": "已结束", "archived": "已归档"}
BODY_ROLES = {
    "host": "主办单位",
    "organiser": "承办单位",
    "co_organiser": "协办单位",
    "supporter": "支持单位",
    "technical": "技术支持单位",
}
RULESET_STATES = {"draft": "草稿", "proposed": "待审定", "approved": "已生效", "refused": "未通过"}
UNION_KINDS = {
    "federation": "总工会",
    "industry": "产业（系统）工会",
    "railway": "铁路工会",
    "department": "直属单位工会",
    "town": "乡镇（街道）工会",
    "park": "园区工会",
    "joint": "联合工会",
    "enterprise": "企业工会",
}


# organisations
OWNERSHIPS = {
    "government": "机关",
    "institution": "事业单位",
    "state": "国有及国有控股",
    "collective": "集体",
    "private": "民营（非公）",
    "foreign": "外资及港澳台",
    "social": "社会组织",
}
UNIT_SIZES = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}
INDUSTRIES = {
    "A": "农、林、牧、渔业",
    "B": "采矿业",
    "C": "制造业",
    "D": "电力、热力、燃气及水生产和供应业",
    "E": "建筑业",
    "F": "批发和零售业",
    "G": "交通运输、仓储和邮政业",
    "H": "住宿和餐饮业",
    "I": "信息传输、软件和信息技术服务业",
    "J": "金融业",
    "K": "房地产业",
    "L": "租赁和商务服务业",
    "M": "科学研究和技术服务业",
    "N": "水利、环境和公共设施管理业",
    "O": "居民服务、修理和其他服务业",
    "P": "教育",
    "Q": "卫生和社会工作",
    "R": "文化、体育和娱乐业",
    "S": "公共管理、社会保障和社会组织",
    "T": "国际组织",
}
"""Sections of GB/T 4754-2017."""
UNIT_KINDS = {"union": "工会", "employer": "单位"}
APPLICATION_STATES = {"open": "待处理", "granted": "已同意", "refused": "未同意"}
IMPORT_STATES = {"new": "新增", "changed": "变化", "same": "相同", "wrong": "有误"}
UNIT_FIELDS = {
    "name": "名称",
    "kind": "类型",
    "short_name": "简称",
    "area_code": "区划代码",
    "uscc": "统一社会信用代码",
    "contact": "联系人",
    "contact_phone": "联系电话",
    "delegation": "可作代表队",
    "ownership": "单位性质",
    "industry": "行业",
    "size": "规模",
    "park": "所在园区",
    "new_employment": "新就业形态",
    "union_id": "所属工会",
}
# accounts
# results
STAGE_STATES = {
    "waiting": "未开始",
    "judging": "评分中",
    "ready": "待结算",
    "settled": "已结算",
    "decoded": "已解密",
    "published": "已公布",
}
PUBLICATION_STATES = {
    "draft": "待审定",
    "published": "已公布",
    "withdrawn": "已撤回",
    "refused": "退回",
    "replaced": "已被代替",
}
TEAMS_BY = {"team": "代表队", "organisation": "所在单位"}
PLACING_STATUSES = {
    "ranked": "有名次",
    "pending": "成绩未定",
    "absent": "缺考",
    "withdrawn": "弃权",
    "disqualified": "取消成绩",
}
# coding
CODING_STATES = {
    "nobody": "未开始",
    "lots": "待抽签",
    "coding": "待加密",
    "witness": "待见证",
    "sealed": "已封存",
    "decoding": "待解密",
    "decoded": "已解密",
}
CODE_SHEET_STATES = {"open": "未封存", "sealed": "已封存", "decoded": "已解密"}

SCOPE_KINDS = {"system": "全系统", "union": "工会及下级", "competition": "赛事", "event": "赛项"}


WORDS: dict[str, dict[str, str]] = {
    "entry_state": ENTRY_STATES,
    "request_kind": REQUEST_KINDS,
    "sheet_state": SHEET_STATES,
    "presence": PRESENCE,
    "module_status": MODULE_STATUSES,
    "phase": PHASES,
    "union_kind": UNION_KINDS,
    "competition_state": COMPETITION_STATES,
    "body_role": BODY_ROLES,
    "ruleset_state": RULESET_STATES,
    "ownership": OWNERSHIPS,
    "unit_size": UNIT_SIZES,
    "industry": INDUSTRIES,
    "unit_kind": UNIT_KINDS,
    "application_state": APPLICATION_STATES,
    "import_state": IMPORT_STATES,
    "unit_field": UNIT_FIELDS,
    "scope_kind": SCOPE_KINDS,
    "coding_state": CODING_STATES,
    "code_sheet_state": CODE_SHEET_STATES,
    "stage_state": STAGE_STATES,
    "publication_state": PUBLICATION_STATES,
    "placing_status": PLACING_STATUSES,
    "teams_by": TEAMS_BY,
}
"""Kind of code → its words, for templates: words.entry_state["draft"]. Who keeps a table of codes registers its words."""


def register(kind: str, words: dict[str, str]) -> None:
    """Add the words of a kind of code. Raises ValueError for a kind that has other words already."""
    if WORDS.setdefault(kind, words) != words:
        raise ValueError(f"two lists of words for {kind}")
