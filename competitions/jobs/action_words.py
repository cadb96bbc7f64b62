"""The words of what jobs record. Knows no logic."""

from competitions.audit.action_words import Vocabulary

VOCABULARY = Vocabulary(
    actions={
        "job.ask": "转到后台办理",
        "job.cancel": "停止后台任务",
        "job.fail": "后台任务没有做成",
        "job.fetch": "下载后台任务的文件",
    },
    objects={"job": "后台任务"},
    states={"job": ("job",)},
)
