"""Damaged spreadsheets from sound ones, by a seed: bytes flipped, tails cut, members dropped or doubled, XML bent."""

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
_BENT = (
    b'r="XFD1048576"',
    b's="999999"',
    b't="q"',
    b"<v>",
    b"</c>",
    b"&bad;",
    b"\0",
    b'r="A0"',
    b"<f>1</f>",
    b'ref="A1:A"',
    b"<row>",
)


def sources() -> list[Path]:
    """The sound workbooks that are damaged."""
    return sorted(path for path in (DATA / "workbooks").iterdir() if path.suffix in (".xlsx", ".xls", ".csv")) + sorted(
        (Path(__file__).parent / "data").iterdir()
    )


def mutated(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """`count` damaged files as (name, bytes); the name says how, so that a failure can be repeated."""
    dice = random.Random(seed)
    paths = sources()
    for number in range(count):
        path = paths[dice.randrange(len(paths))]
        data = path.read_bytes()
        zipped = data.startswith(b"PK")
        ways = [_flip, _cut, _insert] + ([_drop, _double, _bend, _bend, _bend, _flip_inside] if zipped else [])
        way = dice.choice(ways)
        yield f"{seed}-{number}-{way.__name__.strip('_')}-{path.name}", way(data, dice)


def _flip(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 3, 30, 300))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def _insert(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + dice.randbytes(dice.choice((1, 16, 512))) + data[place:]


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        return {name: container.read(name) for name in container.namelist()}


def _zipped(members: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in members:
            container.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def _drop(data: bytes, dice: random.Random) -> bytes:
    members = list(_members(data).items())
    del members[dice.randrange(len(members))]
    return _zipped(members)


def _double(data: bytes, dice: random.Random) -> bytes:
    members = list(_members(data).items())
    name, content = dice.choice(members)
    return _zipped([*members, (name.upper(), content)])


def _interesting(members: dict[str, bytes], dice: random.Random) -> str:
    names = [name for name in members if "sheet" in name or "content" in name or "shared" in name or "workbook" in name]
    return dice.choice(names or list(members))


def _bend(data: bytes, dice: random.Random) -> bytes:
    members = _members(data)
    name = _interesting(members, dice)
    content = members[name]
    for _ in range(dice.choice((1, 2, 8))):
        start = dice.randrange(len(content) + 1)
        end = start + dice.choice((0, 1, 10, 200))
        content = content[:start] + dice.choice(_BENT) + content[end:]
    members[name] = content
    return _zipped(list(members.items()))


def _flip_inside(data: bytes, dice: random.Random) -> bytes:
    members = _members(data)
    name = _interesting(members, dice)
    members[name] = _flip(members[name] or b" ", dice)
    return _zipped(list(members.items()))
