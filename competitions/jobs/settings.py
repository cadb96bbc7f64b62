"""What an installation may set about work in the background. Knows no logic."""

from competitions.base.settings import NumberSetting

ROWS = NumberSetting(
    "jobs.rows",
    "超过多少行转到后台",
    "行",
    "导出或核验的内容超过这个行数时转到后台进行，不影响赛场评分；做好后在“待办”里提醒，24 小时内可以下载。填 0 则全部转到后台。",
    default=2000,
    least=0,
    most=20_000,
)
SETTINGS = (ROWS,)
