"""Known vulnerabilities of what is locked: `python scripts/audit.py`; exits 1 when there are any.

Says so where the advisories cannot be had: behind a mirror without them, or without a network.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

LOCKS: Final = ("core.lock", "dev.lock", "voice-neural.lock")
_SECONDS: Final = 300
_REPOSITORY: Final = Path(__file__).parent.parent


def main() -> int:
    """Audit every lock file; 1 when something is known to be vulnerable."""
    return max(_audit(_REPOSITORY / "requirements" / name) for name in LOCKS)


def _audit(lock: Path) -> int:
    answer = _asked(lock)
    if answer is None:
        print(f"{lock.name}: not audited, the advisories cannot be had from here.")
        return 0
    skipped = [each["name"] for each in answer if "skip_reason" in each]
    known = [(each, found) for each in answer for found in each.get("vulns", ())]
    for package, found in known:
        fixed = ", ".join(found["fix_versions"]) or "no version yet"
        where = f"{package['name']} {package['version']}"
        print(f"{lock.name}: {where} has {found['id']}, fixed in {fixed}")
    if skipped:
        print(f"{lock.name}: no advisories to be had for {len(skipped)} of {len(answer)} packages.")
    else:
        print(f"{lock.name}: {len(answer)} packages, {len(known)} known vulnerabilities.")
    return 1 if known else 0


def _asked(lock: Path) -> list[dict[str, Any]] | None:
    """What pip-audit tells of each package, or None when it could not ask."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--format", "json"]
    try:
        told = subprocess.run(  # noqa: S603 - our own arguments
            [*command, "--disable-pip", "--require-hashes", "--progress-spinner", "off"],
            capture_output=True,
            check=False,
            text=True,
            timeout=_SECONDS,
        )
        dependencies: list[dict[str, Any]] = json.loads(told.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, LookupError):
        return None
    return dependencies


if __name__ == "__main__":
    raise SystemExit(main())
