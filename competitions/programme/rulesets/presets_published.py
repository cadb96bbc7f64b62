"""The published patterns R1–R30 of domain.md §3.2 that the contract can express, as rulesets. Data only; each names the
pattern it comes from.

Not here because version 1 of the contract cannot say them: R21 (points derived from a rank), R22 (the mean of the
members of a team entry), R23 (its shares are not published), the tables over several events of R1 and R19.
"""

from competitions.programme.rulesets.preset_parts import (
    PRACTICE_FIRST,
    THEORY_NEXT,
    TIME_NEXT,
    TWO,
    Preset,
    awards,
    honour,
    medals,
    module,
    prizes,
    ruleset,
    team_sum,
    theory_practice,
)

PUBLISHED = (
    Preset(
        "r1_lathe",
        "车工类：1/2/3/优胜 10",
        "R1 邹城市（车工、数控车工）",
        theory_practice("0.3", "0.7", awards=prizes(1, 2, 3, ("merit", "优胜奖", 10)), teams=team_sum()),
    ),
    Preset(
        "r1_fitter",
        "钳工、电工、焊工：1/3/5/优胜 10",
        "R1 邹城市（钳工、维修电工、焊工）",
        theory_practice("0.3", "0.7", awards=prizes(1, 3, 5, ("merit", "优胜奖", 10)), teams=team_sum()),
    ),
    Preset(
        "r2_lamps",
        "30/70，先比装配用时",
        "R2 中山古镇灯具",
        theory_practice(
            "0.3",
            "0.7",
            tie_breaks=[TIME_NEXT, PRACTICE_FIRST, THEORY_NEXT],
            teams=team_sum(tie_breaks=[{"by": "time", "module": "practice"}]),
        ),
    ),
    Preset(
        "r3_electrician",
        "30/70，先比实操、再比用时",
        "R3 广东电工类",
        theory_practice(
            "0.3", "0.7", tie_breaks=[PRACTICE_FIRST, TIME_NEXT], teams=team_sum(tie_breaks=[PRACTICE_FIRST, TIME_NEXT])
        ),
    ),
    Preset(
        "r4_housekeeping",
        "20/80，两项均须 60 分",
        "R4 衡水家政",
        theory_practice("0.2", "0.8", pass_mark="60", awards=prizes("10%", "20%", "30%", must_pass=True)),
    ),
    Preset("r5_housekeeping", "30/70，同分比实操", "R5 天津家政选拔 2023", theory_practice("0.3", "0.7")),
    Preset(
        "r6_tea",
        "30/70，状元和技术能手",
        "R6 云南评茶 2025",
        theory_practice("0.3", "0.7", honours=[honour("champion", "技术状元", 1), honour("expert", "技术能手", 10, 2)]),
    ),
    Preset(
        "r7_welding",
        "30/70，1/3/6，前三名选送全国",
        "R7 安徽机械冶金焊工 2021",
        theory_practice(
            "0.3",
            "0.7",
            awards=prizes(1, 3, 6),
            advance={"count": 3, "ties": "exclude"},
            honours=[honour("gold_worker", "推荐省金牌职工、省五一劳动奖章", 1), honour("craftsman", "产业工匠", 2, 2)],
        ),
    ),
    Preset("r8_rebar", "30/70，3/6/11", "R8 甘肃钢筋工 2020", theory_practice("0.3", "0.7", awards=prizes(3, 6, 11))),
    Preset(
        "r9_relay",
        "30/70，3/3/4，团体 1/2/3",
        "R9 广西继电保护 2013",
        theory_practice("0.3", "0.7", awards=prizes(3, 3, 4), teams=team_sum(awards=prizes(1, 2, 3))),
    ),
    Preset(
        "r10_mine",
        "30 + 70 + 100 = 200 分",
        "R10 淄矿机电 2014",
        ruleset(
            [module("theory", "理论", full="30"), module("duty", "一岗双述", full="70"), module("practice", "实操")],
            [PRACTICE_FIRST],
        ),
    ),
    Preset(
        "r11_forklift",
        "叉车：用时加罚时，少者胜",
        "R11 叉车 2018",
        ruleset([module("practice", "叉车操作（秒）", full="0")], [{"by": "deductions"}], order="ascending"),
    ),
    Preset(
        "r12_lathe",
        "车工：逐项扣分，超时每分钟扣 1 分",
        "R12 车工",
        ruleset(
            [
                module(
                    "practice",
                    "车工实操",
                    overtime={"limit_seconds": 1200, "cap": "10", "per_seconds": 60, "deduct": "1", "partial": "up"},
                )
            ],
            [TIME_NEXT],
        ),
    ),
    Preset(
        "r13_cnc",
        "数控车：文明生产从总分扣，超时扣分，180 分钟停止",
        "R13 数控车中级",
        ruleset(
            [
                module(
                    "practice",
                    "数控车实操",
                    overtime={
                        "limit_seconds": 9000,
                        "stop_seconds": 10800,
                        "per_seconds": 60,
                        "deduct": "1",
                        "partial": "up",
                    },
                )
            ],
            [TIME_NEXT],
            total={"deduction_cap": "10"},
        ),
    ),
    Preset(
        "r14_revitalise",
        "按比例 10/20/30，前 5 名晋升技师",
        "R14 振兴杯 2012",
        theory_practice(
            "0.3",
            "0.7",
            awards=prizes("10%", "20%", "30%", base="competed"),
            honours=[
                honour("technician", "晋升技师", 5),
                honour("senior", "晋升高级工", 15, 6),
                honour("fledgling", "雏鹰奖", 10),
            ],
        ),
    ),
    Preset(
        "r15_printing",
        "前 5 名一等奖并为全国技术能手，6–20 名二等奖",
        "R15 全国印刷行业",
        theory_practice(
            "0.3",
            "0.7",
            awards=awards(("first", "一等奖", 5), ("second", "二等奖", 15), ("third", "三等奖", "1/1")),
            honours=[
                honour("national_expert", "全国技术能手", 5),
                honour("technician", "晋升技师", 5),
                honour("senior", "晋升高级工", 20, 6),
            ],
        ),
    ),
    Preset(
        "r16_national",
        "金银铜牌不并列，优胜奖到前二分之一",
        "R16 第二届全国技能大赛 2023",
        ruleset(
            [module("practice", "模块总分")],
            [TIME_NEXT],
            ties="forbidden",
            awards=medals(base="competed"),
            honours=[honour("national_expert", "全国技术能手", 5)],
            standard_score={"centre": "700", "spread": "30", "min_field": 5},
        ),
    ),
    Preset(
        "r17_building",
        "团队赛：奖牌不并列，优胜奖到前二分之一",
        "R17 海南装配式建筑",
        ruleset(
            [module("practice", "实操")],
            [TIME_NEXT],
            ties="forbidden",
            awards=medals(),
            honours=[
                {
                    "id": "technician",
                    "name": "晋升技师（已是技师的晋升高级技师）",
                    "awards": ["gold", "silver", "bronze"],
                },
                {"id": "senior", "name": "晋升高级工", "awards": ["merit"]},
            ],
        ),
    ),
    Preset(
        "r18_migrant",
        "奖牌，前三名合格者晋升技师",
        "R18 广西农民工 2024",
        theory_practice(
            "0.3",
            "0.7",
            pass_mark="60",
            awards=medals(),
            honours=[
                honour("technician", "晋升技师", 3, must_pass=True),
                honour("region_expert", "可申报广西技术能手", 1),
            ],
        ),
    ),
    Preset(
        "r19_guangxi",
        "前三名技术能手，第一名五一劳动奖章，团体前三",
        "R19 广西职工大赛 2018",
        theory_practice(
            "0.3",
            "0.7",
            awards=medals(),
            honours=[honour("region_expert", "广西技术能手", 3), honour("may_medal", "按程序申报广西五一劳动奖章", 1)],
            teams=team_sum(
                awards=awards(("first", "团体第一名", 1), ("second", "团体第二名", 1), ("third", "团体第三名", 1))
            ),
        ),
    ),
    Preset(
        "r20_machinery",
        "团体按奖项积分 8/4/2/1",
        "R20 机械工业 2024",
        theory_practice(
            "0.3",
            "0.7",
            pass_mark="60",
            awards=prizes("10%", "20%", "30%"),
            teams={
                "by": "team",
                "value": "award_points",
                "best": None,
                "incomplete": "unranked",
                "ties": "shared",
                "tie_breaks": [],
                "award_points": {"first": "8", "second": "4", "third": "2"},
                "pass_points": "1",
                "awards": awards(("team_merit", "团体优胜奖", 12), ("team_fine", "团体优秀奖", 18), min_total="1"),
            },
        ),
    ),
    Preset(
        "r24_lvliang",
        "2/4/6，状元、能手，前二分之一晋升高级工",
        "R24 吕梁第五届",
        theory_practice(
            "0.3",
            "0.7",
            awards=prizes(2, 4, 6),
            honours=[
                honour("champion", "技术状元", 1),
                honour("expert", "技术能手", 3, 2),
                {"id": "senior", "name": "晋升高级工", "rank_from": 4, "rank_to_fraction": "1/2"},
            ],
        ),
    ),
    Preset(
        "r25_guizhou",
        "1/2/5，前三名技术能手，一等奖五一劳动奖章",
        "R25 贵州 2023",
        theory_practice(
            "0.3",
            "0.7",
            awards=prizes(1, 2, 5),
            honours=[
                honour("expert", "技术能手", 3),
                {"id": "may_medal", "name": "按程序申报贵州五一劳动奖章", "awards": ["first"]},
            ],
        ),
    ),
    Preset(
        "r25_shijiazhuang",
        "状元、标兵、能手",
        "R25 石家庄 2010",
        theory_practice(
            "0.3",
            "0.7",
            honours=[honour("champion", "状元", 1), honour("model", "标兵", 2, 2), honour("expert", "能手", 10, 3)],
        ),
    ),
    Preset("r26_hair", "理论 20% + 技能 80%", "R26 美发 2013", theory_practice("0.2", "0.8")),
    Preset(
        "r27_tea_art",
        "20/80，实操分规定、自创、茶汤三项",
        "R27 福建茶艺 2021（三项占比以通知为准）",
        ruleset(
            [
                module("theory", "理论", "0.2"),
                module("set", "规定茶艺", "0.3"),
                module("own", "自创茶艺", "0.4"),
                module("brew", "茶汤质量", "0.3"),
            ],
            [{"by": "group", "id": "practice"}],
            groups=[
                {
                    "id": "practice",
                    "name": "实操",
                    "modules": ["set", "own", "brew"],
                    "weight": "0.8",
                    "round": TWO,
                    "pass_mark": None,
                }
            ],
        ),
    ),
    Preset(
        "r28_masonry",
        "砌筑：逐毫米扣分，前十名奖励",
        "R28 湖南砌筑 2016",
        ruleset(
            [module("practice", "砌筑实操")],
            [TIME_NEXT],
            honours=[honour("champion", "第一名奖励", 1), honour("top_ten", "前十名奖励", 10, 2)],
        ),
    ),
    Preset(
        "r29_housekeeping",
        "三名裁判，去掉最高最低取中间分",
        "R29 贵州家政 2022",
        theory_practice("0.3", "0.7", practice_more={"judges": 3, "drop": 1}),
    ),
    Preset(
        "r30_mould",
        "五名以上裁判，去掉最高最低取平均",
        "R30 山东高职模具",
        ruleset([module("practice", "实操", judges=5, drop=1)], [TIME_NEXT], awards=prizes("10%", "20%", "30%")),
    ),
)
"""Published patterns."""
