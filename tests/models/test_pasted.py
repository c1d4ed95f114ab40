import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.objects.kinds import KINDS, kind_of_id
from models.pasted import MOST, NEEDS_MORE, PROBED, Candidate, Shape, candidates, shortened

ULID = "01J6ABCDEFGHJKMNPQRSTVWXYZ"
UUID = "8d5bfa10-11aa-4222-8333-444455556666"
FINGERPRINT = "50a6a8da09654c4cab901814a741f924"
PAYIN, USER, WALLET = f"payin_m_{ULID}", f"user_m_{ULID}", f"wlt_m_{ULID}"
CARD = "card_m_vHrtUIVelDzkPmdL"
NUMBER = "158026537"
PREFIXES = [prefix for kind in KINDS.values() if kind.name != "client-wallet" for prefix in kind.prefixes]

# A busy machine is no failure.
unhurried = settings(deadline=None)

ulids = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26)
uuids = st.uuids().map(str)
prefixed = st.builds(str.__add__, st.sampled_from(PREFIXES), ulids | uuids)
cards = st.text("abcdefghijkABCDEFGHIJK0123456789", min_size=16, max_size=16).map("card_m_{}".format)
platform_wallets = st.sampled_from(["FEES_EUR", "CREDIT_EUR", "FEES_JPY"])
fingerprints = st.text("0123456789abcdef", min_size=32, max_size=32)
numbers = st.text("0123456789", min_size=5, max_size=12)
# Whatever cannot be part of an id; a percent sign may turn what follows it into another character.
noise = st.text(st.characters(exclude_characters="%\\_-", exclude_categories=["Cs"]), max_size=20).map(
    lambda text: "".join(c for c in text if not (c.isascii() and c.isalnum()))
)


def found(text: str) -> list[tuple[str, str]]:
    """Return the candidates as pairs of an id and the name of its kind or shape."""
    return [(one.object_id, one.kind.name if one.kind else str(one.shape)) for one in candidates(text)]


