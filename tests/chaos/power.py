"""What a power cut leaves on a disk: the writes and syncs of a server as strace recorded them, replayed up to a moment.

What was synced before that moment is there. Of what was written since, nothing, all, some writes, or some sectors of each are
there, as a disk may have it; names in a folder come and go in their order, and are sure when the folder was synced. A
sync is worth what it found when it began, and counts when it returned. Knows nothing of what the files mean.
"""

import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,sendto"
STRACE = ["strace", "-f", "-qq", "-y", "-xx", "-s", "9999999", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o"]
SYNCS = ("fsync", "fdatasync")
_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_ON = re.compile(r"^(\d+)<([^>]*)>")
MODES = ("nothing", "everything", "some writes", 4096, 512)
"""What is there of the unsynced rest; a number: each write may be torn at that many bytes."""


@dataclass(frozen=True)
class Call:
    """One thing that the server did: what, to which file, at which place, with which bytes. `ended`: a sync that returned;
    `begun` is then the number of the call with which it began.
    """

    what: str
    path: str
    data: bytes = b""
    at: int = 0
    begun: int = -1
    to: str = ""


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _path(text: str) -> str:
    return _plain(text).decode() if text.startswith("\\x") else text


def calls_of(trace: Path) -> list[Call]:
    """The calls in their order. A write or an answer counts from when it began, a sync from when it returned."""
    found: list[Call] = []
    begun: dict[str, tuple[int, str]] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            matched = _LINE.match(line)
            if not matched or not line.endswith("\n"):
                continue
            thread, resumed, name, rest = matched.groups()
            if resumed in SYNCS and thread in begun and "= 0" in rest:
                number, path = begun.pop(thread)
                found.append(Call("synced", path, begun=number))
            elif name in SYNCS and (on := _ON.match(rest)):
                if "<unfinished" in rest:
                    begun[thread] = len(found), _path(on[2])
                elif "= 0" in rest:
                    found.append(Call("synced", _path(on[2]), begun=len(found)))
            elif name:
                found.extend(_call(name, rest))
    return found


def _call(name: str, rest: str) -> Iterator[Call]:
    on, texts = _ON.match(rest), [_plain(text) for text in _TEXT.findall(rest)]
    if name == "sendto" and texts:
        yield Call("sent", "", texts[0])
    elif name == "openat" and "O_CREAT" in rest and "= -1" not in rest:
        yield Call("opened", texts[0].decode(), to="truncated" if "O_TRUNC" in rest else "")
    elif name in ("pwrite64", "write") and on and texts and "= -1" not in rest:
        place = re.search(r'", \d+, (\d+)', rest) if name == "pwrite64" else None
        yield Call("written", _path(on[2]), texts[0], int(place[1]) if place else -1)
    elif name == "ftruncate" and on and (size := re.search(r">, (\d+)", rest)):
        yield Call("cut", _path(on[2]), at=int(size[1]))
    elif name.startswith("rename") and len(texts) == 2 and "= -1" not in rest:
        yield Call("renamed", texts[0].decode(), to=texts[1].decode())
    elif name.startswith("unlink") and texts and "= -1" not in rest:
        yield Call("removed", texts[0].decode())


@dataclass
class File:
    """A file: what is surely on the disk, and what was done to it since (the number of the call, the place, the bytes; None
    for bytes: cut to that size).
    """

    sure: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, int, bytes | None]] = field(default_factory=list)
    size: int = 0

    def sync(self, begun: int) -> None:
        """What was done before that call is sure."""
        for number, at, data in self.since:
            if number < begun:
                _apply(self.sure, at, data)
        self.since = [each for each in self.since if each[0] >= begun]

    def after_a_cut(self, mode: str | int, chance: random.Random) -> bytes:
        """Its content after a power cut."""
        content = bytearray(self.sure)
        for _, at, data in self.since if mode != "nothing" else []:
            if data is None or isinstance(mode, str):
                if mode == "everything" or chance.random() < 0.5:
                    _apply(content, at, data)
                continue
            start = at
            while start < at + len(data):
                end = min((start // mode + 1) * mode, at + len(data))
                if chance.random() < 0.5:
                    _apply(content, start, data[start - at : end - at])
                start = end
        return bytes(content)


def _apply(content: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(data)] = data


class Disk:
    """The files below some folders, as calls change them."""

    def __init__(self, folders: dict[str, Path]) -> None:
        """`folders`: a folder as the server names it → a copy of it from before the first call."""
        self.roots = tuple(folders)
        self.names: dict[str, File] = {}
        for root, copy in folders.items():
            for path in (path for path in copy.rglob("*") if path.is_file()):
                content = bytearray(path.read_bytes())
                self.names[f"{root}/{path.relative_to(copy)}"] = File(content, size=len(content))
        self.sure_names = dict(self.names)
        self.renamed: list[tuple[int, Call, File | None]] = []

    def does(self, number: int, call: Call) -> None:
        """One call more."""
        if call.what == "sent" or not call.path.startswith(self.roots) or call.path.endswith("-shm"):
            return
        file = self.names.get(call.path)
        if call.what == "opened":
            self._open(number, call, file)
        elif call.what == "written" and file:
            at = file.size if call.at < 0 else call.at
            file.since.append((number, at, call.data))
            file.size = max(file.size, at + len(call.data))
        elif call.what == "cut" and file:
            file.since.append((number, call.at, None))
            file.size = call.at
        elif call.what in ("renamed", "removed") and file:
            self.renamed.append((number, call, file))
            _name(self.names, call, file)
        elif call.what == "synced" and file:
            file.sync(call.begun)
        elif call.what == "synced":
            self._sync_folder(call)

    def _open(self, number: int, call: Call, file: File | None) -> None:
        if file is None:
            self.names[call.path] = made = File()
            self.renamed.append((number, call, made))
        elif call.to == "truncated":
            file.since.append((number, 0, None))
            file.size = 0

    def _sync_folder(self, call: Call) -> None:
        here = [each for each in self.renamed if os.path.dirname(each[1].path) == call.path and each[0] < call.begun]
        for each in here:
            _name(self.sure_names, each[1], each[2])
            self.renamed.remove(each)

    def cut(self, mode: str | int, chance: random.Random, into: dict[str, Path]) -> None:
        """Write what a power cut now leaves into the folders."""
        names = dict(self.sure_names)
        for _, call, file in self.renamed:
            if mode == "nothing" or mode != "everything" and chance.random() < 0.3:
                break  # a journal keeps the order of names
            _name(names, call, file)
        for path, file in names.items():
            root = next(root for root in self.roots if path.startswith(f"{root}/"))
            there = into[root] / path.removeprefix(f"{root}/")
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(file.after_a_cut(mode, chance))


def _name(names: dict[str, File], call: Call, file: File | None) -> None:
    if call.what != "opened":
        names.pop(call.path, None)
    if file is not None and call.what != "removed":
        names[call.to if call.what == "renamed" else call.path] = file


def moments(calls: list[Call], cuts: int, chance: random.Random) -> dict[int, str | int]:
    """After which call to cut the power, and how: after syncs and answers, and anywhere between."""
    interesting = [number for number, call in enumerate(calls) if call.what in ("synced", "sent")]
    anywhere = [number for number, call in enumerate(calls) if call.what != "opened"]
    chosen: dict[int, str | int] = {}
    for turn in range(cuts * 3):
        if len(chosen) < cuts and (among := interesting if turn % 3 else anywhere):
            chosen.setdefault(chance.choice(among), MODES[turn % len(MODES)])
    return chosen
