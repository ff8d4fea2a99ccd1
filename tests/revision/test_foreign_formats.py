# ruff: noqa: E501 - shapes are read best as they come
"""One brief and one critique in the shapes in which models write them: each is read as the labelled one."""

import json
import random

import pytest

from workbench.revision.brief_text import parse_brief
from workbench.revision.critique_text import parse_critique

ANGLE, FORM, SOUND, TURN = "what the scales cannot weigh", "free verse", "short vowels", "outward"
AVOID = ("weight of the world", "tip the scales", "worth its weight in gold", "heart of stone")
IMAGES = "a post office"
BRIEFS = {
    "labels": f"ANGLE: {ANGLE}\nAVOID: {'; '.join(AVOID)}\nIMAGES FROM: {IMAGES}\nFORM: {FORM}\nSOUND: {SOUND}\nTURN: {TURN}",
    "bold and bullets": f"**Angle:** {ANGLE}\n\n**Avoid:**\n\n" + "\n".join(f"* {one}" for one in AVOID)
    + f"\n\n**Images from:** {IMAGES}\n\n**Form:** {FORM}\n\n**Sound:** {SOUND}\n\n**Turn:** {TURN}",
    "numbers": f"1. **Angle**: {ANGLE}\n2. **Avoid**: {', '.join(AVOID)}\n3. **Images from**: {IMAGES}\n4. **Form**: {FORM}\n"
    f"5. **Sound**: {SOUND}\n6. **Turn**: {TURN}",
    "numbered list": f"Angle: {ANGLE}\nAvoid:\n" + "\n".join(f"  {n}. {one}" for n, one in enumerate(AVOID, 1))
    + f"\nImages from: {IMAGES}\nForm: {FORM}\nSound: {SOUND}\nTurn: {TURN}",
    "headings": f"## Angle\n{ANGLE}\n\n## Avoid\n" + "\n".join(f'- "{one}"' for one in AVOID)
    + f"\n\n## Images From\n{IMAGES}\n\n## Form\n{FORM}\n\n## Sound\n{SOUND}\n\n## Turn\n{TURN}",
    "dashes": f"**Angle** – {ANGLE}\n**Avoid** – {'; '.join(AVOID)}\n**Images from** – {IMAGES}\n**Form** – {FORM}\n"
    f"**Sound** – {SOUND}\n**Turn** – {TURN}",
    "bulleted labels": f"- Angle: {ANGLE}\n- Avoid: {'; '.join(AVOID)}\n- Images from: {IMAGES}\n- Form: {FORM}\n"
    f"- Sound: {SOUND}\n- Turn: {TURN}",
    "another order": f"TURN: {TURN}\nSOUND: {SOUND}\nFORM: {FORM}\nIMAGES FROM: {IMAGES}\nAVOID: {'; '.join(AVOID)}\nANGLE: {ANGLE}",
    "json": f'```json\n{{"angle": "{ANGLE}", "avoid": {list(AVOID)!r}, "images_from": "{IMAGES}", "form": "{FORM}", '
    f'"sound": "{SOUND}", "turn": "{TURN}"}}\n```'.replace("'", '"'),
    "nested json": f'Here it is:\n{{"brief": {{"Angle": "{ANGLE}", "Avoid": "{"; ".join(AVOID)}", "Images From": "{IMAGES}", '
    f'"Form": "{FORM}", "Sound": "{SOUND}", "Turn": "{TURN}"}}}}',
    "table": f"| Part | Text |\n|---|---|\n| **Angle** | {ANGLE} |\n| Avoid | {'; '.join(AVOID)} |\n| Images from | {IMAGES} |\n"
    f"| Form | {FORM} |\n| Sound | {SOUND} |\n| Turn | {TURN} |",
    "wide table": f"| Angle | Avoid | Images from | Form | Sound | Turn |\n|---|---|---|---|---|---|\n"
    f"| {ANGLE} | {'; '.join(AVOID)} | {IMAGES} | {FORM} | {SOUND} | {TURN} |",
    "letters": f"A) Angle: {ANGLE}\nB) Avoid: {'; '.join(AVOID)}\nC) Images from: {IMAGES}\nD) Form: {FORM}\nE) Sound: {SOUND}\n"
    f"F) Turn: {TURN}",
    "roman numbers": f"I. ANGLE: {ANGLE}\nII. AVOID: {'; '.join(AVOID)}\nIII. IMAGES FROM: {IMAGES}\nIV. FORM: {FORM}\nV. SOUND: {SOUND}\n"
    f"VI. TURN: {TURN}",
    "bold labels in one line": f"**ANGLE**: {ANGLE} **AVOID**: {'; '.join(AVOID)} **IMAGES FROM**: {IMAGES} **FORM**: {FORM} "
    f"**SOUND**: {SOUND} **TURN**: {TURN}",
    "numbered table": f"| # | Part | Text |\n|---|---|---|\n| 1 | Angle | {ANGLE} |\n| 2 | Avoid | {'<br>'.join(f'• {one}' for one in AVOID)} |\n"
    f"| 3 | Images from | {IMAGES} |\n| 4 | Form | {FORM} |\n| 5 | Sound | {SOUND} |\n| 6 | Turn | {TURN} |",
    "json with reasons": json.dumps(
        {"angle": ANGLE, "avoid": [{"phrase": one, "why": "worn"} for one in AVOID], "images_from": IMAGES, "form": FORM,
         "sound": SOUND, "turn": TURN}
    ),
    "thoughts": f"<think>\nANGLE: no\n</think>\nANGLE: {ANGLE}\nAVOID: {'; '.join(AVOID)}\nIMAGES FROM: {IMAGES}\n"
    f"FORM: {FORM}\nSOUND: {SOUND}\nTURN: {TURN}",
    "talk": f"Sure! Here is the brief:\n\nAngle: {ANGLE}\nAvoid: {'; '.join(AVOID)}\nImages from: {IMAGES}\nForm: {FORM}\n"
    f"Sound: {SOUND}\nTurn: {TURN}\n\nLet me know if you'd like any changes!",
}  # fmt: skip
N_DAMAGED = 1000  # texts, each read as a brief and as a critique; 5,000 pass as well
GOOD, BAD, ADVICE, WHY = "the pan leans", "it says nothing new", "name the coin", "one more round"
CRITIQUES = {
    "labels": f"STRONGEST line 1: {GOOD}\nLINE 2 (padding): {BAD} TRY: {ADVICE}\nVERDICT revise: {WHY}",
    "bold": f"**STRONGEST line 1:** {GOOD}\n\n**LINE 2 (padding):** {BAD} **TRY:** {ADVICE}\n\n**VERDICT revise:** {WHY}",
    "bullets": f"- Strongest: line 1: {GOOD}\n- Line 2 (padding): {BAD} Try: {ADVICE}\n- Verdict: revise: {WHY}",
    "numbers": f"1. **Strongest moment:** Line 1: {GOOD}\n2. **Line 2 (padding):** {BAD} TRY: {ADVICE}\n3. **Verdict:** Revise. {WHY}",
    "headings": f"## Strongest line 1\n{GOOD}\n\n## Line 2 (padding)\n{BAD} TRY: {ADVICE}\n\n## Verdict\nRevise: {WHY}",
    "another order": f"VERDICT revise: {WHY}\nLINE 2 (padding): {BAD} TRY: {ADVICE}\nSTRONGEST line 1: {GOOD}",
    "json": f'{{"strongest": {{"line": 1, "why": "{GOOD}"}}, "items": [{{"line": 2, "failure": "padding", "note": "{BAD}", '
    f'"try": "{ADVICE}"}}], "verdict": "revise", "reason": "{WHY}"}}',
    "table": f"| Line | Failure | Note | Try |\n|---|---|---|---|\n| 1 | strongest | {GOOD} | |\n| 2 | padding | {BAD} | {ADVICE} |\n\n"
    f"**Verdict:** revise: {WHY}",
    "thoughts": f"<think>VERDICT approve</think>STRONGEST line 1: {GOOD}\nLINE 2 (padding): {BAD} TRY: {ADVICE}\nVERDICT revise: {WHY}",
    "xml": f"<critique><strongest line='1'>{GOOD}</strongest><item line='2' kind='padding'><note>{BAD}</note><try>{ADVICE}</try>"
    f"</item><verdict>revise: {WHY}</verdict></critique>",
    "two verdicts": f"VERDICT approve: at first.\nSTRONGEST line 1: {GOOD}\nLINE 2 (padding): {BAD} TRY: {ADVICE}\nVERDICT revise: {WHY}",
}  # fmt: skip


