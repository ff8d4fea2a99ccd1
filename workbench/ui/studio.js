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
    const all = event.target.closest && event.target.closest(".wb-all");
    if (!all) return;
    for (const radio of document.querySelectorAll(`.wb-decide input[value=${all.dataset.all}]`)) radio.checked = true;
    tell();
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
