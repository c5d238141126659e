"""Makes the room of a new application: `python -m scripts.new_app tickets`.

Copies the shape of `samples`, adds the next migration, a walk test, and the line in the
registry. Refuses a name that is taken or is no plain word.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SHAPE = Path(__file__).parent
PACKAGE = ROOT / "src" / "forthwith"


def make(name: str) -> list[Path]:
    """Write all files; their paths."""
    room = PACKAGE / "apps" / name
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,30}", name) or room.exists():
        raise SystemExit(f"{name} is taken, or no plain lower-case word")
    made = [_copy(path, room / path.name, name) for path in (SHAPE / "samples").iterdir()]
    made += [_migration(name), _register(name)]
    walk = ROOT / "tests" / "walks" / f"test_{name}_walk.py"
    made.append(_copy(SHAPE / "walk.py", walk, name))
    return made


def _copy(source: Path, target: Path, name: str) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_renamed(source.read_text(), name))
    return target


def _renamed(text: str, name: str) -> str:
    """`samples` becomes the name, `sample` its singular, also with a capital."""
    one = name.removesuffix("s")
    for old, new in (("samples", name), ("sample", one)):
        text = text.replace(old, new).replace(old.capitalize(), new.capitalize())
    return text


def _migration(name: str) -> Path:
    versions = PACKAGE / "migrations" / "versions"
    before = max(path.name[:4] for path in versions.glob("[0-9]*.py"))
    revision = f"{int(before) + 1:04}"
    target = _copy(SHAPE / "migration.py", versions / f"{revision}_{name}.py", name)
    text = target.read_text().replace("REVISION", revision).replace("BEFORE", before)
    target.write_text(text)
    return target


def _register(name: str) -> Path:
    registry = PACKAGE / "registry.py"
    text = registry.read_text()
    imported = f"from forthwith.apps.{name}.app import app as {name}\n"
    text = text.replace("from forthwith.platform.app", f"{imported}from forthwith.platform.app", 1)
    text = re.sub(r"(APPS: Final\[tuple\[App, \.\.\.\]\] = \([^)]*?),?\)", rf"\1, {name})", text)
    registry.write_text(text)
    return registry


def main() -> None:
    """Make the room and say what to do next."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="plural, lower case: tickets")
    for path in make(parser.parse_args().name):
        print(path.relative_to(ROOT))
    print("Now: make format check test, then write what it is in its README.md")


if __name__ == "__main__":
    sys.exit(main())
