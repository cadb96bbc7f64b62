"""A job: work that somebody asked for and that is done outside the process of the pages. Knows no kind of it."""

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from competitions.audit.compared import not_compared
from competitions.base.database import Base, UtcTime, id_column, one_of

STATES = {"waiting": "等待中", "running": "进行中", "done": "已完成", "failed": "没有做成", "cancelled": "已停止"}
"""What can be said of a job."""
OPEN = ("waiting", "running")
FAILURES = {
    "crashed": "处理程序两次中途停止。请过一会儿再试一次；仍然这样，请联系系统管理员。",
    "fault": "处理时出错，原因已记入运行日志。请联系系统管理员。",
    "refused": "排队期间权限或数据有了变化，现在不能办理。请回到原来的页面查看。",
    "storage": "服务器的文件目录现在不能写入。请联系系统管理员，恢复后再试一次。",
}
"""Why a job failed, and what to do."""
_STILL_OPEN = text("state IN ('waiting', 'running')")


@not_compared("work that is waiting or done; what it changes is recorded as an act")
class Job(Base):
    """`kind` says what is done (kinds.py), `title` what it is called on the page. `parameters` is sealed JSON: ids, codes and
    the filters of a list, among which a name may have been typed; `digest` is a keyed digest of them, so that the same thing
    asked twice is one job.

    While it runs it is leased to one `worker` until `lease_until`; `tries` counts how often it was begun. Its file, if it has
    one, is kept for ("job", id) and is called `filename`. It goes at `expires_at`; `seen_at` is when its asker saw the end.
    """

    __tablename__ = "job"
    __table_args__ = (
        one_of("state", STATES),
        one_of("failure", FAILURES),
        Index(
            "uq_job_open",
            "user_id",
            "kind",
            "digest",
            unique=True,
            sqlite_where=_STILL_OPEN,
            postgresql_where=_STILL_OPEN,
        ),
        Index("ix_job_queue", "state", "asked_at"),
        Index("ix_job_asker", "user_id", "asked_at"),
    )

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    parameters: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    progress: Mapped[int] = mapped_column(Integer, default=0)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    worker: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    failure: Mapped[str | None] = mapped_column(String(10))
    filename: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[str | None] = mapped_column(String(64))

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in OPEN
