"""A change of time in words, without its reason (judges read it too); lengths as minutes and seconds. Pure."""

from competitions.base.clock import beijing_text
from competitions.judging.timing.models import TimeChange
from competitions.judging.timing.reckoning import CodeTime, SheetTime

KIND_WORDS = {
    "stop": "暂停",
    "grant": "补时",
    "limit": "更改时限",
    "moved": "调整至最后一场",
    "rerun": "重赛",
}
UNSIGNED = "（待裁判长签认）"


def minutes(seconds: int) -> str:
    """Minutes and seconds as a clock shows them: 7:40."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def done(change: TimeChange) -> str:
    """What was done: 暂停 7:40（09:00:00–09:07:40）, 补时 2:00, 时限改为 70:00, 调整至最后一场（第二场）, 重赛."""
    length = minutes(change.seconds or 0)
    if change.kind == "stop":
        return f"暂停 {length}" if change.seconds is not None else _stretch(change)
    if change.kind == "moved":
        return f"{KIND_WORDS['moved']}（{change.to_sitting.name if change.to_sitting else ''}）"
    return {"grant": f"补时 {length}", "limit": f"时限改为 {length}"}.get(change.kind, KIND_WORDS[change.kind])


def told(time: CodeTime) -> list[str]:
    """All changes of a code in words, in their order."""
    return [done(each) + ("" if each.is_signed or each.is_lasting else UNSIGNED) for each in time.changes]


def whom(change: TimeChange) -> str:
    """Whom a change is of: a code, the people of a sitting, everybody."""
    return change.code or (f"{change.sitting.name}全体" if change.sitting else "全体")


def summed(time: SheetTime) -> str:
    """用时 3720 秒，停表 600 秒，补时 120 秒，计时 3000 秒: only what there is."""
    parts = [f"用时 {time.taken} 秒"] if time.taken is not None else []
    parts += [f"停表 {time.stopped} 秒"] if time.stopped else []
    parts += [f"补时 {time.granted} 秒"] if time.granted else []
    parts += [f"计时 {time.counted} 秒"] if time.taken is not None and time.is_changed else []
    return "，".join(parts)


def _stretch(change: TimeChange) -> str:
    begins = beijing_text(change.begins_at, "%H:%M:%S")
    if change.ends_at is None:
        return f"{begins} 起暂停"
    length = int(change.ends_at.timestamp()) - int(change.begins_at.timestamp())
    return f"暂停 {minutes(length)}（{begins}–{beijing_text(change.ends_at, '%H:%M:%S')}）"
