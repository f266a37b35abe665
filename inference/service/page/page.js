// The page of the service: ask for the prediction on an article, and show it; correct.js corrects it.
// All words of an article become text nodes, never markup. Offsets count characters (code points), as in documents.
"use strict";

const $ = (id) => document.getElementById(id);
const state = { schema: null, review: null, document: null, points: [], hidden: new Set(), chosen: null, pending: null, past: [] };

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function say(message, bad = false) {
  $("status").textContent = message;
  $("status").classList.toggle("bad", bad);
}

// Asking the service

async function call(path, body) {
  const headers = { "Content-Type": "application/json" };
  if ($("key").value) headers.Authorization = `Bearer ${$("key").value}`;
  const answer = await fetch(path, body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) });
  const content = await answer.json();
  if (answer.ok) return content;
  if (answer.status === 401) { $("key-line").hidden = false; $("key").focus(); }
  throw new Error(content.error ? content.error.message : `the service answered ${answer.status}`);
}

async function ask(event) {
  event.preventDefault();
  if (!$("text").value.trim()) return say("Paste an article first.", true);
  if (state.past.length && !window.confirm("Your corrections are not kept. Go on?")) return undefined;
  const button = $("ask").querySelector("button");
  button.disabled = true;
  say("Reading …");
  try {
    const body = { text: $("text").value };
    if ($("date").value) body.date = $("date").value;
    const review = await call("review", body);
    start(await call("schema"), review);
  } catch (error) {
    say(`No result: ${error.message}`, true);
  } finally {
    button.disabled = false;
  }
  return undefined;
}

function start(schema, review) {
  const scores = new Map(review.prediction.spans.map((span) => [span.id, span.score]));
  Object.assign(state, { schema, review, scores, document: structuredClone(review.document), chosen: null, pending: null, past: [] });
  state.points = Array.from(review.document.text);
  state.hidden.clear();
  $("result").hidden = false;
  $("model").textContent = `Read by ${review.prediction.model}.`;
  fillFilter();
  fillSelect($("label"), Object.keys(schema.labels));
  fillTypes();
  show();
  say(`${count(state.document.events.length, schema.event)}, ${count(state.document.spans.length, "mark")}.`);
  $("result").focus();
}

const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

// Reading the corrected document

const byId = (id) => state.document.spans.find((span) => span.id === id);
const roleOf = (label) => state.schema.labels[label].role;
const wordsOf = (span) => state.points.slice(span.start, span.end).join("");
const tagOf = (span) => span.label.toLowerCase() + (span.type ? `: ${span.type}` : "");
const roles = () => [...new Set(Object.values(state.schema.labels).map((label) => label.role))];
const holds = (event, id) => roles().some((role) => (event[role] || []).includes(id));
const idsOf = (event) => roles().flatMap((role) => event[role] || []);

// Showing

function show() {
  showArticle();
  showTable();
  showEditor();
  $("undo").disabled = !state.past.length;
}

function fillFilter() {
  const boxes = Object.entries(state.schema.labels).map(([name, label]) => {
    const box = element("input", { type: "checkbox", "data-label": name });
    box.checked = true;
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.setProperty("--c", label.color);
    const made = element("label", { title: label.definition }, box, swatch, name.toLowerCase(), element("span", { class: "dim" }));
    return made;
  });
  $("filter").replaceChildren($("filter").querySelector("legend"), ...boxes);
}

function showArticle() {
  const pieces = [];
  let at = 0;
  for (const span of [...state.document.spans].sort((a, b) => a.start - b.start)) {
    pieces.push(state.points.slice(at, span.start).join(""), markOf(span));
    at = span.end;
  }
  $("article").replaceChildren(...pieces, state.points.slice(at).join(""));
  for (const box of $("filter").querySelectorAll("input")) {
    const marks = state.document.spans.filter((span) => span.label === box.dataset.label);
    box.parentElement.lastChild.textContent = String(marks.length);
  }
}

