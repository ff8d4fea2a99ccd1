// Texts that were typed and not sent yet, by field. A browser that keeps nothing forgets them with a reload.
window.wbKeep = (name, text, store = "sessionStorage") => {
  try {
    if (text) window[store].setItem(`wb ${name}`, text);
    else window[store].removeItem(`wb ${name}`);
  } catch { /* a private window, or a full one: the field itself still holds the text */ }
};
window.wbKept = (name, store = "sessionStorage") => {
  try { return window[store].getItem(`wb ${name}`) || ""; } catch { return ""; }
};
