"""The figures of the Dashboard: how each is got, in how many calls, and what it leads to."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import htpy as h

from models.journal import State
from models.mangopay.wire import utc
from models.objects.fields import Content
from models.objects.kinds import href
from models.objects.listings import LISTINGS
from models.objects.plain import money_of
from models.status_board import read_at
from services.access.actors import Actor
from services.bootstrap import Services
from services.clock import now
from services.feeds.reading import read_status
from services.mangopay.paging import Page
from services.notifications.hook_health import HookHealth, read_hook_health
from services.objects.lists import Wanted, list_page
from services.operations.journal import count_undecided
from ui.components.incidents import feed_state
from ui.components.list_state import ListState
from ui.components.parts import icon, money, object_id, when
from ui.components.status_panel import SETTING, brief
from ui.theme import Tone
from ui.visit import Visit

# Today and six days before it, and 29: a list begins at a midnight.
LATELY = timedelta(days=6)
REFUSED_LATELY = timedelta(days=29)
SHOWN = 3
A_PAGE = 100
TO_CONTEST = ("PENDING_CLIENT_ACTION", "REOPENED_PENDING_CLIENT_ACTION")

Read = Callable[[], Awaitable[h.Node]]


class Figures:
    def __init__(self, services: Services, actor: Actor, visit: Visit) -> None:
        self._services = services
        self._actor = actor
        self._visit = visit

    @property
    def tiles(self) -> Sequence[tuple[str, Read]]:
        return (
            ("Operations", self.operations),
            ("Disputes", self.disputes),
            ("Payouts", self.payouts),
            ("KYC documents", self.kyc),
            ("Hooks", self.hooks),
            ("API status", self.status),
        )

    async def operations(self) -> h.Node:
        """No call: the journal is ours."""
        found = await count_undecided(self._actor, self._services.teller)
        states = (
            (found.awaiting, "await approval", State.AWAITING_APPROVAL),
            (found.unknown, "of unknown outcome", State.UNKNOWN),
        )
        return _tile(
            [
                _figure(count, what, f"/operations?state={state}", Tone.WAITING if count else Tone.POSITIVE)
                for count, what, state in states
            ],
            read_at=now(),
        )

    async def kyc(self) -> h.Node:
        """Two calls: the first page of two filtered lists says how many there are."""
        since = _midnight(now() - REFUSED_LATELY)
        waiting = ListState(filters={"Status": "VALIDATION_ASKED"})
        refused = ListState(filters={"Status": "REFUSED"}, since=since)
        pages = [await self._first("kyc-documents", state.wanted) for state in (waiting, refused)]
        path = "/users/kyc-documents"
        return _tile(
            [
                _figure(_count(pages[0]), "wait for Mangopay", waiting.url(path), Tone.MUTED),
                _figure(_count(pages[1]), "refused, of the last 30 days", refused.url(path), _bad(pages[1])),
            ],
            read_at=pages[1].read_at,
        )

    async def payouts(self) -> h.Node:
        """Two calls: events of a type, counted, with the newest of them. A repudiation that is given back, its dispute
        being won, is told by the same event as a payout that the bank returns.
        """
        since = _midnight(now() - LATELY)
        states = [
            ListState(filters={"EventType": event_type}, since=since)
            for event_type in ("PAYOUT_NORMAL_FAILED", "PAYOUT_REFUND_SUCCEEDED")
        ]
        failed, returned = [await self._first("events", state.wanted, rows=SHOWN) for state in states]
        path = "/users/events"
        newest = sorted(
            [
                (_date(event), h.a(href=href(kind, str(event.get("ResourceId"))))[what])
                for page, kind, what in ((failed, "payout", "Payout failed"), (returned, "refund", "Money came back"))
                for event in page.items
            ],
            key=lambda row: row[0],
            reverse=True,
        )
        return _tile(
            [
                _figure(_count(failed), "failed in 7 days", states[0].url(path), _bad(failed)),
                _figure(_count(returned), "came back, or a dispute was won", states[1].url(path), _came_back(returned)),
            ],
            [(link, when(at)) for at, link in newest[:SHOWN]],
            read_at=returned.read_at,
        )

    async def disputes(self) -> h.Node:
        """One call for each of the two states in which the platform has to act, with the deadlines of the hundred that
        have waited longest.
        """
        pages = [
            await self._first("disputes", Wanted(filters={"Status": status}, ascending=True), rows=A_PAGE)
            for status in TO_CONTEST
        ]
        path = "/users/disputes"
        open_ = [dispute for page in pages for dispute in page.items]
        dated = sorted(
            [(at, dispute) for dispute in open_ if (at := _moment(dispute.get("ContestDeadlineDate"))) is not None],
            key=lambda row: row[0],
        )
        words = ("wait for you", "opened again, wait for you")
        links = [ListState(filters={"Status": status}).url(path) for status in TO_CONTEST]
        waiting = [
            _figure(_count(page), what, link, _bad(page)) for page, what, link in zip(pages, words, links, strict=True)
        ]
        more = len(dated) - SHOWN
        return _tile(
            # Most platforms never see one that was opened again.
            waiting if _number(pages[1]) else waiting[:1],
            [
                (h.a(href=href("dispute", str(dispute.get("Id"))))[_amount(dispute)], h.fragment["due ", when(at)])
                for at, dispute in dated[:SHOWN]
            ],
            h.p(".caption")[f"and {more} more, due later"] if more > 0 else None,
            read_at=pages[0].read_at,
        )

    async def hooks(self) -> h.Node:
        """One call for every hundred hooks, and one for the newest event that should have come by now."""
        services = self._services
        health = await read_hook_health(self._actor, services.clients, services.database, services.tokens, now=now())
        silent = len(health.silent)
        hooks = len(health.hooks)
        figure = (
            _figure(silent, f"of {hooks} hooks are off or invalid", "/notifications", Tone.NEGATIVE)
            if silent
            else _figure(0, "hooks: Mangopay tells nobody", "/notifications", Tone.NEGATIVE)
            if not hooks
            else _figure(len(health.missed), "kinds of event did not come here", "/notifications", Tone.NEGATIVE)
            if health.missed
            else _figure(hooks, "hooks, all on and valid", "/notifications", Tone.POSITIVE)
        )
        return _tile([figure], [], _heard(health), read_at=now())

    async def status(self) -> h.Node:
        """No call: the status feed is read in the background."""
        status = await read_status(self._actor, self._services.database, now=now())
        since = read_at(status.feeds)
        if since is None or any(feed.last_error for feed in status.feeds):
            return h.fragment[brief(status), feed_state(status.feeds, setting=SETTING)]
        return h.fragment[brief(status), h.p(".caption.as-of")["As of ", when(since)]]

    async def wallets(self) -> h.Node:
        """One call: a platform has two wallets for each currency, and a page holds a hundred."""
        page = await self._first("platform-wallets", Wanted(), rows=A_PAGE)
        by_currency: dict[str, dict[str, Content]] = defaultdict(dict)
        for wallet in page.items:
            by_currency[str(wallet.get("Currency"))][str(wallet.get("FundsType"))] = wallet
        if not by_currency:
            return h.p(".panel-body.muted")["No wallet of the platform yet: they come with its first fees."]
        return h.fragment[
            h.div(".panel-body.table-frame")[
                h.table(".small-table")[
                    h.thead[h.tr[h.th(scope="col")["Currency"], _right("Fees"), _right("Repudiation")]],
                    h.tbody[
                        [
                            h.tr[
                                h.th(scope="row")[currency],
                                _balance(wallets.get("FEES")),
                                _balance(wallets.get("CREDIT")),
                            ]
                            for currency, wallets in sorted(by_currency.items())
                        ]
                    ],
                ]
            ],
            h.p(".panel-body.caption")[
                page.has_next and "There are more than these hundred. ",
                "As of ",
                when(page.read_at or now()),
            ],
        ]

    async def _first(self, name: str, wanted: Wanted, *, rows: int = 1) -> Page[Content]:
        """Read the first page of a list."""
        first = replace(wanted, page=1, per_page=rows)
        return await self._visit.call(list_page(self._actor, self._services.clients, LISTINGS[name], wanted=first))


def _tile(
    figures: Sequence[h.Node],
    rows: Sequence[tuple[h.Node, h.Node]] = (),
    note: h.Node = None,
    *,
    read_at: datetime | None,
) -> h.Node:
    return h.fragment[
        h.div(".figures")[figures],
        rows and h.ul(".tile-rows")[[h.li[what, h.span(".caption")[at]] for what, at in rows]],
        note,
        h.p(".caption.as-of")["As of ", when(read_at or now())],
    ]


def _figure(count: str | int, what: str, leads_to: str, tone: Tone) -> h.Node:
    return h.a(f".figure-link.{tone}", href=leads_to)[h.strong[icon(tone.icon), str(count)], h.span[what]]


def _heard(health: HookHealth) -> h.Node:
    if health.missed:
        newest = health.missed[0]
        return h.p(".tone.negative")[f"{newest.event_type} has not come here: ", when(newest.at)]
    if health.last_told_at is None:
        return h.p(".caption")["Nothing was received yet."]
    return h.p(".caption")["Last received ", when(health.last_told_at)]


def _number(page: Page[Content]) -> int:
    return len(page.items) if page.total_items is None else page.total_items


def _count(page: Page[Content]) -> str:
    """Return how many there are, "1+" where Mangopay does not say."""
    return f"{len(page.items)}+" if page.total_items is None and page.items else str(_number(page))


def _bad(page: Page[Content]) -> Tone:
    return Tone.NEGATIVE if _number(page) else Tone.POSITIVE


def _came_back(page: Page[Content]) -> Tone:
    return Tone.WAITING if _number(page) else Tone.POSITIVE


def _amount(dispute: Content) -> h.Node:
    amount = money_of(dispute.get("DisputedFunds"), dispute)
    return money(amount) if amount else object_id(str(dispute.get("Id")), is_in_list=True)


def _right(label: str) -> h.Node:
    return h.th(".amount", scope="col")[label]


def _balance(wallet: Content | None) -> h.Node:
    balance = money_of(wallet.get("Balance"), wallet) if wallet else None
    if wallet is None or balance is None:
        return h.td(".amount.muted")["none"]
    return h.td(".amount")[h.a(href=href("client-wallet", str(wallet.get("Id"))))[money(balance)]]


def _moment(seconds: object) -> datetime | None:
    return utc(seconds) if isinstance(seconds, int) else None


def _date(event: Mapping[str, object]) -> datetime:
    return _moment(event.get("Date")) or now()


def _midnight(moment: datetime) -> datetime:
    """Return the beginning of a day, so that the link to a list is the same all day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
