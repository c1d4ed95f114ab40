"""What the two feeds say. The platform, its news and its incidents are made up; ages are hours before the start."""

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
    ),
    Incident(
        10471,
        "c81zt5wn0pye",
        "[Production] Delayed notifications for bank wire pay-ins",
        (
            Update("Monitoring", "The queue has been worked off. We keep watching before we call it solved.", 1.2),
            Update("Identified", "A partner bank delivers its statements late; the wires themselves are safe.", 2.5),
            Update("Investigating", "Notifications of bank wires arrive up to forty minutes late.", 3.1),
        ),
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
