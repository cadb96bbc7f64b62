"""The words of what accounts records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
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
        "county.agree": "同意三人办赛",
        "county.end": "结束三人办赛",
        "county.propose": "提出三人办赛",
        "county.refuse": "没有同意或撤回三人办赛",
        "role.end": "结束角色",
        "role.give": "授予角色",
        "setting.change": "修改系统设置",
        "sign_in.closed": "退出登录",
        "sign_in.closed_all": "结束全部登录",
        "sign_in.failed": "登录失败",
        "sign_in.locked": "登录失败过多，已锁定",
        "sign_in.opened": "登录",
    },
    objects={"user": "账号", "sign_in": "登录", "setting": "系统设置", "import": "批量导入", "upload": "上传的文件"},
)
