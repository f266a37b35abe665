"use strict";
(() => {
  const main = document.getElementById("texts"), tools = document.getElementById("tools");
  const search = document.getElementById("search"), type = document.getElementById("type"), count = tools.querySelector("output");
  const plain = words => words.toLowerCase().replace(/\s+/g, " ").trim();
  const entries = new Map([...document.querySelectorAll("nav.texts li")].map(entry => [entry.dataset.for, entry]));
  const all = [...main.querySelectorAll("article")].map(element => ({ element, types: element.dataset.types.split(" ").filter(Boolean) }));

  // The words of a text and its name, without the small print of labels.
  function words(one) {
    if (one.words === undefined) {
      const copy = one.element.cloneNode(true);
      copy.querySelectorAll("small, thead").forEach(small => small.remove());
      one.words = plain(copy.textContent);
    }
    return one.words;
  }

  function filter() {
    const wanted = plain(search.value);
    let number = 0;
    for (const one of all) {
      const typed = !type.value || (type.value === "-" ? !one.types.length : one.types.includes(type.value));
      const fits = typed && (!wanted || words(one).includes(wanted));
      one.element.hidden = !fits;
      const entry = entries.get(one.element.id);
      if (entry) entry.hidden = !fits;
      number += fits;
    }
    count.textContent = `${number} of ${all.length} texts`;
  }

  function light(target) {
    main.querySelectorAll(".on").forEach(element => element.classList.remove("on"));
    const from = target && target.closest && target.closest("[data-e]");
    if (!from) return;
    const events = from.dataset.e.split(" ");
    for (const element of from.closest("article").querySelectorAll("[data-e]"))
      if (element.dataset.e.split(" ").some(event => events.includes(event)) && element.tagName !== from.tagName)
        element.classList.add("on");
  }

  tools.hidden = false;
  tools.querySelector(".many").hidden = all.length < 2;
  main.addEventListener("mouseover", event => light(event.target));
  main.addEventListener("mouseleave", () => light(null));
  main.addEventListener("focusin", event => light(event.target));
  main.addEventListener("focusout", () => light(null));
  for (const button of tools.querySelectorAll("[data-label]"))
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", shown);
      main.classList.toggle(`no-${button.dataset.label}`, !shown);
    });
  search.addEventListener("input", filter);
  type.addEventListener("change", filter);
  // A link to a text that a filter hides shows it.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const article = target && target.closest("article");
    if (article && article.hidden) { search.value = ""; type.value = ""; filter(); target.scrollIntoView(); }
  });
  filter();
})();
