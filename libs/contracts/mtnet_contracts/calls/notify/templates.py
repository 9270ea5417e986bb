"""Texts of messages, for operators: the release's, those that operators wrote above it, and who did when and why."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Characters, Choice, Instant, Prose, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape, code

LOCALES = ("zh-Hant", "en")
# `sms` only where the release has one; what is left out, or empty, is the release's.
PARTS = ("subject", "body", "sms", "line", "fax")
LONGEST_SOURCE = 10_000
LONGEST_REASON = 300
MOST_VERSIONS = 100
# Instead of the number of a version: the release's text, and what is being written.
RELEASE, DRAFT = 0, -1
FAULT_CODES = (
    "ADDRESS_NOT_ALLOWED", "CHARACTER_NOT_ALLOWED", "CHOICE_UNKNOWN", "HTML_NOT_ALLOWED", "LINK_NOT_CLOSED",
    "LIST_ALONE", "NECESSARY_MISSING", "NOT_A_LINK", "NOT_IN_TEXTS", "NO_MARKUP_HERE", "ONE_LINE_ONLY",
    "PLACEHOLDER_NOT_CLOSED", "PLACEHOLDER_ONLY_DECIDES", "PLACEHOLDER_UNKNOWN", "PLACEHOLDER_WITHOUT_VALUE",
    "SMS_TOO_LONG", "STRONG_NOT_CLOSED", "TEXT_EMPTY", "TEXT_TOO_LONG", "TOO_MANY_CONDITIONS",
)  # fmt: skip


class Few(fields.Dict):
    """Texts by name, of these names alone."""

    def __init__(self, *names: str, longest: int, most: int, **options: Any) -> None:
        self.most = most
        options["validate"] = [code("TOO_MANY", validate.Length(max=most))]
        keys = Choice(*names) if names else Text(longest=40)
        super().__init__(keys=keys, values=Characters(longest=longest), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict) and len(value) > self.most:
            raise ValidationError(["TOO_MANY"])
        return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]


class TemplateRequest(Shape):
    """`reader`: in whose language meanings are told; `kind` as MESSAGE_KINDS of the labels name it."""

    kind = Text(longest=60, required=True)
    locale = Choice(*LOCALES, required=True)
    reader = Choice(*LOCALES, load_default="zh-Hant")


class EditedRequest(TemplateRequest):
    """`parts` as somebody wrote them."""

    parts = Few(*PARTS, longest=LONGEST_SOURCE, most=len(PARTS), required=True)


class PreviewTemplateRequest(EditedRequest):
    """`chosen`: of what decides, the choice to be shown. `drawn`: with the pages of the fax as pictures."""

    chosen = Few(longest=40, most=10, load_default=dict)
    drawn = fields.Boolean(load_default=False)


class SaveTemplateRequest(EditedRequest):
    """`revision`: the one that was seen when editing began."""

    revision = Whole(required=True)


class PublishTemplateRequest(SaveTemplateRequest):
    reason = Prose(longest=LONGEST_REASON, required=True)


class RestoreTemplateRequest(TemplateRequest):
    """`version` becomes the newest once more; RELEASE: back to the release's text."""

    version = Whole(required=True)
    revision = Whole(required=True)
    reason = Prose(longest=LONGEST_REASON, required=True)


class TemplateVersionsRequest(TemplateRequest):
    """Newest first. `before`: the version that the last answer ended with."""

    before = Whole(least=1, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_VERSIONS, load_default=25)


class TemplateDifferenceRequest(TemplateRequest):
    """Numbers of versions, RELEASE or DRAFT."""

    older = Whole(least=DRAFT, required=True)
    newer = Whole(least=DRAFT, required=True)


class TemplateVersionView(Shape):
    """`parts` names what the operator wrote; none: the release's text was taken back."""

    version = fields.Integer(required=True)
    release_version = fields.Integer(required=True)
    parts = fields.List(fields.String(), required=True)
    restored_from = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True)
    author = fields.String(required=True)
    published_at = Instant(required=True)


class TemplateDraftView(Shape):
    author = fields.String(required=True)
    saved_at = Instant(required=True)


class TemplateLine(Shape):
    """`in_use`: the operator's version that messages are written with; None: the release's text. `outdated`: a release
    has brought a template with other placeholders since, so the operator's text is not used.
    """

    kind = fields.String(required=True)
    locale = fields.String(required=True)
    in_use = fields.Integer(required=True, allow_none=True)
    outdated = fields.Boolean(required=True)
    last = fields.Nested(TemplateVersionView, required=True, allow_none=True)
    draft = fields.Nested(TemplateDraftView, required=True, allow_none=True)


class TemplatesReply(Shape):
    items = fields.List(fields.Nested(TemplateLine), required=True)


class PlaceholderChoiceView(Shape):
    code = fields.String(required=True)
    meaning = fields.String(required=True)


class PlaceholderView(Shape):
    """`form` is one of WORDS, NAME, NOTE, DAY, MOMENT, MINUTE, HOUR, LINK, CODE, CHOICE, RIGHT, REASONS; `only_when`
    names the choices with which it has a value. `common`: every kind has it.
    """

    name = fields.String(required=True)
    form = fields.String(required=True)
    meaning = fields.String(required=True)
    sample = fields.String(required=True)
    choices = fields.List(fields.Nested(PlaceholderChoiceView), required=True)
    only_when = fields.String(required=True)
    may_be_empty = fields.Boolean(required=True)
    necessary = fields.Boolean(required=True)
    common = fields.Boolean(required=True)


