"""The sentences of jobs, by code; registered with `words` at the start. Knows no logic."""

SENTENCES: dict[str, str] = {
    "state.job_ended": "这项任务已经结束，不能再停止。请刷新页面查看结果。",
    "state.job_without_file": "这项任务没有可下载的文件，或文件已超过 24 小时。请回到原来的页面重新导出。",
}
