"""What an installation may set about files in the hall. Knows no logic."""

from competitions.base.settings import NumberSetting

HALL_FILES = NumberSetting(
    "hall_files.an_hour",
    "每小时可上传、导出赛场文件的次数",
    "次",
    "每人每小时可以上传成绩表、评分细则、签字扫描件和导出评分表的次数，每类文件分别计算。裁判多、模块多的赛事可以调高。",
    default=60,
    least=10,
    most=600,
)
SETTINGS = (HALL_FILES,)
