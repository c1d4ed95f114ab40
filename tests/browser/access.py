"""How a test comes to be signed in to a running dashboard, without a browser."""

import httpx

from models.access import Role
from models.environment import Environment
from services.access.links import issue_link
from services.clock import now
from services.database import Database
from tests.serving import Server

PASSWORD = "Correct-horse-7-battery"


async def sign_up(server: Server, email: str, role: Role = Role.OPERATOR) -> tuple[str, str]:
    """Create an access by a one-time link, and return the name and value of its session's cookie."""
    database = Database(f"sqlite:///{server.database}")
    link = await issue_link(database, environment=Environment.LOCAL, role=role, email=email, now=now())
    await database.dispose()
    async with httpx.AsyncClient(base_url=server.base_url, headers={"Origin": server.base_url}, verify=False) as http:
        answer = await http.post(f"/link/{link}", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303
        [(name, value)] = http.cookies.items()
    return name, value
