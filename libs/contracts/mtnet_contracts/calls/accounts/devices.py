"""The devices on which an account is used, and the link "this was not me" after a login on a new one."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Instant, Source, Token
from mtnet_contracts.vocabulary.shapes import Empty, Shape


class DeviceView(Shape):
    """`label` names browser and system, empty where it is not known."""

    device_id = fields.UUID(required=True)
    label = fields.String(required=True)
    proved_at = Instant(required=True)


class DevicesView(Shape):
    """The one used last comes first; ten at most."""

    devices = fields.List(fields.Nested(DeviceView), required=True)


DEVICES = Call(service="accounts", name="devices", request=Empty, reply=DevicesView)


class OneDevice(Shape):
    device_id = fields.UUID(required=True)
    ip = Source()


FORGET_DEVICE = Call(
    service="accounts",
    name="forget_device",
    request=OneDevice,
    reply=Empty,
    writes=True,
    repeat="harmless",
)


class LoginNoticeRequest(Shape):
    """`notice_token` came by mail, after a login on a new device."""

    notice_token = Token(required=True)


class LoginNoticeView(Shape):
    account_name = fields.String(required=True)
    device = fields.String(required=True)
    logged_in_at = Instant(required=True)


LOGIN_NOTICE = Call(
    service="accounts",
    name="login_notice",
    request=LoginNoticeRequest,
    reply=LoginNoticeView,
    refusals=("NOTICE_NOT_VALID",),
)


class DisownLoginRequest(LoginNoticeRequest):
    ip = Source()


DISOWN_LOGIN = Call(
    service="accounts",
    name="disown_login",
    request=DisownLoginRequest,
    reply=Empty,
    refusals=("NOTICE_NOT_VALID",),
    writes=True,
    repeat="anew",
)
