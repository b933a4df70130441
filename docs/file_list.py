"""Rewrite the file lists of ``architecture.md``: every module with its docstring's first line.

A list stands between ``<!-- files:FOLDER -->`` and ``<!-- /files -->`` and covers the folder and
everything below it, except folders that have a list of their own.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/architecture.md"
BLOCK = re.compile(r"(<!-- files:(?P<folder>\S+) -->\n).*?(<!-- /files -->)", re.DOTALL)


def render(text: str, root: Path = ROOT) -> str:
    """``text`` with every file list written anew.

    Raises:
        ValueError: a module has no docstring.
    """
    folders = {root / block["folder"] for block in BLOCK.finditer(text)}

    def listed(block: re.Match[str]) -> str:
        lines = file_list(root / block["folder"], folders)
        return f"{block[1]}```text\n{lines}```\n{block[3]}"

    return BLOCK.sub(listed, text)


def file_list(folder: Path, folders: set[Path]) -> str:
    """One line per module of ``folder``; an ``__init__`` that holds only a docstring has none."""
    rows = []
    for module in sorted(folder.rglob("*.py")):
        if min(folders & set(module.parents), key=lambda f: -len(f.parts)) != folder:
            continue
        tree = ast.parse(module.read_text(encoding="utf-8"))
        if module.name == "__init__.py" and len(tree.body) <= 1:
            continue
        summary = (ast.get_docstring(tree) or "").partition("\n")[0]
        if not summary:
            raise ValueError(f"{module}: write a docstring that says what the module does")
        rows.append((module.relative_to(folder).as_posix(), summary.replace("``", "")))
    width = max((len(name) for name, _ in rows), default=0)
    return "".join(f"{name:{width}}  {summary}\n" for name, summary in rows)


def main() -> None:
    old = PAGE.read_text(encoding="utf-8")
    new = render(old)
    if new != old:
        PAGE.write_text(new, encoding="utf-8")
    print(f"docs: {PAGE.name} {'rewritten' if new != old else 'agrees with the code'}")


if __name__ == "__main__":
    main()
