"""Pages of walkthroughs."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import walkthroughs

routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path("walkthroughs/", walkthroughs.index, name="walkthroughs"),
    path("walkthroughs/<uuid:walkthrough>/correct/", walkthroughs.correct,
         name="walkthrough_correct"),
    path("controls/<uuid:control>/walkthroughs/", walkthroughs.control, name="walked_control"),
    path("controls/<uuid:control>/walkthroughs/add/", walkthroughs.write, name="walkthrough_add"),
]  # fmt: skip

PHRASES: Final = {
    "engagementcontrol.walked": "walked {label} through",
    "walkthrough.corrected": "corrected a walkthrough",
}
ICONS: Final = {"engagementcontrol.walked": "eye"}
