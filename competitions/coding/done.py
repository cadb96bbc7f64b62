"""What the buttons of this feature have done once they are done (web/done.py), by the endpoint."""

from competitions.web.done import Done

DONE = {
    "coding.check_in_mark": Done("到场情况已登记"),
    "coding.check_in_paper": Done("签到表已登记"),
    "coding.check_in_rest": Done("未到的参赛者已记为缺考"),
    "coding.level_codes": Done("编号已保存"),
    "coding.level_decode": Done("已确认解密，等待监督员确认", codes=("state.decode_awaits_witness",)),
    "coding.level_draw": Done("编号已抽取"),
    "coding.level_late": Done("加密号已补编，等待监督员见证"),
    "coding.level_seal": Done("这一级加密已封存", codes=("state.sheet_sealed",)),
    "coding.lots_draw": Done("已抽签"),
    "coding.lots_save": Done("抽签结果已保存"),
    "coding.organiser_replace": Done("此人已替换"),
    "coding.organiser_sitting_add": Done("该场次已添加"),
    "coding.organiser_sitting_edit": Done("该场次已保存"),
    "coding.organiser_sitting_remove": Done("该场次已删除", actions=("sitting.remove",), of="sitting_id"),
    "coding.presence_decide": Done("到场情况的更改已处理"),
    "coding.presence_propose": Done("到场情况的更改已提出", codes=("state.requested_already",)),
    "coding.sitting_add": Done("该场次已添加"),
    "coding.sitting_edit": Done("该场次已保存"),
    "coding.sitting_remove": Done("该场次已删除", actions=("sitting.remove",), of="sitting_id"),
    "coding.witness_decode": Done("这一级已解密", actions=("codes.decode_witness",), of="sheet_id"),
    "coding.witness_late": Done("补编的加密号已处理"),
    "coding.witness_refuse": Done("已退回加密裁判"),
    "coding.witness_seal": Done("这一级加密已见证封存", actions=("codes.witness",), of="sheet_id"),
}
