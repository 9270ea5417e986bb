"""Where a webhook may go: the addresses that attackers and careless people give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.webhook_addresses import (
    AddressRefused,
    WebhookAddress,
    may_be_sent_to,
    webhook_address,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://ships.example.com", WebhookAddress("https", "ships.example.com", 443, "/")),
        ("https://ships.example.com/", WebhookAddress("https", "ships.example.com", 443, "/")),
        ("https://Ships.Example.com:443/a?b=c", WebhookAddress("https", "ships.example.com", 443, "/a?b=c")),
        ("https://ships.example.com:8443/a", WebhookAddress("https", "ships.example.com", 8443, "/a")),
        ("https://xn--fiq228c.example/a", WebhookAddress("https", "xn--fiq228c.example", 443, "/a")),
    ],
)
def test_an_address_on_the_public_internet_may_be_given(text, found):
    assert webhook_address(text) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "characters"),
        ("https://ships.example.com/" + "a" * 500, "characters"),
        ("http://ships.example.com", "https"),
        ("HTTP://ships.example.com", "https"),
        ("ftp://ships.example.com", "https"),
        ("//ships.example.com", "https"),
        ("ships.example.com", "https"),
        ("https://user:word@ships.example.com/", "user name"),
        ("https://ships.example.com@10.0.0.1/", "user name"),
        ("https://@ships.example.com/", "user name"),
        ("https://ships.example.com/#a", "fragment"),
        ("https://ships.example.com\\@10.0.0.1/", "ASCII"),
        ("https://ships.example.com/ a", "ASCII"),
        ("https://ships.example.com/\r\nHost: x", "ASCII"),
        ("https://船舶.example/", "ASCII"),
        ("https://ⓔxample.com/", "ASCII"),
        ("https://ships.example.com:22/", "port"),
        ("https://ships.example.com:25/", "port"),
        ("https://ships.example.com:80/", "port"),
        ("https://ships.example.com:0/", "port"),
        ("https://ships.example.com:65536/", "read"),
        ("https://ships.example.com:x/", "read"),
        ("https://[::1/", "read"),
        ("https:///events", "host"),
        ("https://ships.example.com./", "dot"),
        ("https://10.0.0.1./", "dot"),
        ("https://localhost/", "inside a network"),
        ("https://a.localhost/", "inside a network"),
        ("https://printer/", "inside a network"),
        ("https://printer.local/", "inside a network"),
        ("https://metadata.google.internal/", "inside a network"),
        ("https://router.home.arpa/", "inside a network"),
        ("https://-a.example.com/", "no name"),
        ("https://a_b.example.com/", "no name"),
        ("https://a..example.com/", "no name"),
        ("https://%31%30.0.0.1/", "no name"),
        # Numbers, in every way of writing them.
        ("https://127.0.0.1/", "public internet"),
        ("https://10.0.0.1/", "public internet"),
        ("https://172.16.0.1/", "public internet"),
        ("https://192.168.1.1/", "public internet"),
        ("https://100.64.0.1/", "public internet"),
        ("https://169.254.169.254/latest/meta-data", "public internet"),
        ("https://0.0.0.0/", "public internet"),
        ("https://224.0.0.1/", "public internet"),
        ("https://255.255.255.255/", "public internet"),
        ("https://[::1]/", "public internet"),
        ("https://[::]/", "public internet"),
        ("https://[::ffff:10.0.0.1]/", "public internet"),
        ("https://[::ffff:8.8.8.8]/", "name in place"),
        ("https://[::10.0.0.1]/", "public internet"),
        ("https://[fe80::1]/", "public internet"),
        ("https://[fe80::1%25eth0]/", "public internet"),
        ("https://[fd00::1]/", "public internet"),
        ("https://[ff02::1]/", "public internet"),
        ("https://[2002:a00:1::1]/", "public internet"),
        ("https://[64:ff9b::a00:1]/", "public internet"),
        ("https://[64:ff9b:1::a00:1]/", "public internet"),
        ("https://[2001:db8::1]/", "public internet"),
        ("https://8.8.8.8/", "name in place"),
        ("https://[2606:4700:4700::1111]/", "name in place"),
        ("https://127.1/", "read as a number"),
        ("https://0x7f.1/", "read as a number"),
        ("https://0x7f000001/", "read as a number"),
        ("https://2130706433/", "read as a number"),
        ("https://0177.0.0.1/", "read as a number"),
        ("https://ships.example.0x7f/", "read as a number"),
    ],
)
def test_what_is_refused_says_why(text, words):
    with pytest.raises(AddressRefused, match=words):
        webhook_address(text)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8025/a", "http://localhost:8025/a", "http://[::1]:8025/a"]
)
def test_only_on_a_developers_machine_it_may_be_the_machine_itself(text):
    assert webhook_address(text, local=True).port == 8025
    with pytest.raises(AddressRefused):
        webhook_address(text)


@pytest.mark.parametrize(
    "text", ["http://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://printer/", "http://169.254.169.254/"]
)
def test_other_machines_of_the_network_are_refused_there_too(text):
    with pytest.raises(AddressRefused):
        webhook_address(text, local=True)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "140.112.8.116", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public_addresses(address):
    assert may_be_sent_to(address)


@pytest.mark.parametrize(
    "address",
    ["", "localhost", "127.0.0.1", "10.1.2.3", "192.0.0.8", "192.88.99.1", "198.18.0.1", "203.0.113.1", "240.0.0.1",
     "fe80::1%eth0", "fd12::1", "fec0::1", "2002:808:808::1", "2001:0:808:808::1", "3fff::1", "64:ff9b::7f00:1",
     "::ffff:169.254.169.254", "100::1", "5f00::1"],
)  # fmt: skip
def test_all_others_are_not(address):
    assert not may_be_sent_to(address)


@given(
    st.text(max_size=60)
    | st.text("ht:/.@[]0123456789xabcf%#?\\-", max_size=40).map(lambda each: f"https://{each}")
)
def test_whatever_is_given_is_an_address_or_a_sentence(text):
    try:
        found = webhook_address(text)
    except AddressRefused:
        return
    assert found.scheme == "https"
    assert "." in found.host
    assert not found.host.split(".")[-1].isdecimal()
