// The studio: choices of the line diff are told to the page at once; remarks and their lines light up together.
(() => {
  window.wbChoices = () => {
    const form = document.querySelector(".wb-decisions");
    if (!form) return "";
    const lines = {};
    for (const field of form.querySelectorAll(".wb-decide")) {
      const chosen = field.querySelector("input[type=radio]:checked");
      lines[field.dataset.change] = [chosen ? chosen.value : "undecided", field.querySelector(".wb-own").value];
    }
    return JSON.stringify({ session: form.dataset.session, draft: form.dataset.draft, lines });
  };
  const tell = () => {
    const button = document.querySelector("#studio-told");
    if (button) button.click();
  };
  document.addEventListener("change", (event) => {
    const field = event.target.closest && event.target.closest(".wb-decide");
    if (!field) return;
    if (event.target.classList.contains("wb-own")) field.querySelector("input[value=edited]").checked = true;
    tell();
  });
  document.addEventListener("click", (event) => {
    const all = event.target.closest && event.target.closest(".wb-all[data-all]");
    if (!all) return;
    for (const radio of document.querySelectorAll(`.wb-decide input[value=${all.dataset.all}]`)) radio.checked = true;
    tell();
  });
  document.addEventListener("click", (event) => {
    const off = event.target.closest && event.target.closest("[data-off]");
    if (!off) return;
    window.wbOff = off.dataset.off;
    document.querySelector("#studio-off")?.click();
  });
  const light = (event, on) => {
    const remark = event.target.closest && event.target.closest(".wb-said li");
    if (!remark) return;
    const draft = remark.id.split("-")[1];
    for (let line = Number(remark.dataset.from); line <= Number(remark.dataset.to); line += 1) {
      const place = document.getElementById(`line-${draft}-${line}`);
      if (place) place.classList.toggle("wb-lit", on);
    }
  };
  for (const [name, on] of [["mouseover", true], ["focusin", true], ["mouseout", false], ["focusout", false]]) {
    document.addEventListener(name, (event) => light(event, on));
  }
})();
// “Write on it yourself”: the field follows the draft that is shown until a person changes it; then it is theirs.
// `of` says whose text is in the field: {session, number of the draft it began from, filled: as it was filled in}.
window.wbOwn = (() => {
  const place = (session) => `own ${session}`;
  const read = (text) => { try { return JSON.parse(text) || {}; } catch { return {}; } };
  const held = (session, number, filled) => JSON.stringify({ session, number, filled });
  const note = (number, newest) => number === newest ? "" :
    `<p class="wb-note" role="status">✎ “Write on it yourself” holds words of yours that began from draft ${number}. ` +
    `Draft ${newest} has come since; your words stay there until you make them a draft or begin again.</p>`;
  const follow = (given, own, of) => {
    const shown = read(given), mine = read(of);
    if (!shown.session) return [own, of, ""];
    if (mine.session === shown.session && own !== mine.filled) return [own, of, note(mine.number, shown.newest)];
    const kept = read(window.wbKept(place(shown.session), "localStorage"));
    if (!kept.words || kept.words === shown.text) return [shown.text, held(shown.session, shown.number, shown.text), ""];
    return [kept.words, held(shown.session, kept.number, shown.text), note(kept.number, shown.newest)];
  };
  const keep = (own, of) => {
    const mine = read(of);
    if (!mine.session) return;
    const words = own === mine.filled ? "" : JSON.stringify({ words: own, number: mine.number });
    window.wbKeep(place(mine.session), words, "localStorage");
  };
  const again = (given, own, of) => {
    const shown = read(given), mine = read(of);
    const isTheirs = mine.session === shown.session && own !== mine.filled;
    if (isTheirs && !window.confirm(`Put draft ${shown.number} in place of what you wrote here?`))
      return [own, of, note(mine.number, shown.newest)];
    window.wbKeep(place(shown.session), "", "localStorage");
    return [shown.text, held(shown.session, shown.number, shown.text), ""];
  };
  return { follow, keep, again };
})();
