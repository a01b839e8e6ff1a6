// Keys, signs of life and autosave for the agent's pages. Without it every page works as plain forms.
(() => {
  "use strict";
  const call = document.getElementById("call");
  const api = call ? `/survey/api/v1/callbacks/${call.dataset.callback}` : null;
  const isText = (node) => node instanceof HTMLElement && node.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  const keyed = (key) => document.querySelector(`[data-key="${key}"]:not([disabled])`);

  const unfold = (details) => { details.open = true; details.querySelector("input:not([type=hidden]), textarea")?.focus(); };
  // Single keys can be switched off on this machine (WCAG 2.1.4); Ctrl Enter and Esc stay.
  const quiet = () => localStorage.getItem("single-keys") === "off";
  const press = (node) => {
    if ("focus" in node.dataset) { const group = node.name && document.querySelector(`input[name="${node.name}"]:checked`); (group || node).focus(); node.closest("section, form")?.scrollIntoView({ block: "nearest" }); }
    else if (node.dataset.dialog) { document.getElementById(node.dataset.dialog).showModal(); }
    else if (node.dataset.open) unfold(document.getElementById(node.dataset.open));
    else if (node.matches("input[type=radio]")) { node.focus(); node.checked = true; node.dispatchEvent(new Event("change", { bubbles: true })); }
    else if (node.matches("summary")) unfold(node.parentElement);
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
    if (form.dataset.kind === "choice") {
      const option = form.querySelectorAll("input[name=value]")[Number(key) - 1];
      return Boolean(option) && choose(form, option.value);
    }
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
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target instanceof HTMLElement) { event.target.blur(); return; }
    if (isText(event.target) || quiet()) return;
    // inside the mood group the arrows belong to the group
    if (event.target.matches("input[type=radio]") && event.target.closest(".segments") && event.key.startsWith("Arrow")) return;
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

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-dialog], [data-open], [data-print]");
    if (!opener) return;
    if ("print" in opener.dataset) { window.print(); return; }
    event.preventDefault();
    press(opener);
  });
  const off = document.getElementById("keys-off");
  if (off) {
    off.checked = quiet();
    off.addEventListener("change", () => localStorage.setItem("single-keys", off.checked ? "off" : "on"));
  }

  // The queue and the supervisor's page hear when something moved. Rows never move under the hand: a link brings them.
  const live = document.querySelector("[data-live]");
  if (live) {
    let first = null;
    new EventSource(live.dataset.live).addEventListener("message", async (event) => {
      if (first === null || first === event.data) { first = event.data; return; }
      first = event.data;
      if (!("replace" in live.dataset)) { live.hidden = false; return; }
      const reply = await fetch(location.href).catch(() => null);
      if (!reply || !reply.ok || live.contains(document.activeElement)) return;
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById(live.id);
      if (fresh) live.replaceChildren(...fresh.childNodes);
    });
  }
  if (!call) return;

  const saved = document.getElementById("saved");
  const say = (kind) => {
    const words = saved.parentElement;
    words.classList.toggle("unsaved", kind === "unsaved");
    saved.textContent = words.dataset[`${kind}Text`] + (kind === "saved" ? ` ${new Date().toTimeString().slice(0, 8)}` : "");
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

  // What is sent while the network is away waits here, in order, and goes out when it is back.
  const banner = document.getElementById("offline");
  let away = null;
  const sent = async (path, body) => {
    for (;;) {
      try {
        say("saving");
        const reply = await fetch(path, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
        if (away) { clearInterval(away); away = null; banner.hidden = true; }
        say(reply.ok ? "saved" : "unsaved");
        return reply;
      } catch {
        say("unsaved");
        if (!away) {
          const since = Date.now(), words = document.getElementById("offline-for");
          banner.hidden = false;
          away = setInterval(() => { const s = Math.floor((Date.now() - since) / 1000); words.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`; }, 1000);
        }
        await new Promise((wake) => setTimeout(wake, 2000));
      }
    }
  };
  const kept = document.querySelector("form[data-marks]");
  if (kept) kept.addEventListener("change", () => {
    const given = new FormData(kept);
    sent(kept.dataset.marks, { mood: given.get("mood") || null, negative_remarks: given.has("negative_remarks"), problem_type: given.get("problem_type") || null });
  });
  const answer = document.querySelector("form.answer");
  let going = false;
  if (answer) answer.addEventListener("submit", async (event) => {
    if (going) { event.preventDefault(); return; }
    const state = event.submitter?.value || "answered", given = new FormData(answer).get("value");
    if (state === "answered" && (given === null || !given.trim())) return;  // the page says what is missing
    event.preventDefault();
    going = true;
    const body = { state };
    if (state === "answered" && answer.dataset.kind === "text") body.text = given;
    else if (state === "answered") body.value = /^[0-9]+$/.test(given) ? Number(given) : given;
    const reply = await sent(answer.dataset.api, body);
    if (!reply.ok) { answer.submit(); return; }
    const told = await reply.json();
    const after = told.state === "wrapup" || !told.probe ? "" : `?probe=${answer.dataset.at}`;
    location.assign(`/survey/call/${call.dataset.callback}${after}`);
  });

  if (call.dataset.state === "claimed") {
    setInterval(async () => {
      const reply = await fetch(`${api}/heartbeat`, { method: "POST" }).catch(() => null);
      if (reply && reply.status === 409) location.assign("/survey/queue");
    }, 30000);
  }

  const clock = call.querySelector(".clock");
  const mmss = (s) => `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;
  // Past the target only the words change; told aloud at the target and a minute before the maximum.
  const against = (gone) => {
    const words = document.getElementById("against"), aloud = document.getElementById("call-length");
    if (!words) return;
    const target = Number(clock.dataset.target), limit = Number(clock.dataset.limit);
    if (gone > limit) words.textContent = `${words.dataset.over} ${mmss(gone - limit)}`;
    else if (gone > target) words.textContent = `${words.dataset.after} ${mmss(gone - target)}`;
    if (gone === target || gone === limit - 60) aloud.textContent = `${mmss(gone)} / ${mmss(limit)}`;
  };
  const opening = document.querySelector("[data-opening]");
  if (opening) {
    const begun = Date.now(), from = Number(opening.dataset.opening);
    setInterval(() => { opening.firstElementChild.textContent = String(from + Math.floor((Date.now() - begun) / 1000)); }, 250);
  }
  const moving = clock && ("running" in clock.dataset || "down" in clock.dataset);
  if (moving) {
    const begun = Date.now(), from = Number(clock.dataset.seconds), down = "down" in clock.dataset;
    const bar = call.querySelector(".limit progress");
    setInterval(() => {
      const gone = Math.floor((Date.now() - begun) / 1000);
      const shown = Math.max(0, down ? from - gone : from + gone);
      clock.textContent = `${String(Math.floor(shown / 60)).padStart(2, "0")}:${String(shown % 60).padStart(2, "0")}`;
      if (bar) bar.value = down ? bar.max - shown : shown;
      if (!down) against(shown);
    }, 1000);
  }

  const closing = document.getElementById("closing");
  const recorded = document.getElementById("to-record");
  if (closing && recorded) closing.addEventListener("change", (event) => {
    if (event.target.name === "disposition") recorded.textContent = event.target.parentElement.querySelector("span").textContent;
  });
})();
