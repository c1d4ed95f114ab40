"""What the two feeds say. The platform, its news and its incidents are made up.

Ages are hours before the emulator's start; what happens while it runs is told in minutes after it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class News:
    slug: str
    title: str
    excerpt: str
    category: str
    author: str
    age_h: int


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of an incident's history; a negative age lies in the future."""

    label: str
    text: str
    age_h: float


@dataclass(frozen=True, slots=True)
class Incident:
    number: int
    slug: str
    title: str
    # Newest first, as Statuspage prints them.
    updates: tuple[Update, ...]
    # From and until, in hours before the start, of a planned maintenance.
    window_h: tuple[float, float] | None = None
    components: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What an episode says from a minute on."""

    minute: float
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Episode:
    """An incident or a maintenance that comes while somebody looks, and again with every round."""

    slug: str
    title: str
    # Oldest first.
    steps: tuple[Step, ...]
    # From and until, in minutes of the round, of a planned maintenance.
    window: tuple[float, float] | None = None
    components: str = ""


NEWS = (
    News(
        "instant-payouts-in-three-more-countries",
        "Instant payouts reach three more countries",
        "Sellers in Portugal, Ireland and Slovenia can now be paid within ten seconds, at any hour. Nothing changes in "
        "your integration: ask for <code>INSTANT_PAYMENT</code>, and we fall back to a normal transfer where a bank "
        "cannot follow.",
        "Product",
        "Nora Fiction",
        5,
    ),
    News(
        "what-a-refund-really-costs",
        "What a refund really costs a marketplace",
        "A refund is more than money going back. We looked at <strong>four million imaginary refunds</strong> to see "
        "where the time goes, and why giving back your own fee is often the cheapest thing you can do.",
        "Insights",
        "Tobias Example",
        31,
    ),
    News(
        "hooks-now-warn-earlier",
        "Webhooks: earlier warnings when your endpoint is down",
        "You now hear from us after 25, 50 and 75 failed notifications in a row, and once more when a hook is switched "
        "off at 100. Name an <em>Email</em> per hook, and the right team wakes up.",
        "Developers",
        "Ines Sample",
        74,
    ),
    News(
        "verification-in-minutes",
        "From three days to twelve minutes: identity checks without paper",
        "Atelier Bob, a furniture maker who exists in examples only, was verified over lunch. Here is how the hosted "
        "flow works, what your sellers see, and which documents are still asked for.",
        "Compliance",
        "Nora Fiction",
        146,
    ),
    News(
        "strong-authentication-one-year-on",
        "Strong customer authentication for account owners, one year on",
        "Fewer passwords, more passkeys: two thirds of the account owners in our made-up survey confirm a payment with "
        "a fingerprint. What that means for the transfers you start on their behalf.",
        "Compliance",
        "Tobias Example",
        290,
    ),
    News(
        "meet-the-team-in-lisbon",
        "Meet the team in Lisbon",
        "Two days of talks on marketplaces, wallets and the joy of double-entry bookkeeping. Seats are free, limited, "
        "and, like the venue, entirely fictional.",
        "Events",
        "Ines Sample",
        505,
    ),
    News(
        "year-in-numbers",
        "The year in numbers",
        "One hundred and twelve platforms, nineteen countries, and not a single cent that appeared or vanished on its "
        "way: a look back at a year that never was.",
        "Company",
        "Tobias Example",
        860,
    ),
)

INCIDENTS = (
    Incident(
        10473,
        "mx7qk2v9d4hb",
        "[Production] Planned maintenance of the reporting service",
        (
            Update(
                "Scheduled",
                "Reports will be delayed while we move their storage. Payments, wallets and webhooks are not affected.",
                -52,
            ),
        ),
        window_h=(-52, -54),
        components="Reports",
    ),
    Incident(
        10471,
        "c81zt5wn0pye",
        "[Production] Delayed notifications for bank wire pay-ins",
        (
            Update("Resolved", "Notifications have been on time for a day, and none was lost.", 20.5),
            Update("Monitoring", "The queue has been worked off. We keep watching before we call it solved.", 44.2),
            Update("Identified", "A partner bank delivers its statements late; the wires themselves are safe.", 45.5),
            Update("Investigating", "Notifications of bank wires arrive up to forty minutes late.", 46.1),
        ),
        components="Notifications, Bank wire pay-ins",
    ),
    Incident(
        10466,
        "r4bj9s6xf3ul",
        "[Sandbox] Elevated error rate on card registrations",
        (
            Update("Resolved", "Card registrations have been normal for six hours.", 98),
            Update("Monitoring", "A fix is in place, and errors are back to their usual level.", 104),
            Update("Investigating", "About four in a hundred card registrations end in an error 500.", 106),
        ),
    ),
)

# How long it takes until everything comes again.
ROUND_MINUTES = 120

EPISODES = (
    Episode(
        "slow-card-payins",
        "[Production] Card pay-ins answer slowly",
        (
            Step(3, "Investigating", "Card pay-ins take up to twelve seconds. None is lost, and none is made twice."),
            Step(7, "Identified", "One of our acquirers is slow; payments are led around it."),
            Step(12, "Monitoring", "Answers come within a second again. We keep watching."),
            Step(18, "Resolved", "Card pay-ins have been as quick as ever for five minutes."),
        ),
        components="API, Card pay-ins (Visa, Mastercard)",
    ),
    Episode(
        "sandbox-upgrade",
        "[Sandbox] Planned upgrade of the database",
        (
            Step(9, "Scheduled", "The sandbox can be read and not written to for ten minutes."),
            Step(40, "In progress", "The upgrade has begun."),
            Step(48, "Verifying", "The upgrade is done; we look whether all is well."),
            Step(50, "Completed", "The sandbox is as before, and quicker."),
        ),
        window=(40, 50),
        components="Sandbox",
    ),
    Episode(
        "payouts-down",
        "[Production] Payouts are down",
        (
            Step(65, "Investigating", "Payouts stay CREATED. The money is safe where it is."),
            Step(68, "Identified", "A certificate towards a bank has run out."),
            Step(71, "Update", "A new certificate is on its way to the bank."),
            Step(77, "Monitoring", "Payouts leave again, the oldest first."),
            Step(85, "Resolved", "All payouts that had waited have left."),
        ),
        components="Payouts",
    ),
)

# One with every round, in turn.
FRESH_NEWS = (
    News(
        "refunds-in-one-minute",
        "Refunds reach cards within a minute",
        "With three imaginary banks a refund is on the card before the buyer has closed the page. Others follow, and "
        "you need to change <strong>nothing</strong>.",
        "Product",
        "Ines Sample",
        0,
    ),
    News(
        "reading-a-status-page",
        "How to read a status page",
        "<em>Investigating</em> means that we know that you are right. <em>Identified</em> means that we know why. "
        "<em>Monitoring</em> means that it is over, and that we do not quite believe it yet.",
        "Developers",
        "Tobias Example",
        0,
    ),
)
FRESH_AT_MINUTE = 5
