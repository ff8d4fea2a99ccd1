// My poems on Home: searched, renamed, deleted and brought back; and a word on a remark of the studio's educator.
(() => {
  const place = () => document.getElementById("own-list");
  const said = (html) => { document.getElementById("own-said").replaceChildren(...html); };
  const list = async () => {
    if (!place()) return;
    place().innerHTML = (await window.wbDesk.ask("list", { words: document.getElementById("own-words").value })).html;
  };
  window.wbOwnPoems = () => { if (place()) list(); else requestAnimationFrame(window.wbOwnPoems); };
  const note = (text) => { const line = document.createElement("span"); line.textContent = text; return line; };
  const rename = (button) => {
    const title = button.closest("li").querySelector(".wb-own-title");
    const field = document.createElement("input");
    Object.assign(field, { type: "text", value: title.textContent, maxLength: 200 });
    field.setAttribute("aria-label", "New title");
    title.replaceWith(field);
    field.select();
    let done = false;
    const end = async (isKept) => {
      if (done) return;
      done = true;
      if (isKept && field.value.trim()) await window.wbDesk.ask("rename", { id: Number(button.dataset.id), title: field.value });
      list();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") end(true);
      if (event.key === "Escape") end(false);
    });
    field.addEventListener("blur", () => end(true));
  };
  const remove = async (id) => {
    const gone = await window.wbDesk.ask("delete", { id });
    const undo = document.createElement("button");
    Object.assign(undo, { type: "button", className: "wb-all", textContent: "Undo" });
    undo.onclick = async () => { await window.wbDesk.ask("delete", { id, undo: true }); said([]); list(); };
    said([note(`“${gone.title || "untitled"}” is deleted. `), undo]);
    await list();
    undo.focus();
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest("[data-own]");
    if (button) { if (button.dataset.own === "rename") rename(button); else await remove(Number(button.dataset.id)); return; }
    const mark = event.target.closest && event.target.closest("[data-verdict]");
    if (!mark) return;
    const remark = mark.closest("li"), { session, item, poem, text } = remark.dataset;
    try {
      await window.wbDesk.ask("mark", { verdict: mark.dataset.verdict, session, item, poem, text });
      for (const each of remark.querySelectorAll("[data-verdict]")) each.setAttribute("aria-pressed", String(each === mark));
    } catch (error) { mark.after(note(` ${error.message}`)); }
  });
  document.addEventListener("input", (event) => { if (event.target.id === "own-words") list(); });
  const marked = async () => { // what was said of remarks before is on them again
    const remarks = [...document.querySelectorAll(".wb-said li[data-session]:not([data-marked])")];
    if (!remarks.length) return;
    for (const each of remarks) each.dataset.marked = "1";
    const { marks } = await window.wbDesk.ask("marks", { session: remarks[0].dataset.session });
    for (const each of remarks)
      each.querySelector(`[data-verdict="${marks[each.dataset.item]}"]`)?.setAttribute("aria-pressed", "true");
  };
  new MutationObserver(marked).observe(document.documentElement, { childList: true, subtree: true });
})();
