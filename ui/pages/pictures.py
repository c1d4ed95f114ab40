"""The pictures of news, from our own host: no page asks a stranger's for one."""

from starlette.requests import Request
from starlette.responses import Response

from models.permissions import Permission
from services.bootstrap import Services
from services.feeds.reading import picture_of
from ui.door.desk import actor_of
from ui.live import Live
from ui.places import Places

# An address names the picture by its content, so it never changes.
FOREVER = "private, max-age=31536000, immutable"


def register(places: Places, services: Services, _live: Live) -> None:
    async def picture(request: Request) -> Response:
        asked = request.path_params["entry_id"]
        entry_id = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
        found = await picture_of(actor_of(request), services.database, entry_id)
        if found is None:
            return Response(status_code=404)
        return Response(found.content, media_type="image/webp", headers={"Cache-Control": FOREVER})

    places.endpoint("/feeds/pictures/{entry_id}", {"GET": picture}, needs=Permission.SEE)
