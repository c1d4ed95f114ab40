"""From the database to open pages: the only bridge.

The database is the bus, so the receiver may run in another process. While somebody looks, one query a half second asks
for deliveries that came in since; each page hears at most twice a second, with what is new in its environment, and
less often in a rush.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from models.notification import Notification
from services.access.actors import Actor, SessionEnded
from services.database import Database
from services.notifications.inbox import last_delivery_id, told_since

log = logging.getLogger(__name__)

EVERY_S = 0.5
# As many rows as a page of the list has; a page that needs the rest reads the inbox.
MOST_AT_ONCE = 50
# After a rush, so many turns are left out: no reader follows fifty new rows a second, and no browser likes to.
RUSH = 25
REST_TURNS = 3

Listener = Callable[[Sequence[Notification]], None]


class Live:
    """One per process. Listeners are called on the event loop, newest notification first, and must not block."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[Listener, Actor] = {}
        self._seen: int | None = None
        self._resting = 0

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def listen(self, actor: Actor, listener: Listener) -> Callable[[], None]:
        """Have `listener` told from now on; returns the function that ends it.

        Listen first and read the page's rows afterwards: then nothing falls between the two.
        """
        newest = await last_delivery_id(actor, self._database)
        if self._seen is None:
            self._seen = newest
        self._listeners[listener] = actor
        return lambda: self._forget(listener)

    async def turn(self) -> None:
        """Tell everybody what is new; to be called every half second."""
        if self._resting:
            self._resting -= 1
            return
        seen = self._seen
        # One of those who look, for each environment; a page whose session has ended is told nothing more.
        lookers = {actor.environment: actor for actor in self._listeners.values() if actor.is_alive()}
        if seen is None or not lookers:
            return
        try:
            newest = await last_delivery_id(next(iter(lookers.values())), self._database)
            if newest == seen:
                return
            told = {
                environment: await told_since(actor, self._database, seen, up_to=newest, limit=MOST_AT_ONCE)
                for environment, actor in lookers.items()
            }
        except SessionEnded:
            # It ended in this very moment: the next turn asks through somebody else.
            return
        # The last page may have left meanwhile: then nobody has seen anything any more.
        if self._seen is not None:
            self._seen = newest
        if any(len(news) >= RUSH for news in told.values()):
            self._resting = REST_TURNS
        for listener, actor in list(self._listeners.items()):
            news = told.get(actor.environment)
            if news and listener in self._listeners and actor.is_alive():
                self._tell(listener, news)
                # Ten pages are ten short turns of the loop, not one long one: the receiver runs in between.
                await asyncio.sleep(0)

    def _tell(self, listener: Listener, news: Sequence[Notification]) -> None:
        try:
            listener(news)
        except Exception:
            log.exception("a page failed to take news")

    def _forget(self, listener: Listener) -> None:
        self._listeners.pop(listener, None)
        if not self._listeners:
            self._seen = None
