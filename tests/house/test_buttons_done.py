"""Every button of the desk: what it says when it is pressed once more, or why it may be pressed again."""

from flask import Flask

from competitions.audit.action_words import ACTIONS
from competitions.web.addresses import address_of
from competitions.web.done import DONE
from competitions.words.sentences import SENTENCES

AGAIN = {
    "signs in, out or away": (
        "accounts.own_sign_ins_revoke_others",
        "accounts.own_password",
        "accounts.user_deactivate",
    ),
    "a new code each time, shown once": ("accounts.user_reset", "judging.judge_cards_issue"),
    "says itself what became of it": ("accounts.typed_again",),
    "a phone is bound step by step": (
        "accounts.second_factor_begin",
        "accounts.second_factor_bind",
        "accounts.second_factor_codes",
        "accounts.second_factor_off",
        "accounts.second_factor_phone",
    ),
    "a new file each time": (
        "accounts.import_upload",
        "judging.judge_worksheet_upload",
        "judging.scheme_upload",
        "judging.second_worksheet_upload",
        "judging.tabulator_worksheet_upload",
        "organisations.import_upload",
        "programme.attachment_add",
        "registration.upload",
    ),
    "corrects a preview, where the last word holds": (
        "registration.correct_cell",
        "registration.match_columns",
        "registration.replace_value",
    ),
    "reads, counts or checks": (
        "audit.verify_chain",
        "backup.check_archive",
        "backup.make_archive",
        "programme.ruleset_example",
        "programme.ruleset_rows",
        "registration.entry_form_full",
        "registration.entry_form_workbook",
        "registration.full",
        "registration.submission",
        "registration.summary_workbook",
    ),
    "adds what is missing, which may be nothing": (
        "judging.judging_open",
        "programme.county_roles",
        "programme.reference_load",
    ),
}


def buttons(app: Flask) -> set[str]:
    """The endpoints of the desk that are pressed."""
    rules = app.url_map.iter_rules()
    return {rule.endpoint for rule in rules if "POST" in (rule.methods or ()) and rule.rule.startswith("/desk/")}


def test_every_button_of_the_desk_says_what_it_has_done_or_may_be_pressed_again(app: Flask) -> None:
    again = {endpoint for endpoints in AGAIN.values() for endpoint in endpoints}
    assert buttons(app) == set(DONE) | again and not set(DONE) & again


def test_what_a_button_is_known_by_is_there(app: Flask) -> None:
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    with app.test_request_context("/desk/"):
        for endpoint, done in DONE.items():
            assert set(done.codes) <= set(SENTENCES), endpoint
            assert set(done.actions) <= set(ACTIONS), endpoint
            assert bool(done.actions) == bool(done.of), endpoint
            known = dict.fromkeys(rules[endpoint].arguments, "1")
            assert not done.of or done.of in known, endpoint
            assert address_of(done.way, known).startswith("/desk"), endpoint
            assert not done.words.endswith("。"), endpoint
