"""What the buttons of this feature have done once they are done (web/done.py), by the endpoint."""

from competitions.web.done import Done

DONE = {
    "registration.add_member": Done("该成员已添加"),
    "registration.agree_to_correction": Done("这项更正已同意"),
    "registration.approve": Done("这些报名已审核通过"),
    "registration.change": Done("已保存"),
    "registration.close_list": Done("名单已报送"),
    "registration.confirm": Done(
        "这份名单已导入", actions=("roster.confirmed",), of="upload_id", way="registration.entries"
    ),
    "registration.create": Done("此人的报名已保存"),
    "registration.delete": Done(
        "该草稿已删除", actions=("entry.delete_draft",), of="entry_id", way="registration.entries"
    ),
    "registration.discard": Done(
        "这次上传已放弃", actions=("roster.discarded",), of="upload_id", way="registration.entries"
    ),
    "registration.endorse": Done("这些报名已初审通过"),
    "registration.organiser_refuse": Done("这些报名已定为未通过"),
    "registration.organiser_return": Done("这些报名已退回"),
    "registration.organiser_withdraw": Done("这些报名已退赛"),
    "registration.propose": Done("这项更正已提出，等待另一人决定"),
    "registration.refuse": Done("这些报名已定为未通过"),
    "registration.refuse_correction": Done("这项更正已答复不同意"),
    "registration.remove_member": Done("该成员已移出"),
    "registration.replace": Done("此人已替换"),
    "registration.return_entries": Done("这些报名已退回"),
    "registration.submit": Done("这些报名已提交"),
    "registration.take_back": Done("这些报名已撤回"),
    "registration.take_back_correction": Done("这项更正已收回"),
    "registration.withdraw": Done("这些报名已退赛"),
}
