"""What the tests of rosters share: uploading, confirming, the counts of a preview."""

import re
from io import BytesIO
from pathlib import Path

from competitions.organisations.models import Union
from competitions.programme.models import Competition
from tests.people import Client

WORKBOOKS = Path(__file__).parent.parent / "data" / "workbooks"


def post_file(
    client: Client, competition: Competition, union: Union, data: bytes, name: str = "名单.xlsx"
) -> tuple[int, str]:
    """Upload; status and the page (422) or the address of the preview (303)."""
    answer = client.post(
        f"/desk/competitions/{competition.id}/roster",
        data={"roster": (BytesIO(data), name), "union": union.name},
        content_type="multipart/form-data",
    )
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def upload(client: Client, competition: Competition, union: Union, data: bytes, name: str = "名单.xlsx") -> str:
    """Upload a roster; the address of its preview."""
    status, where = post_file(client, competition, union, data, name)
    assert status == 303, where
    return where


def counts(client: Client, preview: str) -> dict[str, int]:
    """新增 变化 相同 有误 as the tiles say."""
    page = client.get(preview).get_data(as_text=True)
    found = re.findall(r'tile-number">(\d+)</span><span class="tile-label">(新增|变化|相同|有误)', page)
    return {label: int(figure) for figure, label in found}


def confirm(client: Client, preview: str, **more: str) -> int:
    """Confirm what the preview shows; the status."""
    page = client.get(preview).get_data(as_text=True)
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    return client.post(f"{preview}/confirm", data={"digest": digest.group(1) if digest else "", **more}).status_code
