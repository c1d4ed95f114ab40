"""Requests to `/_control/…`: shut unless a token was set, and open to this machine and the bearer of the token alone.

GET  /_control                              what there is to do, and how much there is of everything
GET  /_control/clock                        the emulator's time
POST /_control/clock                        {"AdvanceS": 600} or {"To": 1790000000}: ahead only
POST /_control/events                       {"EventType", "ResourceId"}: log and notify any event
POST /_control/hooks/{HookId}/ping          the dashboard's test notification, with an empty RessourceId
GET  /_control/deliveries                   every attempt (EventType, ResourceId, HookId, page, per_page)
GET  /_control/deliveries/waiting           what is still to be delivered, and when
POST /_control/scenarios/{name}             play one scene of the marketplace; `begin` plays on and on
POST /_control/seed                         {"HookUrl"?} the marketplace's past, or {"Users", "Transactions"}
POST /_control/reset                        forget everything
POST /_control/do/{thing.verb}/{id}         what a human or a bank decides, e.g. payout.return
GET  /_control/faults, PUT, DELETE          the fault switchboard (see faults.py)
POST /_control/feeds                        {"StoryS": 600}: hold news and incidents at ten minutes after the start;
                                            null: let them go on
PUT  /_control/rate-limits                  {"Limits": [15 min, 30 min, 60 min, 24 h]}, or null to count only
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address

from starlette.responses import Response
from starlette.types import Receive, Scope

from services.emulator.control import switches
from services.emulator.control.stage import Stage
from services.emulator.engine.answers import Answer
from services.emulator.engine.call import Call, read_call
from services.emulator.engine.errors import ApiError, invalid_action, param_error
from services.emulator.engine.fields import Fields
from services.emulator.engine.rate_limits import RateLimits
from services.emulator.engine.store import wire
from services.emulator.engine.world import World
from services.emulator.routes import CONTROLS

log = logging.getLogger(__name__)

PREFIXES = ("/_control", "/emulator/_control")
MAX_PER_PAGE = 1000

# Answers a call, whose path behind the prefix comes in pieces without the first.
Handler = Callable[[Call, list[str]], Awaitable[Response] | Response]


class ControlPlane:
    def __init__(self, world: World, stage: Stage, rate_limits: RateLimits) -> None:
        self._world = world
        self._stage = stage
        self._rate_limits = rate_limits
        self._handlers: Mapping[tuple[str, str], Handler] = {
            ("GET", ""): self._index,
            ("GET", "clock"): self._tell_time,
            ("POST", "clock"): self._move_clock,
            ("POST", "events"): self._emit,
            ("POST", "hooks"): self._ping,
            ("GET", "deliveries"): self._deliveries,
            ("POST", "scenarios"): self._play,
            ("POST", "seed"): self._seed,
            ("POST", "reset"): self._reset,
            ("POST", "do"): self._do,
            ("GET", "faults"): self._show_faults,
            ("PUT", "faults"): self._set_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "feeds"): self._hold_feeds,
            ("PUT", "rate-limits"): self._limit,
        }

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """Answer a request to one of PREFIXES, in the error shape of the API."""
        try:
            call = await read_call(scope, receive, {})
            self._admit(scope, call)
            prefix = next(prefix for prefix in PREFIXES if call.path.startswith(prefix))
            name, *rest = call.path.removeprefix(prefix).strip("/").split("/")
            handler = self._handlers.get((call.method, name))
            if handler is None:
                raise _unknown(f"{call.method} {call.path}")
            answer = handler(call, rest)
            return answer if isinstance(answer, Response) else await answer
        except ApiError as error:
            return error.response(self._world.clock.now())
        except Exception:
            log.exception("method=%s path=%s broke", scope["method"], scope["path"])
            return Answer({"Message": "Internal Server Error", "Type": "other"}, status_code=500)

    def _admit(self, scope: Scope, call: Call) -> None:
        token, client = self._world.config.control_token, scope.get("client")
        if token is None:
            raise ApiError(404, "ressource_not_found", "The control plane is shut: start the emulator with --control")
        scheme, _, given = call.headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), token.encode())
        if not is_bearer or client is None or not _is_loopback(client[0]):
            raise ApiError(403, "forbidden_ressource", "The control plane asks for its token, from this machine")

    def _index(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        return Answer(
            {
                "Actions": sorted(CONTROLS),
                "Scenarios": self._stage.scenes,
                "Notifications": list(switches.NOTIFICATION_FAULTS),
                "Api": list(switches.API_FAULTS),
                "Counts": self._world.store.counts(),
            }
        )

    def _tell_time(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        return Answer({"Now": self._world.clock.now(), "LeadS": self._world.clock.lead})

    async def _move_clock(self, call: Call, rest: list[str]) -> Response:
        """Let time pass at once: whatever comes due meanwhile happens, each thing at its own time."""
        fields = Fields(call.body)
        now, advance_s, to = self._world.clock.now(), fields.number("AdvanceS"), fields.number("To")
        seconds = advance_s if advance_s is not None else (to - now if to is not None else None)
        if seconds is None or not 0 <= seconds <= MAX_LEAP_S:
            fields.refuse("AdvanceS", "Say how many seconds to advance, or a time to come within ten years")
        fields.check()
        self._world.advance(float(seconds or 0))
        await self._world.settle()
        return self._tell_time(call, rest)

    def _emit(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        fields = Fields(call.body)
        event_type = fields.matching("EventType", "[A-Za-z0-9_]{1,100}")
        resource_id = fields.text("ResourceId", longest=128) or fields.text("RessourceId", longest=128)
        fields.require("EventType")
        fields.check()
        self._world.emit(str(event_type), resource_id or "")
        return Answer({"EventType": event_type, "ResourceId": resource_id, "Date": self._world.clock.now()})

    def _ping(self, call: Call, rest: list[str]) -> Response:
        hook_id = rest[0] if rest else ""
        if rest[1:] != ["ping"]:
            raise _unknown(f"{call.method} {call.path}")
        self._world.outbox.ping(self._world.find(self._world.store.hooks, hook_id, "Hook"))
        return Response(status_code=204)

    def _deliveries(self, call: Call, rest: list[str]) -> Response:
        if rest == ["waiting"]:
            return Answer([wire(delivery) for delivery in self._world.outbox.waiting()])
        wanted = {name: call.query[asked] for asked, name in switches.ATTEMPT_FILTERS.items() if asked in call.query}
        attempts = [
            attempt
            for attempt in reversed(self._world.outbox.attempts)
            if all(getattr(attempt, name) == value for name, value in wanted.items())
        ]
        size = _number(call, "per_page", 100)
        start = (_number(call, "page", 1) - 1) * size
        items = {"x-number-of-items": str(len(attempts))}
        return Answer([switches.attempt(each) for each in attempts[start : start + size]], headers=items)

    async def _play(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        await self._stage.play(rest[0] if rest else "")
        return Response(status_code=204)

    async def _seed(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        fields = Fields(call.body)
        users, transactions, hook_url = fields.number("Users"), fields.number("Transactions"), fields.text("HookUrl")
        fields.check()
        if users is None:
            if len(self._world.store.users):
                raise invalid_action("There is a story already: reset first")
            await self._stage.seed(hook_url)
        else:
            await self._stage.fill(users, transactions or 0)
        return Answer(self._world.store.counts())

    async def _reset(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        await self._stage.reset()
        self._rate_limits.reset()
        return Response(status_code=204)

    def _do(self, call: Call, rest: list[str]) -> Response:
        action, entity_id = (*rest, "", "")[:2]
        control = CONTROLS.get(action)
        if control is None:
            raise _unknown(f"The action {action}")
        return Answer(wire(control(self._world, entity_id, Fields(call.body))))

    def _show_faults(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        return Answer(switches.shown(self._world.faults))

    def _set_faults(self, call: Call, rest: list[str]) -> Response:
        switches.set_faults(self._world.faults, Fields(call.body))
        return self._show_faults(call, rest)

    def _clear_faults(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        self._world.faults.set(seed=0, notifications=(), api=())
        return Response(status_code=204)

    def _hold_feeds(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        fields = Fields(call.body)
        at = fields.number("StoryS")
        if at is not None and not 0 <= at <= MAX_LEAP_S:
            fields.refuse("StoryS", "Say at which second of the story, within ten years, or null")
        fields.check()
        self._world.hold_story(at)
        return Answer({"StoryS": self._world.story_s})

    def _limit(self, call: Call, rest: list[str]) -> Response:  # noqa: ARG002
        limits = call.body.get("Limits")
        is_well = (
            isinstance(limits, list)
            and len(limits) == 4
            and all(isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 for limit in limits)
        )
        if limits is not None and not is_well:
            raise param_error({"Limits": "Four whole numbers above 0, or null"})
        self._rate_limits.set(limits)
        return Response(status_code=204)


# Ten years: farther ahead the dates of cards and tokens stop making sense.
MAX_LEAP_S = 10 * 366 * 86_400


def _unknown(name: str) -> ApiError:
    return ApiError(404, "ressource_not_found", f"{name} is not known: GET /emulator/_control tells what there is")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, "")
    return min(max(1, int(text)), MAX_PER_PAGE) if text.isdecimal() and len(text) < 10 else default
