// Drag and drop for the outline, beside the buttons: it presses one of them.
const form = document.querySelector("form[data-drag]")
let dragged = null

const clear = () => form.querySelectorAll(".b-item--over").forEach((item) => item.classList.remove("b-item--over"))

for (const item of form?.querySelectorAll(".b-item") ?? []) {
  item.draggable = true
  item.addEventListener("dragstart", (event) => {
    event.stopPropagation()
    dragged = item
    event.dataTransfer.effectAllowed = "move"
    event.dataTransfer.setData("text/plain", item.dataset.name)
  })
  item.addEventListener("dragover", (event) => {
    if (!dragged || dragged === item || dragged.contains(item)) return
    event.preventDefault()
    event.stopPropagation()
    clear()
    item.classList.add("b-item--over")
  })
  item.addEventListener("drop", (event) => {
    if (!dragged || dragged === item || dragged.contains(item)) return
    event.preventDefault()
    event.stopPropagation()
    const list = item.parentElement
    const others = [...list.children].filter((other) => other !== dragged)
    const button = document.createElement("button")
    button.name = "tun"
    button.value = `ziehen:${dragged.dataset.name}:${list.dataset.home}:${others.indexOf(item)}`
    button.hidden = true
    form.append(button)
    form.requestSubmit(button)
  })
  item.addEventListener("dragend", () => {
    dragged = null
    clear()
  })
}
