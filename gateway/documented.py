"""The gateway with its registered documents: names become texts before the pipeline, which never knows the difference."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from auth.terms import Terms
from auth.viewer import AccessRequest, Viewer
from datasources.errors import SourceError
from gateway.documents import Document, Documents
from gateway.errors import GatewayError
from gateway.explain import Explained
from gateway.fitness import fitness_of, suppositions
from gateway.observe import event
from gateway.pipeline import Pipeline
from gateway.request import Answer, GraphQLRequest, refused
from gateway.settings import Settings

LOOK_SECONDS = 0.5
"""Between two looks at the documents: what is revoked is refused within a second."""


class Documented:
    """A pipeline behind the documents of its clients."""

    def __init__(self, pipeline: Pipeline, documents: Documents) -> None:
        self.pipeline = pipeline
        self.documents = documents
        self._tasks: list[asyncio.Task[None]] = []
        self._failing = False
        self._ready: tuple[object, str] = (None, "")

    @classmethod
    async def open(cls, settings: Settings) -> Documented:
        """As the settings want it. Without the gateway's own database no document is known, and the start goes on."""
        pipeline = await Pipeline.open(settings)
        documents = Documents(pipeline.databases["gateway"], automatic=settings.persisted_queries)
        made = cls(pipeline, documents)
        await made.begin()
        return made

    async def begin(self) -> None:
        """Reads the documents, and follows them from then on."""
        await self._look()
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._keep_ready())]

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        """See `gateway.request.Engine`."""
        try:
            known = self.documents.request_for(request, viewer, access)
        except GatewayError as error:
            return refused([error])
        answer = await self.pipeline.answer(known, viewer, access)
        self.documents.remember(request, viewer, answer)
        return answer

    async def explained(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Explained:
        """How `answer` would answer. Raises Refused, GatewayError for what it would refuse."""
        known = self.documents.request_for(request, viewer, access)
        await self.pipeline.check_known(known, viewer, access)
        return await self.pipeline.explained(known, viewer, access)

    async def readiness(self) -> dict[str, bool]:
        """See `gateway.app.OpenEngine`."""
        return await self.pipeline.readiness()

    def standing(self) -> dict[str, Any]:
        """See `gateway.app.OpenEngine`."""
        return self.pipeline.standing()

    async def close(self) -> None:
        """Ends the following, and closes the pipeline."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.pipeline.close()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        try:
            await self.documents.look()
        except SourceError as error:
            if not self._failing:
                event(logging.ERROR, "documents not read", code=error.code)
            self._failing = True
        else:
            self._failing = False

    async def _keep_ready(self) -> None:
        while True:
            wanted = (self.documents.clients, self.pipeline.policies.current.epoch)
            if wanted[0] is not self._ready[0] or wanted[1] != self._ready[1]:
                await self.prepare()
                self._ready = wanted
            await asyncio.sleep(LOOK_SECONDS)

    async def prepare(self) -> None:
        """Compiles every document, so that none is new when it is asked for, and tells of those that do not run any more."""
        for client_id, client in self.documents.clients.items():
            for document in {one.digest: one for one in client.documents.values()}.values():
                try:
                    runs = await self._runs(client_id, client.realm, document)
                except Exception as error:  # noqa: BLE001 - one that cannot be compiled must not keep out all others
                    event(logging.ERROR, "document not compiled", error=error, document=document.digest)
                    continue
                if not runs:
                    event(logging.WARNING, "document does not run", client=client_id, document=document.digest)
                await asyncio.sleep(0)  # each is compiled in some milliseconds: requests go on in between

    async def _runs(self, client_id: str, realm: str, document: Document) -> bool:
        """Whether anybody could run it, whatever the agreements: they are looked at when it is asked for."""
        for viewer, standing in suppositions(client_id, realm, document.purpose, [Terms()]):
            if not (await fitness_of(self.pipeline, document.text, viewer, standing)).faults:
                return True
        return False
