// Loaded before the page is painted: the theme first, so that a dark page never flashes white.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const stored = key => { try { return localStorage.getItem(key); } catch { return null; } };
  const store = (key, value) => { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* a private window */ } };
  const isDark = () => (stored("custos.theme") ?? (system.matches ? "dark" : "light")) === "dark";
  const paint = () => { root.dataset.theme = isDark() ? "dark" : "light"; };
  paint();

  let layout = null;
  system.addEventListener("change", () => { paint(); layout?.invokeMethodAsync("ThemeChanged", isDark()); });

  const typing = element => element instanceof HTMLElement &&
    (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
  const shown = element => element.getClientRects().length > 0;
  const keysOn = () => stored("custos.keys") !== "off";

  // Rows are links in a list marked data-list; the next one gets the focus, and the browser scrolls to it.
  const step = by => {
    const list = document.querySelector("[data-list]");
    if (!list) return false;
    const rows = [...list.querySelectorAll("[data-row]")].filter(shown);
    if (rows.length === 0) return false;
    const at = rows.findIndex(row => row === document.activeElement || row.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
    rows[next].focus({ preventScroll: true });
    rows[next].scrollIntoView({ block: "nearest" });
    return true;
  };

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target) || !keysOn()) return;
    if (document.querySelector("[role=dialog]") !== null) return;
    if (event.key === "j" || event.key === "k") {
      if (step(event.key === "j" ? 1 : -1)) event.preventDefault();
      return;
    }
    if (event.key === "/") {
      const search = document.getElementById("search");
      if (search) { search.focus(); event.preventDefault(); }
      return;
    }
    const within = document.activeElement?.closest("[data-row]")?.parentElement;
    const selector = `[data-key="${CSS.escape(event.key)}"]`;
    const chosen = within?.querySelector(selector) ?? [...document.querySelectorAll(selector)].find(shown);
    if (chosen && event.key.length === 1) { chosen.click(); event.preventDefault(); }
  });

  document.addEventListener("click", event => {
    const skip = event.target instanceof Element ? event.target.closest("[data-skip]") : null;
    if (!skip) return;
    event.preventDefault();
    document.getElementById(skip.dataset.skip)?.focus();
  });

  window.custos = {
    attach(reference) { layout = reference; return isDark(); },
    detach() { layout = null; },
    toggleTheme() {
      const next = isDark() ? "light" : "dark";
      store("custos.theme", next === (system.matches ? "dark" : "light") ? null : next);
      paint();
      return isDark();
    },
    keys() { return keysOn(); },
    setKeys(on) { store("custos.keys", on ? null : "off"); },
    // A long transcript holds only the lines in view: where the line is not there, scroll to about its place until it is.
    async goTo(id, share) {
      let settled = 0;
      for (let tries = 0; tries < 60 && settled < 3; tries++) {
        const element = document.getElementById(id);
        const box = element?.getBoundingClientRect();
        // Lines that come into view have other heights than was guessed, and move it once more.
        if (element && document.activeElement === element && box.top >= 60 && box.bottom <= window.innerHeight) {
          settled++;
        } else if (element) {
          settled = 0;
          element.scrollIntoView({ block: "center" });
          element.focus({ preventScroll: true });
        }
        const lines = document.querySelector(".lines");
        if (!lines) return false;
        if (!element) {
          const box = lines.getBoundingClientRect();
          window.scrollTo({ top: window.scrollY + box.top + box.height * share - window.innerHeight / 2 });
        }
        await new Promise(done => setTimeout(done, 50));
      }
      return settled === 3;
    },
    leave(address) { window.location.assign(address); },
  };
})();
