"""How a test comes to be signed in to a running dashboard, without a browser."""

import httpx

from models.environment import Environment
from models.permissions import Role
from services.access.links import invite_by_command_line
from services.clock import now
from services.database import Database
from tests.serving import Server

PASSWORD = "Correct-horse-7-battery"


async def sign_up(server: Server, email: str, role: Role = Role.OPERATOR) -> tuple[str, str]:
    """Create a member's access by a one-time link, and return the name and value of their session's cookie."""
    database = Database(f"sqlite:///{server.database}")
    link = await invite_by_command_line(database, environment=Environment.LOCAL, email=email, role=role, now=now())
    await database.dispose()
    async with httpx.AsyncClient(base_url=server.base_url, headers={"Origin": server.base_url}, verify=False) as http:
        answer = await http.post(f"/link/{link}", data={"new": PASSWORD})
        assert answer.status_code == 303
        [(name, value)] = [(name, value) for name, value in http.cookies.items() if name.endswith("session")]
    return name, value
