"""What the buttons of this feature have done once they are done (web/done.py), by the endpoint."""

from competitions.web.done import Done

DONE = {
    "results.advancement_keep": Done("名单维持不变，理由已记录"),
    "results.advancement_leave": Done(
        "此人已移出本阶段名单", actions=("stage.leave_out",), of="entry_id", way="results.advancement"
    ),
    "results.advancement_reserve": Done("此人已递补参加本阶段", codes=("state.entrant_there",)),
    "results.advancement_take": Done("本阶段名单已确定"),
    "results.archive": Done("赛事已归档", actions=("competition.archive",), of="competition_id"),
    "results.event_call_off": Done("该赛项已取消", codes=("state.programme.called_off_already",)),
    "results.module_carry": Done("已保存"),
    "results.module_carry_missing": Done("理由已记录"),
    "results.publication_approve": Done("这份公布已签发", actions=("publication.approve",), of="publication_id"),
    "results.publication_ask_withdrawal": Done(
        "撤回已申请，等待另一人审定", actions=("publication.ask_withdrawal",), of="publication_id"
    ),
    "results.publication_draft": Done("拟稿已生成，等待另一人审定"),
    "results.publication_keep": Done("公布保持有效", actions=("publication.keep",), of="publication_id"),
    "results.publication_refuse": Done("拟稿已退回", actions=("publication.refuse",), of="publication_id"),
    "results.publication_take_back": Done("拟稿已撤回", actions=("publication.refuse",), of="publication_id"),
    "results.publication_withdraw": Done("这份公布已撤回", actions=("publication.withdraw",), of="publication_id"),
    "results.ruling_confirm": Done("这份裁定已确认", actions=("ruling.confirm",), of="ruling_id"),
    "results.ruling_propose": Done("裁定已提出，等待监督员确认"),
    "results.ruling_refuse": Done("这份裁定已退回", actions=("ruling.refuse",), of="ruling_id"),
    "results.ruling_revoke": Done("这份裁定已撤回", actions=("ruling.revoke",), of="ruling_id"),
    "results.settle_stage": Done("名次已结算签字", codes=("state.settled",)),
}
