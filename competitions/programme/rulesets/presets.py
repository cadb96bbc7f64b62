"""Ready-made rulesets: five to start with, and all of them (with the published ones) by code. Data only."""

from competitions.programme.rulesets.preset_parts import TIME_NEXT, Preset, module, prizes, ruleset, theory_practice
from competitions.programme.rulesets.presets_published import PUBLISHED

STARTERS = (
    Preset(
        "theory30_practice70",
        "理论 30% + 实操 70%",
        "最常用（R1、R5、R7、R9 等）",
        theory_practice("0.3", "0.7", awards=prizes("10%", "20%", "30%")),
    ),
    Preset(
        "theory20_practice80",
        "理论 20% + 实操 80%",
        "R4、R26、R27",
        theory_practice("0.2", "0.8", awards=prizes("10%", "20%", "30%")),
    ),
    Preset(
        "practice_only",
        "只比实操",
        "R12、R28",
        ruleset([module("practice", "实操")], [TIME_NEXT], awards=prizes("10%", "20%", "30%")),
    ),
    Preset(
        "five_judges",
        "五名裁判，去掉最高分和最低分",
        "R30",
        theory_practice("0.3", "0.7", practice_more={"judges": 5, "drop": 1}, awards=prizes("10%", "20%", "30%")),
    ),
    Preset(
        "time_event",
        "计时赛，用时少者胜",
        "R11",
        ruleset(
            [module("practice", "计时操作（秒）", full="0")],
            [{"by": "deductions"}],
            order="ascending",
            awards=prizes(1, 2, 3),
        ),
    ),
)
"""What an organiser is offered first."""

PRESETS = {preset.code: preset for preset in (*STARTERS, *PUBLISHED)}
"""Code → preset."""