function markOf(span) {
  const score = state.scores.get(span.id);
  const told = `${tagOf(span)}${score === undefined ? "" : `, ${score.toFixed(2)}`}`;
  const made = element("mark", { "data-id": span.id, "data-tag": tagOf(span), title: told }, wordsOf(span));
  made.style.setProperty("--c", state.schema.labels[span.label].color);
  if (state.hidden.has(span.label)) {
    made.classList.add("off");
  } else {
    const events = state.document.events.filter((event) => holds(event, span.id)).map((event) => event.id);
    const tied = events.length ? `, belongs to ${events.join(", ")}` : "";
    const attributes = { tabindex: "0", role: "button", "aria-label": `${wordsOf(span)}: ${told}${tied}` };
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.setAttribute("aria-pressed", String(state.chosen === span.id));
  }
  made.classList.toggle("chosen", state.chosen === span.id);
  return made;
}

function headings() {
  const found = Object.entries(state.schema.labels).map(([name, label]) => (name === state.schema.quantity ? "Toll" : label.heading));
  return [...new Set(found.filter(Boolean))];
}

function cellsOf(event) {
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const before = state.review.document.events.find((one) => one.id === event.id);
  const spansOf = (whole, one) => whole.spans.filter((span) => idsOf(one).includes(span.id));
  // The model's own cells, with numbers read, as long as nothing they rest on was corrected.
  if (before && same(before, event) && same(spansOf(state.review.document, before), spansOf(state.document, event))) return state.review.cells[event.id];
  const cells = {};
  for (const [name, label] of Object.entries(state.schema.labels)) {
    const spans = (event[label.role] || []).map(byId).filter((span) => span.label === name);
    const quantity = name === state.schema.quantity;
    const words = spans.map((span) => (quantity ? `${span.type}: ${wordsOf(span)}` : wordsOf(span)));
    const heading = quantity ? "Toll" : label.heading;
    if (heading) cells[heading] = [cells[heading], ...new Set(words)].filter(Boolean).join("; ");
  }
  return cells;
}

function showTable() {
  const events = state.document.events;
  const columns = headings();
  const head = ["Event", "Type", ...columns].map((name) => element("th", { scope: "col", role: "columnheader" }, name));
  $("events").tHead.replaceChildren(element("tr", { role: "row" }, ...head));
  const rows = events.map((event) => {
    const cells = cellsOf(event);
    const texts = [event.id, event.attack_type, ...columns.map((name) => cells[name] || "")];
    const names = ["Event", "Type", ...columns];
    const made = texts.map((text, number) => element("td", { role: "cell", "data-heading": names[number] }, ...(text ? [text] : [])));
    return element("tr", { "data-event": event.id, tabindex: "0", role: "row" }, ...made);
  });
  $("events").tBodies[0].replaceChildren(...rows);
  $("events").parentElement.hidden = !events.length;
  $("none").hidden = Boolean(events.length);
}

// Light: an event and its marks

function light(target, on) {
  const row = target.closest("tr[data-event]");
  const mark = target.closest("mark");
  if (!row && !mark) return;
  for (const event of state.document.events) {
    if (row ? event.id !== row.dataset.event : !holds(event, mark.dataset.id)) continue;
    const ids = new Set(row ? idsOf(event) : [mark.dataset.id]);
    for (const one of $("article").querySelectorAll("mark")) if (ids.has(one.dataset.id)) one.classList.toggle("lit", on);
    for (const one of $("events").querySelectorAll("tr[data-event]")) if (one.dataset.event === event.id) one.classList.toggle("lit", on);
  }
}

// Listening

$("ask").addEventListener("submit", ask);
$("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("ask").requestSubmit(); });
$("text").addEventListener("input", () => { $("count").textContent = count($("text").value.split(/\s+/u).filter(Boolean).length, "word"); });
$("filter").addEventListener("change", (event) => {
  state.hidden[event.target.checked ? "delete" : "add"](event.target.dataset.label);
  showArticle();
});
for (const place of [$("article"), $("events")]) {
  for (const kind of ["mouseover", "focusin"]) place.addEventListener(kind, (event) => light(event.target, true));
  for (const kind of ["mouseout", "focusout"]) place.addEventListener(kind, (event) => light(event.target, false));
}
$("events").addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-event]");
  const found = row && state.document.events.find((one) => one.id === row.dataset.event);
  if (found) [...$("article").querySelectorAll("mark")].find((mark) => mark.dataset.id === found.triggers[0]).scrollIntoView({ block: "nearest" });
});
