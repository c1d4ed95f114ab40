"""Settings, Team: who has an access to this environment, and what its admins may change about it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import htpy as h
from nicegui import Client, ui
from sqlalchemy.exc import OperationalError

from models.access import AccountState
from models.environment import Environment
from models.mail import Mail
from models.permissions import RULES, Permission, Role, may
from services.access import team
from services.access.actors import Actor, Denied
from services.access.errors import AccessError, AlreadyMember, NotAnEmail
from services.access.team import Member
from services.bootstrap import Services
from services.clock import now
from ui.components.forms import BUSY, Field, answer_of, ask, sentence_of, tell
from ui.components.html import button, once, put, show
from ui.components.parts import chip, copy_button, icon, message, skeleton, when
from ui.frame import current_actor, frame, is_looked_at, page_head
from ui.live import Live
from ui.pages.settings import settings_tabs
from ui.places import Places
from ui.theme import Tone

PATH = "/settings/team"
TONES = {
    AccountState.ACTIVE: Tone.POSITIVE,
    AccountState.INVITED: Tone.WAITING,
    AccountState.INVITATION_LAPSED: Tone.MUTED,
    AccountState.SUSPENDED: Tone.NEGATIVE,
}
ROLES = {role.value: role.label for role in Role}


def register(places: Places, services: Services, _live: Live) -> None:
    @places.page(PATH, needs=Permission.MANAGE_TEAM)
    async def team_page(client: Client) -> None:
        page = TeamPage(services, current_actor())
        page.build()
        if await is_looked_at(client):
            await page.load()


class TeamPage:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._door = services.door
        self._actor = actor

    def build(self) -> None:
        with frame(self._services, "Team", path=PATH):
            page_head("Settings")
            settings_tabs(self._actor, PATH)
            self._mail = show()
            self._mail.set_visibility(False)
            with ui.element("section").classes("panel").props('aria-label="Invite"'):
                show(h.div(".panel-head")[h.h2(".section")[f"Invite to {self._actor.environment.label}"]])
                self._build_invitation()
            with ui.element("section").classes("panel").props('aria-label="Members"'):
                with ui.element("div").classes("panel-head"):
                    self._title = show(h.h2(".section")["Members"])
                    button("Reload members", self.load, icon_name="refresh", classes="plain-button icon-button")
                self._list = ui.element("div")
                with self._list:
                    show(h.div(".panel-body")[skeleton("90%", "80%", "85%")])
            show(h.details(".panel.panel-body")[h.summary["What each role may do"], roles_table()])

    async def load(self) -> None:
        try:
            members = await team.list_members(self._actor, self._door, now=now())
            failed = await team.failed_mail(self._actor, self._door)
        except OperationalError:
            put(self._title, message(Tone.NEGATIVE, BUSY, "What was shown stays. Try again in a moment."))
            return
        put(self._title, h.h2(".section")[f"Members ({len(members)})"])
        self._list.clear()
        with self._list:
            for member in members:
                self._member(member)
        put(self._mail, _failed_mail(failed))
        self._mail.set_visibility(bool(failed))

    def _build_invitation(self) -> None:
        # What is wrong with an address is said beside its field, in our words and not in the browser's.
        form = ui.element("form").classes("panel-body inline-form").props("novalidate")
        with form:
            self._email = Field("E-mail address", kind="email")
            self._role = Field("Role", options=ROLES, value=Role.VIEWER.value)
            submit = button("Invite", lambda: None, classes="primary").props("type=submit")
        form.on("submit.prevent", lambda: once(submit, self._invite))
        self._invited = show(classes="panel-body")
        self._invited.set_visibility(False)

    async def _invite(self) -> None:
        if self._invited.visible and not self._email.value:
            # The second click of a double one: the first has done it, and emptied the field.
            return
        self._email.refuse("")
        self._invited.set_visibility(False)
        try:
            invited = await team.invite(
                self._actor, self._door, email=self._email.value, role=Role(self._role.value), now=now()
            )
        except NotAnEmail:
            self._email.refuse("Enter an e-mail address, such as victor@example.com.")
            return
        except AlreadyMember as error:
            self._email.refuse(str(error))
            return
        except (Denied, OperationalError) as error:
            tell(sentence_of(error), is_error=True)
            return
        self._email.reset()
        self._role.reset(Role.VIEWER.value)
        put(self._invited, self._what_became_of(invited))
        self._invited.set_visibility(True)
        await self.load()

    def _what_became_of(self, invited: team.Invited) -> h.Node:
        if invited.link is None:
            is_kept_here = self._actor.environment is Environment.LOCAL and self._services.mailbox is not None
            return message(
                Tone.POSITIVE,
                f"An invitation to {invited.email} is on its way.",
                h.fragment[
                    "Its link works once, for 30 minutes; after that they can ask for another for 7 days.",
                    is_kept_here
                    and [" Local keeps its mail itself: ", h.a(href="/local-mail")["open Local mail"], "."],
                ],
            )
        return h.fragment[
            message(
                Tone.WAITING,
                f"No mail server is set: pass this link on to {invited.email} yourself.",
                "It works once, for 30 minutes, and is shown only now.",
            ),
            h.pre(".code")[invited.link, copy_button(invited.link)],
        ]

    def _member(self, member: Member) -> None:
        is_oneself = member.id == self._actor.account_id
        with ui.element("div").classes("line member"):
            show(
                h.div[
                    h.strong[member.email], is_oneself and chip("You", Tone.NOTICE),
                    member.state is not AccountState.ACTIVE
                    and chip(member.state.value.capitalize(), TONES[member.state]),
                    h.p(".caption")[_member_facts(member)],
                ],
                classes="line-text",
            )  # fmt: skip
            show(member.role.label, classes="member-role")
            with ui.element("div"):
                menu = ui.menu().props("anchor='bottom right' self='top right'").classes("account-menu")
                button(f"Change {member.email}", menu.open, icon_name="more_horiz", classes="plain-button icon-button")
            with menu:
                for label, act in self._acts(member):
                    button(label, partial(self._choose, menu, act), classes="plain-button")

    def _acts(self, member: Member) -> Sequence[tuple[str, Callable[[], Awaitable[None]]]]:
        acts: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("Change role", partial(self._change_role, member)),
        ]
        if member.state in (AccountState.INVITED, AccountState.INVITATION_LAPSED):
            acts.append(("Invite again", partial(self._invite_again, member)))
        if member.state is AccountState.ACTIVE:
            acts.append(("Sign out everywhere", partial(self._sign_out, member)))
        if member.has_second_factor and member.id != self._actor.account_id:
            acts.append(("Reset second factor", partial(self._reset, member)))
        if member.state is AccountState.SUSPENDED:
            acts.append(("Restore", partial(self._restore, member)))
        else:
            acts.append(("Suspend", partial(self._suspend, member)))
        return [*acts, ("Remove", partial(self._remove, member))]

    async def _choose(self, menu: ui.menu, act: Callable[[], Awaitable[None]]) -> None:
        menu.close()
        # A question asked from inside the menu would go away with it.
        with self._list:
            await act()

    async def _change_role(self, member: Member) -> None:
        role = await _ask_for_role(member)
        if role is None or role is member.role:
            return
        await self._do(
            partial(team.change_role, self._actor, self._door, member, role, now=now()),
            f"{member.email} is now {role.value}.",
        )

    async def _invite_again(self, member: Member) -> None:
        self._email.reset()
        try:
            invited = await team.invite_again(self._actor, self._door, member, now=now())
        except (AccessError, Denied, OperationalError) as error:
            tell(sentence_of(error), is_error=True)
        else:
            put(self._invited, self._what_became_of(invited))
            self._invited.set_visibility(True)
        await self.load()

    async def _sign_out(self, member: Member) -> None:
        what = h.p["Every session of theirs ends at once, with whatever is open and not saved."]
        if await ask(f"Sign {member.email} out everywhere?", what, act="Sign out"):
            await self._do(
                partial(team.sign_member_out, self._actor, self._door, member, now=now()),
                f"{member.email} is signed out everywhere.",
            )

    async def _reset(self, member: Member) -> None:
        what = h.p[
            "Their authenticator app and recovery codes stop working, and they are signed out. "
            "Make sure that it is really they who ask."
        ]
        if await ask(f"Reset the second factor of {member.email}?", what, act="Reset", is_dangerous=True):
            await self._do(
                partial(team.reset_second_factor, self._actor, self._door, member, now=now()),
                f"The second factor of {member.email} is reset.",
            )

    async def _suspend(self, member: Member) -> None:
        what = h.p["They are signed out at once, and cannot sign in until you restore the access."]
        if await ask(f"Suspend {member.email}?", what, act="Suspend", is_dangerous=True):
            await self._do(
                partial(team.suspend, self._actor, self._door, member, now=now()), f"{member.email} is suspended."
            )

    async def _restore(self, member: Member) -> None:
        await self._do(
            partial(team.restore, self._actor, self._door, member, now=now()), f"{member.email} may sign in again."
        )

    async def _remove(self, member: Member) -> None:
        what = h.p[
            f"Their access to {self._actor.environment.label} is taken away for good. "
            "What they did stays in the audit log."
        ]
        if await ask(f"Remove {member.email}?", what, act="Remove", is_dangerous=True):
            await self._do(
                partial(team.remove, self._actor, self._door, member, now=now()), f"{member.email} is removed."
            )

    async def _do(self, act: Callable[[], Awaitable[None]], done: str) -> None:
        try:
            await act()
        except (AccessError, Denied, OperationalError) as error:
            tell(sentence_of(error), is_error=True)
        else:
            tell(done)
        if self._actor.is_alive():
            await self.load()


def roles_table() -> h.Node:
    """Return the table of permissions as the services enforce it."""
    return h.div(".table-frame")[
        h.table(".small-table.roles")[
            h.thead[h.tr[h.th(scope="col")["May"], [h.th(scope="col")[role.label] for role in Role]]],
            h.tbody[
                [
                    h.tr[
                        h.th(scope="row")[rule.what],
                        [
                            h.td[icon("check"), h.span(".visually-hidden")["yes"]]
                            if may(role, permission)
                            else h.td[h.span(".visually-hidden")["no"]]
                            for role in Role
                        ],
                    ]
                    for permission, rule in RULES.items()
                ]
            ],
        ]
    ]


async def _ask_for_role(member: Member) -> Role | None:
    with ui.dialog().props('aria-label="Change role"') as dialog, ui.card().classes("panel question"):
        show(
            h.h2(".section")["Change role"],
            h.p[f"{member.email} is {member.role.value} now. With another role they are signed out, and sign in anew."],
        )
        role = Field("Role", options=ROLES, value=member.role.value)
        with ui.element("div").classes("question-ways"):
            button("Cancel", lambda: dialog.submit(None), classes="plain-button")
            button("Change role", lambda: dialog.submit(role.value), classes="primary")
    answer = await answer_of(dialog)
    return Role(str(answer)) if answer else None


def _member_facts(member: Member) -> h.Node:
    last = member.last_signed_in_at
    return h.fragment[
        h.fragment["last sign-in ", when(last)] if last else "never signed in",
        " · second factor set up" if member.has_second_factor else " · no second factor",
        member.also_in and " · also in " + ", ".join(environment.label for environment in member.also_in),
    ]


def _failed_mail(mails: Sequence[Mail]) -> h.Node:
    newest = next(iter(mails), None)
    if newest is None:
        return None
    return message(
        Tone.NEGATIVE,
        f"Mail cannot be sent: {newest.last_error}",
        f"{len(mails)} mail{'' if len(mails) == 1 else 's'} of this environment wait, the newest for {newest.email}. "
        "They are tried again for a while; "
        "check DASHBOARD_SMTP_URL.",
    )
