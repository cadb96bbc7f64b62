"""The sentences of accounts, by code; registered with `words` at the start. Knows no logic."""

SENTENCES: dict[str, str] = {
    "state.second_person": "这一步须由另一个人办理，申请人、录入人或复核人不能自己同意。",
    "state.act_missing": "没有等待办理的申请，可能已被撤回或处理。请刷新页面查看。",
    "state.act_changed": "提出之后内容有了变化，不能按原来的申请同意。请退回，由对方按现在的内容重新提出。",
    "invalid.account.username_format": "用户名为 3 到 64 个字符，可用字母、数字、汉字和 . _ - @。",
    "invalid.account.username_taken": "用户名已被使用。请换一个，如在后面加数字。",
    "invalid.account.union_unknown": "没有找到“{name}”，或不在管理范围内。请填写工会全称。",
    "invalid.account.role_not_yours": "当前账号不能授予“{role}”这个角色，或不能授予到这个范围。",
    "invalid.account.role_scope": "“{role}”需要选择适用范围：{kinds}。",
    "invalid.account.scope_unknown": "没有找到“{name}”，或不在管理范围内。请填写赛事或赛项的名称。",
    "invalid.account.validity": "有效期的结束时间应晚于开始时间，且晚于现在。",
    "invalid.account.role_held": "该账号在同一范围内已有“{role}”角色。",
    "invalid.account.repeated": "与第 {first} 行的用户名相同。每个账号请只保留一行。",
    "invalid.password_wrong": "当前密码不正确。",
    "state.roles_exclusive": "同一人在同一赛项中不能既是{held}又是{wanted}。请换一位人员。",
    "state.role_to_self": "不能给自己授予或结束角色。请由上一级工会或另一位管理员办理。",
    "state.own_account": "不能在这里重置或停用自己的账号。修改密码请用“修改密码”页面。",
    "state.account_not_yours": "该账号还有其他范围的角色（{roles}），请由授予该角色的一方或系统管理员办理。",
    "state.role_ended": "这个角色已经结束。请刷新页面查看。",
    "state.last_administrator": "这是最后一位系统管理员，不能停用或结束其角色。请先指定另一位系统管理员。",
}
