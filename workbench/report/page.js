"use strict";
// Tables are whole without this: it lets headings sort them, and opens what is closed before a page is printed.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    const numeric = head.classList.contains("number");
    const compare = (one, other) => (numeric ? Number(one) - Number(other) : one < other ? -1 : one > other ? 1 : 0);
    button.addEventListener("click", () => {
      // Numbers begin with the largest, words with the first; what is undefined comes last either way.
      const first = numeric ? "descending" : "ascending";
      const second = numeric ? "ascending" : "descending";
      const order = head.getAttribute("aria-sort") === first ? second : first;
      const sign = order === "ascending" ? 1 : -1;
      const keyed = [...body.rows].map((row) => [row.cells[column].dataset.order, row]);
      keyed.sort(([one], [other]) => (one === "" || other === "" ? (one === "") - (other === "") : sign * compare(one, other)));
      body.append(...keyed.map(([, row]) => row));
      heads.forEach((each) => each.setAttribute("aria-sort", each === head ? order : "none"));
    });
  });
}
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  opened.forEach((item) => { item.open = true; });
});
addEventListener("afterprint", () => opened.forEach((item) => { item.open = false; }));
