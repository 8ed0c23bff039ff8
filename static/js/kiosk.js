// The clock of a public terminal: announces the end, takes more time, ends and wipes. The server ends the session anyway.
const { idle, warn, stay } = document.body.dataset
const dialog = document.getElementById("kiosk-ansage")
const rest = document.getElementById("kiosk-rest")
const aloud = document.getElementById("kiosk-laut")
const form = document.getElementById("kiosk-ende")
const print = document.getElementById("kiosk-drucken")
const ALOUD = [60, 30, 20, 10] // seconds at which a screen reader hears the rest; each second would be noise
let last = Date.now()
let told = Date.now() // when the server last heard of us

const tell = () => {
  told = Date.now()
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value })
  fetch(stay, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => {})
}

const active = () => {
  if (dialog.open) return // only the button takes more time: a passer-by's touch shall not
  last = Date.now()
  if (last - told > 30_000) tell()
}

const tick = () => {
  const left = Math.ceil(Number(idle) - (Date.now() - last) / 1000)
  if (left <= 0) {
    form.requestSubmit()
    return
  }
  if (left <= Number(warn)) {
    if (!dialog.open) dialog.showModal()
    rest.textContent = left
    if (ALOUD.includes(left)) aloud.textContent = `Noch ${left} Sekunden`
  }
  setTimeout(tick, 1000)
}

document.getElementById("kiosk-weiter").addEventListener("click", () => dialog.close())
dialog.addEventListener("close", () => { // also by the escape key
  last = Date.now()
  tell()
})
for (const kind of ["pointerdown", "keydown", "scroll", "input"]) addEventListener(kind, active, { passive: true })
for (const each of document.forms) each.autocomplete = "off"
addEventListener("pageshow", event => { if (event.persisted) location.reload() }) // no page of the person before
print.hidden = false
print.addEventListener("click", () => window.print())
tick()