class TemplatePartView(Shape):
    """`text` is what an editor begins with: the draft, else what is in use, else the release's text, which is empty
    where the mail's is said again (`like_the_mail`).
    """

    name = fields.String(required=True)
    text = fields.String(required=True)
    release_text = fields.String(required=True)
    own = fields.Boolean(required=True)
    like_the_mail = fields.Boolean(required=True)
    longest = fields.Integer(required=True)


class TemplateReply(Shape):
    kind = fields.String(required=True)
    locale = fields.String(required=True)
    revision = fields.Integer(required=True)
    release_version = fields.Integer(required=True)
    outdated = fields.Boolean(required=True)
    parts = fields.List(fields.Nested(TemplatePartView), required=True)
    placeholders = fields.List(fields.Nested(PlaceholderView), required=True)
    in_use = fields.Nested(TemplateVersionView, required=True, allow_none=True)
    draft = fields.Nested(TemplateDraftView, required=True, allow_none=True)


class TemplateFaultView(Shape):
    """What keeps a part from being published: one of FAULT_CODES, and what it is about, a placeholder or a line."""

    part = fields.String(required=True)
    code = fields.String(required=True)
    about = fields.String(required=True)


class TextMessageView(Shape):
    """As telephones count it: in `parts` messages; `wide`: 70 characters to one, not 160."""

    text = fields.String(required=True)
    characters = fields.Integer(required=True)
    parts = fields.Integer(required=True)
    wide = fields.Boolean(required=True)


class PreviewTemplateReply(Shape):
    """Each None where the part cannot be written; `html` is a whole page, its picture inside it. `fax_pages`: the first
    two as PNG in base64, half as large as they are sent; none unless they were asked for.
    """

    subject = fields.String(required=True, allow_none=True)
    html = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    sms = fields.Nested(TextMessageView, required=True, allow_none=True)
    line = fields.String(required=True, allow_none=True)
    fax = fields.String(required=True, allow_none=True)
    fax_pages = fields.List(fields.String(), required=True)
    faults = fields.List(fields.Nested(TemplateFaultView), required=True)


class TemplateSavedReply(Shape):
    revision = fields.Integer(required=True)


class TemplatePublishedReply(TemplateSavedReply):
    """`version`: the one in use now; None: the release's text."""

    version = fields.Integer(required=True, allow_none=True)


class TemplateVersionsReply(Shape):
    items = fields.List(fields.Nested(TemplateVersionView), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


class DifferencePiece(Shape):
    text = fields.String(required=True)
    changed = fields.Boolean(required=True)


class DifferenceRow(Shape):
    """A line of each side; None: the other side alone has it."""

    older = fields.List(fields.Nested(DifferencePiece), required=True, allow_none=True)
    newer = fields.List(fields.Nested(DifferencePiece), required=True, allow_none=True)
    same = fields.Boolean(required=True)


class PartDifference(Shape):
    part = fields.String(required=True)
    same = fields.Boolean(required=True)
    rows = fields.List(fields.Nested(DifferenceRow), required=True)


class TemplateDifferenceReply(Shape):
    parts = fields.List(fields.Nested(PartDifference), required=True)


class TestTemplateReply(Shape):
    """The operator's own contacts, masked."""

    recipients = fields.List(fields.String(), required=True)


NOT_FOUND = "TEMPLATE_NOT_FOUND"

TEMPLATES = Call(service="notify", name="templates", request=Shape, reply=TemplatesReply)
TEMPLATE = Call(
    service="notify", name="template", request=TemplateRequest, reply=TemplateReply, refusals=(NOT_FOUND,)
)
PREVIEW_TEMPLATE = Call(
    service="notify",
    name="preview_template",
    request=PreviewTemplateRequest,
    reply=PreviewTemplateReply,
    refusals=(NOT_FOUND,),
)
SAVE_TEMPLATE_DRAFT = Call(
    service="notify",
    name="save_template_draft",
    request=SaveTemplateRequest,
    reply=TemplateSavedReply,
    refusals=(NOT_FOUND, "TEMPLATE_CHANGED"),
    writes=True,
)
PUBLISH_TEMPLATE = Call(
    service="notify",
    name="publish_template",
    request=PublishTemplateRequest,
    reply=TemplatePublishedReply,
    refusals=(NOT_FOUND, "TEMPLATE_CHANGED", "TEMPLATE_FAULTY", "TEMPLATE_UNCHANGED"),
    writes=True,
)
RESTORE_TEMPLATE = Call(
    service="notify",
    name="restore_template",
    request=RestoreTemplateRequest,
    reply=TemplatePublishedReply,
    refusals=(NOT_FOUND, "TEMPLATE_CHANGED", "TEMPLATE_FAULTY", "TEMPLATE_UNCHANGED"),
    writes=True,
)
TEMPLATE_VERSIONS = Call(
    service="notify",
    name="template_versions",
    request=TemplateVersionsRequest,
    reply=TemplateVersionsReply,
    refusals=(NOT_FOUND,),
)
TEMPLATE_DIFFERENCE = Call(
    service="notify",
    name="template_difference",
    request=TemplateDifferenceRequest,
    reply=TemplateDifferenceReply,
    refusals=(NOT_FOUND,),
)
TEST_TEMPLATE = Call(
    service="notify",
    name="test_template",
    request=PreviewTemplateRequest,
    reply=TestTemplateReply,
    refusals=(NOT_FOUND, "TEMPLATE_FAULTY", "NO_OWN_CONTACT", "TOO_MANY_TESTS"),
    writes=True,
)
