"""The release's texts in the notation of operators: what an operator begins with, and sees differences to.

A file of the release is a Jinja template with HTML and English texts that are translated where they are shown. Here it
is written as one text in one language: `{{ _('Dear %(name)s,', name=name | plain) }}` becomes `Dear {{ name }},`.
"""

import ast
import re

from mtnet_contracts.vocabulary.texts import Texts

BLOCK = re.compile(r"{%-?\s*block (\w+)\s*-?%}(.*?){%-?\s*endblock[^%]*%}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
LIST_OF_REASONS = re.compile(
    r"(?:<ul>\s*)?{%-?\s*for reason in reasons\s*-?%}.*?{%-?\s*endfor\s*-?%}(?:\s*</ul>)?", re.DOTALL
)
TOKEN = re.compile(r"({{.*?}}|{%.*?%}|<[^>]*>)", re.DOTALL)
PLACE = re.compile(r"%\((\w+)\)s")
HREF = re.compile(r'href="{{ (\w+) }}"')


class NotInTheNotation(Exception):
    """A file of the release says something that the notation of operators cannot: mend the file, or the notation."""


def in_notation(source: str, texts: Texts) -> dict[str, str]:
    """The text of each block of a release's template, in the language of `texts`. Raises NotInTheNotation."""
    found = {}
    for name, inside in BLOCK.findall(COMMENT.sub("", source)):
        text = LIST_OF_REASONS.sub("{{ reasons }}", inside)
        found[name] = _marked_up(text, texts) if name == "body" else _plain(text, texts)
    return found


def _plain(text: str, texts: Texts) -> str:
    written = "".join(
        _statement(t) if t.startswith("{%") else _expression(t, texts) for t in TOKEN.split(text)
    )
    return written.strip()


def _marked_up(text: str, texts: Texts) -> str:
    """HTML as markup. Paragraphs are apart by an empty line; a condition around paragraphs has a line of its own."""
    written: list[str] = []
    box, inside = "", False
    for piece in TOKEN.split(text):
        if piece.startswith("{%"):
            written.append(_statement(piece) if inside else f"\n\n{_statement(piece)}\n")
        elif piece.startswith("{{"):
            said = _expression(piece, texts)
            apart = not inside and said.startswith(("[", "{{ reasons"))
            written.append(f"\n\n{said}\n\n" if apart else said)
        elif piece.startswith("<p"):
            box, inside = ("> " if 'class="fact"' in piece else ""), True
            written.append(f"\n\n{box}")
        elif piece == "</p>":
            inside = False
            written.append("\n\n")
        elif piece in ("<strong>", "</strong>"):
            written.append("**")
        elif piece == "<br>":
            written.append(f"\n{box}")
        elif piece.startswith("<a ") and (link := HREF.search(piece)):
            written.append("[")
            link_name = link[1]
        elif piece == "</a>":
            written.append(f"]({link_name})")
        elif piece.startswith("<"):
            raise NotInTheNotation(piece)
        else:
            written.append(re.sub(r"\s*\n\s*", "" if inside else "\n", piece) if piece.strip() else "")
    return _tidy("".join(written))


def _tidy(text: str) -> str:
    text = re.sub(r"\*\*({{ code }})\*\*", r"\1", text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    # A condition stands at what it encloses, and one of a line in a box on lines of its own.
    text = re.sub(r"({% if [^%]*%})\n(> .*?)({% endif %})", r"\n\1\n\2\n\3", text)
    text = re.sub(r"({% (?:if|elif)[^%]*%}|{% else %})\n+", r"\1\n", text)
    text = re.sub(r"\n+({% (?:elif|else|endif)[^%]*%})", r"\n\1", text)
    return text.strip()


def _statement(token: str) -> str:
    inside = token.strip("{}%-").strip().replace("remaining is not none", "remaining")
    return "{% " + inside.replace("'", '"') + " %}"


def _expression(token: str, texts: Texts) -> str:
    if not token.startswith("{{"):
        return token
    return _said(ast.parse(token[2:-2].strip(), mode="eval").body, texts)


def _said(node: ast.expr, texts: Texts) -> str:
    match node:
        case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(text))], keywords=keywords):
            names = {each.arg: _name(each.value) for each in keywords}
            said = PLACE.sub(lambda place: f"{{{{ {names[place[1]]} }}}}", _strong(texts[text]))
            return said.replace("%%", "%")
        case ast.Call(func=ast.Name(id="button"), args=[address, label]):
            return f"[{_said(label, texts)}]({_name(address)})"
        case _:
            return f"{{{{ {_name(node)} }}}}"


def _strong(text: str) -> str:
    return re.sub(r"</?strong>", "**", text)


def _name(node: ast.expr) -> str:
    """The placeholder, without the filters that its form stands for."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        node = node.left
    if not isinstance(node, ast.Name):
        raise NotInTheNotation(ast.unparse(node))
    return node.id
