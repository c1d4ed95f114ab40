"""Reading what status pages write: Statuspage's words are understood, anything else is left as it came."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.environment import Environment
from models.incidents import Health, Phase, Standing, Told, health_of, read_incident, standing_of

AT = datetime(2026, 11, 18, 11, 34, tzinfo=UTC)
PRODUCTION, SANDBOX, LOCAL = Environment.PRODUCTION, Environment.SANDBOX, Environment.LOCAL


def update(label: str, when: str = "Nov 18, 11:34 UTC", text: str = "All is well.") -> str:
    return f"<p><small>{when}</small><br><strong>{label}</strong> - {text}</p>"


def window(when: str) -> str:
    return f"<p><strong>THIS IS A SCHEDULED EVENT {when}</strong></p>"


def read(*parts: str, title: str = "Slow pay-ins", published_at: datetime = AT) -> Told:
    return read_incident(title, "".join(parts), published_at)


def test_a_history_is_read_newest_first_and_the_newest_tells_the_phase() -> None:
    told = read(
        update("Resolved"),
        update("Monitoring", "Nov 18, 10:02 UTC", "A fix is out."),
        update("Investigating", "Nov 18, 09:30 UTC", "We look into it."),
    )
    assert told.phase is Phase.RESOLVED
    assert [(u.label, u.text, u.at) for u in told.updates] == [
        ("Resolved", "<p>All is well.", AT),
        ("Monitoring", "<p>A fix is out.", AT.replace(hour=10, minute=2)),
        ("Investigating", "<p>We look into it.", AT.replace(hour=9, minute=30)),
    ]
    assert (told.starts_at, told.ends_at) == (AT.replace(hour=9, minute=30), AT)


@pytest.mark.parametrize("label", [phase.label for phase in Phase])
def test_every_word_of_a_phase_is_known(label: str) -> None:
    phase = read(update(label)).phase
    assert phase is not None
    assert phase.label == label


def test_an_update_leaves_the_phase_as_it_was() -> None:
    assert read(update("Update"), update("Identified", "Nov 18, 10:02 UTC")).phase is Phase.IDENTIFIED


def test_a_postmortem_comes_after_the_end_and_does_not_move_it() -> None:
    told = read(
        update("Postmortem", "Nov 20, 09:00 UTC"), update("Resolved"), update("Identified", "Nov 18, 10:02 UTC")
    )
    assert (told.phase, told.ends_at) == (Phase.RESOLVED, AT)


@pytest.mark.parametrize("label", ["Solved", "", "Resolved?", "Erledigt"])
def test_another_word_is_no_phase_and_is_kept(label: str) -> None:
    told = read(update(label))
    assert (told.phase, told.updates[0].label, told.starts_at) == (None, label, None)


def test_newer_pages_put_blanks_into_it_and_pad_the_day() -> None:
    told = read("<p> <small>Jan  3, 11:34 UTC</small> <br> <strong>Monitoring</strong> \N{EN DASH} text</p>")
    assert told.updates[0].at == datetime(2027, 1, 3, 11, 34, tzinfo=UTC)
    assert told.updates[0].text == "<p>text"


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("Nov 18, 11:34 UTC", (18, 11, 34)),
        ("Nov 18, 11:34 GMT", (18, 11, 34)),
        ("Nov 18, 11:34 CET", (18, 10, 34)),
        ("Nov 18, 00:34 CEST", (17, 22, 34)),
        ("Nov 18, 11:34 PST", (18, 19, 34)),
        ("Nov 18, 11:34 +02:00", (18, 9, 34)),
        ("Nov 18, 11:34 UTC-0330", (18, 15, 4)),
        ("Nov 18, 11:34 UTC+2", (18, 9, 34)),
        ("November 18, 2026 - 11:34 UTC", (18, 11, 34)),
    ],
)
def test_a_moment_is_read_in_its_zone(written: str, utc: tuple[int, int, int]) -> None:
    assert read(update("Identified", written)).updates[0].at == datetime(2026, 11, *utc, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "Nov 18, 11:34",
        "Nov 18, 11:34 XYZ",
        "Nov 18, 11:34 +99:00",
        "Nov 31, 11:34 UTC",
        "Nov 18, 25:34 UTC",
        "Nox 18, 11:34 UTC",
        "18.11., 11:34 UTC",
        "",
    ],
)
def test_a_moment_that_cannot_be_read_is_kept_as_it_is_written(written: str) -> None:
    told = read(update("Identified", written)).updates[0]
    assert (told.at, told.written) == (None, written)


def test_the_year_that_is_not_written_is_the_one_nearest_to_the_entry() -> None:
    told = read(
        update("Resolved", "Jan 2, 08:00 UTC"),
        update("Investigating", "Dec 30, 23:00 UTC"),
        published_at=datetime(2027, 1, 2, 8, tzinfo=UTC),
    )
    assert [u.at and u.at.year for u in told.updates] == [2027, 2026]
    leap = read(update("Identified", "Feb 29, 08:00 UTC"), published_at=datetime(2027, 12, 1, tzinfo=UTC))
    assert leap.updates[0].at == datetime(2028, 2, 29, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "begin", "end"),
    [
        ("Dec 16, 12:00 - 16:00 CET", (16, 11), (16, 15)),
        ("Dec 16, 22:00 - 02:00 UTC", (16, 22), (17, 2)),
        ("Dec 16, 22:00 - Dec 18, 02:00 UTC", (16, 22), (18, 2)),
        ("Dec 16, 22:00 \N{EN DASH} Dec 18, 02:00 UTC", (16, 22), (18, 2)),
    ],
)
def test_the_window_of_a_maintenance_is_read(written: str, begin: tuple[int, int], end: tuple[int, int]) -> None:
    published_at = datetime(2026, 12, 16, 12, tzinfo=UTC)
    told = read(window(written), update("Scheduled", "Nov 20, 12:00 CET"), published_at=published_at)
    assert told.phase is Phase.SCHEDULED
    assert told.starts_at == datetime(2026, 12, *begin, tzinfo=UTC)
    assert told.ends_at == datetime(2026, 12, *end, tzinfo=UTC)
    assert told.updates[0].at == datetime(2026, 11, 20, 11, tzinfo=UTC)


def test_planned_work_without_a_window_that_can_be_read_begins_when_its_entry_says() -> None:
    planned_for = AT + timedelta(days=3)
    told = read(window("at the weekend"), update("Scheduled"), published_at=planned_for)
    assert (told.phase, told.starts_at, told.ends_at) == (Phase.SCHEDULED, planned_for, None)
    # The moment of its announcement is no plan.
    assert read(update("Scheduled")).starts_at is None


def test_what_was_announced_for_far_ahead_was_announced_before() -> None:
    planned_for = datetime(2027, 8, 2, 9, tzinfo=UTC)
    told = read(window("Aug 2, 09:00 - 11:00 UTC"), update("Scheduled", "Nov 20, 09:00 UTC"), published_at=planned_for)
    assert told.updates[0].at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert (told.starts_at, told.ends_at) == (planned_for, planned_for.replace(hour=11))


@pytest.mark.parametrize("filling", ["\n", "<br>", "<p>", ",", "(", "<small>", "<strong>a</strong>", "Nov 1"])
def test_a_long_body_is_read_in_one_go(filling: str) -> None:
    """Each of them, looked at from each of its places anew, would take minutes."""
    body = update("Identified", text=f"Words.{filling * (100_000 // len(filling))}Words.")
    told = read(body + f"<p>This incident affected: a{',' * 100_000}b.</p>", title="[" * 300)
    assert told.phase is Phase.IDENTIFIED
    assert told.updates[0].text.startswith("<p>Words.")


def test_a_window_alone_is_a_maintenance() -> None:
    assert read(window("Dec 16, 12:00 - 16:00 CET")).phase is Phase.SCHEDULED
    assert read(window("soon")).phase is None
    assert read(window("Dec 16, 12:00 - 16:00 XYZ")).starts_at is None


@pytest.mark.parametrize(
    ("title", "plain", "environments"),
    [
        ("[Production] Slow pay-ins", "Slow pay-ins", {PRODUCTION}),
        ("[Sandbox] Slow pay-ins", "Slow pay-ins", {SANDBOX}),
        ("[PRODUCTION][ sandbox ] Slow", "Slow", {PRODUCTION, SANDBOX}),
        ("Slow pay-ins", "Slow pay-ins", set()),
        ("[Staging] Slow", "[Staging] Slow", set()),
        ("[Sandbox]", "[Sandbox]", {SANDBOX}),
    ],
)
def test_a_title_names_its_environments(title: str, plain: str, environments: set[Environment]) -> None:
    told = read(title=title)
    assert (told.title, set(told.environments)) == (plain, environments)


def test_what_names_no_environment_concerns_all_and_local_has_everything() -> None:
    both, sandbox = read(), read(title="[Sandbox] Slow")
    assert all(both.concerns(environment) for environment in Environment)
    assert [sandbox.concerns(environment) for environment in (PRODUCTION, SANDBOX, LOCAL)] == [False, True, True]


@pytest.mark.parametrize(
    ("written", "components"),
    [
        ("This incident affected: API, Payouts (SEPA, Instant).", ("API", "Payouts (SEPA, Instant)")),
        ("<strong>Affected components</strong>: Webhooks", ()),
        ("Affected components: Webhooks &amp; events", ("Webhooks & events",)),
        ("This scheduled maintenance affects: Reports", ("Reports",)),
        ("Nothing is affected.", ()),
    ],
)
def test_components_are_read_where_they_are_named(written: str, components: tuple[str, ...]) -> None:
    assert read(update("Identified"), f"<p>{written}</p>").components == components


@pytest.mark.parametrize(
    ("phase", "starts_h", "ends_h", "standing"),
    [
        (Phase.INVESTIGATING, -500, None, Standing.ACTIVE),
        (Phase.MONITORING, None, None, Standing.ACTIVE),
        (Phase.RESOLVED, -5, -1, Standing.PAST),
        (Phase.SCHEDULED, 1, 2, Standing.UPCOMING),
        (Phase.SCHEDULED, None, None, Standing.UPCOMING),
        (Phase.SCHEDULED, -1, 2, Standing.ACTIVE),
        (Phase.SCHEDULED, -3, -1, Standing.PAST),
        (Phase.SCHEDULED, -3, None, Standing.ACTIVE),
        # It takes longer than planned, and whoever does it says so.
        (Phase.IN_PROGRESS, -3, -1, Standing.ACTIVE),
        (Phase.VERIFYING, -3, 1, Standing.ACTIVE),
        (Phase.COMPLETED, -3, 1, Standing.PAST),
    ],
)
def test_where_an_incident_stands(phase: Phase, starts_h: int | None, ends_h: int | None, standing: Standing) -> None:
    starts_at, ends_at = (None if h is None else AT + timedelta(hours=h) for h in (starts_h, ends_h))
    assert standing_of(phase, starts_at, ends_at, now=AT) is standing


@pytest.mark.parametrize(
    ("active", "health"),
    [
        ([], Health.OPERATIONAL),
        ([("Upgrade", Phase.IN_PROGRESS)], Health.MAINTENANCE),
        ([("Upgrade with downtime", Phase.IN_PROGRESS)], Health.MAINTENANCE),
        ([("Slow", Phase.MONITORING), ("Upgrade", Phase.VERIFYING)], Health.DEGRADED),
        ([("Payouts are down", Phase.IDENTIFIED), ("Slow", Phase.MONITORING)], Health.OUTAGE),
        ([("A slowdown of reports", Phase.IDENTIFIED)], Health.DEGRADED),
        ([("Card pay-ins slow down", Phase.IDENTIFIED)], Health.DEGRADED),
        ([("Degraded, without downtime", Phase.IDENTIFIED)], Health.DEGRADED),
    ],
)
def test_the_gravest_tells_how_mangopay_does(active: list[tuple[str, Phase]], health: Health) -> None:
    assert health_of(active) is health


PIECES = st.sampled_from(
    [
        update("Resolved"),
        window("Dec 16, 22:00 - Dec 18, 02:00 UTC"),
        "<p>",
        "<small>",
        "<strong>",
        "Nov 18,",
        "11:34",
        "<",
    ]
)


@given(
    st.lists(PIECES | st.text(max_size=8), max_size=20).map("".join),
    st.text(max_size=30),
    st.datetimes(timezones=st.just(UTC)),
)
def test_whatever_comes_is_read_without_an_error(body: str, title: str, published_at: datetime) -> None:
    told = read_incident(title, body, published_at)
    assert told.phase is None or told.updates or told.starts_at
