"""What the platform is made of, and what its own code may never do (SUP-1 to SUP-5)."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from django.core.management import call_command

from grc.embedded import lock
from tenants.secrets import new_secret
from tests import secret_scan

ROOT = Path(__file__).resolve().parent.parent
APPS = ("tenants", "audits", "evidence", "grc")
MODULES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
OF_PIP_ITSELF = {"pip", "setuptools", "wheel", "tickmark"}


def test_every_locked_package_has_the_hashes_of_its_files_sup_1() -> None:
    """`make lock` writes them; an installation takes no file without one."""
    known = lock.known()
    assert sorted(known) == sorted(lock.pins().values()), "run `make lock`"
    assert all(known.values())
    runs = set(lock._ENTRY.findall(lock.RUNS.read_text()))
    tests = set(lock._ENTRY.findall(lock.TESTS.read_text()))
    assert runs
    assert not runs & tests
    script = (ROOT / "grc/embedded/install.sh").read_text()
    assert "--require-hashes --requirement" in script


def test_what_is_required_is_locked_and_what_is_installed_is_what_was_locked_sup_1() -> None:
    locked, named = lock.pins(), {}
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if found := re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)", line):
                named[lock.plain(found[1])] = f"{lock.plain(found[1])}=={found[2]}"
    assert {pin for pin in named.values() if pin not in locked.values()} == set()
    installed = {lock.plain(each.metadata["Name"]): each.version for each in distributions()}
    wrong = {
        name: version
        for name, version in installed.items()
        if name in locked and locked[name] != f"{name}=={version}"
    }
    assert not wrong


def test_the_inventory_names_every_package_and_vendored_file_sup_1(capsys) -> None:
    call_command("inventory")
    bill = json.loads(capsys.readouterr().out)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    parts = {part["name"]: part for part in bill["components"]}
    installed = {lock.plain(each.metadata["Name"]): each.version for each in distributions()}
    assert {name: parts[name]["version"] for name in installed} == installed
    assert parts["django"]["properties"], "with the hashes it may have come from"
    vendored = {path.name for path in (ROOT / "grc/static/vendor").iterdir() if path.is_dir()}
    shipped = {part["bom-ref"].partition("#")[2].split("/")[0] for part in bill["components"]}
    assert vendored <= shipped
    references = [part["bom-ref"] for part in bill["components"]]
    assert len(references) == len(set(references))


CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.loads",
    "pickle.load",
    "marshal.loads", "yaml.load", "yaml.unsafe_load", "shelve.open",
    "ssl._create_unverified_context",
    "xml.etree.ElementTree.fromstring", "ElementTree.parse", "minidom.parse",
}  # fmt: skip
MODULES_NOT_USED = {
    "pickle", "marshal", "shelve", "yaml", "dill", "telnetlib", "ftplib", "xml.sax",
    "xml.dom.minidom",
}  # fmt: skip
SWITCHES = {"shell": True, "verify": False, "check_hostname": False, "ssl_cert_reqs": None}
"""Keyword → the value that is never given."""


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression that is only names; else what of it is."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def forbidden(tree: ast.Module) -> Iterator[str]:
    """What a module does that none may (SUP-4), with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            if called in CALLS:
                yield f"{node.lineno}: {called}"
            for keyword in node.keywords:
                value = getattr(keyword.value, "value", ...)
                if keyword.arg in SWITCHES and value is SWITCHES[keyword.arg]:
                    yield f"{node.lineno}: {keyword.arg}={value}"
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (f"{node.lineno}: imports {name}" for name in names if name in MODULES_NOT_USED)
        if isinstance(node, ast.Attribute) and node.attr == "CERT_NONE":
            yield f"{node.lineno}: CERT_NONE"


def test_no_module_evaluates_text_unpickles_or_switches_tls_checks_off_sup_4() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{said}"
        for path in MODULES
        for said in forbidden(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    ["eval('1')", "import pickle", "subprocess.run('ls', shell=True)", "yaml.load(text)",
     "requests.get(url, verify=False)", "context.verify_mode = ssl.CERT_NONE"],
)  # fmt: skip
def test_each_of_these_would_be_found_sup_4(line: str) -> None:
    assert list(forbidden(ast.parse(line)))


def test_the_static_rules_are_on_and_no_exception_is_unexplained_sup_4() -> None:
    """ruff's security rules (S, which hold raw SQL, XML, temporary files, hosts and more)."""
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    text = (ROOT / "pyproject.toml").read_text()
    assert "S" in ruff["select"]
    assert {rule for rule in ruff["ignore"] if re.fullmatch(r"S\d+", rule)} == {
        "S101", "S603", "S607", "S608",
    }  # fmt: skip
    for rule in ("S101", "S603", "S608"):
        assert re.search(rf'"{rule}".*#\s+\w+', text), f"{rule} is left out without a reason"
    bare = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in MODULES
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"#\s*noqa", line) and not re.search(r"noqa: [A-Z0-9, ]+\s*(?:\(|-|—)", line)
    ]
    assert not [line for line in bare if "S" in line.partition("noqa:")[2]], bare


def test_pages_load_nothing_from_elsewhere_sup_3() -> None:
    """Templates, scripts and styles name no other address to load from."""
    loads = re.compile(r"""(?:src|srcset|action)=["'](?:https?:)?//|url\(["']?(?:https?:)?//|"""
                       r"""@import|(?:fetch|importScripts)\(["'](?:https?:)?//"""
                       r"""|<link[^>]+href=["'](?:https?:)?//""")  # fmt: skip
    files = [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*")
        if path.suffix in {".html", ".css", ".js", ".svg"}
    ]
    assert len(files) > 100
    found = [
        str(path.relative_to(ROOT))
        for path in files
        if loads.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_tree_and_history_hold_no_secret_sup_5() -> None:
    assert secret_scan.of_repository(ROOT) == []


def test_a_planted_secret_is_found_in_tree_and_history_sup_5(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        named = ("-c", "user.name=t", "-c", "user.email=t@firm.test", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *named, *arguments], cwd=tmp_path, check=True, capture_output=True)

    secrets = {
        "token of ours": new_secret("tmk_").text,
        "private key": "-----BEGIN " + "EC PRIVATE KEY-----",
        "password in an address": "postgresql://web:" + "hunter2hunter2@db.example.com/x",
        "AWS key": "AKIA" + "ABCDEFGHIJKLMNOP",
    }
    git("init", "-q")
    (tmp_path / "settings.py").write_text("\n".join(secrets.values()))
    assert {kind for kind, _ in secret_scan.of_repository(tmp_path)} == set(secrets)
    git("add", ".")
    git("commit", "-qm", "Add settings")
    (tmp_path / "settings.py").write_text("SAFE = 1\n")
    git("commit", "-qam", "Take them out again")
    found = secret_scan.of_repository(tmp_path)
    assert {kind for kind, _ in found} == set(secrets)
    assert all(place.startswith("commit ") for _, place in found)
