"""Ids that exist, learned from the answers, put where a case has made-up ones."""

from __future__ import annotations

import random
import re
from collections import defaultdict, deque
from typing import Any

UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
KEPT = 400


Ids = dict[str, deque[str]]


class Pool:
    """The newest ids by the person who saw them and the resource whose answers held them."""

    def __init__(self, chance: random.Random) -> None:
        self.random = chance
        self.seen: dict[str, Ids] = defaultdict(lambda: defaultdict(lambda: deque(maxlen=KEPT)))
        self.versions: dict[str, int] = {}

    def learn(self, response: Any, who: str) -> None:
        """Keep the ids that `who` was answered, under the resource in the address."""
        if response.status_code >= 300 or "json" not in str(response.headers.get("content-type")):
            return
        name = resource_of(response.request.path_url)
        self.seen[who][name].extend(UUID.findall(response.text[:20_000])[:20])
        held = response.json()
        rows = held.get("results", [held]) if isinstance(held, dict) else []
        for row in rows:
            if isinstance(row, dict) and "id" in row and "version" in row:
                self.versions[row["id"]] = row["version"]

    def version_of(self, case: Any) -> str:
        """The ETag that was last seen of the record in the address, or one it may have had."""
        known = (self.versions.get(str(value)) for value in case.path_parameters.values())
        return f'"{next((each for each in known if each), 1)}"'

    def with_known_ids(self, case: Any, who: str) -> Any:
        """A copy of the case in which most ids are of rows `who` sees, some of rows of others."""
        if self.random.random() < 0.25:
            who = self.random.choice(list(self.seen) or [who])
        ids, resource = self.seen[who], resource_of(case.path)
        body = case.body
        return case.operation.Case(
            path_parameters={
                name: self._instead(value, resource, ids)
                for name, value in case.path_parameters.items()
            },
            headers=dict(case.headers), query=self._deep(dict(case.query), ids),
            body=self._deep(body, ids) if isinstance(body, dict | list) else body,
            media_type=case.media_type, multipart_content_types=case.multipart_content_types,
        )  # fmt: skip

    def _deep(self, value: Any, ids: Ids, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._deep(held, ids, str(key)) for key, held in value.items()}
        if isinstance(value, list):
            return [self._deep(held, ids, name) for held in value]
        return self._instead(value, name.replace("_", "-"), ids)

    def _instead(self, value: Any, name: str, ids: Ids) -> Any:
        if not isinstance(value, str) or not UUID.fullmatch(value) or self.random.random() < 0.15:
            return value
        near = [held for key, held in ids.items() if key.startswith(name[:8]) and held]
        every = [held for held in ids.values() if held]
        chosen = near if near and self.random.random() < 0.8 else every
        return self.random.choice(self.random.choice(chosen)) if chosen else value


def resource_of(path: str) -> str:
    """`evidence-requests` of `/api/v1/evidence-requests/…`."""
    parts = path.split("/")
    return parts[3] if len(parts) > 3 else ""
