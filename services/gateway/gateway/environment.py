"""How templates find `case.number`."""

from __future__ import annotations

from typing import Any

from flask.templating import Environment as FlaskEnvironment


class Environment(FlaskEnvironment):
    """What services answer are dicts: their keys are looked up first, where Jinja asks for an attribute and catches
    the error. A key hides a method of the same name.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)
