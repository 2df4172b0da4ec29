"""Real clients against the demo: ``python -m tests.clients.documents``. Needs npm, and starts a demo of its own in ``.state/documents``.

Apollo's own tool writes the manifests, ``tongcha documents register`` takes them, and Apollo Client asks by their ids.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent / "apollo"
ROOT = Path(__file__).parents[2]
STATE = ROOT / ".state" / "documents"
NPM = ("npm", "ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
MANIFESTS = (("finance", "partner-finance", "non-tax-payment"), ("site", "public-site", "public-disclosure"))


def main() -> None:
    """Installs, starts, registers, asks, and prints what came."""
    programs = STATE / "node"
    shutil.copytree(HERE, programs, dirs_exist_ok=True)
    subprocess.run(NPM, cwd=programs, check=True)
    tools = programs / "node_modules" / ".bin"
    node = str(tools / "node") if (tools / "node").exists() else "node"
    for name, *_ in MANIFESTS:
        command = [node, str(tools / "generate-persisted-query-manifest"), "--config", f"{name}.config.json"]
        subprocess.run(command, cwd=programs, check=True, stdout=subprocess.DEVNULL)
    with subprocess.Popen(
        [*_tongcha(), "demo", "--port", "0", "--state", str(STATE / "demo")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        try:
            url, tokens = _started(demo)
            for name, client, purpose in MANIFESTS:
                words = ["documents", "register", str(programs / f"{name}.json"), "--manifest", "apollo"]
                words += ["--client", client, "--purpose", purpose, "--state", str(STATE / "demo")]
                subprocess.run([*_tongcha(), *words], cwd=ROOT, check=True)
            environment = {**os.environ, "GATEWAY": url, "TOKENS": json.dumps(tokens)}
            subprocess.run([node, "persisted.mjs"], cwd=programs, env=environment, check=True)
        finally:
            demo.terminate()
            demo.communicate()


def _tongcha() -> list[str]:
    return [sys.executable, "-m", "gateway.cli"]


def _started(demo: subprocess.Popen[str]) -> tuple[str, dict[str, str]]:
    """The address and the tokens that a demo prints."""
    assert demo.stdout is not None
    url, tokens = "", {}
    for line in demo.stdout:
        words = line.split()
        if line.startswith("Tongcha serves on "):
            url = words[3].removesuffix("/graphql.")
        elif len(words) == 2 and words[1].count(".") == 2:
            tokens[words[0]] = words[1]
        elif line.startswith("curl "):
            return url, tokens
    raise SystemExit("the demo did not start")


if __name__ == "__main__":
    main()
