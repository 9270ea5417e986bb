"""Wrong passwords say and cost the same, whatever account is behind the name: compared by a test of ranks."""

import random
import time
from statistics import NormalDist

import pytest
from accounts.sessions import adapters
from argon2 import PasswordHasher

from ..builders import a_member
from ..conftest import log_in, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"
SAMPLES = 200
# Four comparisons, three tries: by chance alone this fails once in some ten million runs.
CHANCE = 0.001
TRIES = 3


@pytest.fixture(scope="module", autouse=True)
def _hashes_cost_little():
    """Not here."""


def chance_of(one, other):
    """Mann-Whitney: how likely two samples of the same times differ as much as these, by the normal approximation."""
    ranked = sorted((value, which) for which, values in enumerate((one, other)) for value in values)
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    deviation = (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(u - n * m / 2) / deviation)


def test_the_statistic_tells_two_times_apart_and_equal_ones_not():
    rng = random.Random(1)
    times = [[rng.lognormvariate(0, 0.3) for _ in range(SAMPLES)] for _ in range(2)]
    assert chance_of(*times) > CHANCE
    assert chance_of(times[0], [1.2 * value for value in times[1]]) < CHANCE


@pytest.fixture
def cheap_hashes(monkeypatch):
    """The comparison of passwords, which takes most of the time and hides the rest, is made short."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(adapters, "_hasher", hasher)
    monkeypatch.setattr(adapters, "is_outdated", lambda stored: False)
    adapters._nobodys_hash.cache_clear()
    yield
    adapters._nobodys_hash.cache_clear()


@pytest.fixture
def names(ask, rows, transactions, cheap_hashes):
    """Who is behind each kind of name."""
    found = {
        kind: a_member(transactions, PASSWORD) for kind in ("in use", "frozen", "disabled", "not activated")
    }
    for kind, state in (("frozen", "frozen"), ("disabled", "disabled"), ("not activated", "approved")):
        rows("UPDATE account SET state = %s WHERE account_name = %s", state, found[kind])
    found["second factor"] = a_member(transactions, PASSWORD, "reviewer", identity_type="bureau")
    log_in(ask, found["second factor"], PASSWORD)
    return found | {"nobody": "nobodyhere123"}


def seconds(ask, rows, name):
    """Of one wrong password, nothing having been tried before."""
    rows("DELETE FROM failed_login")
    began = time.perf_counter()
    assert (
        refusal(ask, "log_in", account_name=name, password="Wrong!2026", ip="192.0.2.7").code
        == "LOGIN_FAILED"
    )
    return time.perf_counter() - began


def test_wrong_passwords_take_as_long_for_every_kind_of_name(ask, rows, names):
    answers = {
        str(refusal(ask, "log_in", account_name=name, password="Wrong!2026").args) for name in names.values()
    }
    assert len(answers) == 1
    suspicious = list(names)
    for _ in range(TRIES):
        times = {kind: [] for kind in names}
        for _ in range(SAMPLES):
            # In turns, and in another order each time: what makes the machine slow makes it slow for all.
            for kind in random.sample(list(names), len(names)):
                times[kind].append(seconds(ask, rows, names[kind]))
        suspicious = [
            kind
            for kind in suspicious
            if kind != "nobody" and chance_of(times[kind], times["nobody"]) < CHANCE
        ]
        if not suspicious:
            return
    pytest.fail(f"a name tells by its time what is behind it: {suspicious}")
