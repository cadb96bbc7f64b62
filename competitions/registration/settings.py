"""What an installation may set about entries. Knows no logic."""

from competitions.base.settings import NumberSetting

FULL_VIEWS = NumberSetting(
    "full_views.an_hour",
    "每小时可查看完整个人信息的次数",
    "次",
    "每人每小时可以查看完整身份证号、手机号的次数，超过后须等待；每次查看都有记录。",
    default=60,
    least=10,
    most=600,
)
SETTINGS = (FULL_VIEWS,)
