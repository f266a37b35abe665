"use strict";
(() => {
  // A number at the start of a cell, as in '1,204', '+0.012' or '3 of 7'.
  function number(words) {
    const found = words.replace(/(\d),(?=\d{3})/g, "$1").match(/^[+-]?\d+(?:\.\d+)?/);
    return found ? parseFloat(found[0]) : null;
  }

  const words = cell => cell.textContent.replace(/\s+/g, " ").trim();
  const fixed = row => row.matches(".group, .total") || [...row.cells].some(cell => cell.colSpan > 1);
  const places = new Map();

  function compare(a, b) {
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return x - y;
    if (x !== null || y !== null) return x === null ? 1 : -1;
    return a.localeCompare(b, "en", { numeric: true });
  }

  // Sorts the rows of each group; heads of groups stay above, sums below.
  function sort(table, column, way) {
    for (const body of table.tBodies) {
      const rows = [...body.rows];
      rows.forEach((row, place) => { if (!places.has(row)) places.set(row, place); });
      const moved = rows.filter(row => !fixed(row));
      moved.sort((a, b) => {
        const cells = [a, b].map(row => words(row.cells[column]));
        return (way && way * compare(...cells)) || places.get(a) - places.get(b);
      });
      const heads = rows.filter(row => row.matches(".group")), ends = rows.filter(row => fixed(row) && !row.matches(".group"));
      body.append(...heads, ...moved, ...ends);
    }
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      if (!words(head)) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      const first = head.matches(".n") ? -1 : 1; // numbers: the largest first
      let way = 0;
      button.addEventListener("click", () => {
        way = head.hasAttribute("aria-sort") ? (way === first ? -first : 0) : first;
        heads.forEach(other => other.removeAttribute("aria-sort"));
        if (way) head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
        sort(table, column, way);
      });
    });
  }

  // As `inference/tables/cells.py`: what a spreadsheet takes for a formula gets a quote in front.
  function cell(value) {
    const safe = /^[+-]?\d+(?:\.\d+)?$/.test(value) ? value : value.replace(/(^|;\s*)(?=[=+\-@＝＋－＠])/g, "$1'");
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  }

  function csv(table) {
    const lines = [...table.rows].map(row => [...row.cells].flatMap(one =>
      [cell(words(one)), ...Array(one.colSpan - 1).fill("")]).join(","));
    return `\ufeff${lines.join("\r\n")}\r\n`;
  }

  function named(table) {
    const before = [...document.querySelectorAll("h1, h2, h3")].filter(head =>
      head.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING);
    return words(table.caption || before[before.length - 1]).slice(0, 60);
  }

  function downloadable(table) {
    const button = document.createElement("button"), name = named(table);
    button.type = "button";
    button.className = "csv";
    button.textContent = "CSV";
    button.setAttribute("aria-label", `Download the table '${name}' as CSV`);
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
      link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").toLowerCase() || "table"}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    (table.closest(".scroll") || table).after(button);
  }

  function enhance(table) {
    if (table.tHead && !table.matches(".confusion, .events")) sortable(table);
    downloadable(table);
  }

  document.querySelectorAll("table").forEach(table => { if (!table.closest(".doc")) enhance(table); });
  // The tables of a document, once it is opened: there may be thousands.
  document.addEventListener("toggle", event => {
    if (!event.target.open || event.target.dataset.enhanced || !event.target.closest(".doc")) return;
    event.target.dataset.enhanced = "yes";
    event.target.querySelectorAll("table").forEach(enhance);
  }, true);
})();
