"""What Mangopay allows country by country; the one resource that has no ClientId in its path.

Source: https://docs.mangopay.com/api-reference/countries
Chosen: the code is read in either case; it answers 404 for a country that there is not.
"""

from starlette.responses import Response

from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call
from services.emulator.engine.fields import Fields
from services.emulator.engine.listing import page
from services.emulator.engine.router import Route
from services.emulator.engine.store import Entity
from services.emulator.engine.world import World
from services.emulator.rules import countries


def view(world: World, call: Call) -> Response:
    return Answer(_shown(_country(world, call.params["CountryCode"])))


def list_all(world: World, call: Call) -> Response:
    countries.load(world)
    return page(world, call, world.store.countries.all(), shape=_shown)


def update(world: World, code: str, fields: Fields) -> Entity:
    """Change what is allowed of a country, as Mangopay does from time to time."""
    country = _country(world, code)
    said = {name: fields.flag(name) for name in countries.BLOCKS}
    fields.check()
    country["Authorization"] |= {name: value for name, value in said.items() if value is not None}
    country["LastUpdate"] = world.clock.now()
    world.store.countries.save(country)
    world.emit("COUNTRY_AUTHORIZATION_UPDATED", country["CountryCode"])
    return _shown(country)


def _country(world: World, code: str) -> Entity:
    countries.load(world)
    return world.find(world.store.countries, code.upper(), "Country")


def _shown(country: Entity) -> Entity:
    return {name: country[name] for name in ("CountryCode", "CountryName", "Authorization", "LastUpdate")}


ROUTES = (
    Route("GET", "/v2.01/countries/authorizations", list_all),
    Route("GET", "/v2.01/countries/{CountryCode}/authorizations", view),
)

CONTROLS = {"country.update": update}
