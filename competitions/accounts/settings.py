"""What an installation may set about signing in and about how often files come in and go out. Knows no logic."""

from competitions.base.settings import NumberSetting

SIGN_IN_TRIES = NumberSetting(
    "sign_in.tries",
    "同一账号可输错密码的次数",
    "次",
    "15 分钟内同一账号输错密码超过这个次数，暂停登录，到时自动恢复；本人常用的设备另行计数。",
    default=5,
    least=3,
    most=20,
)
SIGN_IN_TRIES_OF_ADDRESS = NumberSetting(
    "sign_in.tries_of_address",
    "同一网络地址可输错密码的次数",
    "次",
    "15 分钟内同一网络地址登录失败超过这个次数，从该地址用新设备登录须先答一道小题，每 3 秒放行一次；本人常用的设备不受影响。",
    default=50,
    least=20,
    most=1000,
)
SECOND_FACTOR = NumberSetting(
    "sign_in.second_factor",
    "登录须用动态口令的角色",
    "",
    "这些角色登录时，输入密码后还要输入手机上的动态口令；还没有设置的人，下次登录时先设置。"
    "服务器设有 PROFILE=dengbao3（等保三级）时，始终按最后一档；演示库不要求。",
    default=1,
    least=0,
    most=2,
    words=(
        "都不要求（本人可自行启用）",
        "系统管理员、组委会（审定）",
        "系统管理员、组委会、裁判长、加密裁判、监督员",
    ),
)
IDLE_MINUTES = NumberSetting(
    "sign_in.idle_minutes",
    "多久不操作自动退出",
    "分钟",
    "登录后这么久没有任何操作，须重新登录。赛场人员另有规定。",
    default=30,
    least=5,
    most=240,
)
IDLE_MINUTES_OF_HALL = NumberSetting(
    "sign_in.idle_minutes_of_hall",
    "赛场人员多久不操作自动退出",
    "分钟",
    "裁判、统分、加密、检录、监督等赛场人员登录后这么久没有任何操作，须重新登录。应长于一个场次的评分时间。",
    default=240,
    least=30,
    most=720,
)
IMPORTS = NumberSetting(
    "imports.an_hour",
    "每小时可上传名单的次数",
    "次",
    "每人每小时可以上传报名表、账号发放表的次数，超过后须等待。",
    default=20,
    least=5,
    most=200,
)
EXPORTS = NumberSetting(
    "exports.an_hour",
    "每小时可导出名单的次数",
    "次",
    "每人每小时可以导出含姓名、加密号或成绩的文件的次数，每类文件分别计算；每次导出都有记录。",
    default=20,
    least=5,
    most=200,
)
SETTINGS = (
    SIGN_IN_TRIES,
    SIGN_IN_TRIES_OF_ADDRESS,
    SECOND_FACTOR,
    IDLE_MINUTES,
    IDLE_MINUTES_OF_HALL,
    IMPORTS,
    EXPORTS,
)
