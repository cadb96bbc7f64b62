"""The sentences of registration, by code; registered with `words` at the start. Knows no logic."""

SENTENCES: dict[str, str] = {
    "state.bound.withdraw": "已经抽签，名单已交赛场（准考证号 {tickets}），不能在这里退赛。"
    "不参赛的，请检录裁判登记“弃权”；加密前要撤下的，请加密裁判先清空其签位。没有改动任何内容。",
    "state.bound.replace": "已经抽签，名单已交赛场，不能由报送工会替换。确需换人的，请联系组委会在加密封存前办理替补。",
    "invalid.draft_empty": "还没有填写任何内容，草稿未保存。",
    "invalid.consent_missing": "请先确认内容属实，并确认每位职工已被告知且同意使用其个人信息。",
    "invalid.purpose_missing": "请选择查看或导出的用途，系统会记录。",
    "invalid.nothing_chosen": "还没有选择报名。请先勾选要处理的报名。",
    "invalid.too_many_chosen": "符合条件的超过 {most} 条，不能一次办理。请先用搜索或筛选缩小范围，分几次办理。",
    "invalid.union_unknown": "没有找到这个报送工会，或它不在您管理的范围内。请从列表中选择全称。",
    "invalid.roster_missing": "请选择要上传的名单文件（.xlsx、.xls、.ods 或 .csv，不超过 10 MB）。",
    "invalid.replacement": "请选择要替换的内容，并填写新的内容。",
    "invalid.column_twice": "同一列被指定为两项内容。请让每一列只对应一项。",
    "state.competition_not_open": "该赛事尚未开放报名或报名已结束。报名时间见赛事通知。",
    "state.entry_state": "现在的状态是“{states}”，不能{act}。没有作任何改动，请刷新后查看最新情况。",
    "state.entry_unfinished": "还没有填写完整（或团队人数不足），不能提交。请先补全后再提交。",
    "state.own_registration": "由您本人录入或由本单位报送，不能由您审核。请由组委会或其他审核人审核。",
    "state.organiser_reviews": "由审核工会代为录入或自行报送，按规定由组委会审核。",
    "state.not_reported": "审核工会还没有报送名单。请待其报送后再审定。",
    "state.nothing_to_report": "没有可以报送的报名。初审通过且尚未报送的报名才能列入报送名单。",
    "state.team_full": "该队人数已满（{size} 人）。如需换人，请先移出一名成员。",
    "state.team_not_replaced": "团队报名请联系组委会退回后修改成员，不能整队替换。",
    "state.last_member": "至少要保留一名成员。如不参赛，请删除草稿或退赛。",
    "state.roster_changed": "预览之后数据有变化，没有导入任何内容。以下是最新的预览，请重新核对后确认。",
    "state.too_many_edits": "在页面上修改的单元格超过 {most} 个。请下载标注文件，修改后重新上传。",
    "state.roster_faulty": "名单中有 {count} 行有误，没有导入任何内容。请修改后再导入，或选择只导入无误的人员。",
    "duplicate.registered": "该身份证号已在本赛事报名，不能重复报名。如有疑问请联系组委会。",
    "duplicate.registered.own": "此人已由本工会在本赛事报名其他项目。如要改报，请先删除或撤回原来的报名。",
    "event.unknown": "没有“{value}”这个项目。本赛事的项目有：{names}。",
    "event.called_off": "“{event}”已取消，不再接受报名。请改报其他项目，或删去这一行。",
    "division.unknown": "没有“{value}”这个组别。可填：{names}。",
    "organisation.unknown": "系统中没有“{value}”这个单位。请填写单位全称，确实没有的请先申请增加单位。",
    "organisation.out_of_scope": "“{value}”不在您的管理范围内。请由其所属工会报名，或联系上一级工会调整隶属关系。",
    "quota.exceeded": (
        "“{event}”的名额为 {quota} 个，已用 {used} 个（含待审核的）。请减少人数，或联系组委会调整名额。"
    ),
    "eligibility.too_young": "到 {day} 为 {age} 周岁，未满 {least} 周岁，不能参赛。",
    "eligibility.judge": "此人是本项目的裁判或工作人员，不能同时参赛。请联系组委会核实。",
    "eligibility.review_line": (
        "该单位在本赛事已有报名归口其他审核工会。一个单位在一项赛事中只能有一个归口，请选择相同的归口。"
    ),
    "entry.drafted": "此人有一份没有填完的修改，不能通过名单修改。请先在报名页面打开此人，点“继续填写”并保存，再上传名单。",
    "entry.locked": "此人的报名“{state}”，不能通过名单修改。请先撤回，或联系审核工会退回后再改。",
}
