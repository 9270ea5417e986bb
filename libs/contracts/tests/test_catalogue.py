"""The generated documents are what the code says."""

import json
from pathlib import Path

import yaml
from mtnet_contracts.catalogue import asyncapi, documents
from mtnet_contracts.event import catalogue

DOCS = Path(__file__).parents[3] / "docs"


def test_the_documents_in_the_repository_are_current():
    for name, text in documents().items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name} is stale: run `make docs`"


def test_the_asyncapi_document_is_yaml_and_names_every_event():
    document = yaml.safe_load(documents()["asyncapi.yaml"])
    assert document == json.loads(json.dumps(asyncapi()))
    assert set(document["channels"]) == {f"{e.source}.{e.event_name()}" for e in catalogue()}


def test_every_reference_in_the_asyncapi_document_leads_somewhere():
    document = asyncapi()

    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in references(document):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
