import inspect
from collections.abc import Awaitable, Callable
from types import ModuleType

import pytest

from models.environment import Environment
from models.permissions import Permission, Role
from services.access import audit, challenges, links, own_access, requests, sign_in, team
from services.access.actors import Actor, NotAllowed, SessionEnded, authorize, needs, open_to_strangers
from tests.services.access.world import PRODUCTION, SANDBOX, make_actor

Replay = Callable[[Actor], Awaitable[object]]


@pytest.fixture
def done() -> list[str]:
    """What the guarded functions below have done."""
    return []


@pytest.fixture(params=["plain", "coroutine"])
def replay(request: pytest.FixtureRequest, done: list[str]) -> Replay:
    """A guarded function of either kind, to be awaited."""

    @needs(Permission.REPLAY)
    def plain(actor: Actor, *, what: str) -> str:
        done.append(what)
        return f"{actor.email} replayed {what}"

    @needs(Permission.REPLAY)
    async def coroutine(actor: Actor, *, what: str) -> str:
        done.append(what)
        return f"{actor.email} replayed {what}"

    async def replay(actor: Actor) -> object:
        if request.param == "plain":
            return plain(actor, what="a notification")
        return await coroutine(actor, what="a notification")

    return replay


async def test_who_may_gets_what_the_function_returns(replay: Replay, done: list[str]) -> None:
    actor = make_actor(role=Role.DEVELOPER)
    assert await replay(actor) == "olivia@example.com replayed a notification"
    assert done == ["a notification"]


async def test_an_ended_session_does_nothing(replay: Replay, done: list[str]) -> None:
    with pytest.raises(SessionEnded):
        await replay(make_actor(is_alive=lambda: False))
    assert done == []


async def test_a_role_that_may_not_does_nothing(replay: Replay, done: list[str]) -> None:
    with pytest.raises(NotAllowed) as refused:
        await replay(make_actor(role=Role.OPERATOR))
    assert (refused.value.permission, refused.value.role) == (Permission.REPLAY, Role.OPERATOR)
    assert done == []


async def test_in_production_a_missing_second_factor_does_nothing(replay: Replay, done: list[str]) -> None:
    with pytest.raises(NotAllowed):
        await replay(make_actor(environment=PRODUCTION, has_second_factor=False))
    assert done == []
    await replay(make_actor(environment=PRODUCTION))
    assert done == ["a notification"]


def test_whether_the_session_is_alive_is_asked_each_time() -> None:
    alive = [True]
    actor = make_actor(is_alive=lambda: alive[0])
    authorize(actor, Permission.SEE)
    alive[0] = False
    with pytest.raises(SessionEnded):
        authorize(actor, Permission.SEE)


def test_a_role_that_must_have_a_second_factor_may_not_even_look_without_it() -> None:
    with pytest.raises(NotAllowed):
        authorize(make_actor(environment=PRODUCTION, has_second_factor=False), Permission.SEE)
    authorize(make_actor(environment=SANDBOX, has_second_factor=False), Permission.SEE)
    authorize(make_actor(environment=PRODUCTION, role=Role.VIEWER, has_second_factor=False), Permission.SEE)


def test_a_refusal_is_logged_with_ids_and_no_names(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(NotAllowed):
        authorize(make_actor(role=Role.VIEWER, account_id=7), Permission.MANAGE_TEAM)
    assert "account=7 role=viewer environment=sandbox needs=manage-team address=192.0.2.1" in caplog.text
    assert "olivia" not in caplog.text


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("role", Role)
def test_what_is_offered_is_what_the_role_may(role: Role, environment: Environment) -> None:
    actor = make_actor(role=role, environment=environment)
    for permission in Permission:
        if actor.may(permission):
            authorize(actor, permission)
        else:
            with pytest.raises(NotAllowed):
                authorize(actor, permission)


NEEDED = {
    audit: {
        "record_refusal": Permission.SEE,
        "read_audit_log": Permission.READ_AUDIT_LOG,
        "begin_audit_export": Permission.READ_AUDIT_LOG,
        "audit_csv": Permission.READ_AUDIT_LOG,
    },
    own_access: dict.fromkeys(
        (
            "read_own_access", "choose_theme", "end_own_session", "sign_out_everywhere", "change_password",
            "offer_second_factor", "set_up_second_factor", "remove_second_factor", "renew_recovery_codes",
        ),
        Permission.OWN_ACCESS,
    ),
    team: {"list_admins": Permission.SEE}
    | dict.fromkeys(
        (
            "list_members", "failed_mail", "invite", "invite_again", "change_role", "suspend", "restore", "remove",
            "reset_second_factor", "sign_member_out",
        ),
        Permission.MANAGE_TEAM,
    ),
}  # fmt: skip


@pytest.mark.parametrize("module", NEEDED)
def test_whatever_an_actor_asks_of_access_says_what_it_needs(module: ModuleType) -> None:
    asked = {
        name: getattr(function, "needs", None)
        for name, function in _functions_of(module).items()
        if next(iter(inspect.signature(function).parameters)) == "actor"
    }
    assert asked == NEEDED[module]


@pytest.mark.parametrize("module", [sign_in, challenges, links, requests])
def test_what_strangers_may_call_says_why_that_is_safe(module: ModuleType) -> None:
    by_strangers = {
        name: getattr(function, "open_because", "")
        for name, function in _functions_of(module).items()
        if next(iter(inspect.signature(function).parameters)) == "door"
    }
    assert by_strangers
    assert all(by_strangers.values())


def test_a_function_that_is_open_to_strangers_stays_the_function_it_was() -> None:
    def knock() -> str:
        return "who is there"

    assert open_to_strangers("it only knocks")(knock) is knock
    assert knock.open_because == "it only knocks"  # type: ignore[attr-defined]


def _functions_of(module: ModuleType) -> dict[str, Callable[..., object]]:
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
