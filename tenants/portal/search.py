"""The search box in the top bar."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from tenants.portal.base import Request, signed_in
from tenants.queries import searching


@signed_in
def search(request: Request) -> HttpResponse:
    """What is visible to the person and carries the words, by kind."""
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[: searching.LONGEST]
    found = searching.search(request.user, words)
    return render(request, "tenants/search.html", {"search_words": words, "found": found})
