"""What the app answers besides its page: what the writing page asks for, and all that is taken away as a file."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workbench.errors import WorkbenchError
from workbench.revision.own_hand import pair_of
from workbench.storage.run_names import checked_name
from workbench.studio.chats import Chats
from workbench.ui.all_candidates import csv_of
from workbench.ui.exporting import exported_file
from workbench.ui.folders import AppFolders
from workbench.ui.newcomers import arrive, settle_one
from workbench.ui.own import file_name, poem_file
from workbench.ui.revflux.data import Studies, flux_response
from workbench.ui.spotcheck.verdicts import export
from workbench.ui.studio.data import Studio, download_response
from workbench.ui.write.desk_page import DeskPage, answered


def add_routes(routes: Any, folders: AppFolders) -> None:
    """Adds them to an app, in front of the page."""
    routes.add_api_route("/verdicts/{name}.jsonl", lambda name: export(folders, name), methods=["GET"])
    routes.add_api_route("/verdicts/{name}.csv", lambda name: export(folders, name, "csv"), methods=["GET"])
    routes.add_api_route("/sessions/{name}.{kind}", _download_of(folders), methods=["GET"], response_model=None)
    routes.add_api_route("/candidates/{name}.csv", lambda name: csv_of(folders, name), methods=["GET"])
    routes.add_api_route("/runs/{name}/report.html", _report_of(folders), methods=["GET"], response_model=None)
    desk = DeskPage.of(folders)
    routes.add_api_route("/desk/poem/{number}.{kind}", _poem_of(desk), methods=["GET"], response_model=None)
    routes.add_api_route("/desk/{what}", _answer_of(desk), methods=["POST"], response_model=None)
    studio = Studio(folders)
    own_rows = {"remarks.jsonl": desk.poems.pairs, "edits.jsonl": lambda: map(pair_of, studio.edits())}
    for name, rows in own_rows.items():
        routes.add_api_route(f"/desk/{name}", _rows_of(name, rows), methods=["GET"], response_model=None)
    routes.add_api_route("/chats/{name}.md", _chat_of(studio), methods=["GET"], response_model=None)
    routes.add_api_route("/models/{name}", _model_file_of(folders), methods=["GET"], response_model=None)
    routes.add_api_route("/newcomers/settle", _settle_of(studio), methods=["POST"], response_model=None)
    routes.add_route("/newcomers/file/{name}", _arrival_of(studio), methods=["POST"])
    studies = Studies(folders=folders)
    routes.add_route("/revflux.{kind}", lambda request: flux_response(studies, request), methods=["GET"])


def _download_of(folders: AppFolders) -> Callable[..., Any]:
    def answer(name: str, kind: str, draft: int | None = None) -> Any:
        return download_response(Studio(folders), name, kind, draft)

    return answer


def _report_of(folders: AppFolders) -> Callable[..., Any]:
    def answer(name: str) -> Any:
        from fastapi.responses import FileResponse, PlainTextResponse

        try:
            file = folders.runs / checked_name(name) / "report.html"
        except WorkbenchError as exc:
            return PlainTextResponse(f"{exc}\n", 404)
        if not file.is_file():
            return PlainTextResponse("this run has no report yet; it is written when the run ends\n", 404)
        return FileResponse(file, media_type="text/html", filename=f"{name}-report.html")

    return answer


def _chat_of(studio: Studio) -> Callable[..., Any]:
    def answer(name: str) -> Any:
        from fastapi.responses import PlainTextResponse

        try:
            chat = Chats(studio.sessions).open(name)
        except WorkbenchError as exc:
            return PlainTextResponse(f"{exc}\n", 404)
        held = {"Content-Disposition": f'attachment; filename="{chat.name}.md"', "X-Content-Type-Options": "nosniff"}
        return PlainTextResponse(chat.as_text(), media_type="text/markdown; charset=utf-8", headers=held)

    return answer


def _model_file_of(folders: AppFolders) -> Callable[..., Any]:
    def answer(name: str) -> Any:
        from fastapi.responses import FileResponse, PlainTextResponse

        try:
            path, media = exported_file(folders.models, name)
        except WorkbenchError as exc:
            return PlainTextResponse(f"{exc}\n", 404)
        return FileResponse(path, media_type=media, filename=name, headers={"X-Content-Type-Options": "nosniff"})

    return answer


def _settle_of(studio: Studio) -> Callable[..., Any]:
    def answer(told: dict[str, Any]) -> Any:
        from fastapi.responses import JSONResponse

        try:
            return {"said": settle_one(studio, str(told.get("what", "")), str(told.get("engine", "")))}
        except WorkbenchError as exc:
            return JSONResponse({"error": str(exc)}, 400)

    return answer


def _arrival_of(studio: Studio) -> Callable[..., Any]:
    """A model file of any size, written as it comes: never whole in memory, never a second time on the disk."""

    async def answer(request: Any) -> Any:
        from fastapi.responses import JSONResponse

        try:
            said = await arrive(studio.newcomers, request)
        except WorkbenchError as exc:
            return JSONResponse({"error": str(exc)}, 400)
        return JSONResponse({"said": said})

    return answer


def _answer_of(desk: DeskPage) -> Callable[..., Any]:
    def answer(what: str, told: dict[str, Any]) -> Any:
        from fastapi.responses import JSONResponse

        return JSONResponse(*answered(desk, what, told))

    return answer


def _poem_of(desk: DeskPage) -> Callable[..., Any]:
    def answer(number: int, kind: str) -> Any:
        from fastapi.responses import PlainTextResponse, Response

        try:
            content, media = poem_file(desk.poems, number, kind)
            name = file_name(desk.poems.get(number), kind)
        except WorkbenchError as exc:
            return PlainTextResponse(f"{exc}\n", 404)
        held = {} if kind == "html" else {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=media, headers=held | {"X-Content-Type-Options": "nosniff"})

    return answer


def _rows_of(name: str, rows: Callable[[], Iterable[Mapping[str, Any]]]) -> Callable[[], Any]:
    """Rows as a .jsonl file of this name."""

    def answer() -> Any:
        from fastapi.responses import PlainTextResponse

        try:
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows())
        except WorkbenchError as exc:
            return PlainTextResponse(f"{exc}\n", 500)
        held = {"Content-Disposition": f'attachment; filename="{name}"'}
        return PlainTextResponse(lines, media_type="application/jsonl; charset=utf-8", headers=held)

    return answer
