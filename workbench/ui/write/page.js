// The page on which a person writes. What is typed is never touched by an answer: the gloss lies under the text, line by
// line, and a line whose words have changed since it was asked about waits for its own answer.
window.wbDesk = (() => {
  const $ = (name) => document.getElementById(`page-${name}`);
  const ask = async (what, told = {}) => {
    const answer = await fetch(`desk/${what}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told),
    });
    const data = await answer.json();
    if (!answer.ok) throw new Error(data.error || "the app did not answer; is it still running?");
    return data;
  };
  const poem = { id: 0, base: 0 };
  const glossed = new Map(); // by line: what is heard in it
  let busy = false, again = false, saving = null, timer = 0, kept = "";

  // ------------------------------------------------------------ the gloss

  const rowOf = (line) => {
    const row = document.createElement("div");
    row.className = "wb-row";
    row.dataset.line = line;
    const gloss = glossed.get(line);
    let at = 0;
    for (const [text, mark] of gloss ? gloss.pieces : [[line, ""]]) {
      const piece = document.createElement("span");
      piece.dataset.at = at;
      if (mark) {
        const vowel = document.createElement("b");
        vowel.className = mark === "/" ? "wb-beat" : "wb-slack";
        vowel.textContent = text[0];
        piece.append(vowel, text.slice(1));
      } else piece.textContent = text;
      at += text.length;
      row.append(piece);
    }
    const told = document.createElement("i");
    if (gloss && gloss.n) told.textContent = [gloss.n, gloss.letter].filter(Boolean).join(" · ");
    row.append(told);
    row.isHeard = Boolean(gloss);
    return row;
  };
  const mirror = () => {
    const rows = $("gloss"), lines = $("text").value.split("\n");
    lines.forEach((line, at) => {
      const old = rows.children[at];
      const gloss = glossed.get(line);
      if (!old) rows.append(rowOf(line));
      else if (old.dataset.line !== line || old.isHeard !== Boolean(gloss)) old.replaceWith(rowOf(line));
      else if (gloss) { // what is as it was is not touched: the browser lays out anew whatever is
        const told = gloss.n ? [gloss.n, gloss.letter].filter(Boolean).join(" · ") : "";
        if (old.lastChild.textContent !== told) old.lastChild.textContent = told;
      }
    });
    while (rows.children.length > lines.length) rows.lastChild.remove();
  };
  const hear = async () => {
    if (busy) { again = true; return; }
    busy = true;
    const text = $("text").value;
    try {
      const heard = await ask("heard", { text, form: $("form").value });
      if (glossed.size > 4000) glossed.clear();
      for (const line of heard.lines) glossed.set(line.text, line);
      $("told").textContent = heard.told;
      $("faults").replaceChildren(...heard.faults.map((fault) => {
        const item = document.createElement("li");
        item.textContent = fault;
        return item;
      }));
      mirror();
    } catch (error) { $("told").textContent = error.message; }
    busy = false;
    if (again) { again = false; hear(); }
  };

  // ------------------------------------------------------------ kept

  const now = () => ({ ...poem, title: $("title").value, text: $("text").value, form: $("form").value });
  const words = (one) => JSON.stringify([one.title, one.text, one.form]);
  const isKept = (told = now()) => words(told) === kept || !(told.id || told.title.trim() || told.text.trim());
  const said = (text) => { $("saved").textContent = text; };
  const save = async () => {
    clearTimeout(timer);
    const told = now();
    if (saving || isKept(told)) return;
    saving = ask("save", told);
    try {
      const stored = await saving;
      if (told.id && stored.id !== told.id) {
        said("It was changed in another window: what you write here is now a poem of its own.");
        if ($("title").value === told.title) $("title").value = stored.title;
      } else said("Saved.");
      Object.assign(poem, { id: stored.id, base: stored.revision });
      kept = words({ ...told, title: stored.title });
      if (isKept()) window.wbKeep("page", "", "localStorage");
      if (stored.id !== told.id) { address(); versions(); }
      links();
    } catch (error) { said(`Not saved: ${error.message}`); }
    saving = null;
    if (!isKept()) later();
  };
  const stored = async () => { // all that is on the page, also what was typed while some of it was on its way
    for (let tries = 0; !isKept() && tries < 5; tries += 1) {
      await save();
      await saving?.catch(() => {});
    }
    return isKept();
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(save, 700); };
  const typed = () => {
    window.wbKeep("page", JSON.stringify(now()), "localStorage"); // a browser that dies before the save
    said("…");
    mirror();
    hear();
    later();
  };
  const address = () => {
    if (poem.id) history.replaceState(null, "", `?tab=write&own=${poem.id}`);
  };
  const links = () => {
    const kinds = [["html", "print, picture"], ["docx", "Word"], ["md", "Markdown"], ["txt", "text"]];
    const files = kinds.map(([kind, name]) =>
      `<a href="desk/poem/${poem.id}.${kind}" ${kind === "html" ? 'target="_blank"' : "download"}>${name}</a>`);
    $("links").innerHTML = poem.id ? [`<a href="?tab=studio&own=${poem.id}">Hear a critique</a>`, ...files].join(" · ") : "";
  };
  const about = async () => { // what the chosen form is, with an example
    const form = $("form").value, { html } = form ? await ask("form", { form }) : { html: "" };
    if (form === $("form").value) $("about").innerHTML = html;
  };
  const fill = (one) => {
    Object.assign(poem, { id: one.id, base: one.base ?? one.revision });
    for (const name of ["title", "text", "form"]) $(name).value = one[name] || "";
    kept = one.base === undefined ? words(one) : "";
    $("beside").hidden = true;
    about();
    mirror();
    hear();
    links();
    versions();
  };
  const versions = async () => {
    $("versions").innerHTML = poem.id ? (await ask("versions", { id: poem.id })).html : "";
  };

  // ------------------------------------------------------------ the line at the cursor

  const place = () => {
    const field = $("text"), at = field.selectionStart, text = field.value;
    const start = text.lastIndexOf("\n", at - 1) + 1;
    const end = text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at);
    const before = text.slice(start, at).match(/[\p{L}'’-]*$/u)[0], after = text.slice(at, end).match(/^[\p{L}'’-]*/u)[0];
    const line = text.slice(start, end);
    const number = text.slice(0, end).split("\n").filter((each) => each.trim()).length;
    return { start, end, line, number, from: at - before.length, to: at + after.length, word: before + after };
  };
  const put = (from, to, words) => { // as if it were typed: the browser's own undo takes it back
    const field = $("text");
    field.focus();
    field.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, words)) { field.setRangeText(words, from, to, "end"); typed(); }
  };
  let sought = "";
  const rhyme = async (word, line, isThere = false) => { // isThere: the cursor is on it, so that another can take its place
    if (word === sought || !word) return;
    sought = word;
    try {
      const found = await ask("rhymes", { word, line, is_there: isThere });
      if (word !== sought) return;
      $("rhymes").innerHTML = found.html;
      $("word").innerHTML = found.said;
      $("synonyms").innerHTML = found.synonyms || '<p class="wb-note">Put the cursor on a word.</p>';
    } catch (error) { $("rhymes").textContent = error.message; }
  };
  let resting = 0;
  const rests = () => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      if (document.activeElement !== $("text")) return;
      const { word, line, to } = place();
      const wanted = word || $("text").value.slice(0, to).match(/([\p{L}'’-]+)[^\p{L}]*$/u)?.[1];
      if (!wanted) return;
      $("rhymed").value = wanted;
      rhyme(wanted, line, Boolean(word));
    }, 350);
  };

  // ------------------------------------------------------------ doing

  const fresh = async () => {
    if (!await stored()) return; // why it could not be is said
    fill({ id: 0, revision: 0, title: "", text: "", form: "" });
    history.replaceState(null, "", "?tab=write");
    said("");
    window.wbWays.forget(); // what was found for the poem before
    $("title").focus();
  };
  const clicks = {
    "page-new": fresh, "page-ways": () => window.wbWays.look(), "page-read": () => window.wbAloud(),
    "page-stop": () => ask("stop"),
    "page-say": async () => {
      try {
        $("word").innerHTML = (await ask("said", { word: $("rhymed").value, how: $("how").value })).html;
        glossed.clear(); sought = ""; hear(); rhyme($("rhymed").value, place().line);
      } catch (error) { $("word").textContent = error.message; }
    },
    "page-keep": async () => {
      await stored();
      if (!poem.id) { said("Write something first."); return; }
      $("versions").innerHTML = (await ask("keep", { id: poem.id, name: $("version").value })).html;
      $("version").value = "";
    },
  };
  const beside = async (version) => {
    await stored();
    const found = await ask("beside", { id: poem.id, version });
    const place = $("beside");
    place.innerHTML = found.html;
    place.hidden = false;
    place.old = found;
    place.scrollIntoView({ block: "nearest" });
  };
  const back = async () => {
    const { title, text } = $("beside").old;
    await stored();
    await ask("keep", { id: poem.id, name: "before an older version came back" });
    $("title").value = title;
    put(0, $("text").value.length, text);
    $("beside").hidden = true;
    versions();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("#page button, #page-beside button");
    if (!button) return;
    if (clicks[button.id]) clicks[button.id]();
    else if (button.dataset.word) {
      const { from, to, line, word } = place();
      const apart = from === to && line.trim() && !/\s$/.test($("text").value.slice(0, from)) ? " " : "";
      const [first, ...rest] = button.dataset.word, isCapital = word && word[0] !== word[0].toLowerCase();
      put(from, to, apart + (isCapital ? first.toUpperCase() : first) + rest.join(""));
    }
    else if (button.dataset.way) window.wbWays.take(button.textContent);
    else if (button.dataset.version) beside(Number(button.dataset.version));
    else if (button.dataset.back) back();
    else if (button.dataset.close) $("beside").hidden = true;
  });
  document.addEventListener("input", (event) => {
    if (event.target === $("text") || event.target === $("title")) typed();
    if (event.target === $("rhymed")) rhyme(event.target.value, "");
  });
  document.addEventListener("change", (event) => { if (event.target === $("form")) { typed(); about(); } });
  document.addEventListener("selectionchange", () => { if (document.activeElement === $("text")) rests(); });
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest || !event.target.closest("#page-found")) return;
    const chosen = $("found").querySelector(`[data-way="${event.key}"]`);
    if (chosen) { window.wbWays.take(chosen.textContent); event.preventDefault(); }
    if (event.key === "Escape") $("text").focus();
  });
  window.addEventListener("focus", async () => { // another window may have changed it
    if (!$("text") || !poem.id || saving || !isKept()) return;
    const one = await ask("open", { id: poem.id });
    if (one.id === poem.id && one.revision > poem.base && !saving && isKept()) fill(one); // nobody has typed meanwhile
  });
  let isOpen = false;
  const open = async () => {
    if (!$("text")) { requestAnimationFrame(open); return; }
    if (isOpen) return;
    isOpen = true;
    const wanted = Number(new URLSearchParams(location.search).get("own"));
    let unsaved = null;
    try { unsaved = JSON.parse(window.wbKept("page", "localStorage")); } catch { /* nothing was left */ }
    if (unsaved && wanted && unsaved.id !== wanted) unsaved = null;
    // what is typed into an empty page stays; where a poem is on its way nothing can be typed that it would cover
    const lock = (isLocked) => { for (const name of ["title", "text"]) $(name).readOnly = isLocked; };
    if (wanted || unsaved) { lock(true); said("Your poem is being opened …"); }
    try { await come(wanted, unsaved); } catch (error) { said(error.message); }
    lock(false);
    document.getElementById("page").dataset.open = "1";
    ask("warm");
  };
  const come = async (wanted, unsaved) => {
    const choices = await ask("choices");
    $("form").append(...choices.forms.map((name) => new Option(name, name)));
    const tell = () => { $("toy").innerHTML = choices.toys[$("poet").value] || ""; }; // what the built-in one is worth
    $("poet").addEventListener("change", tell);
    $("poet").append(...choices.poets.map(([title, engine]) => new Option(title, engine, false, engine === choices.poet)));
    tell();
    if (unsaved) { fill(unsaved); said("What was not saved yet is here again."); later(); }
    else if (wanted) { fill(await ask("open", { id: wanted })); said(""); }
  };
  return { open, ask, now, place, put };
})();
