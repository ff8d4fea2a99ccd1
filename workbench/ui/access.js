// For those who use no mouse, or no eyes: the heat-map by keys and touch, keys for the lines of a form, and a word when
// a draft or a critique has come.
(() => {
  // the heat-map: arrows go from word to word, a tap chooses one; what it holds is said below the poem
  const words = (heat) => [...heat.querySelectorAll(".wb-t")];
  const tell = (heat, word) => {
    for (const each of words(heat)) each.classList.toggle("wb-at", each === word);
    const said = heat.parentElement.querySelector(".wb-heat-said");
    if (said) said.textContent = `“${word.textContent}”: ${word.dataset.said}`;
  };
  document.addEventListener("click", (event) => {
    const word = event.target.closest && event.target.closest(".wb-heat .wb-t");
    if (word) tell(word.closest(".wb-heat"), word);
  });
  document.addEventListener("keydown", (event) => {
    const heat = document.activeElement;
    if (!heat || !heat.classList.contains("wb-heat") || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = words(heat), at = all.findIndex((each) => each.classList.contains("wb-at"));
    const line = (word) => word.getBoundingClientRect().top;
    const to = {
      ArrowRight: at + 1, ArrowLeft: at < 0 ? 0 : at - 1, Home: 0, End: all.length - 1,
      ArrowDown: at < 0 ? 0 : all.findIndex((each, n) => n > at && line(each) > line(all[at]) + 4),
      ArrowUp: at < 0 ? 0 : all.findLastIndex((each, n) => n < at && line(each) < line(all[at]) - 4),
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (all[to]) tell(heat, all[to]);
  });

  // a poem in a form: j and k go through its lines, l locks or unlocks the one in focus, 1 to 9 take another for it
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[jkl1-9]$/.test(event.key)) return;
    if (event.target.closest("textarea, [contenteditable], input:not([type=radio]):not([type=checkbox])")) return;
    const shown = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    const locks = shown("#write-locked input[type=checkbox]");
    if (!locks.length) return;
    if (/\d/.test(event.key)) {
      const other = shown("#write-others input[type=radio]")[Number(event.key) - 1];
      if (other) { other.click(); event.preventDefault(); }
      return;
    }
    const at = locks.indexOf(document.activeElement);
    if (event.key === "l") { if (at >= 0) locks[at].click(); event.preventDefault(); return; }
    locks[Math.min(Math.max(at + (event.key === "j" ? 1 : at < 0 ? 1 : -1), 0), locks.length - 1)].focus();
    event.preventDefault();
  });

  // what has come is said once, politely, when the page has been still for a moment
  let before = JSON.stringify(["", false, 0]), wait = 0;
  const look = () => {
    const place = document.getElementById("wb-told"), seen = (selector) =>
      [...document.querySelectorAll(selector)].find((each) => each.checkVisibility());
    const heading = seen(".wb-heading"), title = seen(".wb-card .wb-poem .wb-title"), verdict = seen(".wb-verdict");
    if (!place || !heading) return;
    const remarks = document.querySelectorAll(".wb-said > li").length;
    const now = JSON.stringify([heading.textContent, Boolean(verdict), remarks]);
    if (before !== now) {
      const [was, had] = JSON.parse(before);
      const parts = [];
      if (was !== heading.textContent) parts.push(`${heading.textContent}: “${title ? title.textContent : ""}” is here.`);
      if (verdict && (!had || was !== heading.textContent))
        parts.push(`The critique is here, ${remarks} remark${remarks === 1 ? "" : "s"}.`);
      if (parts.length) place.textContent = parts.join(" ");
    }
    before = now;
  };
  new MutationObserver(() => { wait = wait || setTimeout(() => { wait = 0; look(); }, 400); })
    .observe(document.documentElement, { childList: true, subtree: true });
})();
// The address follows the tabs: what is reloaded, copied or kept as a bookmark is the page that was seen.
(() => {
  const kept = {}; // where each tab was left: ?tab=studio&session=…
  let at = new URLSearchParams(location.search).get("tab") || "home";
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("#tabs [role=tab]");
    const to = button && button.dataset.tabId;
    if (!to || button.closest("#studio-parts, #write-parts")) return; // parts inside a tab are not pages
    if (button.getAttribute("aria-selected") === "true") return;
    kept[at] = location.search;
    at = to;
    history.replaceState(null, "", kept[to] || `?tab=${to}`);
    const lost = document.getElementById("lost");
    if (lost) lost.style.display = "none"; // what was said of the address it came by
  }, true);
})();
// The page opens on the tab that its address names. Gradio would show the first one until its server has answered, a
// second or more; so the choice is made in what it is about to lay out.
(() => {
  const config = window.gradio_config || { components: [] };
  const plain = (name) => String(name).toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const wanted = plain(new URLSearchParams(location.search).get("tab") || "");
  const tabs = config.components.find((each) => each.props.elem_id === "tabs");
  const place = tabs && [config.layout].reduce(function find(found, node) { // the tabs' own children, not parts of them
    return found || (node.id === tabs.id ? node : (node.children || []).reduce(find, null));
  }, null);
  const ids = new Set(((place && place.children) || []).map((each) => each.id));
  const named = wanted && config.components.find(({ id, props }) =>
    ids.has(id) && (plain(props.id) === wanted || plain(props.label) === wanted));
  if (named) tabs.props.selected = named.props.id;
})();
