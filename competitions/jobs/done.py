"""What the buttons of this feature have done once they are done (web/done.py), by the endpoint."""

from competitions.web.done import Done

DONE = {
    "jobs.job_cancel": Done("这项任务已停止"),
}
