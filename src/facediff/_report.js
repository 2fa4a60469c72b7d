"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const data = (id) => JSON.parse(one(`#${id}`).textContent);

  // --- light and dark ---------------------------------------------------------------------------
  const themes = ["system", "light", "dark"];
  one("#theme").addEventListener("click", (event) => {
    const root = document.documentElement;
    const next = themes[(themes.indexOf(root.dataset.theme || "system") + 1) % themes.length];
    if (next === "system") delete root.dataset.theme; else root.dataset.theme = next;
    one("span", event.currentTarget).textContent = next;
  });

  // --- two pictures on top of each other ----------------------------------------------------------
  function startViewer(viewer) {
    const stage = one("#stage", viewer), amount = one("#amount", viewer), flip = one("#flip", viewer);
    const choice = (name) => one(`input[name="${name}"]:checked`, viewer);
    const named = (name) => choice(name).nextElementSibling.firstChild.textContent.trim();

    function show() {
      const mode = choice("mode").value, base = choice("base").value, top = choice("top").value;
      stage.dataset.mode = mode;
      stage.style.setProperty("--at", `${amount.value}%`);
      for (const layer of all(".layer", stage)) {
        const key = layer.dataset.layer;
        layer.classList.toggle("base", key === base);
        layer.classList.toggle("top", key === top && top !== base);
        layer.setAttribute("aria-hidden", String(key !== base && key !== top));
      }
      for (const overlay of all(".boxes", stage)) overlay.classList.toggle("off", !one("#with-boxes", viewer).checked);
      const toggled = mode === "toggle";
      const flipped = toggled && "flipped" in stage.dataset;
      one(".tag.left", stage).textContent = flipped ? "" : named("base");
      one(".tag.right", stage).textContent = toggled && !flipped ? "" : named("top");
      amount.parentElement.hidden = toggled;
      flip.hidden = !toggled;
      amount.setAttribute("aria-valuetext", `${amount.value} % ${mode === "blend" ? "of" : "up to"} ${named(mode === "blend" ? "top" : "base")}`);
      one("#shown", viewer).textContent = toggled ? named(flipped ? "top" : "base") : "";
    }
    function turn() {
      stage.toggleAttribute("data-flipped");
      show();
    }
    function move(value) {
      amount.value = value;
      show();
    }
    function follow(event) {
      const place = stage.getBoundingClientRect();
      move((100 * (event.clientX - place.left)) / place.width);
    }
    function pick(name, value) {
      const input = one(`input[name="${name}"][value="${value}"]`, viewer);
      if (input) { input.checked = true; show(); }
    }

    viewer.addEventListener("input", show);
    flip.addEventListener("click", turn);
    stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      if (stage.dataset.mode === "toggle") { turn(); return; }
      stage.setPointerCapture(event.pointerId);
      follow(event);
    });
    stage.addEventListener("pointermove", (event) => { if (stage.hasPointerCapture(event.pointerId)) follow(event); });
    // Only with the viewer in focus: a letter typed elsewhere must not change what is shown.
    viewer.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const letter = event.key.toLowerCase(), onStage = event.target === stage;
      const layers = all(".layer", stage), step = event.shiftKey ? 1 : 5;
      if (onStage && event.key === "ArrowLeft") move(Number(amount.value) - step);
      else if (onStage && event.key === "ArrowRight") move(Number(amount.value) + step);
      else if (onStage && event.key === "Home") move(0);
      else if (onStage && event.key === "End") move(100);
      else if (onStage && event.key === " ") { if (stage.dataset.mode !== "toggle") pick("mode", "toggle"); turn(); }
      else if (letter in { s: 0, b: 0, t: 0 }) pick("mode", { s: "slide", b: "blend", t: "toggle" }[letter]);
      else if (letter === "x") { const box = one("#with-boxes", viewer); box.checked = !box.checked; show(); }
      else if (layers[Number(letter) - 1]) pick("top", layers[Number(letter) - 1].dataset.layer);
      else return;
      event.preventDefault();
    });
    show();
  }

  // --- the table of regions -------------------------------------------------------------------------
  function startRegions(table) {
    function mark(number, kept) {
      for (const box of all(".boxes g")) box.classList.toggle("picked", box.dataset.box === number);
      for (const row of all("tr[data-row]", table)) {
        const chosen = row.dataset.row === number;
        row.classList.toggle("picked", chosen);
        if (kept) one(".pick", row).setAttribute("aria-pressed", String(chosen));
      }
    }
    const held = () => { const on = one('.pick[aria-pressed="true"]', table); return on ? on.closest("tr").dataset.row : null; };
    for (const row of all("tr[data-row]", table)) {
      row.addEventListener("pointerenter", () => mark(row.dataset.row, false));
      row.addEventListener("pointerleave", () => mark(held(), false));
      one(".pick", row).addEventListener("click", () => mark(held() === row.dataset.row ? null : row.dataset.row, true));
    }
  }

  // --- the timeline of a clip -------------------------------------------------------------------------
  function startTimeline(chart) {
    const samples = data("samples"), range = one("#frame"), cursor = one("#cursor");
    const left = Number(chart.dataset.left), right = Number(chart.dataset.right);
    const first = samples.time[0], length = samples.time[samples.time.length - 1] - first || 1;
    const across = (time) => left + ((right - left) * (time - first)) / length;

    function show() {
      const at = Number(range.value), x = across(samples.time[at]);
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
      const parts = [`Frame ${samples.frame[at]}, ${samples.time[at].toFixed(2)} s`];
      if (samples.ssim[at] !== null) parts.push(`SSIM ${samples.ssim[at].toFixed(4)}`);
      if (samples.margin[at] !== null) parts.push(`evidence ${samples.margin[at].toPrecision(3)} times the gate`);
      if (samples.manipulated[at]) parts.push("manipulated");
      one("#reading").textContent = parts.join(", ");
      range.setAttribute("aria-valuetext", parts.join(", "));
    }
    function follow(event) {
      const place = chart.getBoundingClientRect();
      const x = ((event.clientX - place.left) / place.width) * chart.viewBox.baseVal.width;
      const time = first + (length * (x - left)) / (right - left);
      let low = 0, high = samples.time.length - 1;
      while (low < high) { const middle = (low + high) >> 1; if (samples.time[middle] < time) low = middle + 1; else high = middle; }
      if (low > 0 && time - samples.time[low - 1] < samples.time[low] - time) low -= 1;
      range.value = low;
      show();
    }
    range.addEventListener("input", show);
    chart.addEventListener("pointermove", follow);
    chart.addEventListener("pointerdown", follow);
    show();
  }

  // --- the frames of a clip that differ most --------------------------------------------------------
  function startCards(cards) {
    for (const card of cards) {
      card.addEventListener("click", () => {
        for (const other of cards) other.setAttribute("aria-pressed", String(other === card));
        for (const side of ["real", "fake"]) {
          const small = one(`[data-side="${side}"]`, card), layer = one(`.layer[data-layer="${side}"]`);
          layer.src = small.src;
          layer.alt = small.alt;
        }
        all("#stage .boxes").forEach((overlay, place) => overlay.toggleAttribute("hidden", String(place) !== card.dataset.card));
      });
    }
  }

  // --- the table of a run ---------------------------------------------------------------------------
  function startRun(table) {
    const run = data("run"), body = one("tbody", table), perPage = 50;
    let order = run.rows.map((_, place) => place), column = null, falling = false, page = 0;
    const chosen = () => {
      const words = one("#find").value.toLowerCase().split(/\s+/).filter(Boolean);
      const picks = all("select[data-column]").filter((select) => select.value !== "");
      return order.filter((place) => {
        const row = run.rows[place];
        const text = [...run.searched.map((index) => row[index] ?? ""), run.errors[place] ?? ""].join(" ").toLowerCase();
        return words.every((word) => text.includes(word)) && picks.every((select) => String(row[select.dataset.column] ?? "") === select.value);
      });
    };
    function cell(value, kind) {
      const made = document.createElement("td");
      made.className = kind;
      if (kind === "n") made.textContent = value === null ? "\u2013" : typeof value === "number" && !Number.isInteger(value) ? value.toPrecision(4) : String(value);
      else if (kind === "verdict") { made.textContent = value ?? "\u2013"; made.classList.add(`verdict-${value}`); }
      else { const isolated = document.createElement("bdi"); isolated.textContent = value ?? ""; made.append(isolated); }
      return made;
    }
    function line(place) {
      const row = document.createElement("tr"), thumbs = document.createElement("td");
      thumbs.className = "thumbs";
      for (const side of ["real", "fake"]) {
        const uri = (run.thumbnails[place] || {})[side];
        if (!uri) continue;
        const image = document.createElement("img");
        image.src = uri;
        image.alt = `First picture of the ${side} of ${run.rows[place][0]}`;
        thumbs.append(image);
      }
      const error = run.errors[place], cells = run.rows[place].map((value, index) => cell(value, run.kinds[index]));
      if (error === null) {
        row.append(thumbs, ...cells);
      } else { // which has no numbers: what went wrong stands in their place
        const said = document.createElement("td");
        said.className = "error";
        said.colSpan = run.kinds.filter((kind) => kind === "n").length;
        said.textContent = error;
        row.append(thumbs, ...cells.filter((_, index) => run.kinds[index] !== "n"), said);
      }
      return row;
    }
    function show() {
      const kept = chosen(), pages = Math.max(Math.ceil(kept.length / perPage), 1);
      page = Math.min(Math.max(page, 0), pages - 1);
      body.replaceChildren(...kept.slice(page * perPage, (page + 1) * perPage).map(line));
      one("#previous").disabled = page === 0;
      one("#next").disabled = page === pages - 1;
      one("#where").textContent = kept.length ? `Page ${page + 1} of ${pages}, ${kept.length} of ${run.rows.length} pairs` : "No pair fits";
    }
    const less = (a, b) => (a === b ? 0 : typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
    function sort(index) {
      falling = column === index ? !falling : run.kinds[index] === "n";
      column = index;
      const known = (place) => (run.rows[place][index] === "\u221e" ? Infinity : run.rows[place][index]); // JSON has none
      order = run.rows.map((_, place) => place).sort((a, b) => {
        const first = known(a), second = known(b);
        if (first === null || second === null) return (first === null) - (second === null) || a - b; // empty ones last
        return (falling ? -less(first, second) : less(first, second)) || a - b;
      });
      all("th[data-column]", table).forEach((head) => {
        if (Number(head.dataset.column) === index) head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      page = 0;
      show();
    }
    for (const head of all("th[data-column]", table)) one("button", head).addEventListener("click", () => sort(Number(head.dataset.column)));
    const narrow = () => { page = 0; show(); };
    one("#find").addEventListener("input", narrow);
    for (const select of all("select[data-column]")) select.addEventListener("change", narrow);
    one("#previous").addEventListener("click", () => { page -= 1; show(); });
    one("#next").addEventListener("click", () => { page += 1; show(); });
    show();
  }

  for (const viewer of all(".viewer")) startViewer(viewer);
  for (const table of all("table.regions")) startRegions(table);
  for (const chart of all("#timeline")) startTimeline(chart);
  startCards(all(".card"));
  for (const table of all("table.run")) startRun(table);
})();
