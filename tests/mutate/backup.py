"""Guards of backup, restore and epoch: nothing is touched before all is checked, nothing acknowledged is lost or doubled."""

from tests.mutate.change import Change

_RESTORING, _PAGES, _OFFERS = (
    "tests/backup/test_restoring.py",
    "tests/backup/test_pages.py",
    "tests/judging/test_offers.py",
)

CHANGES = (
    Change(
        "an archive that is not what its manifest says is taken",
        "backup/archive.py",
        """    if wrong := sorted(
        name""",
        """    if False and sorted(
        name""",
        (f"{_RESTORING}::test_an_archive_that_does_not_hold_what_its_manifest_says_changes_nothing",),
    ),
    Change(
        "a restore goes over a database that is there",
        "backup/restoring.py",
        """        filled = file.exists() and file.stat().st_size > 0""",
        """        filled = False""",
        (f"{_RESTORING}::test_a_place_that_is_not_empty_is_left_as_it_is",),
    ),
    Change(
        "an old log is left beside the restored database",
        "backup/restoring.py",
        """        if left.exists():""",
        """        if False:""",
        (f"{_RESTORING}::test_the_log_of_a_database_that_crashed_is_not_replayed_into_the_copy",),
    ),
    Change(
        "a ring that is not the archive's is taken",
        "backup/restoring.py",
        """    if any(prints.get(kid) != print_ for kid, print_ in manifest.keys.items()):""",
        """    if False:""",
        (f"{_RESTORING}::test_keys_that_are_not_the_archives_are_refused",),
    ),
    Change(
        "a command makes a new ring where the right one is still to come",
        "app.py",
        """    keyring.install(settings.keyring_file)""",
        """    keyring.install(keyring.load(settings.keyring_file))""",
        (f"{_RESTORING}::test_a_command_that_seals_nothing_leaves_no_keys_behind",),
    ),
    Change(
        "sign-ins go on after a restore",
        "backup/restoring.py",
        """.values(revoked_at=at))""",
        """.values(revoked_at=None))""",
        (f"{_RESTORING}::test_a_restore_gives_a_new_epoch_ends_sign_ins_and_voids_codes",),
    ),
    Change(
        "anchors that were forged after a restore are explained by it",
        "audit/anchors.py",
        """            before = datetime.fromisoformat(anchor.at) <= self.at""",
        """            before = True""",
        (f"{_RESTORING}::test_anchors_beyond_a_restored_copy_are_explained_and_others_are_not",),
    ),
    Change(
        "the newest archive goes first",
        "backup/making.py",
        """    old = archives_in(folder)[number:]""",
        """    old = archives_in(folder)[:-number]""",
        (f"{_RESTORING}::test_only_the_newest_archives_are_kept_and_other_files_stay",),
    ),
    Change(
        "an archive that was changed passes the check",
        "backup/services.py",
        """    if known is not None and known["digest"] != digest:""",
        """    if False:""",
        (f"{_PAGES}::test_an_archive_that_was_changed_is_said_to_be",),
    ),
    Change(
        "a supervisor sees nothing of archives",
        "audit/reach.py",
        """        lists += [ids(scopes) for ids in also]""",
        """        lists += []""",
        (f"{_PAGES}::test_supervisors_of_stages_that_are_not_settled_see_what_was_made",),
    ),
    Change(
        "what is offered again gets another receipt",
        "judging/sheets/services.py",
        """        revision.id = receipt_id""",
        """        pass""",
        (f"{_OFFERS}::test_what_the_server_lost_comes_back_with_the_same_receipt_and_once",),
    ),
    Change(
        "the same marks given anew are doubled",
        "judging/sheets/offering.py",
        """    if there is not None and""",
        """    if False and""",
        (f"{_OFFERS}::test_the_same_marks_given_anew_meanwhile_are_not_doubled",),
    ),
    Change(
        "what differs from its receipt is taken",
        "judging/sheets/offering.py",
        """    if revision.digest != offer.digest:""",
        """    if False:""",
        (f"{_OFFERS}::test_what_does_not_follow_upon_what_is_there_is_kept_aside",),
    ),
)
