"""Public pages of results: the list, a publication as page, JSON and workbook. They read the snapshot only, never the
cookie, and carry tags and cache headers (design.md §4.7).
"""

import json
from typing import Any

from flask import Response, current_app, render_template, request
from markupsafe import Markup

from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.base.permissions import Permission
from competitions.programme.models import Competition, Event, Stage
from competitions.results.blueprint import CACHE, bp
from competitions.results.models import Publication
from competitions.results.publications.page_cache import Body, PageCache, Snapshot, made_body
from competitions.results.publications.public_page import PER_PAGE, PublicPage, asked, public_page
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
LINES = Markup("<!--lines-->")


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
        search=(Competition.name, Event.name, Stage.name),
        unique=Publication.id,
        joins=with_places,
    )
    html = render_template("results/public_list.html", page=page, here="results")
    return answer(made_body(html.encode(), pack=_packs()), HTML)


@bp.get("/results/<publication_id>")
@requires(Permission.PUBLIC)
def public_publication(publication_id: str) -> Response:
    """A publication: its table, paged; what it was replaced by; 404 for drafts and unknown ids alike."""
    standing, pack, search = _standing(publication_id), _packs(), asked(request.args.get("q", ""))
    division, number = request.args.get("division", 0, type=int), request.args.get("page", 1, type=int)

    def make() -> Body:
        snapshot = _snapshot(standing)
        if standing.state == "withdrawn":
            return made_body(_withdrawn_page(snapshot, standing).encode(), pack=pack)
        page = publication_page if search else _kept_page
        return made_body(page(snapshot, standing).encode(), pack=pack)

    if search:
        return answer(make(), HTML)
    return answer(_cache().body((standing, division, number, pack), make), HTML)


@bp.get("/results/<publication_id>.json")
@requires(Permission.PUBLIC)
def public_json(publication_id: str) -> Response:
    """The JSON of contracts.md; 410 when withdrawn."""
    standing, pack = _standing(publication_id), _packs()
    if standing.state == "withdrawn":
        return _gone()

    def make() -> Body:
        document = served_document(_snapshot(standing).document, standing.published_at)
        return made_body(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), pack=pack)

    return answer(_cache().file((standing, "json", pack), make), JSON)


@bp.get("/results/<publication_id>.xlsx")
@requires(Permission.PUBLIC)
def public_file(publication_id: str) -> Response:
    """名次公示表; 410 when withdrawn."""
    standing = _standing(publication_id)
    if standing.state == "withdrawn":
        return _gone()

    def make() -> Body:
        return made_body(public_workbook(_snapshot(standing).document, standing.published_at), pack=False)

    response = answer(_cache().file((standing, "xlsx"), make), SPREADSHEET)
    title = public_title(_snapshot(standing).document)
    response.headers["Content-Disposition"] = content_disposition(f"{title}（第{standing.number}号）.xlsx")
    return response


def publication_page(snapshot: Snapshot, standing: PublicStanding, *, preview: bool = False) -> str:
    """The page that the public sees; `preview`: the same with a line that says that it is not public."""
    facts = _facts(snapshot, standing)
    table = render_template("results/_public_table.html", **facts)
    return render_template("results/public_show.html", table=Markup(table), preview=preview, **facts)


def _kept_page(snapshot: Snapshot, standing: PublicStanding) -> str:
    """The same for a page without a search: the frame around the lines is rendered once for all pages of a division."""
    facts = _facts(snapshot, standing)
    shown: PublicPage = facts["shown"]
    frame = _cache().frame(
        (standing, shown.number, shown.page == 1),
        lambda: render_template("results/public_show.html", table=LINES, preview=False, **facts),
    )
    before, after = frame.split(LINES, 1)
    return before + render_template("results/_public_table.html", **facts) + after


def _facts(snapshot: Snapshot, standing: PublicStanding) -> dict[str, Any]:
    """What the templates of a publication are filled with."""
    search, division = asked(request.args.get("q", "")), request.args.get("division", 0, type=int)
    shown = public_page(snapshot, division, request.args.get("page", 1, type=int), search)
    query = {name: request.args[name] for name in ("division", "q") if request.args.get(name)}
    return {
        "publication": snapshot.document,
        "standing": standing,
        "shown": shown,
        "pager_page": Page(shown.rows, shown.total, shown.page, shown.pages, PER_PAGE, "", query, request.path),
        "title": public_title(snapshot.document),
        "here": "results",
        "search": search,
        "readable": readable,
        "turnout_words": turnout_words,
    }


def answer(body: Body, content_type: str) -> Response:
    """A body with its tag and cache headers; 304 when the reader has it."""
    headers = {"ETag": f'"{body.etag}"', "Cache-Control": CACHING, "Vary": "Accept-Encoding", "X-Robots-Tag": "noindex"}
    if request.if_none_match.contains_weak(body.etag):
        return Response(status=304, headers=headers)
    if body.packed:
        headers["Content-Encoding"] = "gzip"
    return Response(body.content, content_type=content_type, headers=headers)


def _packs() -> bool:
    """Whether the reader takes packed answers."""
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _standing(publication_id: str) -> PublicStanding:
    found: PublicStanding | None = _cache().standing(
        publication_id, lambda: public_standing(db.session(), publication_id)
    )
    if found is None:
        raise NotFound
    return found


def _snapshot(standing: PublicStanding) -> Snapshot:
    return _cache().snapshot(standing.digest, lambda: snapshot_text(db.session(), standing.id))


def _withdrawn_page(snapshot: Snapshot, standing: PublicStanding) -> str:
    """What is left of a withdrawn publication: that it is, and what stands in its place."""
    title = public_title(snapshot.document)
    return render_template(
        "results/public_withdrawn.html", standing=standing, publication=snapshot.document, title=title, here="results"
    )


def _gone() -> Response:
    content = {"error": {"code": "state.publication_withdrawn", "message": sentence("state.publication_withdrawn")}}
    return Response(json.dumps(content, ensure_ascii=False), status=410, content_type=JSON)


def _cache() -> PageCache:
    cache: PageCache = current_app.extensions[CACHE]
    return cache
