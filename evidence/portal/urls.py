"""Where the pages of requests, files, imports and packages are."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from evidence.portal import (
    absent_people,
    due_dates,
    evidence_requests,
    files,
    import_columns,
    imports,
    packages,
    request_bulk,
    request_edits,
    request_list,
    request_talk,
    request_words,  # noqa: F401  (registering is its effect)
    uploads,
)
from tenants.parts import parts_of

app_name = "evidence"

Routes = list[URLPattern | URLResolver]

one_file: Routes = [
    path("", files.download, name="download"),
    path("version/", uploads.new_version, name="new_version"),
    path("coverage/", files.coverage, name="coverage"),
    path("remove/", files.unlink, name="unlink"),
    path("withdraw/", files.withdraw_file, name="withdraw_file"),
]

one_request: Routes = [
    path("", evidence_requests.page, name="request"),
    path("edit/", request_edits.edit, name="request_edit"),
    path("discard/", request_edits.discard, name="request_discard"),
    path("look-after/", request_edits.look_after, name="look_after"),
    path("moves/<slug:name>/", evidence_requests.move, name="request_move"),
    path("due-date/", due_dates.change, name="due_date"),
    path("due-date/ask/", due_dates.propose, name="due_date_ask"),
    path("due-date/keep/", due_dates.decline, name="due_date_keep"),
    path("messages/", request_talk.comment, name="comment"),
    path("notes/", request_talk.note, name="note"),
    path("answer/", request_talk.answer, name="answer"),
    path("files/", uploads.upload, name="upload"),
    path("files/link/", files.link_files, name="link_files"),
    path("files/<uuid:link>/", include(one_file)),
]

requests: Routes = [
    path("", request_list.index, name="requests"),
    path("export.<slug:kind>", request_list.export, name="requests_export"),
    path("bulk/", request_bulk.bulk, name="requests_bulk"),
    path("new/", request_edits.new, name="request_new"),
    path("people/", absent_people.index, name="absent_people"),
    path("<uuid:evidence_request>/", include(one_request)),
]

one_package: Routes = [
    path("progress/", packages.progress, name="package_progress"),
    path("retry/", packages.retry, name="package_retry"),
    path("download/", packages.download, name="package_download"),
]

all_packages: Routes = [
    path("", packages.index, name="packages"),
    path("assemble/", packages.assemble, name="package_assemble"),
    path("<uuid:package>/", include(one_package)),
]

one_import: Routes = [
    path("", imports.page, name="import"),
    path("progress/", imports.progress, name="import_progress"),
    path("columns/", import_columns.page, name="import_columns"),
    path("choose/", imports.choose, name="import_choose"),
    path("import/", imports.commit, name="import_commit"),
    path("again/", imports.again, name="import_again"),
    path("discard/", imports.discard, name="import_discard"),
    path("to-correct.csv", imports.corrections, name="import_corrections"),
]

all_imports: Routes = [
    path("", imports.index, name="imports"),
    path("new/", imports.new, name="import_new"),
    path("<uuid:request_import>/", include(one_import)),
]

urlpatterns = [
    path("engagements/<uuid:engagement>/requests/", include(requests)),
    path("engagements/<uuid:engagement>/packages/", include(all_packages)),
    path("engagements/<uuid:engagement>/imports/", include(all_imports)),
    *(route for part in parts_of("evidence.portal.parts") for route in part.routes),
]
