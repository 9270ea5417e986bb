"""Events keep what they promise on the wire."""

import dataclasses
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from marshmallow import ValidationError
from mtnet_contracts.event import Holds, UnknownEvent, catalogue, event_class, new_event_id, payload_schema
from mtnet_contracts.events import ApplicationReturned, ApplicationSubmitted
from mtnet_contracts.examples import example_of, example_payload

EVENTS = catalogue()
# Kinds of fields that can hold nothing of a person, and texts that are codes or numbers of the portal's own.
PLAIN = {"UUID", "AwareDateTime", "Date", "Integer", "Boolean"}
CODED = {
    "because", "case_number", "category", "channel", "failure", "from_unit", "kind", "number", "person_kind",
    "priority", "reason", "slug", "unit",
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.event_name())
class TestEveryEvent:
    def test_has_an_example_that_it_reads_and_writes_unchanged(self, event):
        payload = example_payload(event)
        assert event.from_payload(payload).to_payload() == payload | {
            name: value
            for name, value in event.from_payload(payload).to_payload().items()
            if name not in payload
        }
        assert (
            json.loads(json.dumps(event.from_payload(payload).to_payload())) == example_of(event).to_payload()
        )

    def test_is_read_and_written_as_marshmallow_would(self, event):
        payload, schema = example_payload(event), payload_schema(event)
        by_schema = event(**schema.load(payload))
        by_codec = event.from_payload(payload, event_id=by_schema.event_id, occurred_at=by_schema.occurred_at)
        assert by_codec == by_schema
        assert by_codec.to_payload() == schema.dump(by_schema)

    def test_passes_over_fields_it_does_not_know(self, event):
        payload = example_payload(event) | {"a_field_of_next_year": {"x": 1}}
        assert event.from_payload(payload).to_payload() == example_of(event).to_payload()

    def test_names_the_required_field_that_is_missing(self, event):
        required = [name for name, field in payload_schema(event).fields.items() if field.required]
        for name in required:
            payload = example_payload(event)
            del payload[name]
            with pytest.raises(ValidationError) as refused:
                event.from_payload(payload)
            assert name in refused.value.messages

    def test_knows_its_aggregate(self, event):
        one = example_of(event)
        assert one.aggregate_id == str(UUID(one.aggregate_id))

    def test_is_found_by_its_name_on_the_wire(self, event):
        assert event_class(event.source, event.event_name()) is event

    def test_says_truly_what_it_holds(self, event):
        """Names, addresses and what somebody typed are personal data; what opens something is a secret."""
        names = {f.name for f in dataclasses.fields(event)}
        secret = {name for name in names if name.startswith("sealed_") or name.endswith("_token")}
        assert not secret or event.holds is Holds.SECRETS
        if event.holds is Holds.FACTS:
            shapes = payload_schema(event).fields
            texts = {name for name, field in shapes.items() if type(field).__name__ not in PLAIN}
            assert texts <= CODED

    def test_says_what_happened(self, event):
        assert event.__doc__
        assert event.__doc__.strip().split("\n")[0].endswith(".")

    def test_carries_no_secret_and_no_full_id_number(self, event):
        names = {f.name for f in dataclasses.fields(event)}
        assert not names & {"password", "id_number", "code", "token"}


def test_an_unknown_event_is_refused_by_name():
    with pytest.raises(UnknownEvent, match=r"accounts\.Nothing"):
        event_class("accounts", "Nothing")


def test_nested_shapes_come_back_as_their_own_classes():
    event = example_of(ApplicationSubmitted)
    assert event.applicant.systems == ("mtnet", "vessels")
    assert event.company.city == "keelung"
    assert example_of(ApplicationReturned).reasons[1].field == "form"


def test_a_lenient_form_is_still_read():
    payload = example_payload(ApplicationReturned) | {"submission": "1"}
    assert ApplicationReturned.from_payload(payload).submission == 1


def test_event_ids_are_version_seven_and_sort_by_time():
    ids = [new_event_id() for _ in range(3)]
    assert {i.version for i in ids} == {7}
    milliseconds = new_event_id().int >> 80
    assert abs(milliseconds / 1000 - datetime.now(UTC).timestamp()) < 5


def test_a_time_without_a_zone_is_taken_as_utc():
    payload = example_payload(ApplicationSubmitted) | {"submitted_at": "2026-02-19T09:25:24"}
    assert ApplicationSubmitted.from_payload(payload).submitted_at == datetime(
        2026, 2, 19, 9, 25, 24, tzinfo=UTC
    )
