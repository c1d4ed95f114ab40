"""Who asks, and whether they may: every service function that a page can reach says what it needs, and is not entered
by anybody who lacks it.

`@needs(Permission.SEE)` is for functions whose first argument is the actor. `@open_to_strangers("why")` is for the few
that must work before anybody is signed in. A test finds every function that `ui` can reach and fails for one with
neither.
"""

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from models.access import Theme
from models.environment import Environment
from models.permissions import Permission, Role, lacks_second_factor, may

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class Denied(Exception):
    """Something was asked for that is not done for this actor; nothing has happened."""


class SessionEnded(Denied):
    """The actor's session was ended, or ran out, since the page was opened."""

    def __init__(self) -> None:
        super().__init__("The session has ended.")


class NotAllowed(Denied):
    """The actor's role lacks a permission, or its second factor is missing where it is required."""

    def __init__(self, permission: Permission, role: Role) -> None:
        super().__init__(f"The role {role} may not: {permission}.")
        self.permission = permission
        self.role = role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person with an open session, in one environment and no other."""

    session_id: int
    account_id: int
    email: str
    role: Role
    environment: Environment
    has_second_factor: bool
    theme: Theme = Theme.SYSTEM
    # The other environments that the same e-mail has an access to.
    also_in: tuple[Environment, ...] = ()
    address: str = ""
    # Asked anew each time: a page may be open for longer than its session.
    is_alive: Callable[[], bool] = field(repr=False, compare=False)

    def may(self, permission: Permission) -> bool:
        """Whether it makes sense to offer something; whoever does it asks `authorize`."""
        return may(self.role, permission)


def authorize(actor: Actor, permission: Permission) -> None:
    """Raise SessionEnded or NotAllowed unless the actor may, at this moment."""
    if not actor.is_alive():
        raise SessionEnded
    lacks_factor = lacks_second_factor(actor.environment, actor.role, has_one=actor.has_second_factor)
    if lacks_factor or not may(actor.role, permission):
        log.warning(
            "not allowed account=%s role=%s environment=%s needs=%s address=%s",
            actor.account_id, actor.role, actor.environment, permission, actor.address,
        )  # fmt: skip
        raise NotAllowed(permission, actor.role)


def needs(
    permission: Permission,
) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Have a function, whose first argument is the actor, refuse whoever lacks the permission."""

    def guarded(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def checked(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401
                authorize(actor, permission)
                return await function(actor, *args, **kwargs)

        else:

            @wraps(function)
            def checked(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401
                authorize(actor, permission)
                return function(actor, *args, **kwargs)

        checked.needs = permission  # type: ignore[attr-defined]
        return cast("Callable[Concatenate[Actor, P], R]", checked)

    return guarded


F = TypeVar("F", bound=Callable[..., object])


def open_to_strangers(reason: str) -> Callable[[F], F]:
    """Mark a function that pages may call before anybody is signed in, and say why that is safe."""

    def marked(function: F) -> F:
        function.open_because = reason  # type: ignore[attr-defined]
        return function

    return marked
