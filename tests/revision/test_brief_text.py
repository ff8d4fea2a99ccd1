import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.revision.brief_text import parse_brief, topic_of, write_brief

TEXT = """ANGLE: the person who sweeps the hall
AVOID: a one; b two; c three; d four; e five; f six; g seven; h eight
IMAGES FROM: a tailor's workroom
FORM: a Petrarchan sonnet
SOUND: a soft s
TURN: from hall to glove"""


def test_a_whole_brief_is_read_and_written_back():
    brief = parse_brief(TEXT, request="a station")
    assert brief.missing == ()
    assert (len(brief.avoid), brief.images_from) == (8, "a tailor's workroom")
    assert write_brief(brief) == TEXT


def test_lacking_cliches_come_from_the_topic_and_are_recorded_as_missing():
    brief = parse_brief(TEXT.replace("; c three; d four; e five; f six; g seven; h eight", ""), request="winter light")
    assert brief.avoid[:2] == ("a one", "b two")
    assert len(brief.avoid) == 8
    assert any("winter" in phrase for phrase in brief.avoid)
    assert brief.missing == ("avoid",)


def test_the_request_asks_for_a_form_and_the_brief_only_proposes_one():
    assert parse_brief(TEXT, request="a villanelle about rain").form_name == "villanelle"
    proposed = parse_brief(TEXT, request="rain")
    assert (proposed.form_name, "sonnet" in proposed.form.lower()) == ("", True)


@given(st.text(max_size=300))
def test_whatever_was_written_the_poet_learns_what_is_asked_for(text):
    brief = parse_brief(text, request="a poem about tax law")
    assert len(brief.avoid) >= 8
    assert (brief.angle or "a poem about tax law") in write_brief(brief)


def test_a_topic_without_a_list_is_general():
    assert topic_of("the tide tables") == "sea"
    assert topic_of("") == "general"


