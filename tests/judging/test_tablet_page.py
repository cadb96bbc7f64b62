"""The tablet page's shell: its script as modules under one digest, and what the service worker keeps."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask

from competitions.judging.sheets.tablet_views import MODULES
from tests.people import Client


def modules_of(page: str) -> list[str]:
    """Addresses of the modules that the page names."""
    return re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)


def test_every_module_has_an_address_that_may_be_kept_for_ever(visitor: Client) -> None:
    page = visitor.get("/judge/").get_data(as_text=True)
    addresses = modules_of(page)
    assert sorted(Path(address).name for address in addresses) == sorted(file.name for file in MODULES.glob("*.js"))
    assert len({Path(address).parent for address in addresses}) == 1, "they import each other by name"
    assert re.findall(r'<script type="module" src="([^"]+)">', page) == [a for a in addresses if a.endswith("/app.js")]
    for address in addresses:
        answer = visitor.get(address)
        assert answer.status_code == 200 and answer.mimetype == "text/javascript", address
        assert answer.cache_control.max_age == 31_536_000 and "no-store" not in str(answer.cache_control), address


@pytest.mark.parametrize("name", ["000000000000/app.js", "{version}/nothing.js", "{version}/..%2Flists.js"])
def test_a_page_of_another_version_gets_no_module_of_this_one(visitor: Client, name: str) -> None:
    version = modules_of(visitor.get("/judge/").get_data(as_text=True))[0].split("/")[3]
    assert visitor.get(f"/judge/scripts/{name.format(version=version)}").status_code == 404


def test_the_worker_keeps_every_file_that_the_page_loads_and_each_is_there(visitor: Client) -> None:
    worker = visitor.get("/judge/sw.js").get_data(as_text=True)
    found = re.search(r"^const KEPT = (.*);$", worker, re.M)
    assert found is not None
    kept = json.loads(found[1])
    page = visitor.get("/judge/").get_data(as_text=True)
    loaded = re.findall(r'(?:src|href)="(/(?:static|judge/scripts)/[^"]+)"', page)
    assert len(loaded) > 20 and set(loaded) <= set(kept)
    assert [address for address in kept if visitor.get(address).status_code != 200] == []


def test_a_changed_module_is_another_worker(
    app: Flask, visitor: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from competitions.judging.sheets import tablet_views

    before = visitor.get("/judge/sw.js").get_data(as_text=True)
    (tmp_path / "app.js").write_text("export {};", encoding="utf-8")
    monkeypatch.setattr(tablet_views, "MODULES", tmp_path)
    tablet_views._modules.cache_clear()
    try:
        assert visitor.get("/judge/sw.js").get_data(as_text=True).splitlines()[1] != before.splitlines()[1]
    finally:
        tablet_views._modules.cache_clear()