def ids(text: str) -> list[str]:
    return [one.object_id for one in candidates(text)]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_id_with_a_prefix_is_of_the_kind_that_its_prefix_tells(prefix: str) -> None:
    for object_id in (prefix + ULID, prefix + UUID):
        assert candidates(object_id) == (Candidate(object_id, kind_of_id(object_id) or Shape.DIGITS),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"wt_{UUID}", "payin"),
        (f"recpayinreg_wt_{UUID}", "recurring"),
        (f"cardreg_wt_{UUID}", "card-registration"),
        (f"xfer_refund_c_{ULID}", "refund"),
        (f"xfer_c_{ULID}", "transfer"),
        (f"report_m_{ULID}", "legacy-report"),
        (f"report_{ULID}", "report"),
        (f"int_{UUID}", "intent"),
        (f"int_stlmnt_{UUID}", "intent-settlement"),
        (CARD, "card"),
        ("payin_m_short", "payin"),
        ("report_m_short", "legacy-report"),
        ("rec_short1", "recipient"),
        ("FEES_EUR", "client-wallet"),
        ("CREDIT_EUR", "client-wallet"),
        (UUID, Shape.UUID),
        (UUID.upper(), Shape.UUID),
        (FINGERPRINT, Shape.FINGERPRINT),
        ("1" * 32, Shape.FINGERPRINT),
        (NUMBER, Shape.DIGITS),
        ("12345", Shape.DIGITS),
    ],
)
def test_an_id_alone_is_told_by_its_prefix_or_its_shape(text: str, kind: str) -> None:
    assert found(text) == [(text, str(kind))]


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "alice", "Alice Payer", "alice@example.com", "order 1234", "payin_m_", "wlt_m_ ", "_", "-"),
        *(
            "kyc_level",
            "report_type",
            "int_value",
            "po_number",
            "rec_id",
            "report_month_2024",
            "PAYIN_NORMAL_SUCCEEDED",
        ),
        *("FEES_", "FEES_EURO", "FEES_eur", "CREDIT_E", "TOTAL_FEES_EUR", "FEES_EUR_2"),
        # Dates, amounts, phone numbers, decimals and ports.
        *(
            "2026-11-22T10:00:00.123456Z",
            "2026-11-22 10:00:00.123456",
            '{"CreationDate": 1700000000}',
            "Date=1700000000",
        ),
        *('{"Amount": 126000, "Currency": "EUR"}', "+33611111111", "1690291065.0", "203.0.113.7:54321"),
        # No hexadecimal numbers of 32 characters, and no UUIDs.
        *(FINGERPRINT[:-1], f"{FINGERPRINT}0", UUID[:-1], f"{UUID}0"),
        "1" * 129,
        f"payin_m_{'A' * 121}",
    ],
)
def test_what_is_no_id_is_not_taken_for_one(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"  {PAYIN}\n",
        f"\t{PAYIN} ",
        f"'{PAYIN}'",
        f'"{PAYIN}",',
        f"“{PAYIN}”",
        f"\u2018{PAYIN}\u2019.",
        f"„{PAYIN}“",
        f"«{PAYIN}»",
        f"`{PAYIN}`",
        f"*{PAYIN}*",
        f"_{PAYIN}_",
        f"{PAYIN}--",
        f"({PAYIN})",
        f"[{PAYIN}];",
        f"<{PAYIN}>",
        f"{PAYIN}...",
        f"{PAYIN}!?",
        f"{PAYIN} - see there",
        f"#{PAYIN}",
        f"id={PAYIN}",
        f"id:{PAYIN}",
        f"\ufeff{PAYIN[:12]}\u200b{PAYIN[12:]}",
        f"receipt_{PAYIN}.pdf",
        f"order-{PAYIN}-signed.pdf",
        f"%22{PAYIN}%22",
        f"https://dashboard.example.com/objects/payin/{PAYIN}",
        f"https://dashboard.example.com/objects/payin/{PAYIN}/?tab=timeline#raw",
        f"https://dashboard.example.com/sign-in?next=%2Fobjects%2Fpayin%2F{PAYIN}%3Ftab%3Draw",
        f"https://example.com/go?to=https%253A%252F%252Fexample.com%252F{PAYIN}%253Fa",
        f"GET /v2.01/acme/payins/{PAYIN}/refunds?page=1&per_page=100 HTTP/1.1",
        f'{{"Id":"{PAYIN}","Tag":null,"CreationDate":1700000000,"DebitedFunds":{{"Currency":"EUR","Amount":126000}}}}',
        f'{{\\"Id\\":\\"{PAYIN}\\"}}',
        f"{{\\u0022Id\\u0022:\\u0022{PAYIN}\\u0022}}",
        f"first line\\n{PAYIN}\\nlast line",
        f"2026-11-22T10:00:00.123456Z INFO worker[12345] payin {PAYIN} succeeded in 12345 ms",
        f"Nov 22 10:00:00 shop app: done id={PAYIN}, at=1700000000",
        f"Could you look at {PAYIN}? Thank you",
    ],
)
def test_an_id_is_found_in_what_people_paste(text: str) -> None:
    assert found(text) == [(PAYIN, "payin")]


@pytest.mark.parametrize("prefix", ["refund_m_", "rec_", "bankacc_m_", "report_", "user_m_", "xfer_m_", "po_m_"])
def test_an_id_after_a_backslash_keeps_its_first_letter(prefix: str) -> None:
    assert ids(f"C:\\{prefix}{ULID}.json") == [prefix + ULID]


