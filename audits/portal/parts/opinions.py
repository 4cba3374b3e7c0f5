"""Pages of the opinion."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import opinions

routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path("opinion/", opinions.opinion, name="opinion"),
    path("opinion/propose/", opinions.propose, name="opinion_propose"),
    path("opinion/<uuid:opinion>/", opinions.paper, name="opinion_paper"),
    path("opinion/<uuid:opinion>/decide/", opinions.decide, name="opinion_decide"),
    path("opinion/<uuid:opinion>/modify/<slug:opinion_part>/", opinions.modify,
         name="modification_new"),
    path("opinion/modifications/<uuid:modification>/drop/", opinions.drop,
         name="modification_drop"),
]  # fmt: skip

PHRASES: Final = {
    "opinion.opinion_proposed": "proposed the opinion",
    "opinion.opinion_modified": "wrote what modifies the opinion",
    "opinion.opinion_unmodified": "took a modification out of the opinion",
    "opinion.opinion_decided": "decided the opinion",
}
ICONS: Final = {"opinion.opinion_decided": "gavel"}
