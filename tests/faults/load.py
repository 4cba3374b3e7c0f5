"""What the programs do while things are killed: the life of requests, lists, packages, letters."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from tests.faults.history import ACKNOWLEDGED, UNKNOWN, Recorder
from tests.faults.programs import Client, Stopped
from tests.stories.company import Company

COVERAGE = "covers_from=2025-10-01&covers_to=2026-09-30"
BINARY = "application/octet-stream"
OWNER = "marcus.oyelaran"
LIST_ROWS = 3


class Load:
    """Threads that work until they are told to end."""

    def __init__(self, company: Company, recorder: Recorder, seed: int) -> None:
        self.stop = threading.Event()
        self.faults: list[str] = []
        self._seed = seed
        self._engagement = company.engagement["id"]
        self._clients = {who: Client(each, recorder) for who, each in company.programs.items()}
        self._owner = self._clients[OWNER].look("me/")["person"]["id"]
        self._threads: list[threading.Thread] = []

    def start(self, lives: int) -> None:
        parts: list[Callable[[random.Random], None]] = [self.one_life] * lives
        parts += [self.one_list, self.one_package, self.one_invitation]
        for number, part in enumerate(parts):
            thread = threading.Thread(target=self._repeat, args=(part, number), daemon=True)
            thread.start()
            self._threads.append(thread)

    def join(self) -> None:
        """Let each thread end what it is at."""
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, part: Callable[[random.Random], None], number: int) -> None:
        chance = random.Random(f"{self._seed}:{number}")
        while not self.stop.is_set():
            try:
                part(chance)
            except Stopped as stopped:
                self.faults.append(f"{part.__name__}: no answer for {stopped}")
            except Exception as error:
                self.faults.append(f"{part.__name__}: {type(error).__name__}: {error}")
                time.sleep(1)

    def one_life(self, chance: random.Random) -> None:
        """A request from its draft to its acceptance, with files and talk."""
        word = uuid4().hex
        senior, owner = self._clients["jonas"], self._clients[OWNER]
        body = {"engagement": self._engagement, "title": word, "owner": self._owner,
                "covers_all_scope": True, "due_on": "2026-12-01"}  # fmt: skip
        drafted = senior.write([("draft", word)], "evidence-requests/", body, said="ref")
        if drafted is None:
            return
        path = f"evidence-requests/{drafted['id']}/"
        if self._moved(senior, path, "send", word) is None:
            return
        for _ in range(chance.randint(1, 2)):
            self._talk(chance.choice((senior, owner)), path, word)
            content = chance.randbytes(chance.randint(1, 300_000))
            name = f"{uuid4().hex}.bin"
            owner.write(
                [("file", name)], f"{path}files/?name={name}&{COVERAGE}", content,
                Content_Type=BINARY,
            )  # fmt: skip
            senior.read("comment", word, f"{path}messages/?limit=200", "text")
        if self._moved(owner, path, "submit", word) is None:
            return
        self._talk(senior, path, word)
        if self._moved(senior, path, "begin_review", word) is not None:
            self._moved(senior, path, "accept", word)
        owner.read("comment", word, f"{path}messages/?limit=200", "text")

    def _talk(self, who: Client, path: str, target: str) -> None:
        text = uuid4().hex
        who.write([("comment", text)], f"{path}messages/", {"text": text}, target=target)

    def _moved(self, who: Client, path: str, move: str, word: str) -> Any:
        """Make a move; when nobody knows whether it was made, look."""
        answer = who.write([(move, word)], f"{path}{move}/", {}, key=False)
        return answer if answer is not None else who.look(path)

    def one_list(self, chance: random.Random) -> None:
        """A list handed in, read by a worker, imported."""
        senior, name = self._clients["jonas"], f"{uuid4().hex}.csv"
        titles = [uuid4().hex for _ in range(LIST_ROWS)]
        content = "Ref,Request,Description,Area,Due date\n" + "".join(
            f"{each[:12]},{each},Please send it.,Access,2026-12-01\n" for each in titles
        )
        handed_in = senior.write(
            [("list", name)], "request-imports/", _form(self._engagement, name, content),
            Content_Type=f"multipart/form-data; boundary={BOUNDARY}",
        )  # fmt: skip
        if handed_in is None:
            return
        path = f"request-imports/{handed_in['id']}/"
        while not self.stop.is_set():
            found = senior.look(path)
            if found["status"] != "reading":
                break
            time.sleep(0.5)
        else:
            return
        if found["status"] != "ready":
            self.faults.append(f"a list is {found['status']}: {found['problem']}")
            return
        effects = [("import", name), *(("draft", title) for title in titles)]
        senior.write(effects, f"{path}import/", {})
        time.sleep(chance.uniform(0, 2))

    def one_package(self, chance: random.Random) -> None:
        """A package asked for, and seen through."""
        manager = self._clients["nadia"]
        body = {"engagement": self._engagement}
        asked = manager.write([], "packages/", body)
        if asked is None:
            time.sleep(1)
            return
        for effect, outcome in (("package", ACKNOWLEDGED), ("published", UNKNOWN)):
            with manager.recorder.timing() as told:  # it has no name before it is there
                told.update(effect=(effect, asked["id"]), outcome=outcome)
        while not self.stop.is_set() and manager.look(f"packages/{asked['id']}/")["status"] in (
            "queued", "assembling",
        ):  # fmt: skip
            time.sleep(0.5)
        time.sleep(chance.uniform(0, 2))

    def one_invitation(self, chance: random.Random) -> None:
        """Somebody is invited: a letter that goes once, if it goes."""
        address = f"{uuid4().hex}@tallowbrook.example"
        body = {"email": address, "name": "New Person", "role": "contributor"}
        self._clients["dana.whitlock"].write([("invitation", address)], "invitations/", body)
        time.sleep(chance.uniform(0.5, 2))


BOUNDARY = "a-boundary-that-no-list-holds"


def _form(engagement: str, name: str, content: str) -> bytes:
    """A form with the engagement and one file."""
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="engagement"\r\n\r\n{engagement}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{quote(name)}"\r\n'
        f"Content-Type: text/csv\r\n\r\n{content}\r\n--{BOUNDARY}--\r\n"
    ).encode()
