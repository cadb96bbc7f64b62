"""In which frame an error page stands and where its 返回 leads. Reads no database: the caller is whom the gate found."""

from urllib.parse import urlsplit

from flask import g, request
from flask_login import current_user

from competitions.web.addresses import safe_target

DESK, DESK_HOME = "/desk/", "/desk/"
JUDGE_HOME = "/judge/"
PUBLIC_PAGE, DESK_PAGE = "errors/error.html", "errors/desk_error.html"
IN_THE_DESK = (403, 404, 409, 422, 429)
"""What goes on working around the refusal; every other error keeps the public frame, which needs nothing."""


def frame(status: int) -> tuple[str, str | None]:
    """(template, address of 返回; None: the visitors' way, to the front page).

    The desk's frame is for whom the gate has let through to an address of the desk. A public address never reads the
    cookie, and with a judge's card there is no desk.
    """
    if "actor_id" not in g:
        return PUBLIC_PAGE, None
    if current_user.card_id is not None:
        return PUBLIC_PAGE, JUDGE_HOME
    if status in IN_THE_DESK and request.path.startswith(DESK):
        return DESK_PAGE, way_back()
    return PUBLIC_PAGE, None


def way_back() -> str:
    """The page of the desk that the caller came from, as the browser says; otherwise the start of the desk."""
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return DESK_HOME
    target = safe_target(came.path + (f"?{came.query}" if came.query else ""))
    ours = came.scheme in ("http", "https") and came.netloc == request.host and target.startswith(DESK)
    again = request.method == "GET" and came.path == request.path
    return target if ours and not again and ".." not in came.path else DESK_HOME
