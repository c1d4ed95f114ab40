"""People with an open session, for whatever asks who is asking."""

from collections.abc import Callable

from models.environment import Environment
from models.permissions import Role
from services.access.actors import Actor


def make_actor(
    role: Role = Role.ADMIN,
    environment: Environment = Environment.LOCAL,
    *,
    account_id: int = 1,
    session_id: int = 1,
    email: str = "olivia@example.com",
    has_second_factor: bool = True,
    also_in: tuple[Environment, ...] = (),
    address: str = "192.0.2.7",
    is_alive: Callable[[], bool] = lambda: True,
) -> Actor:
    return Actor(
        session_id=session_id,
        account_id=account_id,
        email=email,
        role=role,
        environment=environment,
        has_second_factor=has_second_factor,
        also_in=also_in,
        address=address,
        is_alive=is_alive,
    )
