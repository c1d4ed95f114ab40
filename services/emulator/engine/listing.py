"""Lists: filter, sort, cut out a page, and say in the headers how many there are.

Source: https://docs.mangopay.com/api-reference/overview/pagination
"""

import math
from collections.abc import Callable
from urllib.parse import urlencode

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.errors import param_error
from services.emulator.engine.store import Entity, Selection, wire
from services.emulator.engine.world import World

DEFAULT_PER_PAGE = 10
MAX_PER_PAGE = 100
LARGEST = 2**31 - 1
NUMBERED = {"1": "true", "0": "false"}
TRANSACTION_FILTERS = ("Status", "ResultCode", "Type", "Nature")


def page(
    world: World,
    call: Call,
    rows: Selection,
    *,
    filters: tuple[str, ...] = (),
    shape: Callable[[Entity], Entity] = wire,
    newest_first: bool = False,
) -> Response:
    """Answer with one page of a selection, filtered by facets of its collection; it is sorted by date, whatever
    field `Sort` names, oldest first unless it or the endpoint says otherwise.
    """
    size = min(_number(call, "per_page", DEFAULT_PER_PAGE, least=1), MAX_PER_PAGE)
    number = _number(call, "page", 1, least=1)
    found, items = rows.page(
        wanted={name: _wanted(name, call.query[name]) for name in filters if call.query.get(name)},
        after=_number(call, "AfterDate", 0),
        before=_number(call, "BeforeDate", LARGEST) if call.query.get("BeforeDate") else None,
        newest_first=_is_newest_first(call, default=newest_first),
        start=(number - 1) * size,
        size=size,
    )
    headers = _headers(world, call, items=items, size=size, number=number)
    return Answer([shape(row) for row in found], headers=headers)


def _wanted(name: str, text: str) -> list[str]:
    """Return the values asked for; clients write whether something is active as a number, too."""
    values = text.lower().split(",")
    return [NUMBERED.get(value, value) for value in values] if name == "Active" else values


def _is_newest_first(call: Call, *, default: bool) -> bool:
    """Return the direction of the first sort; clients join several with an underscore."""
    _, colon, direction = call.query.get("Sort", "").partition("_")[0].partition(":")
    return direction.upper() == "DESC" if colon else default


def _number(call: Call, name: str, default: int, *, least: int = 0) -> int:
    text = call.query.get(name)
    if not text:
        return default
    try:
        return min(max(least, int(text)), LARGEST)
    except ValueError as error:
        raise param_error({name: f"The value {text} is not valid"}) from error


def _headers(world: World, call: Call, *, items: int, size: int, number: int) -> dict[str, str]:
    pages = math.ceil(items / size)
    # An empty list is one page in its links, though none in its count.
    last = max(pages, 1)
    neighbours = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
    url = f"{world.config.base_url}{call.path}?"
    links = [
        f'<{url}{urlencode(call.query | {"page": str(at), "per_page": str(size)})}>; rel="{relation}"'
        for relation, at in neighbours.items()
        if 1 <= at <= last
    ]
    return {"x-number-of-pages": str(pages), "x-number-of-items": str(items), "link": ", ".join(links)}
