"""What the buttons of this feature have done once they are done (web/done.py), by the endpoint."""

from competitions.web.done import Done

DONE = {
    "organisations.application_create": Done("申请已提交"),
    "organisations.application_grant": Done("这项申请已同意"),
    "organisations.application_refuse": Done("这项申请已答复"),
    "organisations.employer_create": Done("该单位已添加"),
    "organisations.employer_edit": Done("单位信息已保存"),
    "organisations.import_confirm": Done(
        "这份名单已导入", actions=("unions.import", "employers.import"), of="staged_id", way="organisations.unions"
    ),
    "organisations.import_discard": Done("这次上传已放弃", way="organisations.unions"),
    "organisations.union_create": Done("该工会已添加"),
    "organisations.union_edit": Done("工会信息已保存"),
    "organisations.union_move": Done("该工会已移动"),
}
