"""What every template and script of ours keeps to, so that the strict policy holds (HDR-1, 2)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from tenants.templatetags.kit import STATUS_ICONS

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(
    path
    for app in ("tenants", "audits", "evidence", "grc")
    for path in (ROOT / app).glob("templates/**/*.html")
)
STATIC = ROOT / "grc" / "static"
SPRITE = set(
    re.findall(r'id="tabler-([a-z0-9-]+)"', (STATIC / "vendor/tabler/sprite.svg").read_text())
)
ICON = re.compile(r'{% icon "([^"]+)"|icon_name="([^"]+)"|icon_name\|default:"([^"]+)"')
FORBIDDEN = {
    "inline style": re.compile(r"<[^>]*\sstyle\s*="),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "script in an attribute": re.compile(
        r"javascript:|hx-on|hx-vals=.js:|hx-headers=.js:", re.IGNORECASE
    ),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape off|safeseq"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_the_policy_or_the_reader_would_refuse(path):
    text = path.read_text()
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]
    icons = {name for names in ICON.findall(text) for name in names if name}
    assert not found
    assert icons <= SPRITE
    assert not re.search(r"\{#[^\n]*\n(?![^{]*\{#)[^{]*#\}", text), "a {# #} comment is one line"
    assert len(text.splitlines()) <= 120
    get_template(str(path).partition("/templates/")[2])


def test_every_status_has_its_icon_in_the_sprite():
    assert set(STATUS_ICONS.values()) <= SPRITE


def test_scripts_neither_evaluate_text_nor_print_markup():
    for script in (STATIC / "js").glob("*.js"):
        assert not re.search(
            r"\beval\(|new Function|innerHTML|outerHTML|document\.write", script.read_text()
        )


def test_htmx_is_told_to_evaluate_nothing_and_to_keep_no_pages():
    head = (ROOT / "grc/templates/partials/frame/head.html").read_text()
    for setting in (
        '"allowEval": false',
        '"allowScriptTags": false',
        '"selfRequestsOnly": true',
        '"includeIndicatorStyles": false',
        '"historyCacheSize": 0',
    ):
        assert setting in head


def test_every_file_a_vendored_file_names_is_there():
    for sheet in STATIC.glob("**/*.css"):
        names = re.findall(r"""url\(["']?(?!data:)([^"')]+)""", sheet.read_text())
        assert all((sheet.parent / name).exists() for name in names)
        assert "sourceMappingURL" not in sheet.read_text()
    assert "sourceMappingURL" not in (STATIC / "vendor/htmx/htmx.min.js").read_text()
