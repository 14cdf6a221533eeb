"""On a JupyterHub: two users open a lab by a link and solve an exercise, one presents a lecture.

The hub is started on this machine, with the spawner that needs no accounts. It needs the hub extra
(``pip install -e ".[hub]"``) and its proxy (``npm install -g configurable-http-proxy``); where one
of them is missing the tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from browser import chromium
from playwright.sync_api import Browser, Page

from press.exports.site import parcel

pytestmark = pytest.mark.browser

LAB, EXERCISE = "03_airline", "airline/scores"
CONFIG = """
c = get_config()  # noqa: F821
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.Spawner.environment = {{"PYTHONPATH": {path!r}}}
"""
#: Puts a source into a cell of the open notebook, runs all above it, it, and the cell below.
SOLVE = """
async ([id, source]) => {
  const { commands, shell } = window.jupyterapp;
  const panel = shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  const notebook = panel.content;
  const at = notebook.widgets.findIndex((cell) => cell.model.id === id);
  notebook.widgets[at].model.sharedModel.setSource(source);
  notebook.activeCellIndex = at;
  await commands.execute("notebook:run-all-above");
  for (const place of [at, at + 1]) {
    notebook.activeCellIndex = place;
    await commands.execute("notebook:run-cell");
  }
}
"""


@dataclass(frozen=True)
class Hub:
    """A hub that runs.

    Attributes:
        address: where it answers.
        served: a folder with the repositories that its links name.
    """

    address: str
    served: Path

    def link(self, repository: str, place: str) -> str:
        """Return nbgitpuller's link to a place in a repository."""
        query = {
            "repo": (self.served / repository).as_uri(),
            "branch": "main",
            "urlpath": place,
        }
        return f"{self.address}/hub/user-redirect/git-pull?{urllib.parse.urlencode(query)}"


@pytest.fixture(scope="module")
def hub(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Start a hub that serves the labs, and the course, from Git repositories."""
    for module in ("jupyterhub", "nbgitpuller"):
        pytest.importorskip(module, reason="the hub extra is not installed")
    proxy = shutil.which("configurable-http-proxy")
    if not proxy:
        pytest.skip("there is no configurable-http-proxy")
    folder = tmp_path_factory.mktemp("hub")
    parcel(root, folder / "labs.zip")
    with zipfile.ZipFile(folder / "labs.zip") as archive:
        archive.extractall(folder)
    course = folder / "unrolled"
    shutil.copytree(root / "lectures", course / "lectures")
    shutil.copytree(root / "img", course / "img")
    for repository in (folder / "unrolled-labs", course):
        for command in ("init -q -b main", "add -A", "commit -q -m course"):
            who = ["-c", "user.name=Course", "-c", "user.email=course@example.org"]
            subprocess.run(["git", *who, *command.split()], cwd=repository, check=True)
    ports = _ports(3)
    config = CONFIG.format(
        ports=ports,
        proxy=proxy,
        homes=str(folder / "homes"),
        python=sys.executable,
        path=os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
    )
    (folder / "jupyterhub_config.py").write_text(config, encoding="utf-8")
    with (folder / "hub.log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub"],
            cwd=folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        address = f"http://127.0.0.1:{ports[0]}"
        try:
            while running.poll() is None and not _answers(f"{address}/hub/api"):
                time.sleep(0.5)
            assert running.poll() is None, (folder / "hub.log").read_text()
            yield Hub(address, folder)
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            running.wait()


def _ports(count: int) -> list[int]:
    """Return ports that nobody uses."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:
            return "version" in json.load(reply)
    except OSError:
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with chromium() as running:
        yield running


def _enter(browser: Browser, user: str, link: str) -> Page:
    """Follow a link as a user who has not logged in yet."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(300_000)
    page.goto(link)
    page.fill("#username_input", user)
    page.fill("#password_input", "a password")
    page.click("#login_submit")
    return page


@pytest.mark.parametrize("user", ["anna", "bogdan"])
def test_a_user_opens_a_lab_by_a_link_and_solves_an_exercise(
    hub: Hub, browser: Browser, root: Path, user: str
) -> None:
    solved = nbformat.read(root / "labs" / "en" / "solutions" / f"{LAB}.ipynb", as_version=4)
    cell = next(c for c in solved.cells if c.id == EXERCISE.partition("/")[2])
    link = hub.link("unrolled-labs", f"lab/tree/unrolled-labs/labs/en/{LAB}.ipynb")
    page = _enter(browser, user, link)
    try:
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.widgets?.length")
        page.evaluate(SOLVE, [cell.id, cell.source])
        page.wait_for_selector(f"text=✓ {EXERCISE}")
    finally:
        page.context.close()
    own = hub.served / "homes" / user / "unrolled-labs" / "labs" / "en" / f"{LAB}.ipynb"
    assert own.is_file(), "each has a copy of the labs"


def test_a_user_presents_a_lecture(hub: Hub, browser: Browser) -> None:
    page = _enter(browser, "anna", hub.link("unrolled", "rise/unrolled/lectures/en/03_gates.ipynb"))
    try:
        page.wait_for_url("**/rise/unrolled/lectures/en/03_gates.ipynb#/slide-0-0")
        shown = "section.present section.present"
        assert page.inner_text(shown).startswith("Gates")
        for _ in range(20):  # the first key may come before RISE listens
            page.keyboard.press("Space")
            page.wait_for_timeout(500)
            if not page.inner_text(shown).startswith("Gates"):
                break
        assert page.inner_text(shown).startswith("After this lecture")
    finally:
        page.context.close()
