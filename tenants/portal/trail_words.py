"""How the trail reads: one phrase for each act. Higher apps add theirs.

A key is "model.verb", or a verb alone for every model. `{label}` is the record's name as it was,
`{before}` and `{after}` the statuses or roles in words.
"""

from __future__ import annotations

from functools import cache

from django.apps import apps
from django.db.models import Model

from tenants.choices import Role
from tenants.models import TrailEntry
from tenants.permissions import P

PHRASES: dict[str, str] = {
    "engagement.opened": "opened the engagement",
    "engagement.terms_changed": "changed the terms",
    "engagement.begin": "began acceptance",
    "engagement.take_on": "accepted the engagement",
    "engagement.finish_planning": "finished planning",
    "engagement.finish_walkthroughs": "started fieldwork",
    "engagement.finish_fieldwork": "finished fieldwork",
    "engagement.finish_review": "finished the review",
    "engagement.release": "released the report",
    "engagement.begin_wrap_up": "opened the wrap-up",
    "engagement.start": "started the assessment",
    "engagement.deliver": "delivered the assessment",
    "engagement.close": "closed the assessment",
    "engagement.step_back": "went back one phase",
    "engagement.step_back_from_review": "went back one phase",
    "engagement.report_dated": "dated the report",
    "engagement.lock": "locked the file",
    "engagement.hold": "put the engagement on hold",
    "engagement.resume": "took the engagement up again",
    "engagement.withdraw": "withdrew the engagement",
    "assignment.assigned": "assigned {label}",
    "assignment.reassigned": "changed an assignment: {label}",
    "assignment.unassigned": "took {label} off the engagement",
    "independence.independence_confirmed": "confirmed their independence",
    "independence.independence_refused": "said they are not independent",
    "independence.independence_asked": "asked for a word on independence: {label}",
    "opening.opened": "opened a single permission: {label}",
    "user.signed_in": "signed in",
    "user.signed_out": "signed out",
    "user.sign_in_failed": "was not let in: a wrong password or code",
    "user.password_link_sent": "was sent a link for a new password",
    "user.password_changed": "changed the password",
    "user.password_reset": "set a new password by a link",
    "user.email_change_asked": "asked to sign in with another address",
    "user.email_changed": "signs in with another address",
    "user.factor_added": "added a second factor",
    "user.factor_removed": "removed a second factor",
    "user.recovery_codes_made": "made new recovery codes",
    "user.session_ended": "ended sessions",
    "user.mail_refused": "could not send {label} the daily mail: the mail server refused it",
    "user.mail_unknown": "does not know whether {label} got the daily mail",
    "user.mail_given_up": "gave up making the daily mail of {label}",
    "user.mail_again": "sent {label} the daily mail again",
    "user.renamed": "changed their name",
    "apitoken.token_made": "made the API token {label}",
    "apitoken.token_revoked": "revoked the API token {label}",
    "invitation.invited": "invited {label}",
    "invitation.invitation_withdrawn": "withdrew the invitation of {label}",
    "organization.founded": "founded {label}",
    "organization.joined": "joined {label}",
    "organization.organization_changed": "changed the settings of {label}",
    "organization.firm_taken_on": "took on {label}",
    "organization.firm_refused": "refused {label}",
    "membership.role_changed": "changed a role: {label}, before: {before}",
    "membership.left": "ended a membership: {label}",
    "membership.taken_back": "took {label} back",
    "introduction.client_asked": "asked a client that is here already",
    "introduction.client_ask_withdrawn": "withdrew a letter to a client",
    "introduction.client_agreed": "agreed to work with the firm",
    "ethicswall.wall_raised": "raised the ethics wall {label}",
    "ethicswall.wall_extended": "extended the ethics wall {label}",
    "ethicswall.wall_lifted": "lifted the ethics wall {label}",
    "provisioningtoken.made": "made the directory key {label}",
    "provisioningtoken.revoked": "revoked the directory key {label}",
    "membership.signed_out_by_administrator": "signed {label} out everywhere",
    "organization.second_factor_asked": "asks {after} for a second factor, before: {before}",
    "refused": "was refused: {label}",
    "trail_exported": "took a copy of the trail",
    "text_erased": "erased the text of an entry",
}
"""Key → what follows the person's name."""
ICONS: dict[str, str] = {
    "assignment.assigned": "user-plus",
    "assignment.reassigned": "user-cog",
    "assignment.unassigned": "user-x",
    "independence.independence_refused": "user-x",
    "opening.opened": "lock-open",
    "engagement.opened": "clipboard-list",
    "engagement.terms_changed": "adjustments-horizontal",
}
"""Key → icon of the line; without one the person's avatar stands there."""


def key_of(entry: TrailEntry) -> str:
    """The key under which the entry's phrase is kept."""
    return f"{entry.subject_type}.{entry.verb}"


def phrase(entry: TrailEntry) -> str:
    """What the person did, in words that follow their name."""
    words = PHRASES.get(key_of(entry)) or PHRASES.get(entry.verb)
    if words is None:
        words = f"{verb_words(entry.verb)}: {{label}}"
    return words.format(
        label=_label(entry), before=label_of(entry, entry.before),
        after=label_of(entry, entry.after),
    )  # fmt: skip


def _label(entry: TrailEntry) -> str:
    """The record's name as it was, with a code in it put into words."""
    if not entry.after:
        return entry.subject_label
    return entry.subject_label.replace(entry.after, label_of(entry, entry.after))


def verb_words(verb: str) -> str:
    """A verb as words: "due_date_changed" is "due date changed"."""
    return verb.replace("_", " ")


def subject_words(model_name: str) -> str:
    """What a kind of record is called: "evidencerequest" is "Evidence request"."""
    model = _models().get(model_name)
    return str(model._meta.verbose_name).capitalize() if model else model_name.capitalize()


def label_of(entry: TrailEntry, value: str) -> str:
    """A status, role or permission of the entry in words; other values as they are."""
    if value in Role.values:
        return str(Role(value).label)
    if value in set(P):
        return value.replace("_", " ")
    return _statuses(entry.subject_type).get(value, value.replace("_", " "))


def _statuses(model_name: str) -> dict[str, str]:
    """Status → words, of a kind of record that has a status."""
    model = _models().get(model_name)
    fields = {field.name: field for field in model._meta.fields} if model else {}
    choices = fields["status"].flatchoices if "status" in fields else []
    return {str(key): str(label) for key, label in choices}


@cache
def _models() -> dict[str, type[Model]]:
    return {model._meta.model_name or "": model for model in apps.get_models()}
