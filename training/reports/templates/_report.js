"use strict";
(() => {
  const list = document.getElementById("list"), tools = document.getElementById("tools");
  const search = tools.querySelector("input"), count = tools.querySelector("output"), help = document.getElementById("help");
  const chosen = { sort: "", kind: "", label: "", change: "", version: "", docs: null };
  const plain = words => words.toLowerCase().replace(/\s+/g, " ");
  const all = [...list.children].map((element, place) => {
    const { errors, f1, words, id, difference, change, version } = element.dataset;
    return { element, place, id, change, version, made: JSON.parse(element.dataset.made), text: "",
             errors: -errors, f1: f1 === "" ? 2 : +f1, length: -words, difference: +difference };
  });

  function fits(one, wanted) {
    one.text ||= plain(one.element.textContent);
    return (!chosen.docs || chosen.docs.has(one.element.id)) && ["change", "version"].every(key => !chosen[key] || chosen[key] === one[key])
      && (!(chosen.kind || chosen.label) || one.made.some(([kind, label]) =>
        (!chosen.kind || kind === chosen.kind) && (!chosen.label || label === chosen.label)))
      && (!wanted || one.text.includes(wanted));
  }

  function filter() {
    const wanted = plain(search.value.trim());
    let number = 0;
    for (const one of all) {
      one.element.hidden = !fits(one, wanted);
      number += !one.element.hidden;
    }
    count.textContent = `${number} of ${all.length} shown`;
  }

  function sort() {
    const key = chosen.sort;
    const before = (a, b) => key === "id" ? a.id.localeCompare(b.id, "en", { numeric: true }) : key ? a[key] - b[key] : 0;
    list.append(...[...all].sort((a, b) => before(a, b) || a.place - b.place).map(one => one.element));
  }

  function move(step) {
    const shown = [...list.children].filter(element => !element.hidden);
    const at = shown.indexOf(document.activeElement.closest(".doc"));
    const next = shown[at < 0 ? 0 : Math.min(Math.max(at + step, 0), shown.length - 1)];
    if (next) show(next);
  }

  function show(element) {
    const details = element.querySelector("details"), summary = details.querySelector("summary");
    element.hidden = false;
    details.open = true;
    summary.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  }

  tools.addEventListener("click", event => {
    const button = event.target.closest("button"), group = button?.closest("[data-group]");
    if (button?.dataset.all) {
      for (const one of all) one.element.querySelector("details").open = button.dataset.all === "open";
    } else if (button?.id === "ask") {
      help.showModal();
    } else if (group) {
      chosen[group.dataset.group] = button.dataset.value;
      for (const other of group.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      if (group.dataset.group === "sort") sort(); else filter();
    }
  });
  search.addEventListener("input", filter);

  // The documents of a slice: a button in its row, and one that shows all documents again.
  const every = document.createElement("button");
  every.type = "button";
  every.hidden = true;
  every.addEventListener("click", () => { chosen.docs = null; every.hidden = true; filter(); });
  count.after(" ", every);
  for (const cell of document.querySelectorAll("td[data-docs]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    button.setAttribute("aria-label", `Show the ${cell.textContent} documents of ${cell.dataset.slice}`);
    button.addEventListener("click", () => {
      chosen.docs = new Set(cell.dataset.docs.split(" ").map(place => `d${place}`));
      every.textContent = `only ${cell.dataset.slice} ✕`;
      every.setAttribute("aria-label", `Show all documents, not only ${cell.dataset.slice}`);
      every.hidden = false;
      filter();
      document.getElementById("documents").scrollIntoView();
      every.focus({ preventScroll: true });
    });
    cell.replaceChildren(button);
  }
  help.querySelector("button").addEventListener("click", () => help.close());

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target === search) {
      if (event.key === "Escape") search.blur();
      return;
    }
    const act = { j: () => move(1), k: () => move(-1), "/": () => search.focus(), "?": () => help.showModal() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const follow = () => {
    const target = all.find(one => `#${one.element.id}` === location.hash);
    if (target) show(target.element);
  };
  addEventListener("hashchange", follow);

  let opened = []; // for print, closed again afterwards
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });

  tools.hidden = false;
  filter();
  follow();
})();
