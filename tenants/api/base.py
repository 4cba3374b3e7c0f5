"""The viewset all others build on, and the router.

    class EvidenceRequestViewSet(VisibleViewSet):
        \"\"\"Evidence requests of the engagements the caller may view.\"\"\"

        queryset = EvidenceRequest.objects.select_related("engagement", "owner")
        serializer_class = EvidenceRequestSerializer  # a Shown, with `moves = MovesField()`
        filterset_class = EvidenceRequestFilters      # a Filters
        orderings = {"due_on": "due_on", "client": "engagement__client__name"}
        search_fields = ("title", "number")
        lifecycle = evidence_requests.LIFECYCLE
        moves = {"submit": evidence_requests.submit, "give_back": evidence_requests.give_back}
        move_bodies = {"give_back": GiveBackBody}     # where a move asks for more than a note

        @takes(DraftBody)                             # a Body; VisibleField for ids in it
        def create(self, request):
            return self.created(evidence_requests.draft(**self.body(), by=request.user))

        @takes(ChangeBody)
        def partial_update(self, request, pk):
            changed = evidence_requests.change(
                self.get_object(), by=request.user, version=self.version(), **self.body()
            )
            return self.reply(changed)

        @takes(ExtendBody)                            # any other POST needs an Idempotency-Key
        @action(detail=True, methods=["post"])
        def extend(self, request, pk): ...

A move's function is called `make(record, by=person, **body)`: with `note` when the move has one,
and with `version` when it takes one and If-Match was sent; `as_move(engagements.move, "hold")`
names one of several. Register in `<app>/api/urls.py`: `router = Router()`,
`router.register("evidence-requests", EvidenceRequestViewSet, basename="evidence-request")`,
`urlpatterns = router.urls`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NoReturn

from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from tenants.api import operations
from tenants.api.answering import Answering
from tenants.api.bodies import Body, NothingBody
from tenants.api.filters import check_parameters
from tenants.api.idempotency import answer_once
from tenants.api.operations import as_move, takes
from tenants.api.paging import CursorPages
from tenants.api.reading import Reading
from tenants.api.requests import Request
from tenants.api.throttling import give_back
from tenants.lifecycle import Lifecycle

__all__ = ["BaseViewSet", "Router", "VisibleViewSet", "as_move", "takes"]

READS = ("GET", "HEAD")


class Router(SimpleRouter):
    """Routes of one app's API; ids in addresses are UUIDs."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=True, use_regex_path=False)


class BaseViewSet(Reading, Answering, GenericViewSet[Any]):
    """What every operation has: listed parameters, strict bodies, keys, versions, problems."""

    http_method_names = ["get", "post", "patch", "delete", "head"]
    lookup_value_converter = "uuid"
    pagination_class = CursorPages
    filterset_class: ClassVar[Any] = None
    orderings: ClassVar[Mapping[str, str]] = {}
    """Name a list may be ordered by → field path."""
    search_fields: ClassVar[Sequence[str]] = ()
    versioned: ClassVar[bool] = True
    """Whether records have a `version`: PATCH and DELETE need If-Match."""
    lifecycle: ClassVar[Lifecycle | None] = None
    moves: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    move_bodies: ClassVar[Mapping[str, type[Body]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, make in cls.__dict__.get("moves", {}).items():
            move = cls.lifecycle.moves[name]
            body = operations.body_of_move(move, cls.move_bodies.get(name))
            setattr(cls, f"move_{name}", operations.route_of_move(move, make, body))

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Check who asks, how often, and that the address takes what was sent."""
        super().initial(request, *args, **kwargs)
        if self.action is None:
            return
        check_parameters(request, self)
        if operations.needs_version(self, request.method):
            self.version()
        if operations.operation_of(self).body is NothingBody and request.method not in READS:
            self.body()  # nothing may come; other bodies are read by the operation
        if operations.needs_key(self, request.method):
            secrets = operations.operation_of(self).secrets
            handler: Any = self.post  # type: ignore[has-type]
            self.post = partial(answer_once, handler, secrets)  # DRF looks it up after this

    def permission_denied(self, request: Any, message: Any = None, code: Any = None) -> NoReturn:
        """Refuse; those without a token are counted by address first (API-8)."""
        self.check_throttles(request)
        super().permission_denied(request, message, code)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The request is open until the last byte of its answer has left (API-8)."""
        found = super().finalize_response(request, response, *args, **kwargs)
        found._resource_closers.append(partial(give_back, request._request))
        return found

    def raise_uncaught_exception(self, exc: Exception) -> NoReturn:
        """A fault of ours is answered by Django, outside this view."""
        give_back(self.request._request)
        super().raise_uncaught_exception(exc)
        raise exc

    @property
    def rate_cost(self) -> int:
        """For how many requests the present one counts."""
        return operations.operation_of(self).cost

    def lists(self) -> bool:
        """Whether the operation answers with a page of records."""
        return self.action == "list" or operations.operation_of(self).lists

    def shows_records(self) -> bool:
        """Whether the operation takes `?fields=`."""
        return self.action in ("list", "retrieve")


class VisibleViewSet(BaseViewSet):
    """Lists and shows the rows the caller may see; what changes them is spelled out below it."""

    def list(self, request: Request) -> Response:
        """One page of the visible records that fit the filters."""
        return self.page(self.filter_queryset(self.get_queryset()))

    def retrieve(self, request: Request, pk: Any) -> Response:
        """One record."""
        return self.shown(self.get_object())
