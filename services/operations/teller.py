"""What operations stand on: the journal's database, Mangopay, the limits, the clock, and how long a call may take."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.operations.limits import Limits
from services.clock import now
from services.database import Database
from services.mangopay.client import Clients
from services.mangopay.connection import WHOLE_CALL_TIMEOUT_S

# Reading what an operation meets takes a few calls at once, and a few more.
PREPARED_FOR = timedelta(seconds=4 * WHOLE_CALL_TIMEOUT_S)
# Long after the call has ended here, it may still be on its way there.
SENT_FOR = timedelta(seconds=WHOLE_CALL_TIMEOUT_S)
MARGIN = timedelta(seconds=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """One for all environments."""

    database: Database
    clients: Clients
    limits: Limits
    clock: Callable[[], datetime] = now
