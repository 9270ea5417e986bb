"""Whose templates the topics of the gateway use; pure, so that a test can show each rule failing."""

import ast
import re
from pathlib import Path

# `render_template("review/queue.html", …)`, also where the name begins a line of its own; the frame is got by itself.
RENDERED = re.compile(r"""(?:render_template|get_template)\(\s*f?["']([^"']+)["']""")
# `{% extends 'layout.html' %}`, `{% include … %}`, `{% from … import … %}`
USED = re.compile(r"""{%-?\s*(?:extends|include|from|import)\s+["']([^"']+)["']""")
# `{% from 'shared/macros.html' import button, row as line with context %}`
IMPORTED = re.compile(
    r"""{%-?\s*from\s+["'][^"']+["']\s+import\s+(.*?)(?:\s+with(?:out)?\s+context)?\s*-?%}""", re.DOTALL
)
FOR_ALL = {"layout.html", "shared"}


def foreign_templates(package: Path) -> list[str]:
    """Templates of a topic that another topic, or what serves all topics, shows or includes."""
    topics = {folder.name for folder in (package / "templates").iterdir() if folder.is_dir()} - FOR_ALL
    return [
        f"{path.relative_to(package)}: {name}"
        for pattern, paths in ((RENDERED, package.rglob("*.py")), (USED, package.rglob("*.html")))
        for path in sorted(paths)
        for name in pattern.findall(path.read_text(encoding="utf-8"))
        if not allowed(path.relative_to(package), name, topics)
    ]


def allowed(path: Path, name: str, topics: set[str]) -> bool:
    owner = name.split("/")[0]
    return owner in FOR_ALL or owner in topics & set(path.parts[:2])


def unused_templates(package: Path) -> list[str]:
    """Templates that nothing shows or includes. A name made at run time (`f"applying/{name}.html"`) uses its folder."""
    texts = [path.read_text(encoding="utf-8") for kind in ("*.py", "*.html") for path in package.rglob(kind)]
    names = {name for text in texts for pattern in (RENDERED, USED) for name in pattern.findall(text)}
    folders = {name.split("{")[0] for name in names if "{" in name}
    return sorted(
        str(name)
        for path in (package / "templates").rglob("*.html")
        if (name := path.relative_to(package / "templates").as_posix()) not in names
        and not name.startswith(tuple(folders) or "\0")
    )


def hidden_values(package: Path) -> list[str]:
    """What a view hands to a template that imports a macro of the same name: the macro hides it without a word."""
    imported = {
        path.relative_to(package / "templates").as_posix(): {
            each.split(" as ")[-1].strip()
            for names in IMPORTED.findall(path.read_text(encoding="utf-8"))
            for each in names.split(",")
        }
        for path in (package / "templates").rglob("*.html")
    }
    return sorted(
        f"{path.relative_to(package)}: {template} {keyword.arg}"
        for path in package.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "render_template" and call.args
        for template in [getattr(call.args[0], "value", "")]
        for keyword in call.keywords
        if keyword.arg in imported.get(template, ())
    )
