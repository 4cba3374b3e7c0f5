"""Unique constraints that do not name a tenant, each with the reason (TEN-4).

Every other one holds `engagement_id`, `client_id`, `organization_id` or `firm_id`: a value that is
taken in one tenant is free in all others.
"""

_OF_ITS_PARENT = "its first column leads to a row of one tenant, seen by whoever may write here"
_SECRET = "a hash of 128 random bits or more: nobody meets another's by trying"

REASONS = {
    # parents of one tenant
    "access_once": "of one engagement, by its key",
    "answer_draft_once": _OF_ITS_PARENT,
    "control_criterion_once": _OF_ITS_PARENT,
    "control_objective_once": _OF_ITS_PARENT,
    "control_system_once": _OF_ITS_PARENT,
    "handling_once": _OF_ITS_PARENT,
    "import_row_once": _OF_ITS_PARENT,
    "link_once_per_request": _OF_ITS_PARENT,
    "mapping_once": _OF_ITS_PARENT,
    "narrative_number_once": _OF_ITS_PARENT,
    "package_path_once": _OF_ITS_PARENT,
    "request_control_once": _OF_ITS_PARENT,
    "request_person_once": _OF_ITS_PARENT,
    "request_scope_item_once": _OF_ITS_PARENT,
    "submission_number_once": _OF_ITS_PARENT,
    "version_number_once": "the file counts its versions, so that nobody meets one out of sight",
    # of one person, or for tasks alone
    "notice_once_per_period": "a person is on an engagement from one side; its subject is there",
    "outbox_dedupe_once": "names the person, the organization or the engagement in its text",
    "tenants_addresschange_person_id_key": "one for an account, seen by its person alone",
    # secrets and names of ours
    "token_secret_once": _SECRET,
    "download_link_once": _SECRET,
    "provisioning_secret_once": _SECRET,
    "sign_in_name_once": "made by the server; who knows it may see that one row",
    "invitation_secret_once": _SECRET,
    "introduction_secret_once": _SECRET,
    "tenants_operator_person_id_key": "a person is an operator once; no tenant's row",
    "evidence_fileversion_storage_key_key": "made by the server, of two random ids",
    "tenants_engagement_basis_key": "what a composite link points at: the key and its own basis",
    "tenants_engagement_report_type_key": "the same: the key and its own report type",
}  # fmt: skip
"""Name of the index → why it needs no tenant."""
