import pytest

from models.dispute_papers import DISPUTE_FILES
from models.documents import FileRules, size_text
from models.kyc import KYC_FILES

PDF, JPEG, PNG = b"%PDF-1.7", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"


def sized(beginning: bytes, size: int) -> bytes:
    return beginning.ljust(size, b"\0")


@pytest.mark.parametrize("rules", [KYC_FILES, DISPUTE_FILES])
@pytest.mark.parametrize("beginning", [PDF, JPEG, PNG])
def test_a_pdf_a_jpeg_and_a_png_are_good_pages(rules: FileRules, beginning: bytes) -> None:
    assert rules.refuse("IDENTITY_PROOF", sized(beginning, 32_000), "scan") is None


@pytest.mark.parametrize("rules", [KYC_FILES, DISPUTE_FILES])
@pytest.mark.parametrize("beginning", [b"GIF89a", b"PK\x03\x04", b" %PDF-1.7", b"\x89PNG", b"\xff\xd8", b"\0"])
def test_what_only_the_name_says_is_refused(rules: FileRules, beginning: bytes) -> None:
    assert rules.refuse("IDENTITY_PROOF", sized(beginning, 32_000), "passport.pdf") == (
        "“passport.pdf” is no PDF, JPEG or PNG, whatever its name says."
    )


def test_what_is_wrong_with_a_size_is_said_with_the_bound() -> None:
    assert KYC_FILES.refuse_size("IDENTITY_PROOF", 5, "a.pdf") == (
        "“a.pdf” is too small to be readable: this type of document needs at least 32 kB."
    )
    assert KYC_FILES.refuse_size("IDENTITY_PROOF", 10**8, "a.pdf") == (
        "“a.pdf” is too large: Mangopay takes at most 7 MB."
    )


def test_the_sizes_that_are_good_are_said_without_a_bound_where_there_is_none() -> None:
    assert KYC_FILES.sizes("IDENTITY_PROOF") == "32 kB to 7 MB"
    assert KYC_FILES.sizes("ADDRESS_PROOF") == "1 kB to 7 MB"
    assert DISPUTE_FILES.sizes("INVOICE") == "up to 7.5 MB"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (31_999, "31.9 kB"),
        (999_999, "999.9 kB"),
        (7_000_000, "7 MB"),
        (12_345_678, "12.3 MB"),
    ],
)
def test_a_size_is_cut_and_never_rounded_up(size: int, text: str) -> None:
    assert size_text(size) == text
