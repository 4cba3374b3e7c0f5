"""What is asked for, what arrives, and what it supports."""

from evidence.models.answers import AnswerDraft, FirmNote, Handling, Message, Submission
from evidence.models.download_links import DownloadLink
from evidence.models.evidence_requests import (
    EvidenceRequest,
    RequestControl,
    RequestPerson,
    RequestScopeItem,
)
from evidence.models.files import EvidenceFile, EvidenceLink, FileVersion
from evidence.models.imports import ImportRow, RememberedMapping, RequestImport
from evidence.models.packages import Package, PackageEntry
from tenants.parts import parts_of

__all__ = [
    "AnswerDraft",
    "DownloadLink",
    "EvidenceFile",
    "EvidenceLink",
    "EvidenceRequest",
    "FileVersion",
    "FirmNote",
    "Handling",
    "ImportRow",
    "Message",
    "Package",
    "PackageEntry",
    "RememberedMapping",
    "RequestControl",
    "RequestImport",
    "RequestPerson",
    "RequestScopeItem",
    "Submission",
]

list(parts_of(__name__))
"""Loads every module of this folder, so that its rows are known; they are imported from there."""