REST = "\nImages from: tea\nForm: ode\nSound: plosives\nTurn: outward"
AVOIDED = ("the last goodbye", "empty seats", "rain on glass", "dead end")
AVOID_LISTS = {
    "plus": "\n+ {}\n+ {}\n+ {}\n+ {}",
    "letters": "\n a) {}\n b) {}\n c) {}\n d) {}",
    "slashes": "{} / {} / {} / {}",
    "bars": "{} | {} | {} | {}",
    "numbers in a line": "1. {} 2. {} 3. {} 4. {}",
    "numbers in brackets": "(1) {}, (2) {}, (3) {}, (4) {}",
    "quotes": '"{}", "{}", "{}", and "{}"',
    "quotes alone": '"{}" "{}" "{}" "{}"',
    "quotes over two lines": "“{}”; “{}”;\n“{}”; “{}”",
    "a phrase over two lines": "{}; {}; {};\n{}",
    "lines": "\n{}\n{}\n{}\n{}",
    "bold items with reasons": "\n- **{}** (tired)\n- **{}**: said too often\n- *{}*\n- _{}_",
    "lines apart": "\n\n* {}\n\n* {}\n\n* {}\n\n* {}\n",
    "and": "{}, {}, {} and {}",
    "dashes": "\n— {}\n— {}\n— {}\n— {}",
    "boxes": "\n- [ ] {}\n- [ ] {}\n- [x] {}\n- [ ] {}",
}
BRIEFS = {
    "nested items": "- Angle: a\n- Avoid:\n  - {}\n  - {}\n  - {}\n  - {}\n- Images from: tea\n- Form: ode\n"
    "- Sound: plosives\n- Turn: outward",
    "numbers and dashes": "1. **Angle** — a\n2. **Avoid** — {}; {}; {}; {}\n3. **Images from** — tea\n"
    "4. **Form** — ode\n5. **Sound** — plosives\n6. **Turn** — outward",
    "headings": "## Angle\na\n\n## Avoid\n* {}\n* {}\n* {}\n* {}\n\n## Images From\ntea\n\n## Form\node\n\n"
    "## Sound\nplosives\n\n## Turn\noutward",
    "YAML": "angle: a\navoid:\n  - {}\n  - {}\n  - {}\n  - {}\nimages_from: tea\nform: ode\nsound: plosives\n"
    "turn: outward",
    "a table": "| Field | Content |\n|---|---|\n| Angle | a |\n| Avoid | {}<br>{}<br>{}<br>{} |\n"
    "| Images from | tea |\n| Form | ode |\n| Sound | plosives |\n| Turn | outward |",
    "another label": "Angle: a\nClichés: {}; {}; {}; {}" + REST,
    "one line": "ANGLE: a AVOID: {}; {}; {}; {} IMAGES FROM: tea FORM: ode SOUND: plosives TURN: outward",
    "pictures": "🎯 Angle: a\n🚫 Avoid: {}; {}; {}; {}\n🖼 Images from: tea\n📜 Form: ode\n🔊 Sound: plosives\n"
    "🔄 Turn: outward",
    "hyphens": "Angle - a\nAvoid - {}; {}; {}; {}\nImages from - tea\nForm - ode\nSound - plosives\nTurn - outward",
    "a web page": "<b>Angle:</b> a<br><b>Avoid:</b><ul><li>{}</li><li>{}</li><li>{}</li><li>{}</li></ul>"
    "<b>Images from:</b> tea<br><b>Form:</b> ode<br><b>Sound:</b> plosives<br><b>Turn:</b> outward",
    "XML": "<brief><angle>a</angle><avoid><item>{}</item><item>{}</item><item>{}</item><item>{}</item></avoid>"
    "<images_from>tea</images_from><form>ode</form><sound>plosives</sound><turn>outward</turn></brief>",
    "TOML": 'angle = "a"\navoid = ["{}", "{}", "{}", "{}"]\nimages_from = "tea"\nform = "ode"\nsound = "plosives"\n'
    'turn = "outward"',
    "CSV": 'field,value\nangle,a\navoid,"{}; {}; {}; {}"\nimages from,tea\nform,ode\nsound,plosives\nturn,outward',
    "lines of JSON": '"Angle": "a",\n"Avoid": "{}; {}; {}; {}",\n"Images from": "tea",\n"Form": "ode",\n'
    '"Sound": "plosives",\n"Turn": "outward"',
    "a page's table": "<table><tr><td>Angle</td><td>a</td></tr><tr><td>Avoid</td><td>{}; {}; {}; {}</td></tr><tr><td>"
    "Images from</td><td>tea</td></tr><tr><td>Form</td><td>ode</td></tr><tr><td>Sound</td><td>plosives</td></tr>"
    "<tr><td>Turn</td><td>outward</td></tr></table>",
    "attributes": '<brief angle="a" avoid="{}; {}; {}; {}" images_from="tea" form="ode" sound="plosives" '
    'turn="outward"/>',
    "dots": "Angle ..... a\nAvoid ..... {}; {}; {}; {}\nImages from ..... tea\nForm ..... ode\nSound ..... plosives\n"
    "Turn ..... outward",
    "reasons": "Angle: a\nAvoid:\n- {}: overused\n- {}: overused\n- {}: overused\n- {} (tired)" + REST,
    "arrows": "Angle → a\nAvoid → {}; {}; {}; {}\nImages from → tea\nForm → ode\nSound → plosives\nTurn → outward",
    "pictures as items": "• Angle: a\n• Avoid:\n  ❌ {}\n  ❌ {}\n  ❌ {}\n  ❌ {}\n• Images from: tea\n• Form: ode\n"
    "• Sound: plosives\n• Turn: outward",
    "other names": "Perspective: a\nDo not use: {}; {}; {}; {}\nSource of imagery: tea\nShape: ode\nSounds: plosives\n"
    "Volta: outward",
    "wide signs": "Angle： a\nAvoid： {}；{}；{}；{}\nImages from： tea\nForm： ode\nSound： plosives\nTurn： outward",
    "talk after the last part": "TURN: outward\nSOUND: plosives\nFORM: ode\nIMAGES FROM: tea\nAVOID: {}; {}; {}; {}\n"
    "ANGLE: a\n\nLet me know if you want another angle!",
    "single quotes": "Angle: a\nAvoid: '{}', '{}', '{}', '{}'" + REST,
    **{name: f"Angle: a\nAvoid: {text}{REST}" for name, text in AVOID_LISTS.items()},
}