@pytest.mark.parametrize("shape", BRIEFS)
def test_a_brief_is_read_in_any_shape(shape):
    brief = parse_brief(BRIEFS[shape], request="a poem about scales")
    told = (brief.angle, brief.avoid[:4], brief.images_from, brief.form, brief.sound, brief.turn)
    assert told == (ANGLE, AVOID, IMAGES, FORM, SOUND, TURN)


@pytest.mark.parametrize("shape", CRITIQUES)
def test_a_critique_is_read_in_any_shape(shape):
    found = parse_critique(CRITIQUES[shape], n_lines=3)
    told = [(item.first_line, item.failure, item.note, item.direction) for item in found.items]
    assert told == [(2, "padding", BAD, ADVICE)]
    assert (found.strongest.first_line, found.strongest.note) == (1, GOOD)
    assert (found.verdict, found.reason) == ("revise", WHY)


def test_damaged_answers_are_read_without_a_fault():
    drawn = random.Random(12)  # noqa: S311 - no secret
    whole = [*BRIEFS.values(), *CRITIQUES.values()]
    for _ in range(N_DAMAGED):
        text = drawn.choice(whole)
        start = drawn.randint(0, len(text))
        text = (
            text[:start]
            + drawn.choice(["", "|", "{", "**", "\n\n", "VERDICT", "</think>"])
            + text[start + drawn.randint(0, 9) :]
        )
        assert len(parse_brief(text, request="scales").avoid) >= 8
        assert parse_critique(text, n_lines=3).verdict in ("approve", "revise", "start over")
