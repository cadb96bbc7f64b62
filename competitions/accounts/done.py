"""What the buttons of this feature have done once they are done (web/done.py), by the endpoint."""

from competitions.web.done import Done

DONE = {
    "accounts.device_end": Done("该共用设备已取消"),
    "accounts.device_share": Done("共用设备已登记"),
    "accounts.import_confirm": Done("这份名单的账号已发放"),
    "accounts.import_discard": Done("这次上传已放弃"),
    "accounts.lost_phone_agree": Done("原手机已解除"),
    "accounts.lost_phone_ask": Done("解除手机已提出，等待另一人同意", codes=("state.lost_phone_asked",)),
    "accounts.lost_phone_refuse": Done("解除手机的申请已退回"),
    "accounts.lost_phone_take_back": Done("解除手机的申请已撤回"),
    "accounts.own_sign_in_revoke": Done(
        "该登录已结束", actions=("sign_in.closed",), of="sign_in_id", way="accounts.own_sign_ins"
    ),
    "accounts.request_agree": Done("这项申请已同意"),
    "accounts.request_end": Done("这项申请已退回或撤回"),
    "accounts.role_end": Done("该角色已结束", codes=("state.role_ended",)),
    "accounts.role_give": Done("该角色已授予"),
    "accounts.setting_save": Done("该设置已保存"),
    "accounts.user_create": Done(
        "该账号已建立，激活码只显示一次；没有记下的，请在账号页面重新发放", way="accounts.users"
    ),
    "accounts.user_edit": Done("账号信息已保存"),
    "accounts.user_sign_in_revoke": Done(
        "该登录已结束", actions=("sign_in.closed",), of="sign_in_id", way="accounts.user"
    ),
}
