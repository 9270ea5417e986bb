"""What a password must be."""

import pytest
from accounts.passwords import rules
from accounts.passwords.adapters import guesses
from accounts.passwords.rules import Owner
from hypothesis import given, settings
from hypothesis import strategies as st

OWNER = Owner(
    account_name="quaywalker",
    id_number="A123456789",
    mobile="+886912345678",
    organisation=("範例航運股份有限公司", "Exemplar Lines Co., Ltd.", "04595257"),
)


def faults(password, owner=OWNER):
    return rules.password_faults(password, owner=owner, guesses=guesses(password, rules.words_of(owner)))


VARIED = "".join(chr(ord("a") + (n * n * 7 + n) % 26) for n in range(124))


@pytest.mark.parametrize(
    "password",
    [
        "ZAs145@1", "Mtnet!2026demo", "港口Ab1!潮汐風浪", "Aa1!" + VARIED, "Tide 7-Knot-Buoy", "Quay!2026side",
        "K7#pv!Wq",
    ],
)  # fmt: skip
def test_a_password_of_all_four_kinds_is_accepted(password):
    assert faults(password) == ()


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("Aa1!xyz", "PASSWORD_TOO_SHORT"),
        ("Aa1!" + "x" * 125, "TOO_LONG"),
        ("zas145@1", "PASSWORD_NEEDS_UPPER"),
        ("ZAS145@1", "PASSWORD_NEEDS_LOWER"),
        ("ZAsxyz@!", "PASSWORD_NEEDS_DIGIT"),
        ("ZAs14511", "PASSWORD_NEEDS_SPECIAL"),
        ("ZAs145 1", "PASSWORD_NEEDS_SPECIAL"),
        ("!9QuayWalker", "PASSWORD_CONTAINS_ACCOUNT"),
        ("!9Quay.Walker", "PASSWORD_CONTAINS_ACCOUNT"),
        ("Zx!123456789", "PASSWORD_CONTAINS_ID_NUMBER"),
        ("Buoy!0912-345-678", "PASSWORD_CONTAINS_MOBILE"),
        ("Buoy!+886912345678", "PASSWORD_CONTAINS_MOBILE"),
        ("範例航運Tide7!buoy", "PASSWORD_CONTAINS_ORGANISATION"),
        ("7!ExemplarLines-buoy", "PASSWORD_CONTAINS_ORGANISATION"),
        ("Tide!buoy04595257", "PASSWORD_CONTAINS_ORGANISATION"),
    ],
)
def test_each_broken_rule_is_told(password, fault):
    assert fault in faults(password)


@pytest.mark.parametrize(
    "password",
    [
        # Common ones, also as people make them fit the rules
        "P@ssw0rd", "P@ssw0rd1", "Passw0rd!", "Welcome1!", "Test1234!", "Changeme1!", "Aa123456!", "Iloveyou1314!",
        "Admin@123", "Summer2026!",
        # Keys side by side, repetition, dates
        "1qaz@WSX", "Qwerty123!", "Zaq1@wsx", "Qwer!234", "Abcd1234!", "A!1aaaaaaaaaa", "!1Aa!1Aa!1Aa", "1990/05/17Ab",
        "Aa1!" + "x" * 124,
        # The place, the owner, and 我的密碼 with 注音 keys
        "Mtnet@1", "Mtnet@2026", "Keelung#2026", "Taipei@101", "Taiwan2026!", "Ji32k7au4a83!",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password):
    assert "PASSWORD_TOO_COMMON" in faults(password)


def test_every_broken_rule_is_told_at_once():
    assert set(faults("aaaa")) == {
        "PASSWORD_TOO_SHORT", "PASSWORD_NEEDS_UPPER", "PASSWORD_NEEDS_DIGIT", "PASSWORD_NEEDS_SPECIAL",
        "PASSWORD_TOO_COMMON",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["Ab", "港", "・", "有限公司"])
def test_names_too_short_to_mean_anything_forbid_nothing(name):
    owner = Owner(account_name="quaywalker", organisation=(name,))
    assert faults("K7#pv!Wq港・Ab", owner) == ()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=140))
def test_no_text_breaks_the_judging(password):
    assert isinstance(faults(password), tuple)


@pytest.mark.parametrize(
    ("password", "too_long"),
    [("Aa1!" + "e\u0301" * 124, False), ("Aa1!" + "e\u0301" * 125, True), ("Aa1!" + "\ufdfa" * 7, True)],
)
def test_a_password_is_as_long_as_its_normal_form(password, too_long):
    assert ("TOO_LONG" in faults(password)) is too_long


def test_full_width_letters_keep_the_rules_as_plain_ones_do():
    assert faults("\uff31\uff55\uff41\uff59\uff01\uff12\uff10\uff12\uff16side") == ()


def test_of_a_long_password_only_the_beginning_costs_time():
    slow = "4$42!wazslAls|zs1wx2a1z5|1a5ll@$"
    assert guesses(slow * 4, ()) == guesses(slow, ())
