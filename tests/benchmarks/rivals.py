"""What is measured beside us, under main.py's own server settings: beside the receiver an application that does
nothing, and what one would write first with FastAPI and SQLModel; beside the pages NiceGUI's own, with nothing in it.

    python -m tests.benchmarks.rivals (no-op | plain | nicegui) --port N
"""

import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query
from nicegui import ui
from sqlalchemy import create_engine, event
from sqlmodel import Field, Session, SQLModel
from starlette.types import ASGIApp, Receive, Scope, Send

# The very function that runs the dashboard: the settings of uvicorn must not differ.
from main import _run as run_as_main_does
from tests.serving import HOST


class PlainNotification(SQLModel, table=True):
    """The one table of the plain handler."""

    __tablename__ = "plain_notification"

    id: int | None = Field(default=None, primary_key=True)
    event_type: str
    resource_id: str
    date: int
    received_at: float


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("rival", choices=("no-op", "plain", "nicegui"))
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    rivals = {
        "no-op": lambda: noop,
        "plain": lambda: plain(Path(os.environ["DASHBOARD_DATA_DIR"]) / "dashboard.sqlite3"),
        "nicegui": empty_page,
    }
    app = rivals[arguments.rival]()
    run_as_main_does(app, host=HOST, port=arguments.port)


async def noop(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200 to everything."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def plain(database: Path) -> ASGIApp:
    """Store each hit by a commit of its own, as durable as the receiver's."""
    engine = create_engine(f"sqlite:///{database}")

    @event.listens_for(engine, "connect")
    def be_as_durable(connection, _record) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables["plain_notification"]])
    app = FastAPI()

    # On the event loop: by turns in FastAPI's forty threads, SQLite's lock would fail some of them.
    @app.get("/hook")
    async def hook(
        event_type: Annotated[str, Query(alias="EventType")],
        resource_id: Annotated[str, Query(alias="RessourceId")],
        date: Annotated[int, Query(alias="Date")],
    ) -> None:
        with Session(engine) as session:
            session.add(
                PlainNotification(event_type=event_type, resource_id=resource_id, date=date, received_at=time.time())
            )
            session.commit()

    @app.get("/health")
    async def health() -> None:
        return None

    return app


def empty_page() -> ASGIApp:
    """Show NiceGUI's own page with nothing in it, under the settings that the dashboard has."""
    outer = FastAPI()

    @ui.page("/")
    def nothing() -> None:
        """Leave the page empty."""

    ui.run_with(outer, tailwind=False, reconnect_timeout=30, binding_refresh_interval=None, show_welcome_message=False)
    return outer


if __name__ == "__main__":
    main()
