"""Two feeds to read and the pages and pictures they lead to, unchanged until something in them changes."""

from starlette.responses import HTMLResponse, Response

from services.emulator.demo.feeds import Document, incident_page, news_page, news_rss, status_atom
from services.emulator.demo.pictures import picture
from services.emulator.engine.call import Call
from services.emulator.engine.errors import not_found
from services.emulator.engine.router import Route
from services.emulator.engine.world import World


def news(world: World, call: Call) -> Response:
    return _fresh(call, news_rss(world.config.base_url, world.story_began_at, world.story_s))


def status(world: World, call: Call) -> Response:
    return _fresh(call, status_atom(world.config.base_url, world.story_began_at, world.story_s))


def news_entry(world: World, call: Call) -> Response:
    slug = call.params["Slug"]
    return _html(news_page(world.config.base_url, slug, world.story_began_at, world.story_s), slug)


def news_picture(world: World, call: Call) -> Response:
    slug = call.params["Name"].removesuffix(".png")
    if news_page(world.config.base_url, slug, world.story_began_at, world.story_s) is None:
        raise not_found("Picture", slug)
    return Response(picture(slug), media_type="image/png", headers={"Cache-Control": "max-age=86400"})


def incident(world: World, call: Call) -> Response:
    slug = call.params["IncidentId"]
    return _html(incident_page(world.config.base_url, slug, world.story_began_at, world.story_s), call.path)


def _fresh(call: Call, document: Document) -> Response:
    """Answer 304 to whoever has this very version."""
    headers = {"ETag": document.etag, "Last-Modified": document.last_modified, "Cache-Control": "max-age=60"}
    known = call.headers.get("if-none-match")
    is_known = document.etag in known if known else call.headers.get("if-modified-since") == document.last_modified
    if is_known:
        return Response(status_code=304, headers=headers)
    return Response(document.body, media_type=document.media_type, headers=headers)


def _html(text: str | None, name: str) -> Response:
    if text is None:
        raise not_found("Page", name)
    return HTMLResponse(text)


ROUTES = (
    Route("GET", "/feeds/news.rss", news, is_open=True),
    Route("GET", "/feeds/status.atom", status, is_open=True),
    Route("GET", "/feeds/news/{Slug}", news_entry, is_open=True),
    Route("GET", "/feeds/pictures/{Name}", news_picture, is_open=True),
    Route("GET", "/feeds/incidents/{IncidentId}", incident, is_open=True),
)