@pytest.mark.parametrize(
    ("text", "found_ids"),
    [
        (f"?EventType=PAYIN_NORMAL_SUCCEEDED&RessourceId={PAYIN}&Date=1700000000", [PAYIN]),
        (f"EventType=PAYIN_NORMAL_SUCCEEDED&ResourceId={PAYIN}&Date=1700000000", [PAYIN]),
        (f"?EventType=PAYIN_NORMAL_SUCCEEDED&RessourceId={NUMBER}&Date=1700000000", [NUMBER]),
        (f"?Date=1700000000&RessourceId={NUMBER}", [NUMBER]),
        (f"?EventType=CARD_VALIDATION_CREATED&RessourceId={UUID}&Date=1700000000", [UUID]),
        (f"https://shop.example.com/hook/{UUID}?ressourceid={NUMBER}&date=1700000000", [NUMBER]),
        (f"/hooks?user={USER}&RessourceId={PAYIN}", [PAYIN]),
        (f"/hooks?user={USER}&ResourceId={PAYIN}", [PAYIN]),
        (f"RessourceId%3D{PAYIN}%26Date%3D1700000000", [PAYIN]),
        (f'{{"Date": 1700000000, "RessourceId": "{NUMBER}"}}', [NUMBER]),
        (f"resource_id: {NUMBER}", [NUMBER]),
        (f"RessourceId={PAYIN}\nRessourceId={WALLET}", [PAYIN, WALLET]),
        ("?EventType=PAYIN_NORMAL_SUCCEEDED&RessourceId=&Date=1700000000", []),
        (f"?RessourceId=&user={USER}", [USER]),
    ],
)
def test_the_resource_of_a_notification_leaves_no_doubt(text: str, found_ids: list[str]) -> None:
    assert ids(text) == found_ids


def test_several_ids_are_in_the_order_of_likelihood_then_as_they_appear() -> None:
    text = f"{FINGERPRINT} {UUID} payin_m_unfinished {WALLET} {NUMBER} {CARD} FEES_EUR {WALLET}"
    assert ids(text) == [WALLET, CARD, "FEES_EUR", "payin_m_unfinished", UUID, FINGERPRINT]


def test_the_own_id_of_some_json_comes_before_those_it_mentions() -> None:
    assert ids(f'{{"AuthorId": "{USER}", "CreditedWalletId": "{WALLET}", "Id": "{PAYIN}"}}') == [PAYIN, USER, WALLET]
    assert ids(f'{{"AuthorId": "{USER}", "Id": "{NUMBER}"}}') == [NUMBER, USER]
    assert ids('{"Id": 158026537, "AuthorId": "158026500", "CreationDate": 1700000000}') == [NUMBER]


def test_digits_count_only_where_there_is_nothing_better() -> None:
    assert ids(f"{NUMBER} paid by {USER}") == [USER]
    assert ids(f"{NUMBER} request {UUID}") == [UUID]
    assert ids(f"{NUMBER},158026538;158026539") == [NUMBER, "158026538", "158026539"]


def test_a_moment_in_unix_time_counts_only_where_there_is_no_other_number() -> None:
    assert ids(f"1700000000 1700000000123 {NUMBER}") == [NUMBER]
    assert ids("1700000000") == ["1700000000"]


def test_there_are_never_too_many() -> None:
    text = " ".join(f"payin_m_{number}" for number in range(100))
    assert ids(text) == [f"payin_m_{number}" for number in range(MOST)]
    assert MOST == 8


@pytest.mark.parametrize(
    ("text", "object_id"),
    [
        (f"{PAYIN[:20]}\n{PAYIN[20:]}", PAYIN),
        (f"payin_ m_{ULID}", PAYIN),
        (f"> {PAYIN[:12]}\n> {PAYIN[12:]}", PAYIN),
        (f"“{PAYIN[:12]}\r\n   {PAYIN[12:]}”.", PAYIN),
        (f"{PAYIN[:12]}=\r\n{PAYIN[12:]}", PAYIN),
        ("8d5bfa10-11aa-\n4222-8333-444455556666", UUID),
        ("8d5bfa10\u201011aa\u20114222-8333-444455556666", UUID),
        ("50a6a8da 09654c4c ab901814 a741f924", FINGERPRINT),
        ("158 026 537", NUMBER),
        ("158\u00a0026\u00a0537", NUMBER),
        ("card_m_vHrtUIVe\nlDzkPmdL", CARD),
    ],
)
def test_a_single_id_that_was_broken_is_put_together(text: str, object_id: str) -> None:
    assert ids(text) == [object_id]


