"""Bech32 (BIP 173, without its limit of length): how keys of the age format are written. Pure."""

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def written(prefix: str, data: bytes) -> str:
    """`data` under a prefix in lower case, with a checksum."""
    groups = _regrouped(data, 8, 5, pad=True)
    checked = _polymod([*_expanded(prefix), *groups, 0, 0, 0, 0, 0, 0]) ^ 1
    groups += [(checked >> 5 * (5 - place)) & 31 for place in range(6)]
    return f"{prefix}1{''.join(_LETTERS[group] for group in groups)}"


def read(text: str, prefix: str) -> bytes:
    """What `written` wrote under this prefix, in lower or upper case. Raises ValueError."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("mixed case")
    found, _, rest = text.lower().rpartition("1")
    groups = [_LETTERS.index(letter) for letter in rest]  # ValueError for another letter
    if found != prefix or len(groups) < 6 or _polymod([*_expanded(found), *groups]) != 1:
        raise ValueError("not written so")
    return bytes(_regrouped(bytes(groups[:-6]), 5, 8, pad=False))


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _polymod(values: list[int]) -> int:
    sum_ = 1
    for value in values:
        top, sum_ = sum_ >> 25, (sum_ & 0x1FFFFFF) << 5 ^ value
        for place, each in enumerate(_GENERATOR):
            sum_ ^= each if (top >> place) & 1 else 0
    return sum_


def _regrouped(data: bytes, width: int, wanted: int, *, pad: bool) -> list[int]:
    """Groups of `width` bits as groups of `wanted` bits. Raises ValueError for bits that are left over."""
    found, held, bits = [], 0, 0
    for value in data:
        held, bits = (held << width | value) & 0xFFF, bits + width
        while bits >= wanted:
            bits -= wanted
            found.append(held >> bits & (1 << wanted) - 1)
    left = held << wanted - bits & (1 << wanted) - 1
    if pad and bits:
        found.append(left)
    elif bits >= width or left:
        raise ValueError("bits are left over")
    return found
