"""Starting JupyterLab for a lecturer (or a student) with the settings that each needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from press.allocation import environment

#: What JupyterLab does differently while somebody presents: live edits are never saved behind
#: the lecturer's back, and nothing pops up over the slides.
PRESENTING = {
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
}
STUDYING = {
    "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"},
}


def lecture_path(root: Path, number: str, edition: str) -> str:
    """Return a lecture's notebook below the root: ``lectures/pl/03_gates.ipynb``.

    Raises:
        FileNotFoundError: there is no such lecture; the message lists those that there are.
    """
    folder = root / "lectures" / edition
    hits = sorted(folder.glob(f"{number.zfill(2)}_*.ipynb"))
    if not hits:
        known = ", ".join(p.stem for p in sorted(folder.glob("*.ipynb"))) or "none yet"
        raise FileNotFoundError(
            f"there is no lecture {number!r} in {edition!r}; there are: {known}"
        )
    return hits[0].relative_to(root).as_posix()


def settings_folder(root: Path, *, presenting: bool) -> Path:
    """Write JupyterLab's overrides below ``build/`` and return their folder."""
    folder = root / "build" / "jupyter" / ("presenting" if presenting else "studying")
    folder.mkdir(parents=True, exist_ok=True)
    overrides = PRESENTING if presenting else STUDYING
    (folder / "overrides.json").write_text(json.dumps(overrides, indent=2), encoding="utf-8")
    return folder


def serve(
    root: Path,
    path: str = "",
    *,
    rise: bool = False,
    presenting: bool = True,
    browser: bool = True,
    port: int = 8888,
) -> int:
    """Start JupyterLab at the root of the repository and wait until it ends.

    Args:
        root: the folder to serve.
        path: notebook to open at once, relative to the root.
        rise: open it as slides.
        presenting: autosave off; otherwise as JupyterLab is.
        browser: open a browser.
        port: the first port to try.

    Returns:
        JupyterLab's exit status.
    """
    notebooks = [str(p) for kind in ("lectures", "labs") for p in root.glob(f"{kind}/*/**/*.ipynb")]
    if notebooks:
        # Outputs were made by the course itself: show them without asking.
        subprocess.run(
            [sys.executable, "-m", "jupyter", "trust", *notebooks],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    start = f"/rise/{path}" if rise else (f"/lab/tree/{path}" if path else "/lab")
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url={start}",
        f"--LabServerApp.app_settings_dir={settings_folder(root, presenting=presenting)}",
        f"--LabApp.app_settings_dir={settings_folder(root, presenting=presenting)}",
        f"--ServerApp.port={port}",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return subprocess.call(command, cwd=root, env=environment())
