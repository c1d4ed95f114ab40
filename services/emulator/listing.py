"""Lists: filter, sort, cut out a page, and say in the headers how many there are.

Source: https://docs.mangopay.com/api-reference/overview/pagination
"""

import math
from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from services.emulator.call import Call
from services.emulator.errors import param_error
from services.emulator.store import Entity, wire
from services.emulator.world import World

DEFAULT_PER_PAGE = 10
MAX_PER_PAGE = 100
TRANSACTION_FILTERS = ("Status", "ResultCode", "Type", "Nature")


def page(
    world: World,
    call: Call,
    rows: Iterable[Entity],
    *,
    filters: tuple[str, ...] = (),
    date: str = "CreationDate",
    shape: Callable[[Entity], Entity] = wire,
) -> Response:
    """Answer with one page of rows, which come oldest first; the order asked for in `Sort` is by `date` alone."""
    wanted = _wanted(call, filters)
    kept = [row for row in _within(call, rows, date) if _is_asked_for(row, wanted)]
    kept.sort(key=lambda row: int(row[date]))
    if call.query.get("Sort", "").upper().endswith(":DESC"):
        kept.reverse()
    size = min(_number(call, "per_page", DEFAULT_PER_PAGE), MAX_PER_PAGE)
    number = _number(call, "page", 1)
    shown = [shape(row) for row in kept[(number - 1) * size : number * size]]
    return JSONResponse(shown, headers=_headers(world, call, items=len(kept), size=size, number=number))


def _within(call: Call, rows: Iterable[Entity], date: str) -> Iterable[Entity]:
    after, before = _number(call, "AfterDate", 0), _number(call, "BeforeDate", 0)
    if not after and not before:
        return rows
    return (row for row in rows if after <= row[date] and (not before or row[date] <= before))


def _wanted(call: Call, filters: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the values asked for by field: several may be separated by commas, in any letter case."""
    return {name: call.query[name].lower().split(",") for name in filters if call.query.get(name)}


def _is_asked_for(row: Entity, wanted: dict[str, list[str]]) -> bool:
    return all(str(row[name]).lower() in values for name, values in wanted.items())


def _number(call: Call, name: str, default: int) -> int:
    try:
        return max(1, int(call.query[name])) if call.query.get(name) else default
    except ValueError as error:
        raise param_error({name: f"The value {call.query[name]} is not valid"}) from error


def _headers(world: World, call: Call, *, items: int, size: int, number: int) -> dict[str, str]:
    pages = math.ceil(items / size)
    neighbours = {"first": 1, "prev": number - 1, "next": number + 1, "last": pages}
    url = f"{world.config.base_url}{call.path}?"
    links = [
        f'<{url}{urlencode(call.query | {"page": str(at), "per_page": str(size)})}>; rel="{relation}"'
        for relation, at in neighbours.items()
        if 1 <= at <= pages
    ]
    return {"x-number-of-pages": str(pages), "x-number-of-items": str(items), "link": ", ".join(links)}
