// A model file on its way to this app, and the buttons beside models that are not listed yet.
(() => {
  const say = (text, isBad = false) => {
    const place = document.getElementById("gguf-said");
    if (!place) return;
    place.textContent = isBad ? `✕ ${text}` : text;
    place.classList.toggle("wb-bad", isBad);
  };
  const send = (file) => {
    const bar = document.getElementById("gguf-progress"), way = new XMLHttpRequest();
    bar.hidden = false;
    bar.value = 0;
    say(`${file.name} is coming …`);
    way.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    way.onerror = () => { bar.hidden = true; say("It did not come through; try again.", true); };
    way.onload = () => {
      bar.hidden = true;
      let told = {};
      try { told = JSON.parse(way.responseText); } catch { /* a proxy's page, not ours */ }
      say(told.said || told.error || `It was refused (HTTP ${way.status}).`, !told.said);
    };
    way.open("POST", `newcomers/file/${encodeURIComponent(file.name)}`);
    way.send(file);
  };
  document.addEventListener("change", (event) => {
    if (event.target.id === "gguf-file" && event.target.files.length) send(event.target.files[0]);
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest("[data-newcomer]");
    if (!button) return;
    const { newcomer: what, engine } = button.dataset;
    const answer = await fetch("newcomers/settle", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ what, engine }),
    });
    const told = await answer.json();
    say(told.said || told.error);
  });
})();
