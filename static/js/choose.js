// A long list gets a field before it that narrows it by typing. Without this script the list works alone, only longer.
const WAIT = 150;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ß", "ss").toLowerCase().trim();

function enhance(select) {
  const { choose, chooseHint, chooseFound, chooseOne } = select.dataset;
  delete select.dataset.choose;
  const entries = [...select.options].map((option) => ({ option, text: plain(option.text) }));
  const field = document.createElement("div");
  const label = document.createElement("label");
  const hint = document.createElement("p");
  const input = document.createElement("input");
  const status = document.createElement("p");
  field.className = "s-choose";
  label.className = "kern-label";
  label.htmlFor = input.id = `${select.id}_suche`;
  label.textContent = choose;
  hint.className = "kern-hint";
  hint.id = `${input.id}_hinweis`;
  hint.textContent = chooseHint;
  input.className = "kern-form-input__input";
  input.type = "search";
  input.autocomplete = "off";
  input.setAttribute("aria-describedby", hint.id);
  input.setAttribute("aria-controls", select.id);
  status.className = "kern-hint";
  status.setAttribute("role", "status");
  field.append(label, hint, input, status);
  (select.closest(".kern-form-input__select-wrapper") ?? select).before(field);

  let timer = 0;
  const narrow = () => {
    const words = plain(input.value).split(/\s+/);
    const found = entries.filter(({ text }) => words.every((word) => text.includes(word)));
    // What is chosen stays in the list, so that typing never changes an answer.
    const kept = entries.filter((entry) => !entry.option.value || entry.option.selected || found.includes(entry));
    const chosen = select.value;
    select.replaceChildren(...kept.map(({ option }) => option));
    select.value = chosen;
    const count = found.filter(({ option }) => option.value).length;
    status.textContent = !input.value.trim() ? "" : count === 1 ? chooseOne : chooseFound.replace("{shown}", count);
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(narrow, WAIT);
  });
  input.addEventListener("change", (event) => event.stopPropagation()); // nobody has answered yet
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(timer);
    narrow();
    select.focus();
  });
}

const look = () => document.querySelectorAll("select[data-choose]").forEach(enhance);
look();
new MutationObserver(look).observe(document.querySelector("form #fragen") ?? document.body, { childList: true, subtree: true });
