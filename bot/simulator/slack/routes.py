"""Which part answers which path."""

from .files import Files
from .gate import Gate
from .page_api import PageApi
from .responses import DEAD, Responses
from .values import Answer, Json, Refused, Request
from .web_api import WebApi

PNG = b"\x89PNG\r\n\x1a\n"


class Routes:
    """Sends each request to the Web API, a response address, an upload or the page."""

    def __init__(
        self, *, web_api: WebApi, responses: Responses, files: Files, page: PageApi, gate: Gate
    ) -> None:
        self._web_api = web_api
        self._responses = responses
        self._files = files
        self._page = page
        self._gate = gate
        self.port = 0

    def answer(self, request: Request) -> Answer:
        """Return the answer to any request of the bot or the page."""
        first, _, rest = request.path.lstrip("/").partition("/")
        match request.verb, first:
            case _, "api":
                return self._web_api.answer(rest, request)
            case _, "_sim":
                return self._page.answer(rest, request, self.port)
            case "POST", "response":
                return self._respond(rest, request)
            case "POST", "upload":
                return self._upload(rest, request)
            case "GET", "upload":
                return self._picture(rest)
            case "GET", "static":
                return self._page.file(rest)
            case "GET", "":
                return self._page.file("")
        return Answer(status=404, body={"ok": False, "error": "not_found"})

    def _respond(self, name: str, request: Request) -> Answer:
        def serve(args: Json) -> Answer:
            self._responses.respond(name, args)
            return Answer(body="ok")

        return self._gate.answer("response_url", request, serve, refusal=_response_refusal)

    def _picture(self, file_id: str) -> Answer:
        content = self._files.content(file_id)
        if content is None or not content.startswith(PNG):
            return Answer(status=404, body="no such picture")
        return Answer(body=content, content_type="image/png", headers={"X-Content-Type-Options": "nosniff"})

    def _upload(self, file_id: str, request: Request) -> Answer:
        def serve(args: Json) -> Answer:
            status, said = self._files.receive(file_id, request.body)
            return Answer(status=status, body=said)

        return self._gate.answer("upload", request, serve, read=lambda sent: {"bytes": len(sent.body)})


def _response_refusal(refused: Refused) -> Answer:
    return Answer(status=404 if refused.error in DEAD else 400, body=refused.answer())
