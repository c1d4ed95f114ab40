"""The project keeps its own word: README names every setting, and the top level stays as agreed."""

import ast
from pathlib import Path

from models.permissions import RULES, Role
from services.settings import Settings

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text()


def test_readme_names_every_setting_with_its_default() -> None:
    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or f"DASHBOARD_{name.upper()}"
        [row] = [line for line in README.splitlines() if line.startswith(f"| `{variable}` |")]
        assert field.default is None or str(field.default) in row, f"{variable}: README has another default"


def test_readme_has_the_table_of_roles_as_services_enforce_it() -> None:
    head = "| may | " + " | ".join(Role) + " |"
    start = README.splitlines().index(head)
    rows = README.splitlines()[start + 2 : start + 2 + len(RULES)]
    for row, rule in zip(rows, RULES.values(), strict=True):
        assert [cell.strip() for cell in row.strip("|").split("|")] == [
            rule.what,
            *("yes" if role in rule.roles else "" for role in Role),
        ]


def test_the_top_level_holds_what_was_agreed_and_nothing_more() -> None:
    agreed = {"main.py", "ui", "services", "models", "migrations", "tests", "pyproject.toml", "README.md"}
    agreed |= {"LICENSE", "CHANGELOG.md", "uv.lock", "data"}
    found = {path.name for path in PROJECT.iterdir() if not path.name.startswith((".", "__"))}
    assert found - {"uv.lock", "data"} == agreed - {"uv.lock", "data"}


def test_only_main_and_tests_import_across_every_layer() -> None:
    for layer in ("ui", "services", "models", "migrations"):
        for path in (PROJECT / layer).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                roots = {name.partition(".")[0] for name in names}
                assert not roots & {"main", "tests"}, f"{path} imports {roots}"
