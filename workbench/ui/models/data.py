"""What the tab Models shows and does: the models at hand with their tests and passports, endpoints, exports of runs."""

from html import escape
from urllib.parse import urlencode

from workbench.errors import InputError, WorkbenchError
from workbench.jobs import find_job, log_tail, start_job
from workbench.studio.models import Shelved
from workbench.export.passport import Passport
from workbench.storage.run_names import checked_name
from workbench.studio.queue import Live
from workbench.ui.folders import Desk
from workbench.ui.html import facts_html, link, note_html, prose_html, state_html, table_html
from workbench.ui.studio.data import Studio

_KINDS = {"built-in": "built in", "adapter": "adapter", "file": "GGUF file", "folder": "Hugging Face folder",
          "endpoint": "endpoint"}  # fmt: skip
EXPORT = "export."  # an export goes on beside its run, under a name of its own


def models_html(studio: Studio) -> str:
    """All models at hand: what each is good for, whether it was tested, and the way into the studio."""
    rows = []
    for one in studio.shelf.models():
        rows.append([
            f"<strong>{escape(one.title)}</strong><br><small>{escape(one.where or one.engine)}</small>",
            escape(_KINDS[one.kind]) + (f"<br><small>{_size(one.n_bytes)}</small>" if one.n_bytes else ""),
            f'<span class="wb-good-for">{escape(one.good_for)}</span>{note_html(one.trouble, "bad")}',
            _tested(studio.room.live(one.test_name)), "" if one.trouble else _ways(one),
        ])  # fmt: skip
    columns = ("model", "kind", "good for", "tested", "try it in the studio")
    return table_html(columns, rows, caption="Models at hand")


def model_html(studio: Studio, engine: str | None) -> str:
    """One model in full: the answer to its test, its passport."""
    try:
        one = studio.shelf.find(engine or "")
    except WorkbenchError:
        return note_html("Choose a model.")
    live = studio.room.live(one.test_name)
    head = f"<h3>{escape(one.title)}</h3>{note_html(one.good_for)}{note_html(one.trouble, 'bad')}"
    return (
        f'<section class="wb-card">{head}{_test_html(live)}</section>'
        f"{passport_html(one.passport) if one.passport else ''}"
    )


def passport_html(passport: Passport) -> str:
    """The passport as two tables: the model step by step on its way into the file, and every check."""
    forms = [
        [escape(form.name), f"{form.nll_nats / form.n_tokens:.4f}", f"{form.perplexity:.3f}",
         f"{form.worse_percent:+.2f} %", f"{form.worse_low:+.2f} … {form.worse_high:+.2f} %", f"{form.kl_nats:.5f}",
         f"{form.greedy_alike} tokens",
         _size(form.n_bytes) if form.n_bytes else ""]
        for form in passport.forms
    ]  # fmt: skip
    checks = [["✓ passed" if check.passed else "✕ failed", escape(check.name), escape(check.detail)]
              for check in passport.checks]  # fmt: skip
    facts = [(str(name).replace("_", " "), str(value)[:120]) for name, value in passport.facts.items()]
    said = "This file is the model that was trained." if passport.passed else f"It failed: {passport.failures}"
    columns = ("form", "nats a token", "perplexity", "worse by", "95 % interval", "KL, nats", "greedy alike", "size")
    return (
        f'<section class="wb-card"><h3>Passport of {escape(passport.file)}</h3>'
        f"{note_html(said, 'good' if passport.passed else 'bad')}"
        f"{table_html(columns, forms, caption='On held-out text')}"
        f"{table_html(('', 'check', 'found'), checks, caption='Checks')}{facts_html(facts)}</section>"
    )


def test_model(studio: Studio, engine: str | None) -> str:
    """Begins the test of a model; the page shows how it goes."""
    try:
        one = studio.shelf.find(engine or "")
        if one.trouble:
            raise InputError(one.trouble)
        studio.room.ask(one.test_name, {"kind": "test", "engine": one.engine})
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html(f"{one.title} is loaded and asked for four lines …")


def add_endpoint(studio: Studio, url: str, model: str, key_variable: str) -> tuple[str, str]:
    """Remembers an endpoint and tests it at once; what to say, and its engine."""
    try:
        added = studio.shelf.add_endpoint(url or "", model or "", key_variable or "")
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), ""
    where = "It stays on this machine." if added.is_local else "What you write will be sent there."
    return note_html(f"Added: {added.model}. {where}", "good") + test_model(studio, added.engine), added.engine


def is_endpoint(studio: Studio, engine: str | None) -> bool:
    """Whether a model is an endpoint that somebody added."""
    return engine in {each.engine for each in studio.shelf.endpoints()}


def remove_endpoint(studio: Studio, engine: str | None) -> str:
    """Forgets an endpoint; other models are files, and are removed as files."""
    if not is_endpoint(studio, engine):
        return note_html("Only endpoints are forgotten here; move a file out of its folder to be rid of it.", "bad")
    studio.shelf.remove_endpoint(engine or "")
    return note_html("Forgotten.", "good")


def export_run(desk: Desk, studio: Studio, run: str | None, quantize: str) -> str:
    """Begins the export of a run's newest adapter, in a process of its own."""
    try:
        name = checked_name(run or "")
        adapters = desk.runs / name / "adapters"
        if not any(adapters.glob("*/adapter_config.json")):
            raise InputError(f"run {name!r} has no adapter yet; let it train first")
        arguments = ["export", name, "--quantize", quantize, "--runs", str(desk.runs.resolve())]
        start_job(studio.sessions, EXPORT + name[:56], [*arguments, "--out", str((studio.models / "gguf").resolve())])
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html(f"The export of {name} has begun; it goes on without this page.", "good")


def export_html(studio: Studio, run: str | None) -> str:
    """How the export of a run goes."""
    name = EXPORT + (run or "")[:56]
    job = find_job(studio.sessions, name) if run else None
    if job is None:
        return ""
    state = state_html("running" if job.is_alive else "finished")
    tail = escape(log_tail(studio.sessions, name, n_characters=2500))
    return f'<p>{state}</p><pre tabindex="0" aria-label="Log of the export">{tail}</pre>'


def runs_with_adapters(desk: Desk) -> list[str]:
    """Runs that can be exported."""
    return [name for name in desk.names() if any((desk.runs / name / "adapters").glob("*/adapter_config.json"))]


# ---------------------------------------------------------------- private


def _ways(one: Shelved) -> str:
    talk = f'<a href="?{escape(urlencode({"tab": "studio", "talk": one.engine}))}">talk</a>'
    educator, poet = (link(f"as {role}", tab="studio", **{role: one.engine}) for role in ("educator", "poet"))
    return f"{educator} · {poet} · {talk}"


def _tested(live: Live) -> str:
    if live.kind != "test":
        return "not yet"
    if live.is_at_work:
        return "… at work"
    return "✓ it answers" if live.state == "done" else f"✕ {escape(live.note[:140])}"


def _test_html(live: Live) -> str:
    if live.kind != "test":
        return note_html("Not tested yet: “Test it” loads it in a process of its own and asks it for four lines.")
    if live.state == "failed":
        return note_html(live.note, "bad")
    if live.is_at_work:
        return note_html("It is loaded and asked …") + prose_html(live.text)
    return note_html(f"It answers: {live.note}.", "good") + prose_html(live.text)


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
