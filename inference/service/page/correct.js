// The page of the service: correct the marks and events that page.js shows, and take them along.
"use strict";

// Choosing

function fillSelect(select, values, chosen) {
  select.replaceChildren(...values.map((value) => element("option", { value }, value)));
  if (chosen) select.value = chosen;
}

function fillTypes(chosen) {
  const types = state.schema.labels[$("label").value].types;
  fillSelect($("type"), types.length ? types : ["–"], chosen);
  $("type").disabled = !types.length;
}

function showEditor() {
  const span = state.chosen ? byId(state.chosen) : null;
  const words = span ? wordsOf(span) : state.pending ? wordsOf(state.pending) : "";
  $("edit-words").textContent = span ? `“${words}” (${tagOf(span)})` : words ? `“${words}” is not marked yet.` : "No mark is chosen.";
  $("words").value = words;
  if (span) {
    $("label").value = span.label;
    fillTypes(span.type);
  }
  $("change").disabled = $("remove").disabled = !span;
  const boxes = state.document.events.map((event) => {
    const box = element("input", { type: "checkbox", value: event.id });
    box.checked = Boolean(span && holds(event, span.id));
    return element("label", {}, box, `${event.id} ${event.attack_type}`);
  });
  $("ties").replaceChildren($("ties").querySelector("legend"), ...boxes);
  $("ties").hidden = !boxes.length;
}

function choose(id) {
  state.chosen = id;
  state.pending = null;
  showArticle();
  showEditor();
  focusMark(id);
}

function focusMark(id) {
  const found = [...$("article").querySelectorAll("mark")].find((mark) => mark.dataset.id === id);
  if (found && found.tabIndex === 0) found.focus();
  $("edit").scrollIntoView({ block: "nearest" }); // on a phone it stands below the article
}

// The whole words that a selection touches, without punctuation at its edges.
function snapped(start, end) {
  const words = state.review.words.filter(([from, to]) => to > start && from < end);
  const mark = ([from, to]) => /^[\p{P}\p{Cf}\p{Cc}]$/u.test(state.points.slice(from, to).join(""));
  while (words.length && mark(words[0])) words.shift();
  while (words.length && mark(words[words.length - 1])) words.pop();
  return words.length ? { start: words[0][0], end: words[words.length - 1][1] } : null;
}

const overlapping = (range) => state.document.spans.find((span) => span.start < range.end && range.start < span.end);

