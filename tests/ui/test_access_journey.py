"""In a real browser, without a mouse or with the page at 200 %: the heat-map by keys and touch, nothing cut off."""

import pytest

from tests.ui.test_journeys import ZOOMED

#: The lower edge of the last line, brought into sight.
_LAST_ROW = """() => { const row = [...document.querySelectorAll(".wb-row")].at(-1);
    row.scrollIntoView({ block: "nearest" }); return row.getBoundingClientRect().bottom; }"""


def test_the_heat_map_is_read_by_keys_and_by_touch(page, url):
    page.goto(f"{url}/?tab=candidates&run=made")
    page.wait_for_selector("#candidates .wb-heat")
    heat, said = page.locator(".wb-heat").first, page.locator(".wb-heat-said").first
    heat.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    chosen = heat.locator(".wb-t.wb-at")
    assert chosen.count() == 1
    assert said.inner_text() == f"“{chosen.inner_text()}”: {chosen.get_attribute('data-said')}"
    top = chosen.bounding_box()["y"]
    page.keyboard.press("ArrowDown")
    assert heat.locator(".wb-t.wb-at").bounding_box()["y"] > top
    heat.locator(".wb-t").last.dispatch_event("click")
    assert said.inner_text().startswith(f"“{heat.locator('.wb-t').last.inner_text()}”")
    assert page.faults == []


def test_at_200_percent_a_line_can_be_read(page, url):
    page.set_viewport_size(ZOOMED)
    page.goto(f"{url}/?tab=write")
    page.wait_for_selector("#page[data-open]")
    page.locator("#page-text").click()
    page.keyboard.insert_text("\n".join(["The kettle ticks beside the light"] * 12))
    page.wait_for_function("document.querySelectorAll('.wb-row .wb-beat').length === 4 * 12")
    assert page.evaluate(_LAST_ROW) <= ZOOMED["height"]
    assert page.faults == []


@pytest.mark.parametrize(
    "name", ["run=nope", "tab=nope", "tab=studio&session=nope", "tab=candidates&run=made&candidate=zz"]
)
def test_an_address_that_names_nothing_says_so(page, url, name):
    page.goto(f"{url}/?{name}")
    page.locator("#lost").get_by_text("There is no").wait_for()
