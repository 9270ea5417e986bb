"""The page about the API: every operation, with what it takes and answers, in both languages."""

import json

import jsonschema
import pytest
from gateway.api.building import specification
from gateway.api.operation import SIGNED
from gateway.api.reference import MEANINGS, reference, sample
from gateway.http.rate_limits import API_WRITES_A_MINUTE
from gateway.http.statuses import STATUS_OF_REFUSAL
from gateway.texts import TEXTS
from gateway.topics import OPERATIONS

from ..conftest import Browser

pytestmark = pytest.mark.slow  # reads every page about the API in both languages, megabytes together

EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
VALIDATOR = jsonschema.Draft202012Validator
BOTH = pytest.mark.parametrize("language", ["zh-Hant", "en"])
# A document with each kind of schema.
DOCUMENT = {
    "servers": [{"url": "https://portal.example/"}],
    "tags": [{"name": "things", "description": "Things"}],
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["size"],
                "properties": {
                    "size": {"type": ["integer", "null"], "minimum": 1, "maximum": 9},
                    "colours": {
                        "type": "array",
                        "maxItems": 2,
                        "items": {"type": "string", "enum": ["red", "blue"]},
                    },
                    "inner": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Inner"}]},
                },
            },
            "Inner": {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}},
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
    "paths": {
        "/things/{thing_id}": {
            "parameters": [
                {
                    "in": "path",
                    "name": "thing_id",
                    "required": True,
                    "schema": {"type": "string", "format": "uuid"},
                }
            ],
            "put": {
                "operationId": "put_thing",
                "summary": "Put it",
                "tags": ["things"],
                "security": [{"key": []}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Thing"},
                            "example": {"note": "it's"},
                        }
                    }
                },
                "responses": {
                    "200": {
                        "description": "Done",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "409": {"description": "`NOT_NOW`, `NEVER`. See `Retry-After`", "content": {}},
                    "default": {"description": "Something else"},
                },
            },
        }
    },
}


@pytest.fixture(scope="module")
def document(built):
    with built().app_context():
        return specification()


@pytest.fixture(scope="module")
def page(built):
    """All pages in a language as one, read once: the first, and that of each group within it."""
    read = {}

    def shown(language="zh-Hant"):
        if language not in read:
            browser = Browser(built(), language)
            assert browser.get("/api/docs").status_code == 200
            read[language] = whole = browser.page
            for link in [
                a["href"] for a in whole.main.nav.find_all("a") if a["href"].startswith("/api/docs/")
            ]:
                if "#" not in link:
                    assert browser.get(link).status_code == 200
                    whole.main.append(browser.page.find(class_="portal-api"))
            # Looking for one goes through thousands of elements.
            whole.articles = {each["aria-labelledby"]: each for each in whole.find_all("article")}
        return read[language]

    return shown


def article(page, operation):
    return page.articles[operation.name]


def in_document(document, operation):
    return next(
        (path, item[method], [*item.get("parameters", []), *item[method].get("parameters", [])])
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters" and item[method]["operationId"] == operation.name
    )


def test_a_document_becomes_what_a_reader_needs():
    found = reference(DOCUMENT)
    (one,) = found.groups[0].operations
    assert (found.server, one.method, one.path, one.proof) == (
        "https://portal.example",
        "PUT",
        "/things/{thing_id}",
        "key",
    )
    assert [(p.name, p.place, p.kind, p.values, p.required) for p in one.parameters] == [
        ("thing_id", "path", "string (uuid)", "", True),
        ("size", "body", "integer", "1–9", True),
        ("colours", "body", "array of string", "red | blue; 0–2 items", False),
        ("inner", "body", "object", "at", False),
    ]
    assert "curl -X PUT https://portal.example/things/0190b3c9-" in one.request
    assert "-H 'X-Key: " in one.request
    assert "it'\\''s" in one.request, "a shell takes it as it stands"
    assert [(a.status, a.codes) for a in one.answers] == [(200, ()), (409, ("NOT_NOW", "NEVER"))]
    assert json.loads(one.answers[0].example) == {
        "size": 1,
        "colours": ["red"],
        "inner": {"at": "2026-11-23T01:25:24+00:00"},
    }


@BOTH
@EVERY
def test_every_operation_is_there_with_method_and_path(page, document, operation, language):
    shown = article(page(language), operation)
    path, _, _ = in_document(document, operation)
    address = shown.find(class_="portal-address")
    assert (address.strong.get_text(), address.code.get_text()) == (operation.method, path)
    assert shown.h2.get_text() == TEXTS[language][operation.summary]


@BOTH
def test_no_address_is_written_as_flask_writes_it(page, language):
    text = page(language).main.get_text()
    assert "<" not in text
    assert ">" not in text
    assert "{application_id}" in text


