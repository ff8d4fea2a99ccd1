"""In a real browser: a model of Ollama's in two clicks, and a file that is no model is refused in one line."""

from workbench.ui.folders import AppFolders
from workbench.ui.studio.data import Studio


def test_a_model_is_found_tested_and_listed_in_two_clicks(page, url, folders: AppFolders, tmp_path):
    page.goto(f"{url}/?tab=models")
    page.wait_for_selector("#models-list table")
    assert "small:1b" not in page.inner_text("#models-list")
    page.get_by_role("button", name="Look for Ollama on this computer").click()
    page.get_by_text("Ollama is here, with 1 model. Choose one.").wait_for()
    page.locator("#ollama-take").click()
    page.locator("#models-list").get_by_text("small:1b at").wait_for()
    page.locator("#models-list").get_by_text("✓ it answers").wait_for()
    assert page.locator("#newcomers li").count() == 0
    assert [each.model for each in Studio(folders).catalog.endpoints()] == ["small:1b"]

    wrong = tmp_path / "holiday.gguf"
    wrong.write_bytes(b"a picture of the sea")
    page.locator("#gguf-file").set_input_files(wrong)
    page.get_by_text("this is not a GGUF file").wait_for()
    assert page.locator("#newcomers li").count() == 0
    assert page.faults == []
