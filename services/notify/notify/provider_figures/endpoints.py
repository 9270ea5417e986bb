"""How operators see the providers, and stop one."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import caller_of, endpoint
from mtnet_contracts.calls.notify import providers as calls
from mtnet_contracts.vocabulary.choices import Role

from notify.operator_acts.actions import note_act
from notify.provider_figures import actions
from notify.provider_figures.store import ProviderFigureStore
from notify.providers import actions as shared
from notify.providers.rules import NotPaused, PausedAlready
from notify.settings import settings

OPERATORS: tuple[Role, ...] = ("operator",)
USUAL_DAYS = 14


def signed_in(service: Any, tx: Tx, actor: Actor, request: dict[str, Any]) -> str:
    """The role is all that is asked for. Returns the caller."""
    return caller_of(actor)


def _shown(tx: Tx, days: int = USUAL_DAYS) -> dict[str, Any]:
    return actions.providers(ProviderFigureStore(tx), settings().channels, days, datetime.now(UTC))


class ProviderFigureEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        PausedAlready: "PROVIDER_PAUSED",
        NotPaused: "PROVIDER_NOT_PAUSED",
    }

    @endpoint(calls.PROVIDERS, roles=OPERATORS)
    def providers(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        return _shown(tx, request["days"])

    @endpoint(calls.PAUSE_PROVIDER, roles=OPERATORS, authorise=signed_in)
    def pause_provider(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        now = datetime.now(UTC)
        shared.pause(tx, request["channel"], actor.account_name, request["reason"], now)
        note_act(Outbox(tx), actor, "provider_paused", now, **request)
        return _shown(tx)

    @endpoint(calls.RESUME_PROVIDER, roles=OPERATORS, authorise=signed_in)
    def resume_provider(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        shared.resume(tx, request["channel"])
        note_act(Outbox(tx), actor, "provider_resumed", datetime.now(UTC), **request)
        return _shown(tx)