@EVERY
def test_parameters_are_those_of_the_document(page, document, operation):
    _, described, parameters = in_document(document, operation)
    wanted = {one["name"] for one in parameters}
    for content in described.get("requestBody", {}).get("content", {}).values():
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        wanted |= set(document["components"]["schemas"][name]["properties"])
    tables = article(page(), operation).find_all("table")
    shown = {th.get_text() for th in tables[0].find_all("th", scope="row")} if tables[1:] else set()
    assert shown == wanted


@EVERY
def test_every_body_has_an_example_that_fits(page, document, operation):
    _, described, _ = in_document(document, operation)
    request = article(page(), operation).find(class_="portal-request").get_text()
    assert request.startswith(f"curl -X {operation.method} {document['servers'][0]['url']}/api/v1/")
    assert "{" not in request.split("\n")[0]
    assert ("X-Application-Token: " in request) == (operation.proof == "application")
    assert ("Authorization: Bearer " in request) == (operation.proof in ("session", "client", *SIGNED))
    for media_type, content in described.get("requestBody", {}).get("content", {}).items():
        if media_type != "application/json":
            assert "-F 'file=@" in request
            continue
        assert json.loads(request.split("-d '")[1].rstrip("'")) == content["example"]
        jsonschema.validate(
            content["example"], content["schema"] | {"components": document["components"]}, VALIDATOR
        )


@EVERY
def test_every_answer_has_its_status_and_codes(page, document, operation):
    _, described, _ = in_document(document, operation)
    rows = article(page(), operation).find_all("table")[-1].tbody.find_all("tr")
    shown = {row.th.get_text(): row.find_all("td")[1].find_all("code") for row in rows}
    assert set(shown) == {status for status in described["responses"] if status != "default"}
    for status, codes in shown.items():
        for code in codes:
            assert STATUS_OF_REFUSAL[code.get_text()] == int(status)
    named = {code.get_text() for codes in shown.values() for code in codes}
    assert set(operation.call.refusals) <= named
    assert operation.status in MEANINGS


@EVERY
def test_the_example_of_an_answer_fits_its_description(page, document, operation):
    _, described, _ = in_document(document, operation)
    content = described["responses"][str(operation.status)].get("content", {})
    example = article(page(), operation).find(class_="portal-answer")
    if "application/json" not in content:
        assert example is None
        return
    schema = content["application/json"]["schema"]
    assert json.loads(example.get_text()) == sample(document, schema)
    jsonschema.validate(
        json.loads(example.get_text()), schema | {"components": document["components"]}, VALIDATOR
    )


@BOTH
def test_what_holds_for_all_is_explained(page, language):
    shown = page(language)
    for part in ("server", "proof", "repeating", "errors", "limits"):
        section = shown.find("section", {"aria-labelledby": part})
        assert len(section.get_text()) > 40
    text = shown.main.get_text()
    for name in (
        "X-Application-Token",
        "Authorization: Bearer",
        "Idempotency-Key",
        "Retry-After",
        f" {API_WRITES_A_MINUTE} ",
    ):
        assert name in text
    assert "http://portal.example" in shown.find("section", {"aria-labelledby": "server"}).pre.get_text()
    assert shown.main.find("a", href="/api/v1/openapi.json")


@BOTH
def test_the_contents_lead_to_every_part_and_to_every_operation_on_the_page_of_its_group(built, language):
    browser = Browser(built(), language)
    browser.get("/api/docs")
    links = [a["href"] for a in browser.page.main.nav.find_all("a")]
    for part in [link[1:] for link in links if link.startswith("#")]:
        assert len(browser.page.find_all(id=part)) == 1
    pages = {}
    for link in [link for link in links if link.startswith("/")]:
        pages.setdefault(link.partition("#")[0], set()).add(link.partition("#")[2])
    assert {operation.name for operation in OPERATIONS} == set.union(*pages.values()) - {""}
    for path, names in pages.items():
        browser.get(path)
        assert "" in names, "the group itself is linked"
        assert browser.page.find(class_="govuk-back-link")["href"] == "/api/docs"
        ids = [tag["id"] for tag in browser.page.find_all(id=True)]
        assert len(ids) == len(set(ids))
        assert names - {""} == {a["aria-labelledby"] for a in browser.page.find_all("article")} <= set(ids)


def test_a_group_that_is_none_is_not_found(built):
    assert Browser(built()).get("/api/docs/nonsense").status_code == 404


def test_tables_can_be_scrolled_by_keyboard_and_have_names_of_their_own(page):
    frames = [table.parent for table in page().main.find_all("table")]
    assert frames
    assert all(frame["tabindex"] == "0" and frame["role"] == "region" for frame in frames)
    names = [frame["aria-label"] for frame in frames]
    assert len(names) == len(set(names))
