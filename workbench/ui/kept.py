"""What a person has typed and not sent yet stays over a reload: it is kept in the browser, one text a field."""

import json
from typing import Any


def keep_typed(gr: Any, tab: Any, field: Any) -> None:
    """Keeps a text field; it is kept as it stands, so an emptied field stays empty."""
    name = json.dumps(field.elem_id)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    field.change(None, field, None, js=f"(text) => window.wbKeep({name}, text)", **quiet)
    tab.select(None, field, field, js=f"(text) => text || window.wbKept({name})", **quiet)
