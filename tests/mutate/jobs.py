"""Guards of jobs: one worker for one job, once more after a crash, for its asker only."""

from tests.mutate.change import Change

_QUEUE, _RUNNING, _PAGES = (f"tests/jobs/test_{name}.py" for name in ("queue", "running", "pages"))
_PROCESS = "tests/jobs/test_worker_process.py"

CHANGES = (
    Change(
        "a worker takes a job that another has",
        "jobs/claiming.py",
        """    waits = select(Job.id).where(Job.state == "waiting")""",
        """    waits = select(Job.id).where(Job.state != "done")""",
        (f"{_QUEUE}::test_the_oldest_is_done_first",),
    ),
    Change(
        "a worker that lost its job finishes it all the same",
        "jobs/claiming.py",
        """where(Job.id == job_id, Job.worker == worker, Job.state == "running")""",
        """where(Job.id == job_id, Job.state == "running")""",
        (f"{_QUEUE}::test_a_worker_that_lost_its_job_can_neither_renew_nor_finish_it",),
    ),
    Change(
        "a cancelled job is finished all the same",
        "jobs/claiming.py",
        """where(Job.id == job_id, Job.worker == worker, Job.state == "running")""",
        """where(Job.id == job_id, Job.worker == worker)""",
        (f"{_QUEUE}::test_a_cancelled_job_is_not_done",),
    ),
    Change(
        "a job that kills its worker is begun again and again",
        "jobs/claiming.py",
        "MOST_TRIES = 2",
        "MOST_TRIES = 3",
        (
            f"{_QUEUE}::test_a_job_whose_worker_says_nothing_is_given_back_once_and_then_has_failed",
            f"{_PROCESS}::test_a_worker_killed_in_the_middle_gives_its_job_back_once_and_then_it_has_failed",
        ),
    ),
    Change(
        "a worker says nothing while it works",
        "jobs/running.py",
        "        self._thread.start()\n",
        "        self._thread.start() if self._lost else self._thread.__setattr__('join', lambda: None)\n",
        (f"{_RUNNING}::test_a_worker_says_that_it_lives_while_it_works",),
    ),
    Change(
        "a job is done for a closed account",
        "accounts/queries.py",
        "select(User).where(User.id == user_id, User.active.is_(True))",
        "select(User).where(User.id == user_id)",
        (f"{_RUNNING}::test_nothing_is_done_for_somebody_whose_account_was_closed",),
    ),
    Change(
        "what is searched for lies open in the job",
        "jobs/sealing.py",
        """ring().seal(_text(parameters), "job", "parameters", job_id)""",
        "_text(parameters)",
        (f"{_QUEUE}::test_what_was_searched_for_lies_sealed",),
    ),
    Change(
        "anybody sees a job and fetches its file",
        "jobs/queries.py",
        "Job.user_id == actor.id, ",
        "",
        (f"{_PAGES}::test_only_who_asked_sees_the_job_and_fetches_its_file",),
    ),
    Change(
        "whoever lost his role fetches the file all the same",
        "jobs/views.py",
        "    kind.rows(session, current_user, unsealed(found.parameters, found.id))\n",
        "",
        (f"{_PAGES}::test_whoever_lost_his_role_meanwhile_gets_neither_job_nor_file",),
    ),
    Change(
        "a file of numbers in full lies open",
        "jobs/running.py",
        "put(result.document, personal=True)",
        "put(result.document, personal=False)",
        (
            f"{_RUNNING}::test_a_job_makes_a_file_that_is_sealed_and_recorded_with_its_digest",
            f"{_PAGES}::test_numbers_in_full_are_recorded_with_their_purpose_before_the_job_and_lie_sealed",
        ),
    ),
    Change(
        "what is made in the background counts against no limit",
        "jobs/handing_out.py",
        "    if count:\n        count()\n",
        "",
        (f"{_PAGES}::test_lists_made_in_the_background_count_against_the_limit_of_the_hour",),
    ),
    Change(
        "a worker outlives its server",
        "jobs/supervising.py",
        """    threading.Thread(target=_wait_for_end, name="parent", daemon=True).start()""",
        """    threading.Thread(target=time.time, name="parent", daemon=True).start()""",
        (f"{_PROCESS}::test_a_worker_ends_with_its_parent_however_that_ends",),
    ),
)
