"""The doors to the verbs of coding, each in the file of its subject: sittings, lots, codes, check-in, decoding."""

from competitions.coding.checking_in import check_in, check_in_by_paper, mark_rest_absent
from competitions.coding.decoding import decode_coder, decode_witness
from competitions.coding.lots import draw_lots, record_lots
from competitions.coding.replacing import replace_in_hall
from competitions.coding.sealing import code_without_levels, draw_codes, enter_codes, refuse_seal, seal, witness_seal
from competitions.coding.sittings import add_sitting, change_sitting, remove_sitting

__all__ = [
    "add_sitting",
    "change_sitting",
    "check_in",
    "check_in_by_paper",
    "code_without_levels",
    "decode_coder",
    "decode_witness",
    "draw_codes",
    "draw_lots",
    "enter_codes",
    "mark_rest_absent",
    "record_lots",
    "refuse_seal",
    "remove_sitting",
    "replace_in_hall",
    "seal",
    "witness_seal",
]
