"""The words of what making archives records. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={"backup.create": "制作备份", "backup.check": "核对备份"},
    objects={"backup": "备份"},
    facts={"name": "文件", "last": "审计记录到第", "anchor": "锚点记到第", "made": "备份制作于"},
)
