"""Alembic's entry: runs on the connection it is handed, or, from the command line, on the settings' database."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import models.access
import models.audit
import models.feed
import models.journal
import models.known
import models.mail
import models.notification
import models.payment_days  # noqa: F401  (imported for their tables)

# SQLite keeps a full-text table in tables of its own, which no model describes.
FULL_TEXT = "user_text"


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=lambda name, kind, _: kind != "table" or not (name or "").startswith(FULL_TEXT),
    )
    with context.begin_transaction():
        context.run_migrations()


handed = context.config.attributes.get("connection")
if handed is not None:
    run(handed)
else:
    from services.database import Database
    from services.settings import Settings

    with Database(Settings().database).migrating() as own:
        run(own)
