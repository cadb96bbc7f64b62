"""The words of what demo records: what was done, to what, in which state. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "demonstration.load": "装入演示数据",
    },
)