@pytest.mark.parametrize("name", BRIEFS)
def test_every_shape_of_a_brief_has_its_six_parts(name):
    brief = parse_brief(BRIEFS[name].format(*AVOIDED), request="a poem about the last tram")
    assert brief.avoid[:4] == AVOIDED
    parts = (brief.angle, brief.images_from, brief.form, brief.sound, brief.turn)
    assert parts == ("a", "tea", "ode", "plosives", "outward")


def test_a_brief_as_an_object_of_objects_is_read():
    told = {"angle": "a", "avoid": [{"phrase": phrase} for phrase in AVOIDED], "imagesFrom": "tea",
            "form": "ode", "sound": "plosives", "turn": "outward"}  # fmt: skip
    brief = parse_brief(f"```json\n{json.dumps({'brief': told})}\n```", request="a poem about the last tram")
    assert (brief.avoid[:4], brief.images_from) == (AVOIDED, "tea")


@pytest.mark.parametrize("told", [
    {"angle": "a", "avoid": dict.fromkeys(AVOIDED, "tired"), "images_from": "tea"},
    {"angle": "a", "avoid": {"cliches": list(AVOIDED)}, "images_from": "tea"},
    {"angle": "a", "avoid": {str(n): phrase for n, phrase in enumerate(AVOIDED)}, "images_from": "tea"},
    {"Angle": "a", "thingsToAvoid": list(AVOIDED), "imagesFrom": "tea"},
    [{"field": "Angle", "value": "a"}, {"field": "Avoid", "value": list(AVOIDED)},
     {"field": "Images from", "value": "tea"}],
])  # fmt: skip
@pytest.mark.parametrize("write", [json.dumps, str])
def test_objects_of_every_kind_are_read(write, told):
    brief = parse_brief(write(told), request="a poem about the last tram")
    assert (brief.angle, brief.avoid[:4], brief.images_from) == ("a", AVOIDED, "tea")


def test_an_object_without_quotes_around_its_names_is_read():
    text = f"{{angle: 'a', avoid: {list(AVOIDED)}, images_from: 'tea',}}"
    assert parse_brief(text, request="a poem about the last tram").avoid[:4] == AVOIDED


def test_a_dash_in_a_sentence_is_no_label():
    brief = parse_brief(
        "Angle: the bell\nAvoid: a; b\nForm: ballad\nSound: bells\nthe turn - it comes late", request="x"
    )
    assert (brief.sound, brief.turn) == ("bells the turn - it comes late", "")


SIX = [
    "ANGLE: the rope",
    "AVOID: old sea; salt tears",
    "IMAGES FROM: a loom",
    "FORM: couplets",
    "SOUND: stops",
    "TURN: inward",
]


@pytest.mark.parametrize("text", [
    "\n".join(SIX) + "\n\nThis brief keeps the poet away from the sea.",
    "\n".join(SIX) + "\n\nTitle: Rope\nPoem: It is wet,\nand nobody waves.",
    "\n".join(f"🎯 {line}" for line in SIX),
    "\n".join(SIX) + "\nShould I go on?",
    "\n".join(SIX) + "\n\nAlternatively:\n\nANGLE: a knot\nTURN: outward",
    "\n".join(f"{n}/ {line}" for n, line in enumerate(SIX, 1)),
    "\n".join(SIX).replace("AVOID", "CLICHÉS TO AVOID") + "<|eot_id|>",
])  # fmt: skip
def test_a_brief_ends_where_its_last_line_does(text):
    brief = parse_brief(text, request="a rope")
    assert (brief.angle, brief.avoid[:2], brief.turn) == ("the rope", ("old sea", "salt tears"), "inward")
