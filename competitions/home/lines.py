"""The phase line of a competition from its figures: what is done, what is under way, what blocks the next step.

Pure: figures in, phases out (the words and codes of words.PHASES). Knows no database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from competitions.base.clock import beijing_text
from competitions.home.progress import Figures, StageFigures
from competitions.programme.competitions.phases import Phase, State, archived_line
from competitions.words.codes import PHASES


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing to be done: in which phase, what it waits for, where: pages as (label, endpoint, arguments), of
    which the first that the reader may open is his.
    """

    phase: str
    sentence: str
    pages: tuple[tuple[str, str, dict[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """All phases of a competition and its next step, if somebody has to do something."""

    phases: list[Phase]
    step: Step | None

    @property
    def current(self) -> str:
        """The word of the phase that is under way."""
        return next((phase.label for phase in self.phases if phase.state == "current"), PHASES["archived"])


Page = tuple[str, str, str]
"""Label, endpoint, and what the address names: "stage", "event" or nothing."""
PEOPLE: Page = ("查看赛项人员", "programme.event_people", "event")
PANELS: Page = ("查看裁判组", "judging.preparation", "")
DRAFTS: tuple[Page, ...] = (("办理公布", "results.publications", ""), ("审定签发", "results.approvals", ""))


@dataclass(frozen=True, slots=True)
class HallPhase:
    """A phase that each stage passes by itself: when it is behind it, what it waits for otherwise, and where."""

    code: str
    passed: Callable[[StageFigures], bool]
    waits_for: Callable[[StageFigures], str]
    pages: tuple[Page, ...]


def _undelivered(stage: StageFigures) -> str:
    if not stage.sheets:
        return "评分尚未开启"
    return f"还有 {stage.sheets['empty'] + stage.sheets['draft']} 份评分表没有送达（共 {stage.sheets.total()} 份）"


def _past(stage: StageFigures, *before: str) -> bool:
    """Whether there are sheets and none is in one of these states."""
    return stage.sheets.total() > 0 and not any(stage.sheets[state] for state in before)


def _are_sealed(stage: StageFigures) -> bool:
    """Whether every level of codes is sealed (sheets are only made afterwards)."""
    levels = stage.codes.total() - stage.codes["open"]
    return bool(stage.sheets) or levels >= max(1, stage.event.code_levels)


HALL = (
    HallPhase(
        "sittings",
        lambda s: 0 < s.entries <= s.lots or bool(s.sheets),
        lambda s: f"还有 {max(0, s.entries - s.lots)} 人没有抽签",
        (("设置场次", "coding.organiser_sittings", "stage"), PEOPLE),
    ),
    HallPhase(
        "check_in",
        lambda s: 0 < s.lots <= s.checked_in or bool(s.sheets),
        lambda s: f"已检录 {s.checked_in} 人，共 {s.lots} 人",
        (PEOPLE,),
    ),
    HallPhase("coding", _are_sealed, lambda _: "加密号还没有封存，须由加密裁判和监督员分别办理", (PEOPLE,)),
    HallPhase("judging", lambda s: _past(s, "empty", "draft"), _undelivered, (PANELS,)),
    HallPhase(
        "checking",
        lambda s: _past(s, "empty", "draft", "submitted"),
        lambda s: f"还有 {s.sheets['submitted']} 份评分表等待复核员复核",
        (PANELS,),
    ),
    HallPhase(
        "signing",
        lambda s: _past(s, "empty", "draft", "submitted", "confirmed"),
        lambda s: f"还有 {s.sheets['confirmed']} 份评分表等待裁判长签字",
        (PANELS,),
    ),
    HallPhase(
        "decoding",
        lambda s: s.stage.settled_at is not None and not s.codes["sealed"],
        lambda s: "等待裁判长结算名次" if s.stage.settled_at is None else "等待加密裁判和监督员解密",
        (PEOPLE,),
    ),
    HallPhase(
        "approval",
        lambda s: bool(s.publications["published"]),
        lambda s: "公布已拟稿，等待审定签发" if s.publications["draft"] else "等待拟稿",
        DRAFTS,
    ),
    HallPhase("results", lambda s: bool(s.publications["published"]), lambda _: "等待公布", DRAFTS),
)


def line_of(figures: Figures, now: datetime) -> Line:
    """The whole line of a competition."""
    competition = figures.competition
    if competition.state == "archived":
        return Line(archived_line(), None)
    reached: list[tuple[str, bool]] = [("setup", _is_set_up(figures)), ("notice", competition.state != "draft")]
    reached += [
        ("registration", competition.state != "draft" and now > competition.report_until),
        ("review", competition.state != "draft" and now > competition.review_until and not _undecided(figures)),
    ]
    stages = [stage for stage in figures.stages if stage.entries] or figures.stages
    reached += [(phase.code, bool(stages) and all(map(phase.passed, stages))) for phase in HALL]
    done = _in_order(dict(reached), begun=any(stage.sheets for stage in stages))
    now_at = next((code for code in PHASES if code not in done), None)
    return Line([_phase(code, done, now_at) for code in PHASES], _step(figures, now_at, stages, now))


def _is_set_up(figures: Figures) -> bool:
    return bool(figures.stages) and all(stage.has_ruleset for stage in figures.stages)


def _undecided(figures: Figures) -> int:
    return sum(figures.entries[state] for state in ("submitted", "endorsed"))


def _in_order(reached: dict[str, bool], *, begun: bool) -> set[str]:
    """Phases that are behind the competition: each reached one as long as all before it are (marks lie behind the
    review whatever the calendar says).
    """
    done: set[str] = set()
    for code, is_reached in reached.items():
        if not is_reached and not (begun and code in ("registration", "review")):
            break
        done.add(code)
    return done


def _phase(code: str, done: set[str], now_at: str | None) -> Phase:
    state: State = "done" if code in done else "current" if code == now_at else "todo"
    return Phase(code, state)


def _step(figures: Figures, code: str | None, stages: list[StageFigures], now: datetime) -> Step | None:
    own = {"competition_id": figures.competition.id}
    hall = next((phase for phase in HALL if phase.code == code), None)
    if hall is not None:
        return _hall_step(hall, [stage for stage in stages if not hall.passed(stage)])
    if code == "setup":
        bare = [stage.title for stage in figures.stages if not stage.has_ruleset]
        words = f"{'、'.join(bare[:3])}还没有计分规则" if bare else f"还没有{figures.competition.event_word}"
        return Step(code, words, (("继续立项", "programme.competition", own),))
    if code == "notice":
        return Step(code, "通知还没有发布", (("发布通知", "programme.competition", own),))
    if code in ("registration", "review"):
        return Step(
            code, _entries_sentence(figures, code, now), (("查看报名", "registration.competition_entries", own),)
        )
    return None


def _hall_step(phase: HallPhase, waiting: list[StageFigures]) -> Step | None:
    if not waiting:
        return None
    sentence = "；".join(f"{stage.title}：{phase.waits_for(stage)}" for stage in waiting[:3])
    named = {"stage": {"stage_id": waiting[0].stage.id}, "event": {"event_id": waiting[0].event.id}}
    return Step(
        phase.code, sentence, tuple((label, endpoint, named.get(by, {})) for label, endpoint, by in phase.pages)
    )


def _entries_sentence(figures: Figures, code: str, now: datetime) -> str:
    competition = figures.competition
    if code == "registration":
        sent = sum(figures.entries[state] for state in ("submitted", "endorsed", "approved"))
        drafts = figures.entries["draft"]
        return f"报名截止 {beijing_text(competition.report_until)}，已提交 {sent} 人，草稿 {drafts} 人"
    left = _undecided(figures)
    if now <= competition.review_until:
        return f"审核截止 {beijing_text(competition.review_until)}，还有 {left} 条报名没有审定"
    return f"还有 {left} 条报名没有审定（终审截止 {beijing_text(competition.final_until)}）"
