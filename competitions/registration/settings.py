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
KNOWN_ELSEWHERE = NumberSetting(
    "known_elsewhere.an_hour",
    "每小时可提示“已由其他单位报名”的人数",
    "人",
    "填写一人或上传名单时，系统会提示哪些身份证号已由其他单位报名。每人每小时提示的人数超过此数后不再提示，须等待一小时，以免借此打听谁参赛。",
    default=20,
    least=5,
    most=500,
)
SETTINGS = (FULL_VIEWS, KNOWN_ELSEWHERE)
