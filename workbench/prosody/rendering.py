"""A prosody report for three readers: a person at a terminal, a page, and a language model's prompt."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from workbench.prosody.deviations import FormCheck, Severity

if TYPE_CHECKING:
    from workbench.prosody.report import ProsodyReport, ReportLine

#: Lines of a poem up to which a prompt lists its syllables and rhymes one by one.
_PROMPT_LINES = 60


def as_text(report: ProsodyReport) -> str:
    """A table of lines, then what holds for the whole poem."""
    if report.unsupported:
        return report.unsupported
    marks_width = min(max(len(line.marks) for line in report.lines), 32)
    rows: list[str] = []
    stanza = 1
    for line in report.lines:
        if line.stanza != stanza:
            rows.append("")
            stanza = line.stanza
        heard = f"{_letters(line):<5} {line.n_syllables:>3}  {line.marks or '–':<{marks_width}}"
        rows.append(f"{line.number:>3}  {heard}  {line.text}")
    head = f"{'':>3}  {'rhyme':<5} {'syl':>3}  {'feet':<{marks_width}}"
    return "\n".join([head.rstrip(), *rows, "", *(f"{name:<9}{value}" for name, value in _facts(report))])


def as_html(report: ProsodyReport) -> str:
    """One section: a table with headings for its rows, a list of facts, a list of deviations."""
    if report.unsupported:
        return f'<section class="prosody"><p class="prosody-unsupported">{escape(report.unsupported)}</p></section>'
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _facts(report, html=True))
    found = "".join(
        f'<li class="prosody-{one.severity.value}"><strong>{one.severity.value}</strong> {escape(one.sentence)}</li>'
        for one in report.deviations
    )
    return (
        '<section class="prosody" lang="en">'
        "<table><caption>Line by line</caption><thead><tr>"
        + "".join(f'<th scope="col">{name}</th>' for name in ("Line", "Rhyme", "Syllables", "Feet", "Text"))
        + "</tr></thead>"
        + "".join(_html_stanzas(report))
        + f"</table><dl>{facts}</dl>"
        + (f'<ul class="prosody-deviations">{found}</ul>' if found else "")
        + "</section>"
    )


def as_prompt(report: ProsodyReport, limit_chars: int) -> str:
    """Facts a model can lean on, the most telling first; a fact that does not fit is left out, not cut in two."""
    kept: list[str] = []
    left = max(0, limit_chars)
    for fact in _prompt_facts(report):
        if len(fact) + (1 if kept else 0) <= left:
            left -= len(fact) + (1 if kept else 0)
            kept.append(fact)
    return "\n".join(kept)


# ---------------------------------------------------------------- facts


def _letters(line: ReportLine) -> str:
    """The strict letter, and after a slash the one with slant rhymes where it differs."""
    return line.letter if line.letter == line.slant_letter else f"{line.letter}/{line.slant_letter}"


def _facts(report: ProsodyReport, *, html: bool = False) -> Iterable[tuple[str, str]]:
    yield "form", _form(report)
    if report.guesses:
        yield "because", "; ".join(report.guesses[0].reasons)
    yield "scheme", report.scheme
    if report.slant_scheme != report.scheme:
        yield "slant", report.slant_scheme
    yield "meter", f"{report.meter}, {report.meter_agreement:.0%} of the lines"
    yield "rhyme", _density(report)
    yield "guesses", _guessed(report)
    if report.said:
        yield "said", f"as you said: {', '.join(report.said)}"
    if not html:
        for one in report.deviations:
            yield one.severity.value, one.sentence


def _form(report: ProsodyReport) -> str:
    if report.check is None:
        return "none that I know"
    name = (
        report.check.form
        if report.check.form == report.check.variant
        else f"{report.check.form} ({report.check.variant})"
    )
    if report.check.variant == "rhymed stanzas" and report.check.scheme:
        name = f"no form that has a name, but one pattern: {name} {report.check.scheme}"
    return f"{name}, {_state(report.check)}{_held(report)}"


def _state(check: FormCheck) -> str:
    if not check.has_its_lines and check.variant != "ode":  # of an ode all laws are looked at
        return "not kept: without its number of lines its other laws cannot be looked at"
    if check.passed:
        return "kept"
    return f"broken in {check.n_places} place{'s' * (check.n_places != 1)}"


def _held(report: ProsodyReport) -> str:
    """Whose form it is that the poem is held against, where it is not simply the one that is heard."""
    looks = f"it looks like {report.form or 'no form I know'}"
    if report.is_form_asked:
        return f", asked for; {looks}"
    is_heard = report.check is None or report.form in (report.check.form, report.check.variant)
    return "" if is_heard else f", held against it; {looks}"


def _density(report: ProsodyReport) -> str:
    return (
        f"{report.strict_density:.0%} of the lines rhyme fully, {report.density:.0%} with slant rhymes; "
        f"by chance {report.expected_by_chance:.0%}"
    )


def _guessed(report: ProsodyReport) -> str:
    if not report.n_guessed_words:
        return f"none; all {report.n_words} words are known"
    words = list(dict.fromkeys(word for line in report.lines for word in line.guesses))
    shown = ", ".join(words[:8]) + (" …" if len(words) > 8 else "")
    by = " and ".join(report.guessed_by)
    return f"the sound of {report.n_guessed_words} of {report.n_words} words is guessed by {by}: {shown}"


def _prompt_facts(report: ProsodyReport) -> Iterable[str]:
    if report.unsupported:
        yield f"Prosody: {report.unsupported}."
        return
    is_short = len(report.lines) <= _PROMPT_LINES
    yield f"Form: {_form(report)}."
    yield from _deviations(report, Severity.FAULT, label="Fault")
    yield f"Meter: {report.meter} in {report.meter_agreement:.0%} of {len(report.lines)} lines."
    if is_short:
        slant = "" if report.slant_scheme == report.scheme else f" (with slant rhymes {report.slant_scheme})"
        yield f"Rhyme scheme: {report.scheme}{slant}."
    yield f"Rhyme: {_density(report)}."
    if is_short:
        yield f"Syllables by line: {' '.join(str(line.n_syllables) for line in report.lines)}."
        if report.pairs:
            yield f"Rhymes: {', '.join(_pair(pair.first, pair.second, pair.words) for pair in report.pairs)}."
    yield from _deviations(report, Severity.NOTE, label="Licence")
    if report.n_guessed_words:
        yield f"Uncertain: {_guessed(report)}."


def _deviations(report: ProsodyReport, severity: Severity, *, label: str) -> Iterable[str]:
    return (f"{label}: {one.sentence}" for one in report.deviations if one.severity is severity)


def _pair(first: int, second: int, words: tuple[str, str]) -> str:
    return f"{first + 1}-{second + 1} {words[0]}/{words[1]}"


def _html_stanzas(report: ProsodyReport) -> Iterable[str]:
    """One table body a stanza."""
    stanza: list[str] = []
    for index, line in enumerate(report.lines):
        cells = (_letters(line), str(line.n_syllables), line.marks or "–", line.text)
        row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        stanza.append(f'<tr><th scope="row">{line.number}</th>{row}</tr>')
        if index + 1 == len(report.lines) or report.lines[index + 1].stanza != line.stanza:
            yield f"<tbody>{''.join(stanza)}</tbody>"
            stanza = []