function selected() {
  const selection = document.getSelection();
  if (!state.review || selection.isCollapsed || !selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  if (!$("article").contains(range.commonAncestorContainer)) return;
  const before = document.createRange();
  before.selectNodeContents($("article"));
  before.setEnd(range.startContainer, range.startOffset);
  const start = Array.from(before.toString()).length;
  const found = snapped(start, start + Array.from(range.toString()).length);
  if (!found) return;
  state.chosen = null;
  state.pending = found;
  showEditor();
}

// The range to mark: the words selected, or the next place of the words written.
function wanted() {
  const written = $("words").value.trim();
  if (state.pending && wordsOf(state.pending) === written) return state.pending;
  if (!written) return null;
  let at = state.document.text.indexOf(written);
  while (at >= 0) {
    const start = Array.from(state.document.text.slice(0, at)).length;
    const range = snapped(start, start + Array.from(written).length);
    if (range && !overlapping(range)) return range;
    at = state.document.text.indexOf(written, at + 1);
  }
  return null;
}

function remember() {
  state.past.push(JSON.stringify(state.document));
}

const tiesWanted = () => [...$("ties").querySelectorAll("input:checked")].map((box) => box.value);
const typeWanted = () => ($("type").disabled ? null : $("type").value);
const nextId = (letter, taken) => letter + (1 + Math.max(0, ...taken.map((one) => Number(one.id.slice(1)) || 0)));

function add() {
  const range = wanted();
  const there = range && overlapping(range);
  if (!range) return say("These words are not in the article, or are all marked already.", true);
  if (there) return say(`“${wordsOf(there)}” is marked there already; change or remove that mark.`, true);
  remember();
  const span = { id: nextId("S", state.document.spans), ...range, label: $("label").value, type: typeWanted() };
  state.document.spans.push(span);
  tie(span, tiesWanted());
  return done(span.id, `“${wordsOf(span)}” is marked`);
}

function change() {
  const span = byId(state.chosen);
  const ties = tiesWanted();
  remember();
  const retyped = span.type !== typeWanted();
  Object.assign(span, { label: $("label").value, type: typeWanted() });
  tie(span, ties);
  if (span.label === state.schema.trigger && retyped) for (const event of state.document.events) if (event.triggers.includes(span.id)) event.attack_type = span.type;
  done(span.id, `“${wordsOf(span)}” is changed`);
}

function remove() {
  const span = byId(state.chosen);
  remember();
  tie(span, []);
  state.document.spans = state.document.spans.filter((one) => one !== span);
  done(null, `“${wordsOf(span)}” is not marked any more`);
}

function undo() {
  state.document = JSON.parse(state.past.pop());
  if (!byId(state.chosen)) state.chosen = null;
  show();
  say("The last correction is undone.");
}

function tie(span, events) {
  for (const event of state.document.events) {
    for (const role of roles()) if (event[role]) event[role] = event[role].filter((id) => id !== span.id);
    if (events.includes(event.id)) (event[roleOf(span.label)] ||= []).push(span.id);
  }
}

// Documents need a trigger for each event, an event for each trigger, and one type for both.
function repaired() {
  const { trigger } = state.schema;
  const gone = state.document.events.filter((event) => !event.triggers.length);
  state.document.events = state.document.events.filter((event) => event.triggers.length);
  for (const span of state.document.spans.filter((one) => one.label === trigger)) {
    const own = state.document.events.filter((event) => event.triggers.includes(span.id));
    if (!own.length) {
      const empty = Object.fromEntries(roles().map((role) => [role, []]));
      state.document.events.push({ id: nextId("E", [...state.document.events, ...gone]), attack_type: span.type, ...empty, triggers: [span.id], flags: {} });
    } else if (!own.some((event) => event.attack_type === span.type)) {
      span.type = own[0].attack_type;
    }
  }
  return gone.map((event) => event.id);
}

function done(id, message) {
  const gone = repaired();
  state.chosen = id;
  state.pending = null;
  show();
  if (id) focusMark(id); else $("words").focus();
  say(`${message}.${gone.length ? ` ${gone.join(", ")} had no other trigger, and is removed.` : ""}`);
}

// Taking along

function download() {
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(state.document)}\n`], { type: "application/jsonl" }));
  const link = element("a", { href: address, download: `${state.document.id}.jsonl` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  say("The corrected document is downloaded.");
}

async function copy(text, what) {
  const box = $("copied");
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} is copied.`);
  } catch { // no clipboard without HTTPS, or not allowed
    box.value = text;
    box.hidden = box.previousElementSibling.hidden = false;
    box.focus();
    box.select();
    say(`${what} stands below; press Ctrl+C to copy it.`);
  }
}

// Listening

$("article").addEventListener("click", (event) => {
  const mark = event.target.closest("mark:not(.off)");
  if (mark && document.getSelection().isCollapsed) choose(mark.dataset.id);
});
$("article").addEventListener("keydown", (event) => {
  const mark = event.target.closest("mark:not(.off)");
  if (!mark || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  choose(mark.dataset.id);
  $("label").focus();
});
document.addEventListener("selectionchange", selected);
$("label").addEventListener("change", () => fillTypes());
$("edit").addEventListener("submit", (event) => { event.preventDefault(); add(); });
for (const [id, act] of Object.entries({ add, change, remove, undo, download })) $(id).addEventListener("click", act);
$("copy-json").addEventListener("click", () => copy(JSON.stringify(state.review.prediction, null, 1), "The prediction"));
$("copy-csv").addEventListener("click", () => copy(state.review.csv, "The table"));
