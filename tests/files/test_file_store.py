"""The folder of kept files: one file a content, whole or not at all, sealed where it must be, gone only when old."""

import os
import time
from pathlib import Path
from threading import Thread

import pytest

from competitions.base import file_store, keyring
from competitions.base.file_store import FileChanged, FileMissing, FileStore, Stored

CONTENT = "成绩确认单，签字原件".encode()
DAY = 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """A folder of its own."""
    keyring.install(keyring.load(tmp_path / "keyring.json"))
    return FileStore(tmp_path / "files")


def files(store: FileStore) -> list[Path]:
    """Every file in the folder."""
    return sorted(path for path in store.folder.rglob("*") if path.is_file())


def aged(store: FileStore, stored: Stored, seconds: float) -> Path:
    """The file, as if nobody had touched it for so long."""
    path = store.folder / stored.name[:2] / stored.name
    os.utime(path, (time.time() - seconds,) * 2)
    return path


@pytest.mark.parametrize("sealed", [False, True])
def test_what_is_put_is_read_again_and_lies_once(store: FileStore, sealed: bool) -> None:
    first, again = store.put(CONTENT, sealed=sealed), store.put(CONTENT, sealed=sealed)
    assert first == again and store.read(first) == CONTENT and len(files(store)) == 1
    assert (CONTENT in files(store)[0].read_bytes()) is not sealed
    assert store.put(b"", sealed=sealed).size == 0 and len(files(store)) == 2


def test_its_name_tells_nothing_to_whoever_lacks_the_key_ring(store: FileStore, tmp_path: Path) -> None:
    here = store.put(CONTENT, sealed=False)
    keyring.install(keyring.load(tmp_path / "another.json"))
    assert FileStore(tmp_path / "elsewhere").put(CONTENT, sealed=False).digest != here.digest


def test_nobody_else_on_the_machine_reads_it(store: FileStore) -> None:
    store.put(CONTENT, sealed=False)
    assert [path.stat().st_mode & 0o777 for path in files(store)] == [0o600]
    assert store.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("sealed", [False, True])
def test_a_changed_or_lost_file_is_noticed_and_mended_by_putting_it_again(store: FileStore, sealed: bool) -> None:
    stored = store.put(CONTENT, sealed=sealed)
    [path] = files(store)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(FileChanged):
        store.read(stored)
    assert store.read(store.put(CONTENT, sealed=sealed)) == CONTENT
    path.unlink()
    assert not store.holds(stored)
    with pytest.raises(FileMissing):
        store.read(stored)


def test_a_sealed_file_under_another_name_does_not_open(store: FileStore) -> None:
    one, other = store.put(CONTENT, sealed=True), store.put(b"other", sealed=True)
    paths = {stored.name: store.folder / stored.name[:2] / stored.name for stored in (one, other)}
    paths[one.name].write_bytes(paths[other.name].read_bytes())
    with pytest.raises(FileChanged):
        store.read(one)


def test_file_and_folder_are_synced_before_it_counts_as_put(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    syncing = os.fsync

    def noting(handle: int) -> None:
        synced.append(os.path.isdir(f"/proc/self/fd/{handle}"))
        syncing(handle)

    monkeypatch.setattr(os, "fsync", noting)
    store.put(CONTENT, sealed=False)
    assert synced == [
        False,
        True,
        True,
        True,
    ]  # the file, its folder, the folder above; that one is new, so the one above it
    synced.clear()
    store.put(b"another", sealed=False)
    assert synced == [False, True, True]


def test_a_full_disk_leaves_nothing_half_written(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(CONTENT, sealed=False)
    assert files(store) == []


def test_only_what_is_old_is_removed(store: FileStore) -> None:
    old, young = store.put(b"old", sealed=False), store.put(b"young", sealed=False)
    aged(store, old, 2 * DAY)
    assert list(store.older_than(DAY)) == [old.name]
    assert store.remove(old.name, older_than=DAY) and not store.remove(young.name, older_than=DAY)
    assert not store.holds(old) and store.read(young) == b"young"
    assert not store.remove(old.name, older_than=DAY)


def test_putting_an_old_file_again_makes_it_young(store: FileStore) -> None:
    stored = store.put(CONTENT, sealed=True)
    aged(store, stored, 2 * DAY)
    assert store.put(CONTENT, sealed=True) == stored
    assert list(store.older_than(DAY)) == [] and not store.remove(stored.name, older_than=DAY)
    assert store.read(stored) == CONTENT


def test_whoever_puts_it_while_it_is_being_removed_keeps_it(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = store.put(CONTENT, sealed=False)
    path = aged(store, stored, 2 * DAY)
    assert list(store.older_than(DAY)) == [stored.name]
    rename = os.rename

    def put_in_between(source: Path, target: Path) -> None:
        store.put(CONTENT, sealed=False)
        rename(source, target)

    monkeypatch.setattr(file_store.os, "rename", put_in_between)
    assert not store.remove(stored.name, older_than=DAY)
    assert store.read(stored) == CONTENT and files(store) == [path]


def test_leftovers_of_a_crash_go_with_the_rest(store: FileStore) -> None:
    store.put(CONTENT, sealed=False)
    [path] = files(store)
    for ending in (".1a2b.coming", ".going"):
        leftover = path.with_name(path.name + ending)
        leftover.write_bytes(b"half")
        os.utime(leftover, (time.time() - 2 * DAY,) * 2)
    for name in list(store.older_than(DAY)):
        assert store.remove(name, older_than=DAY)
    assert files(store) == [path]


def test_many_at_once_put_and_sweep_and_nothing_young_is_lost(store: FileStore) -> None:
    contents = [b"%d" % (number % 5) for number in range(40)]
    faults: list[BaseException] = []

    def putting(content: bytes) -> None:
        try:
            for _ in range(10):
                assert store.read(store.put(content, sealed=False)) == content
        except BaseException as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    def sweeping() -> None:
        for _ in range(60):
            for name in list(store.older_than(-1.0)):
                store.remove(name, older_than=DAY)

    workers = [Thread(target=putting, args=(content,)) for content in contents] + [Thread(target=sweeping)] * 1
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [store.read(store.put(content, sealed=False)) for content in contents] == contents
    assert not [fault for fault in faults if not isinstance(fault, FileMissing)]


def test_it_says_whether_it_can_be_written_to(store: FileStore) -> None:
    assert store.is_writable() and files(store) == []
    blocked = FileStore(store.folder / "a file, no folder")
    blocked.folder.write_bytes(b"")
    assert not blocked.is_writable()
