// What is done with a single line of the page on which one writes: three other lines, and the poem read aloud line by
// line with what is spoken lit. The rest of the poem is never touched.
window.wbWays = (() => {
  const $ = (name) => document.getElementById(`page-${name}`);
  let target = null;
  const look = async () => {
    const here = window.wbDesk.place();
    if (!here.line.trim()) { $("asked").textContent = "Put the cursor in a line that has words."; return; }
    target = { ...here, old: here.line };
    $("found").replaceChildren();
    try {
      await window.wbDesk.ask("ways", { ...window.wbDesk.now(), line: here.number, poet: $("poet").value });
      $("stop").hidden = false;
      watch();
    } catch (error) { $("asked").textContent = error.message; }
  };
  const watch = async () => {
    let live;
    try { live = await window.wbDesk.ask("way"); } catch (error) { $("asked").textContent = error.message; return; }
    if (["waiting", "loading", "writing"].includes(live.state)) {
      const seconds = Math.max(0, Math.round(Date.now() / 1000 - live.began));
      const there = live.state === "writing" && live.text ? JSON.parse(`${live.text}]`) : [];
      const doing = live.state === "writing" ? `${there.length} of 3` : "the model is being opened, the first time for a minute";
      $("asked").textContent = `Looking for other lines in place of “${target.old.trim()}” … ${doing}, ${seconds} s`;
      if (there.length > $("found").children.length) list(there);
      setTimeout(watch, 600);
      return;
    }
    $("stop").hidden = true;
    if (live.state === "stopped" || live.note === "stopped") { $("asked").textContent = "Stopped; your line stays."; return; }
    if (live.state === "failed") { $("asked").textContent = live.note; return; }
    const found = live.text ? JSON.parse(live.text) : [];
    const checked = $("form").value ? "each keeps the form as well as yours does" : "your line stays until you take one";
    $("asked").textContent = found.length ? `In place of “${target.old.trim()}”: press 1, 2 or 3, or click; ${checked}.` :
      "Nothing was found that keeps what this place owes; your line stays.";
    list(found);
    // whoever writes on keeps the cursor: their next space would be a press, and take a line that they did not choose
    if (document.activeElement !== $("text")) $("found").querySelector("button")?.focus();
  };
  const list = (found) => $("found").replaceChildren(...found.map((line, at) => {
    const item = document.createElement("li"), button = document.createElement("button");
    Object.assign(button, { type: "button", className: "wb-way", textContent: line });
    button.dataset.way = at + 1;
    item.append(button);
    return item;
  }));
  const take = (line) => {
    const text = $("text").value;
    const at = text.slice(target.start, target.end) === target.old ? target.start : text.indexOf(target.old);
    if (at < 0) { $("asked").textContent = "That line has been changed since; nothing was put in its place."; return; }
    window.wbDesk.put(at, at + target.old.length, line);
    $("asked").textContent = "Taken. Undo (Ctrl+Z) brings your line back.";
    $("found").replaceChildren();
  };
  const forget = () => {
    $("asked").textContent = "Put the cursor in a line. The rest of the poem stays as it is.";
    $("found").replaceChildren();
  };
  return { look, take, forget };
})();
(() => {
  const $ = (name) => document.getElementById(`page-${name}`);
  const light = (row, from, to) => {
    for (const each of $("gloss").querySelectorAll(".wb-spoken")) each.classList.remove("wb-spoken");
    for (const piece of row ? row.querySelectorAll("span") : []) {
      const at = Number(piece.dataset.at);
      if (at + piece.textContent.length > from && at < to) piece.classList.add("wb-spoken");
    }
  };
  window.wbAloud = () => {
    const voice = window.speechSynthesis;
    if (!voice || !window.SpeechSynthesisUtterance) { $("voice").textContent = "This browser has no voice."; return; }
    if (voice.speaking) { voice.cancel(); return; }
    const lines = $("text").value.split("\n");
    $("read").textContent = "Stop";
    lines.forEach((line, at) => {
      if (!line.trim()) return;
      const said = new SpeechSynthesisUtterance(line); // one a line: the voice rests where the line ends
      Object.assign(said, { lang: "en", rate: Number($("speed").value) });
      said.onboundary = (event) => {
        if (event.name === "sentence") return;
        const end = line.slice(event.charIndex).search(/\s|$/);
        light($("gloss").children[at], event.charIndex, event.charIndex + Math.max(1, end));
      };
      said.onstart = () => light($("gloss").children[at], 0, line.length);
      said.onend = said.onerror = () => {
        if (at >= lines.findLastIndex((each) => each.trim()) || !voice.speaking) { $("read").textContent = "Read it"; light(null); }
      };
      voice.speak(said);
    });
    setTimeout(() => {
      if (!voice.getVoices().length) { $("voice").textContent = "This browser has no voice for it."; $("read").textContent = "Read it"; }
    }, 1500);
  };
})();
