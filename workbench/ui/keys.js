// The keyboard of the spot-check: a key presses the visible button that names it; text fields keep their keys.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  const isText = field.tagName === "TEXTAREA" || field.isContentEditable ||
    (field.tagName === "INPUT" && !["radio", "checkbox", "button"].includes(field.type));
  const press = (selector) => {
    const button = [...document.querySelectorAll(selector)].find((each) => each.offsetParent !== null);
    if (button) { button.click(); event.preventDefault(); }
  };
  if (isText) {
    if (event.key === "Escape") field.blur();
    if (event.key === "Enter" && event.ctrlKey && field.closest("#spot-edit")) { field.blur(); press("button.wb-key-e"); }
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !/^[a-z0-9]$/i.test(event.key)) return;
  const note = document.querySelector("#spot-note textarea");
  if (event.key.toLowerCase() === "n" && note && note.offsetParent !== null) { note.focus(); event.preventDefault(); return; }
  press(`button.wb-key-${event.key.toLowerCase()}`);
});
