"""Public pages of results: the list, a publication as page, JSON and workbook. They read the snapshot only, never the
cookie, and carry tags and cache headers (design.md §4.7). What they answer is kept in front of them (public_answers.py).
"""

import gzip
import hashlib
import json

from flask import Response, current_app, render_template, request

from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.base.permissions import Permission
from competitions.programme.models import Competition, Event, Stage
from competitions.results.blueprint import KNOWN_PUBLICATIONS, bp
from competitions.results.models import Publication
from competitions.results.publications.known_publications import KnownPublications
from competitions.results.publications.public_answers import DEPENDS, KNOWN
from competitions.results.publications.public_page import PER_PAGE, Snapshot, public_page
from competitions.results.publications.public_standing import PublicStanding, public_standing, snapshot_text
from competitions.results.publications.snapshot import served_document
from competitions.results.publications.workbooks import public_title, public_workbook
from competitions.results.queries import public_publications, with_places
from competitions.results.standings.page import readable
from competitions.results.standings.turnout import turnout_words
from competitions.tabular.writing import content_disposition
from competitions.web.declared import requires
from competitions.web.listing import Page, listed
from competitions.words.sentences import sentence

CACHING = "public, max-age=60, must-revalidate"
HTML, JSON = "text/html; charset=utf-8", "application/json"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SORTS = {"published": Publication.published_at}
AT_ONCE = 20
SMALLEST_GZIP = 1_000


@bp.get("/results/")
@requires(Permission.PUBLIC)
def public_results() -> Response:
    """The latest publications, by competition."""
    page = listed(
        db.session(),
        public_publications(),
        sorts=SORTS,
        default="-published",
        per_page=AT_ONCE,
        search=(Competition.search_text, Event.search_text, Stage.search_text),
        unique=Publication.id,
        joins=with_places,
    )
    return answer(render_template("results/public_list.html", page=page, here="results").encode(), HTML)


@bp.get("/results/<publication_id>")
@requires(Permission.PUBLIC)
def public_publication(publication_id: str) -> Response:
    """A publication: its table, paged; what it was replaced by; 404 for drafts and unknown ids alike."""
    standing = _standing(publication_id)
    if _holds_still(standing):
        return Response(status=304)
    page = _withdrawn_page if standing.is_withdrawn else publication_page
    return answer(page(_snapshot(standing), standing).encode(), HTML)


@bp.get("/results/<publication_id>.json")
@requires(Permission.PUBLIC)
def public_json(publication_id: str) -> Response:
    """The JSON of contracts.md; 410 when withdrawn."""
    standing = _standing(publication_id)
    if standing.is_withdrawn:
        return _gone()
    if _holds_still(standing):
        return Response(status=304)
    document = served_document(_snapshot(standing).document, standing.published_at)
    return answer(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), JSON)


@bp.get("/results/<publication_id>.xlsx")
@requires(Permission.PUBLIC)
def public_file(publication_id: str) -> Response:
    """名次公示表; 410 when withdrawn."""
    standing = _standing(publication_id)
    if standing.is_withdrawn:
        return _gone()
    if _holds_still(standing):
        return Response(status=304)
    document = _snapshot(standing).document
    response = answer(public_workbook(document, standing.published_at), SPREADSHEET)
    named = f"{public_title(document)}（第{standing.number}号）.xlsx"
    response.headers["Content-Disposition"] = content_disposition(named)
    return response


def publication_page(snapshot: Snapshot, standing: PublicStanding, *, preview: bool = False) -> str:
    """The page that the public sees; `preview`: the same with a line that says that it is not public."""
    search, division = request.args.get("q", "").strip(), request.args.get("division", 0, type=int)
    shown = public_page(snapshot, division, request.args.get("page", 1, type=int), search)
    query = {name: request.args[name] for name in ("division", "q") if request.args.get(name)}
    return render_template(
        "results/public_show.html",
        publication=snapshot.document,
        standing=standing,
        shown=shown,
        pager_page=Page(shown.lines.placings, shown.total, shown.page, shown.pages, PER_PAGE, "", query, request.path),
        title=public_title(snapshot.document),
        here="results",
        search=search,
        preview=preview,
        readable=readable,
        turnout_words=turnout_words,
    )


def _withdrawn_page(snapshot: Snapshot, standing: PublicStanding) -> str:
    """What is left of a withdrawn publication: that it is, and what stands in its place."""
    title = public_title(snapshot.document)
    return render_template(
        "results/public_withdrawn.html", standing=standing, publication=snapshot.document, title=title, here="results"
    )


def answer(content: bytes, content_type: str) -> Response:
    """An answer with its tag (SHA-256 of the content) and cache headers; texts packed for readers who take that."""
    tag = hashlib.sha256(content).hexdigest()[:32]
    headers = {"Cache-Control": CACHING, "Vary": "Accept-Encoding", "X-Robots-Tag": "noindex"}
    packs = "gzip" in request.headers.get("Accept-Encoding", "") and content_type != SPREADSHEET
    if packs and len(content) >= SMALLEST_GZIP:
        content, tag = gzip.compress(content, 5, mtime=0), f"{tag}-gz"
        headers["Content-Encoding"] = "gzip"
    return Response(content, content_type=content_type, headers={**headers, "ETag": f'"{tag}"'})


def _standing(publication_id: str) -> PublicStanding:
    found = _known().standing(publication_id, lambda: public_standing(db.session(), publication_id))
    if found is None:
        raise NotFound
    return found


def _holds_still(standing: PublicStanding) -> bool:
    """Whether the answer that is kept in front depends on just this; says there on what the coming one depends."""
    request.environ[DEPENDS] = repr(standing)
    return bool(request.environ.get(KNOWN) == request.environ[DEPENDS])


def _snapshot(standing: PublicStanding) -> Snapshot:
    return _known().snapshot(standing, lambda: snapshot_text(db.session(), standing.id))


def _known() -> KnownPublications:
    known: KnownPublications = current_app.extensions[KNOWN_PUBLICATIONS]
    return known


def _gone() -> Response:
    content = {"error": {"code": "state.publication_withdrawn", "message": sentence("state.publication_withdrawn")}}
    return Response(json.dumps(content, ensure_ascii=False), status=410, content_type=JSON)
