"""Vendored files are those of the manifest, templates keep the content security policy, icons exist.

Knows nothing of the pages themselves; reads files only.
"""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "competitions" / "static"
VENDOR = STATIC / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
LISTED = {path: digest for package in MANIFEST["packages"] for path, digest in package["files"].items()}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.S)


def sha384(path: Path) -> str:
    """The digest of a file in the form of subresource integrity."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def lines_with(pattern: str, ignore_case: bool = True) -> list[str]:
    """Places (file:line) in templates where the pattern stands outside Jinja comments."""
    search = re.compile(pattern, re.I if ignore_case else 0)
    found = []
    for template in TEMPLATES:
        text = JINJA_COMMENT.sub(lambda m: "\n" * m.group().count("\n"), template.read_text(encoding="utf-8"))
        found += [
            f"{template.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}" for hit in search.finditer(text)
        ]
    return found


@pytest.mark.parametrize("path", sorted(LISTED))
def test_a_vendored_file_has_the_digest_of_the_manifest(path: str) -> None:
    assert sha384(ROOT / path) == LISTED[path]


def test_every_file_in_the_vendor_folder_is_listed() -> None:
    present = {p.relative_to(ROOT).as_posix() for p in VENDOR.rglob("*") if p.is_file()}
    assert present - {"competitions/static/vendor/manifest.json"} <= set(LISTED)


def test_every_package_has_its_licence_beside_it() -> None:
    for package in MANIFEST["packages"]:
        assert any(path.endswith("LICENSE") for path in package["files"]), package["npm"]


def test_no_style_sheet_and_no_template_loads_from_another_host() -> None:
    for sheet in STATIC.rglob("*.css"):
        assert not re.search(r"(url\(\s*[\"']?|@import\s+[\"'])(https?:)?//", sheet.read_text(encoding="utf-8")), sheet
    assert lines_with(r"<(script|link|img|iframe)\b[^>]*\b(src|href)=[\"'](https?:)?//") == []


def test_no_template_has_an_inline_style_script_or_handler() -> None:
    assert lines_with(r"<[a-z][^>]*\sstyle\s*=") == []
    assert lines_with(r"<style\b") == []
    assert lines_with(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)") == []
    assert lines_with(r"<[a-z][^>]*\son[a-z]+\s*=") == []
    assert lines_with(r"\bhx-on\b|javascript:") == []


def test_visitors_pages_never_read_the_user_or_a_token() -> None:
    text = JINJA_COMMENT.sub("", (ROOT / "templates" / "public_base.html").read_text(encoding="utf-8"))
    assert not re.search(r"current_user|csrf|session|get_flashed_messages", text)


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "img" / "icons.svg").read_text(encoding="utf-8")))
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"\bicon(?:_name)?(?:\(|=)[\"']([a-z0-9-]+)[\"']", template.read_text(encoding="utf-8"))
    }
    assert named - drawn == set()


def test_every_asset_named_in_a_template_exists() -> None:
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"\basset\([\"']([^\"']+)[\"']\)", template.read_text(encoding="utf-8"))
    }
    assert {name for name in named if not (STATIC / name).is_file()} == set()
