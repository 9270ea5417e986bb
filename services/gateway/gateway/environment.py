"""How templates are compiled, with less work for what they do some hundred times a page: say a text, show a value.

Both are a tenth of the work of a page with a table each.
"""

from __future__ import annotations

from typing import Any

from flask.templating import Environment as FlaskEnvironment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escaped_text  # type: ignore[attr-defined]

# Called as they are: Jinja looks at each function, whether it wants the context.
PLAIN_FUNCTIONS = ("_", "pgettext")


class Compiler(CodeGenerator):
    """Leans on how Jinja 3.1 writes a call and an output; test_environment.py shows that pages stay the same."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        if isinstance(node.node, nodes.Name) and node.node.name in PLAIN_FUNCTIONS:
            self.visit(node.node, frame)
            self.write("(*()")  # the arguments that follow begin with a comma
            self.signature(node, frame)
            self.write(")")
        else:
            super().visit_Call(node, frame, **({"forward_caller": True} if forward_caller else {}))

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.output(")
        else:
            super()._output_child_pre(node, frame, finalize)


class Environment(FlaskEnvironment):
    """What services answer are dicts: their keys are looked up first, where Jinja asks for an attribute and catches
    the error. A key hides a method of the same name.
    """

    code_generator_class = Compiler

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    @staticmethod
    def output(value: Any) -> str:
        """The value as it may stand in HTML. What is written needs not be marked as such once more."""
        if type(value) is str:
            written: str = escaped_text(value)
            return written
        return value if type(value) is Markup else escape(value)
