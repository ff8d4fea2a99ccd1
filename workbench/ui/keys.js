// The parts inside a tab are in its address too: a reload, or a link to a chat, opens the part and not the first one.
window.wbPart = (() => {
  const parts = "#studio-parts [role=tab], #write-parts [role=tab]";
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest(parts);
    if (!button || !button.dataset.tabId || !event.isTrusted) return;
    const query = new URLSearchParams(location.search);
    query.delete("talk");
    query.set("part", button.dataset.tabId);
    history.replaceState(null, "", `?${query}`);
  }, true);
  const first = new URLSearchParams(location.search); // what a page opens with; its own handlers change the address
  let wanted = first.get("part") || (first.has("talk") ? "talk" : first.has("sheet") ? "form" : "");
  const open = (tries = 40) => {
    if (!wanted) return;
    const button = [...document.querySelectorAll(parts)].find((each) => each.dataset.tabId === wanted && each.checkVisibility());
    if (!button) { if (tries) setTimeout(() => open(tries - 1), 150); return; }
    wanted = "";
    if (button.getAttribute("aria-selected") !== "true") button.click();
  };
  return open;
})();
// In the chat Enter sends; Shift+Enter begins a new line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.closest("#talk-asked")) return;
  event.preventDefault();
  event.stopPropagation();
  setTimeout(() => document.querySelector("#talk-send")?.click(), 60); // what was typed last is told to the page first
}, true);
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
    const isName = event.key === "Enter" && field.closest("#reviewer"); // the next key is a verdict
    if (event.key === "Escape" || isName) field.blur();
    if (event.key === "Enter" && event.ctrlKey && field.closest("#spot-edit")) { field.blur(); press("button.wb-key-e"); }
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !/^[a-z0-9]$/i.test(event.key)) return;
  const note = document.querySelector("#spot-note textarea");
  if (event.key.toLowerCase() === "n" && note && note.offsetParent !== null) { note.focus(); event.preventDefault(); return; }
  press(`button.wb-key-${event.key.toLowerCase()}`);
});
// Day or night, as the person chose; without a choice it is the system's, which Gradio puts in place as it comes up.
(() => {
  const put = () => {
    const chosen = window.wbKept("theme", "localStorage");
    if (chosen) document.body.classList.toggle("dark", chosen === "dark");
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest("#wb-theme")) return;
    window.wbKeep("theme", document.body.classList.contains("dark") ? "light" : "dark", "localStorage");
    put();
  });
  const start = () => { put(); new MutationObserver(put).observe(document.body, { attributeFilter: ["class"] }); };
  if (document.body) start(); else document.addEventListener("DOMContentLoaded", start);
})();
// Line by line in the studio: j and k from change to change, y takes the new line, n keeps the old one.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !/^[jkyn]$/.test(event.key)) return;
  if (event.target.closest("textarea, [contenteditable], input:not([type=radio])")) return;
  const fields = [...document.querySelectorAll(".wb-decide")].filter((each) => each.offsetParent !== null);
  if (!fields.length) return;
  const at = fields.indexOf(document.activeElement && document.activeElement.closest(".wb-decide"));
  if (event.key === "y" || event.key === "n") {
    const chosen = at >= 0 && fields[at].querySelector(`input[value=${event.key === "y" ? "accepted" : "rejected"}]`);
    if (chosen) { chosen.checked = true; chosen.dispatchEvent(new Event("change", { bubbles: true })); event.preventDefault(); }
    return;
  }
  const next = fields[Math.min(Math.max(at + (event.key === "j" ? 1 : at < 0 ? 1 : -1), 0), fields.length - 1)];
  (next.querySelector("input:checked") || next.querySelector("input")).focus();
  event.preventDefault();
});
// Past the tabs: to the heading of the page that is open.
document.addEventListener("click", (event) => {
  if (!event.target.closest || !event.target.closest(".wb-skip")) return;
  const heading = [...document.querySelectorAll("h1")].find((each) => each.checkVisibility());
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
  event.preventDefault();
});
