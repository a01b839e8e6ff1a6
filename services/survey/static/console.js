// Keys, signs of life and autosave for the agent's pages. Without it every page works as plain forms.
(() => {
  "use strict";
  const call = document.getElementById("call");
  const api = call ? `/survey/api/v1/callbacks/${call.dataset.callback}` : null;
  const isText = (node) => node instanceof HTMLElement && node.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  const keyed = (key) => document.querySelector(`[data-key="${key}"]:not([disabled])`);

  const press = (node) => {
    if (node.matches("input[type=radio]")) { node.focus(); node.checked = true; node.dispatchEvent(new Event("change", { bubbles: true })); }
    else if (node.matches("summary")) { node.parentElement.open = true; node.parentElement.querySelector("input:not([type=hidden]), textarea")?.focus(); }
    else node.click();
  };

  // NPS: 1 waits a moment for the 0 of 10.
  let pending = null;
  const choose = (form, value) => {
    const cell = form.querySelector(`input[name=value][value="${value}"]`);
    if (!cell) return false;
    cell.checked = true;
    form.requestSubmit(form.querySelector("[value=answered]"));
    return true;
  };
  const digit = (form, key) => {
    if (form.dataset.kind === "rating") return key >= "1" && key <= "5" && choose(form, key);
    if (form.dataset.kind !== "nps") return false;
    if (pending) { clearTimeout(pending); pending = null; if (key === "0") return choose(form, "10"); }
    if (key !== "1") return choose(form, key);
    form.querySelector('input[name=value][value="1"]').checked = true;
    pending = setTimeout(() => choose(form, "1"), 800);
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.ctrlKey) {
      const node = event.key === "Enter" && keyed("ControlEnter");
      if (node) { event.preventDefault(); press(node); }
      return;
    }
    if (isText(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    const form = document.querySelector("form.answer");
    const solved = form && { y: "yes", n: "no", u: "unsure" }[event.key.toLowerCase()];
    if (form && /^[0-9]$/.test(event.key) && digit(form, event.key)) { event.preventDefault(); return; }
    if (solved && ["solved", "approval"].includes(form.dataset.kind)) { event.preventDefault(); choose(form, solved); return; }
    if (event.key === "Enter" && event.target.matches("a, button, summary, input")) return;
    const rows = [...document.querySelectorAll(".row-link")];
    if (rows.length && ["ArrowDown", "ArrowUp", "j", "k"].includes(event.key)) {
      const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
      const next = rows[here + (["ArrowDown", "j"].includes(event.key) ? 1 : -1)];
      if (next) { event.preventDefault(); next.click(); }
      return;
    }
    const node = keyed(event.key.length === 1 ? event.key.toUpperCase() : event.key);
    if (node) { event.preventDefault(); press(node); }
  });

  document.querySelectorAll("form[data-autosubmit]").forEach((form) => form.addEventListener("change", () => form.requestSubmit()));
  if (!call) return;

  const saved = document.getElementById("saved");
  const say = (kind) => {
    const words = saved.parentElement;
    words.classList.toggle("unsaved", kind === "unsaved");
    saved.textContent = words.dataset[`${kind}Text`];
  };

  document.querySelectorAll("[data-autosave]").forEach((field) => {
    let timer = null;
    const save = async () => {
      if (!field.value.trim()) return;
      say("saving");
      try {
        const reply = await fetch(field.dataset.autosave, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text: field.value }) });
        say(reply.ok ? "saved" : "unsaved");
        if (reply.status >= 500) timer = setTimeout(save, 3000);
      } catch { say("unsaved"); timer = setTimeout(save, 3000); }
    };
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 1000); });
    field.focus();
  });

  if (call.dataset.state === "claimed") {
    setInterval(async () => {
      const reply = await fetch(`${api}/heartbeat`, { method: "POST" }).catch(() => null);
      if (reply && reply.status === 409) location.assign("/survey/queue");
    }, 30000);
  }

  const clock = call.querySelector(".clock");
  const moving = clock && ("running" in clock.dataset || "down" in clock.dataset);
  if (moving) {
    const begun = Date.now(), from = Number(clock.dataset.seconds), down = "down" in clock.dataset;
    const bar = call.querySelector(".limit progress");
    setInterval(() => {
      const gone = Math.floor((Date.now() - begun) / 1000);
      const shown = Math.max(0, down ? from - gone : from + gone);
      clock.textContent = `${String(Math.floor(shown / 60)).padStart(2, "0")}:${String(shown % 60).padStart(2, "0")}`;
      if (bar) bar.value = down ? bar.max - shown : shown;
    }, 1000);
  }

  const closing = document.getElementById("closing");
  const recorded = document.getElementById("to-record");
  if (closing && recorded) closing.addEventListener("change", (event) => {
    if (event.target.name === "disposition") recorded.textContent = event.target.parentElement.querySelector("span").textContent;
  });
})();
