// Suggestions while typing, after the pattern "combobox with list" (WAI-ARIA APG). Without this file the form works alone.
const WAIT = 200;
const SHORTEST = 2;

function enhance(form) {
  const input = form.querySelector('input[type="search"]');
  const list = document.createElement("ul");
  const status = document.createElement("p");
  list.id = `${input.id}_vorschlaege`;
  list.className = "p-suggest";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Vorschläge");
  list.hidden = true;
  status.className = "kern-sr-only";
  status.setAttribute("role", "status");
  input.after(list, status);
  const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);

  let timer = 0;
  let request = null;
  let chosen = -1;

  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    chosen = index;
    options().forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options()[index].id);
  };
  const show = (rows) => {
    list.replaceChildren(
      ...rows.map((row, i) => {
        const option = document.createElement("li");
        option.id = `${list.id}_${i}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = row.title;
        option.dataset.url = row.url;
        return option;
      }),
    );
    list.hidden = rows.length === 0;
    chosen = -1;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    input.removeAttribute("aria-activedescendant");
    status.textContent = rows.length ? `${rows.length} Vorschläge` : "";
  };
  const ask = async (text) => {
    request?.abort();
    request = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?suche=${encodeURIComponent(text)}`, { signal: request.signal });
      if (answer.ok && input.value.trim() === text) show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") close(); // no network: the form still works
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const text = input.value.trim();
    if (text.length < SHORTEST) close();
    else timer = setTimeout(ask, WAIT, text);
  });
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (list.hidden || count === 0) return;
    if (event.key === "ArrowDown") choose((chosen + 1) % count);
    else if (event.key === "ArrowUp") choose(chosen <= 0 ? count - 1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) location.assign(options()[chosen].dataset.url);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the field
  list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    close();
  });
}

document.querySelectorAll("form[data-suggest]").forEach(enhance);
