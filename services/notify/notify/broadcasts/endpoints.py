"""How operators reach the broadcasts, and the threads that run them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, Refused, caller_of, endpoint
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.calls.notify import broadcasts as calls
from mtnet_contracts.vocabulary.choices import Role

from notify.broadcasts import actions, report
from notify.broadcasts.actions import FaultsInText, Operator
from notify.broadcasts.rules import (
    BroadcastNotFound,
    NobodyReached,
    NotCounted,
    NotInThisState,
    NumberDiffers,
    StaleVersion,
    StartNotValid,
)
from notify.broadcasts.running import Runner
from notify.broadcasts.sender import ChunkSender
from notify.broadcasts.store import Stores
from notify.broadcasts.threads import BroadcastWork, on_every_connection_to_many, while_broadcasts_run
from notify.operator_acts.actions import note_act

OPERATORS: tuple[Role, ...] = ("operator",)

Request = dict[str, Any]


def operator(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """The role is all that is asked for. Returns the caller."""
    return caller_of(actor)


def _at(name: str, code: str) -> Callable[[Exception], Refused]:
    return lambda _: Refused(code, fields={name: [code]})


class BroadcastEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        BroadcastNotFound: "BROADCAST_NOT_FOUND",
        NotInThisState: "BROADCAST_NOT_NOW",
        StaleVersion: "BROADCAST_CHANGED",
        NotCounted: "BROADCAST_NOT_COUNTED",
        NobodyReached: "NOBODY_REACHED",
        NumberDiffers: _at("people", "NUMBER_DIFFERS"),
        StartNotValid: _at("start_at", "START_NOT_VALID"),
        FaultsInText: lambda faults: Refused(
            INVALID, fields={name: ["LINK_NOT_ALLOWED"] for name in faults.fields}
        ),
    }

    database: Transactions
    broadcast_work: BroadcastWork

    @endpoint(calls.BROADCASTS, roles=OPERATORS)
    def broadcasts(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return report.lines(Stores.of(tx), **request)

    @endpoint(calls.BROADCAST, roles=OPERATORS)
    def broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return report.whole(Stores.of(tx), _now(), **request)

    @endpoint(calls.BROADCAST_PREVIEW, roles=OPERATORS)
    def broadcast_preview(self, tx: Tx, actor: Actor, request: Request) -> Any:
        found = Stores.of(tx).broadcasts.broadcast(**request)
        return {"items": actions.preview(found, self.broadcast_work.links)}

    @endpoint(calls.BROADCAST_PEOPLE, roles=OPERATORS)
    def broadcast_people(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return report.people(Stores.of(tx), **request)

    @endpoint(calls.WRITE_BROADCAST, roles=OPERATORS, authorise=operator)
    def write_broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        new = actions.write(Stores.of(tx), self.broadcast_work.links, Operator.of(actor), _now(), **request)
        note_act(Outbox(tx), actor, "broadcast_written", _now(), broadcast_id=str(new.broadcast_id))
        return report.whole(Stores.of(tx), _now(), new.broadcast_id)

    @endpoint(calls.CHANGE_BROADCAST, roles=OPERATORS, authorise=operator)
    def change_broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        self._note(tx, actor, "broadcast_changed", request)
        actions.change(Stores.of(tx), self.broadcast_work.links, Operator.of(actor), _now(), **request)
        return report.whole(Stores.of(tx), _now(), request["broadcast_id"])

    @endpoint(calls.ADD_TO_BROADCAST, roles=OPERATORS, authorise=operator)
    def add_to_broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return {"people": actions.add_people(Stores.of(tx), _now(), **request)}

    @endpoint(calls.COUNT_BROADCAST, roles=OPERATORS, authorise=operator)
    def count_broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return self._done(tx, actor, actions.count, request)

    @endpoint(calls.START_BROADCAST, roles=OPERATORS, authorise=operator, confirmed_within=CONFIRMED_WITHIN)
    def start_broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        self._note(tx, actor, "broadcast_started", request)
        return self._done(tx, actor, actions.start, request)

    @endpoint(calls.PAUSE_BROADCAST, roles=OPERATORS, authorise=operator)
    def pause_broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        self._note(tx, actor, "broadcast_paused", request)
        return self._done(tx, actor, actions.pause, request)

    @endpoint(calls.RESUME_BROADCAST, roles=OPERATORS, authorise=operator)
    def resume_broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        self._note(tx, actor, "broadcast_resumed", request)
        return self._done(tx, actor, actions.resume, request)

    @endpoint(calls.CANCEL_BROADCAST, roles=OPERATORS, authorise=operator)
    def cancel_broadcast(self, tx: Tx, actor: Actor, request: Request) -> Any:
        self._note(tx, actor, "broadcast_cancelled", request)
        return self._done(tx, actor, actions.cancel, request)

    @while_broadcasts_run
    def run_broadcasts(self, runner: Runner) -> int:
        return runner.turn()

    @on_every_connection_to_many
    def send_chunks(self, sender: ChunkSender) -> bool:
        return sender.send_one()

    def _note(self, tx: Tx, actor: Actor, action: str, request: Request) -> None:
        names = ("broadcast_id", "people", "per_second")
        facts: dict[str, Any] = {name: str(request[name]) for name in names if request.get(name)}
        note_act(Outbox(tx), actor, action, _now(), **facts)

    def _done(self, tx: Tx, actor: Actor, act: Callable[..., Any], request: Request) -> Any:
        act(Stores.of(tx), Operator.of(actor), _now(), **request)
        self.database.after_commit(tx, self.broadcast_work.wake)
        return report.whole(Stores.of(tx), _now(), request["broadcast_id"])


def _now() -> datetime:
    return datetime.now(UTC)
