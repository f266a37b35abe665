"use strict";
(() => {
  const main = document.getElementById("texts"), tools = document.getElementById("tools");
  const search = document.getElementById("search"), type = document.getElementById("type"), country = document.getElementById("country"), least = document.getElementById("least"), count = tools.querySelector("output");
  const plain = words => words.toLowerCase().replace(/\s+/g, " ").trim();
  const entries = new Map([...document.querySelectorAll("nav.texts li")].map(entry => [entry.dataset.for, entry]));
  const all = [...main.querySelectorAll("article")].map(element => ({
    element,
    types: element.dataset.types.split(" ").filter(Boolean),
    countries: (element.dataset.countries || "").split("|").filter(Boolean),
    relevance: element.dataset.relevance,
  }));

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
      const there = !country.value || one.countries.includes(country.value);
      // A text whose relevance is not known is not hidden.
      const relevant = one.relevance === undefined || Number(one.relevance) >= Number(least.value);
      const fits = typed && there && relevant && (!wanted || words(one).includes(wanted));
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
  const countries = [...new Set(all.flatMap(one => one.countries))].sort();
  for (const name of countries) country.append(new Option(name));
  country.parentElement.hidden = !countries.length;
  least.parentElement.hidden = all.every(one => one.relevance === undefined);
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
  for (const choice of [type, country]) choice.addEventListener("change", filter);
  least.addEventListener("input", filter);
  // A link to a text that a filter hides shows it.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const article = target && target.closest("article");
    if (article && article.hidden) { search.value = type.value = country.value = ""; least.value = 0; filter(); target.scrollIntoView(); }
  });
  filter();
})();
