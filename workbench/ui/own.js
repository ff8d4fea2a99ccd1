// My poems on Home: searched, added from files, renamed, put into folders, deleted and brought back; a poem taken to the
// studio and a draft taken back; and a word on a remark of the studio's educator.
(() => {
  const place = () => document.getElementById("own-list");
  const said = (html) => { document.getElementById("own-said").replaceChildren(...html); };
  let asked = 0;
  const list = async () => {
    if (!place()) return;
    const mine = (asked += 1);
    const closed = new Set([...place().querySelectorAll(".wb-own-folder:not([open])")].map((each) => each.dataset.folder));
    const { html } = await window.wbDesk.ask("list", { words: document.getElementById("own-words").value });
    if (mine !== asked) return; // a later key has been asked about since
    if (place().querySelector("input")) return; // a title or folder is being typed there; the list comes when it is done
    place().innerHTML = html;
    for (const each of place().querySelectorAll(".wb-own-folder")) each.open = !closed.has(each.dataset.folder);
  };
  window.wbOwnPoems = () => { if (place()) list(); else requestAnimationFrame(window.wbOwnPoems); };
  const note = (text) => { const line = document.createElement("span"); line.textContent = text; line.style.whiteSpace = "pre-line"; return line; };
  const written = (row, what, id) => { // a field in place of the title, or beside it
    const title = row.querySelector(".wb-own-title"), field = document.createElement("input");
    const isTitle = what === "rename", folder = row.closest(".wb-own-folder");
    Object.assign(field, { type: "text", value: isTitle ? title.textContent : folder ? folder.dataset.folder : "",
      maxLength: isTitle ? 200 : 80, placeholder: isTitle ? "" : "folder; empty = none" });
    field.setAttribute("aria-label", isTitle ? "New title" : "Folder; empty = none");
    if (isTitle) title.replaceWith(field);
    else {
      const known = document.createElement("datalist");
      known.id = "own-folders";
      known.append(...[...document.querySelectorAll(".wb-own-folder")].map((each) => new Option(each.dataset.folder)));
      field.setAttribute("list", known.id);
      title.after(field, known);
    }
    field.focus();
    field.select();
    let done = false;
    const end = async (isKept) => {
      if (done) return;
      done = true;
      try {
        if (isKept && (field.value.trim() || !isTitle))
          await window.wbDesk.ask(what, { id, [isTitle ? "title" : "folder"]: field.value });
      } catch (error) { said([note(error.message)]); }
      field.remove();
      await list();
      document.querySelector(`#own-list [data-own="${what}"][data-id="${id}"]`)?.focus();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") end(true);
      if (event.key === "Escape") end(false);
    });
    field.addEventListener("blur", () => end(true));
  };
  const told = async (text, act) => { // what was done, and the button that undoes it
    const undo = document.createElement("button");
    Object.assign(undo, { type: "button", className: "wb-all", textContent: "Undo" });
    undo.onclick = async () => { await act(); said([]); list(); };
    said([note(`${text} `), undo]);
    await list();
    if (!document.activeElement.matches("input, textarea")) undo.focus(); // whoever types keeps the cursor
  };
  const remove = async (id) => {
    const gone = await window.wbDesk.ask("delete", { id });
    await told(`“${gone.title}” is deleted.`, () => window.wbDesk.ask("delete", { id, undo: true }));
  };
  const acts = {
    rename: (id, row) => written(row, "rename", id), move: (id, row) => written(row, "move", id), delete: remove,
    back: async (id) => { await window.wbDesk.ask("delete", { id, undo: true }); list(); },
  };
  const base64 = (file) => new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1] || "");
    reader.onerror = failed;
    reader.readAsDataURL(file);
  });
  const bring = async (files) => {
    const ids = [], titles = [], trouble = [];
    for (const file of files) {
      try {
        const found = await window.wbDesk.ask("import", { name: file.name, data: await base64(file) });
        ids.push(...found.ids); titles.push(...found.titles); trouble.push(...found.said);
      } catch (error) { trouble.push(error.message); }
    }
    const named = titles.slice(0, 6).join("; ") + (titles.length > 6 ? "; …" : "");
    const text = [ids.length ? `${ids.length} poem${ids.length === 1 ? "" : "s"} added: ${named}.` : "", ...trouble].join("\n").trim();
    if (!ids.length) { said([note(text)]); return; }
    await told(text, async () => { for (const id of ids) await window.wbDesk.ask("delete", { id }); });
  };
  // a poem of Home is put into the studio's field, once; a draft of the studio is put among the poems of Home
  window.wbToStudio = async () => {
    const id = Number(new URLSearchParams(location.search).get("own"));
    if (!id) return;
    const field = document.querySelector("#studio-poem textarea");
    if (!field || !field.checkVisibility()) { setTimeout(window.wbToStudio, 200); return; }
    history.replaceState(null, "", "?tab=studio");
    const one = await window.wbDesk.ask("open", { id });
    const words = one.title ? `Title: ${one.title}\n\n${one.text}` : one.text, there = field.value;
    if (there.trim() && there !== words) { // another poem that was not sent yet: it is not lost
      const { title } = await window.wbDesk.ask("take-in", { poem: there });
      field.closest("#studio-fresh")?.after(note(`What was in the field is among My poems now: “${title}”.`));
      if (field.value !== there) return; // and is being written on
    }
    field.value = words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.getElementById("studio-begin")?.scrollIntoView({ block: "center" });
  };
  const takeIn = async (button) => {
    const told = document.createElement("span");
    button.nextElementSibling?.remove();
    button.after(told);
    try {
      const { poem, title } = button.dataset; // of Compose, where it is always a new poem; else it is the studio's draft
      const one = poem === undefined
        ? await window.wbDesk.ask("take-in", { poem: document.querySelector("#studio-text textarea").value })
        : { title, ...await window.wbDesk.ask("save", { title, text: poem }) };
      button.disabled = poem !== undefined;
      const way = (tab, textContent) => Object.assign(document.createElement("a"), { href: `?tab=${tab}&own=${one.id}`, textContent });
      told.replaceChildren(note(" ✓ It is in My poems: "), way("write", one.title || "untitled"));
      if (poem !== undefined) told.append(note(" · "), way("studio", "hear a critique"));
    } catch (error) { told.textContent = ` ${error.message}`; }
  };
  const ago = () => {
    for (const each of document.querySelectorAll("time[data-at]")) {
      const seconds = Date.now() / 1000 - Number(each.dataset.at);
      const [unit, length] = [["d", 86400], ["h", 3600], ["min", 60]].find(([, size]) => seconds >= size) || ["", 0];
      each.textContent = length ? `${Math.floor(seconds / length)} ${unit} ago` : "just now";
    }
  };
  setInterval(ago, 20000);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest("[data-own]");
    if (button) { await acts[button.dataset.own](Number(button.dataset.id), button.closest("li")); return; }
    if (event.target.closest && event.target.closest("#own-add-files")) { document.getElementById("own-files").click(); return; }
    const draft = event.target.closest && event.target.closest("[data-take-in]");
    if (draft) { await takeIn(draft); return; }
    const mark = event.target.closest && event.target.closest("[data-verdict]");
    if (!mark) return;
    const remark = mark.closest("li"), { session, item, poem, text } = remark.dataset;
    try {
      await window.wbDesk.ask("mark", { verdict: mark.dataset.verdict, session, item, poem, text });
      for (const each of remark.querySelectorAll("[data-verdict]")) each.setAttribute("aria-pressed", String(each === mark));
    } catch (error) { mark.after(note(` ${error.message}`)); }
  });
  document.addEventListener("input", (event) => { if (event.target.id === "own-words") list(); });
  document.addEventListener("change", async (event) => {
    if (event.target.id !== "own-files") return;
    const files = [...event.target.files];
    event.target.value = "";
    await bring(files);
  });
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