@pytest.mark.parametrize(
    ("text", "found_ids"),
    [
        ("158026537 158026538", ["158026537", "158026538"]),
        ("158026537\n42", ["158026537"]),
        (f"{PAYIN} 42", [PAYIN]),
        (f"{PAYIN}\n{WALLET}", [PAYIN, WALLET]),
        ("158026537 158026538 158026539 15802", ["158026537", "158026538", "158026539", "15802"]),
    ],
)
def test_what_is_several_is_not_put_together(text: str, found_ids: list[str]) -> None:
    assert ids(text) == found_ids


@unhurried
@given(noise, prefixed | cards | uuids | fingerprints | platform_wallets, noise)
@example("\u2018", PAYIN, "\u2019")
def test_any_id_within_noise_is_found(before: str, object_id: str, after: str) -> None:
    assert ids(before + object_id + after) == [object_id]


@unhurried
@given(st.text(" \t\r\n\"'“”«»()[]{}<>,;!?#/=&|", max_size=20), numbers, st.text(" \t\n\"'”)]}>,;!?/&|", max_size=20))
def test_any_number_within_quotes_and_spaces_is_found(before: str, number: str, after: str) -> None:
    assert ids(before + number + after) == [number]


@unhurried
@given(prefixed, st.lists(st.integers(1, 60), min_size=1, max_size=4), st.sampled_from([" ", "\n", "\r\n", "\n> "]))
def test_an_id_broken_anywhere_is_put_together(object_id: str, breaks: list[int], gap: str) -> None:
    pieces, last = [], 0
    for at in sorted(set(breaks)):
        pieces.append(object_id[last:at])
        last = at
    assert ids(gap.join([*filter(None, pieces), object_id[last:]])) == [object_id]


@unhurried
@given(st.text() | st.lists(prefixed | uuids | numbers | st.text(max_size=5)).map("".join))
def test_no_text_is_too_strange(text: str) -> None:
    result = candidates(text)
    assert len(result) <= MOST
    assert len({one.object_id for one in result}) == len(result)
    for one in result:
        assert one.kind is kind_of_id(one.object_id)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a_",
            "payin_m_",
            "0123456789abcdef-",
            "resourceid ",
            'resourceid"',
            '"Id"',
            "\\n",
            "\\u0022 ",
            "%25",
            " ",
            ">=",
        ),
        *(
            "12345 ",
            "date=",
            "1",
            "A",
            "card_m_A",
            "FEES_",
            UUID[:30],
            f"wt_{UUID[:-1]}",
            "\u200b",
            "“",
            "wt_wt-",
            "+",
            ".",
        ),
    ],
)
def test_a_long_text_takes_no_longer_than_it_is_long(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    began = time.process_time()
    candidates(text)
    candidates(f'resourceid"{text}')
    # A tenth of this is more than it takes; what goes through the text again and again takes minutes.
    assert time.process_time() - began < 3


def test_what_is_asked_for_and_what_needs_more_are_kinds() -> None:
    assert len(set(PROBED)) == len(PROBED) == 15
    assert NEEDS_MORE.keys() <= KINDS.keys()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("user_m_01…9X981VBS", ("user_m_01", "9X981VBS")),
        (' "payin_m_0...6QA36AVA"\n', ("payin_m_0", "6QA36AVA")),
        ("user_m_01M8EM97VF3Q2XYQKXMDWB5Y76", None),
        ("and so on…thereafter nothing", None),
        ("…", None),
        ("", None),
    ],
)
def test_an_id_without_its_middle_is_told_from_whole_ones(text: str, parts: tuple[str, str] | None) -> None:
    assert shortened(text) == parts
