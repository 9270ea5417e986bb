"""The operators' page of providers: whether they take messages, and how much went out by day."""

from __future__ import annotations

from flask import Blueprint, render_template
from mtnet_contracts.calls.notify import providers as calls
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Whole

from gateway.calls import call
from gateway.deliveries.charts import HEIGHT, WIDTH, bars
from gateway.deliveries.labels import DELAYS
from gateway.forms import asked
from gateway.session import require_role

pages = Blueprint("providers", __name__)

PERIODS = (7, 14, 30, 90)


@pages.get("/operations/providers")
def overview() -> str:
    require_role("operator")
    days = asked("days", Whole(least=1, most=calls.MOST_DAYS), PERIODS[1])
    found = call(calls.PROVIDERS, days=days)["items"]
    return render_template(
        "deliveries/providers.html",
        found=found,
        days=days,
        periods=PERIODS,
        channels=CHANNELS,
        delays=DELAYS,
        bars=bars,
        size=(WIDTH, HEIGHT),
    )
