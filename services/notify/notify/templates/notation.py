"""The notation in which operators write texts: plain words, placeholders, conditions, and a little markup.

    {{ name }} 您好：

    您的申請案 **{{ case_number }}** 已退件，請於 {{ resubmit_by }} 前補正。

    {{ reasons }}

    {% if note %}
    > 審核單位說明：{{ note }}
    {% endif %}

    [補正並重新送件](case_url)

An empty line ends a paragraph; `- ` begins an item of a list, `> ` a line in a box; a link on a line of its own is a
button, and a link leads only to a page of the portal that a placeholder names. There are no loops, calls, filters or
HTML, so a text cannot take longer than its length, reach into Python, or lead elsewhere (ADR 0050).

The markup is read before the values are filled in: nothing that a person typed can become markup.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from notify.templates.placeholders import DECIDES, Form, Placeholder
from notify.templates.rules import WEB_ADDRESS

LONGEST_PART = {"subject": 1_000, "body": 8_000, "sms": 500, "line": 2_000, "fax": 8_000}
PARTS = tuple(LONGEST_PART)
# Those with markup; the others are plain text.
MARKED_UP = frozenset({"body"})
MOST_CONDITIONS = 100
DEEPEST = 8
MOST_FAULTS = 20

# What stands for a placeholder until its value is filled in: no person and no template can write these characters.
OPEN, CLOSE = "\ue000", "\ue001"
HOLE = re.compile(f"{OPEN}([a-z_]+){CLOSE}")
PRIVATE = re.compile(f"[{OPEN}{CLOSE}]")
LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(([^()\n]{0,100})\)")
STRONG = re.compile(r"\*\*(.+?)\*\*")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
    nodes.Not,
    nodes.And,
    nodes.Or,
)

ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)

# A fault of a text: a code, and what it is about (a placeholder, a line).
Fault = tuple[str, str]


def faults_of(part: str, source: str, known: Mapping[str, Placeholder]) -> list[Fault]:
    """What is wrong with the source of a part, whatever its values; nothing when it can be filled in."""
    if len(source) > LONGEST_PART[part]:
        return [("TEXT_TOO_LONG", str(LONGEST_PART[part]))]
    if PRIVATE.search(source):
        return [("CHARACTER_NOT_ALLOWED", "")]
    faults: list[Fault] = []
    try:
        tree = ENVIRONMENT.parse(source)
    except TemplateSyntaxError as problem:
        return [("PLACEHOLDER_NOT_CLOSED", str(problem.lineno))]
    except RecursionError:
        return [("TOO_MANY_CONDITIONS", str(MOST_CONDITIONS))]
    faults += _faults_of_tree(tree, known)
    words = "".join(_words_of(tree))
    faults += [("HTML_NOT_ALLOWED", found) for found in TAG.findall(words)]
    faults += [("ADDRESS_NOT_ALLOWED", found) for found in WEB_ADDRESS.findall(words)]
    if part == "subject" and "\n" in words.strip():
        faults.append(("ONE_LINE_ONLY", ""))
    return list(dict.fromkeys(faults))[:MOST_FAULTS]


def faults_of_markup(part: str, text: str, known: Mapping[str, Placeholder]) -> Iterator[Fault]:
    """What is wrong with the markup of a text with holes."""
    for _, name in LINK.findall(text):
        if part not in MARKED_UP:
            yield "NO_MARKUP_HERE", f"({name})"
        elif name not in known:
            yield "PLACEHOLDER_UNKNOWN", HOLE.sub(r"{{ \1 }}", name)
        elif known[name].form is not Form.LINK:
            yield "NOT_A_LINK", name
    for line in text.splitlines():
        for name in HOLE.findall(line):
            if name in known and known[name].form is Form.REASONS and line.strip() != f"{OPEN}{name}{CLOSE}":
                yield "LIST_ALONE", name
    if part not in MARKED_UP:
        if "**" in text:
            yield "NO_MARKUP_HERE", "**"
        return
    if "](" in LINK.sub("", text):
        yield "LINK_NOT_CLOSED", ""
    if "**" in STRONG.sub("", text):
        yield "STRONG_NOT_CLOSED", ""


def with_holes(source: str, values: Mapping[str, Any]) -> str:
    """The text for these values, its conditions decided, each placeholder still a hole.

    Raises jinja2.UndefinedError where a condition asks for what has no value.
    """
    return _template(source).render(values)


def names_filled(text: str) -> Iterator[str]:
    """The placeholders of a text with holes, links included."""
    for found in HOLE.finditer(text):
        yield found[1]
    for _, name in LINK.findall(text):
        yield name


def filled(text: str, words_of: Callable[[str], str]) -> str:
    """A text with its holes filled: what is filled in is not looked at again."""
    return HOLE.sub(lambda hole: words_of(hole[1]), text)


@lru_cache(maxsize=512)
def html_of(
    text: str, code: str, block: str, paragraph: Callable[[str], str], button: Callable[[str, str], str]
) -> str:
    """The body of a mail, its holes open, for a text with holes.

    `code` and `block` are patterns of the holes that stand alone: a code is written large, a list has lines of its own.
    `paragraph` is given the class of a paragraph, `button` a hole for the address and a label. The values are not in
    it, so a text has few results, and each is made once.
    """
    blocks = []
    for lines in _blocks(text, block):
        alone = lines[0].strip().strip("*") if len(lines) == 1 else ""
        link = LINK.fullmatch(alone)
        if link:
            blocks.append(button(f"{OPEN}{link[2]}{CLOSE}", str(escape(link[1]))))
        elif code and re.fullmatch(code, alone):
            blocks.append(f"{paragraph('code')}<strong>{alone}</strong></p>")
        elif block and re.fullmatch(block, alone):
            blocks.append(alone)
        elif all(line.startswith("- ") for line in lines):
            items = "".join(f"{paragraph('li')}{_inline(line[2:])}</li>" for line in lines)
            blocks.append(f"{paragraph('ul')}{items}</ul>")
        elif all(line.startswith(">") for line in lines):
            blocks.append(
                f"{paragraph('fact')}{'<br>'.join(_inline(line[1:].strip()) for line in lines)}</p>"
            )
        else:
            blocks.append(f"{paragraph('')}{'<br>'.join(_inline(line) for line in lines)}</p>")
    return "\n".join(blocks)


def plain_of(text: str) -> str:
    """A plain text with its holes open: conditions leave no gaps of more than one empty line."""
    return re.sub(r"\n[ \t]*(\n[ \t]*)+", "\n\n", text).strip()


def _blocks(text: str, block: str) -> Iterator[list[str]]:
    for paragraph in re.split(r"\n[ \t]*\n", text.strip("\n")):
        lines: list[str] = []
        for line in (line.strip() for line in paragraph.splitlines()):
            if line and lines and _sort(line, block) != _sort(lines[-1], block):
                # A list or a box may follow a line without an empty one between.
                yield lines
                lines = []
            if line:
                lines.append(line)
        if lines:
            yield lines


def _sort(line: str, block: str) -> str:
    if LINK.fullmatch(line) or (block and re.fullmatch(block, line)):
        return line
    return line[0] if line.startswith(("- ", ">")) else ""


def _inline(text: str) -> str:
    """Escaped, with strong words and links."""
    escaped = str(escape(text))
    linked = LINK.sub(
        lambda found: f'<a href="{OPEN}{found[2]}{CLOSE}" style="color:#0b4f6c">{found[1]}</a>', escaped
    )
    return STRONG.sub(r"<strong>\1</strong>", linked)


@lru_cache(maxsize=1024)
def _template(source: str) -> Template:
    tree = ENVIRONMENT.parse(source)
    for output in tree.find_all(nodes.Output):
        output.nodes = [
            nodes.TemplateData(f"{OPEN}{node.name}{CLOSE}", lineno=node.lineno)
            if isinstance(node, nodes.Name)
            else node
            for node in output.nodes
        ]
    return Template.from_code(ENVIRONMENT, ENVIRONMENT.compile(tree), ENVIRONMENT.make_globals(None))


def _words_of(tree: nodes.Template) -> Iterator[str]:
    for data in tree.find_all(nodes.TemplateData):
        yield data.data


def _faults_of_tree(tree: nodes.Template, known: Mapping[str, Placeholder]) -> Iterator[Fault]:
    if sum(1 for _ in tree.find_all(nodes.If)) > MOST_CONDITIONS or _depth(tree) > DEEPEST:
        yield "TOO_MANY_CONDITIONS", str(MOST_CONDITIONS)
        return
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Name):
            if node.name not in known:
                yield "PLACEHOLDER_UNKNOWN", node.name
        elif not isinstance(node, ALLOWED):
            yield "NOT_IN_TEXTS", str(node.lineno)
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.Name):
                if node.name in known and known[node.name].form is Form.CHOICE:
                    yield "PLACEHOLDER_ONLY_DECIDES", node.name
            elif not isinstance(node, nodes.TemplateData):
                yield "NOT_IN_TEXTS", str(node.lineno)
    for compared in tree.find_all(nodes.Compare):
        yield from _faults_of_choice(compared, known)


def _faults_of_choice(compared: nodes.Compare, known: Mapping[str, Placeholder]) -> Iterator[Fault]:
    """A condition that asks for a choice that there is not is never true: a slip of the pen."""
    if not isinstance(compared.expr, nodes.Name) or compared.expr.name not in known:
        return
    placeholder = known[compared.expr.name]
    for operand in compared.ops:
        if (
            placeholder.form in DECIDES
            and isinstance(operand.expr, nodes.Const)
            and operand.expr.value not in placeholder.choices
        ):
            yield "CHOICE_UNKNOWN", f"{placeholder.name} = {operand.expr.value}"


def _depth(node: nodes.Node, above: int = 0) -> int:
    deeper = above + isinstance(node, nodes.If | nodes.Not | nodes.And | nodes.Or)
    if deeper > DEEPEST:
        return deeper
    return max((_depth(child, deeper) for child in node.iter_child_nodes()), default=deeper)
