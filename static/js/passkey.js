// Passkeys (WebAuthn Level 2): forms with data-passkey="create" or "get" ask the browser for a key when they are sent,
// and send its answer in their hidden field "credential". The options stand in data-options, or at data-options-url.
// Without this script the forms say what to do instead (data-passkey-off).

const toBytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0))
const toText = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
const withBytes = keys => (keys || []).map(key => ({ ...key, id: toBytes(key.id) }))

function creation({ publicKey }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: withBytes(publicKey.excludeCredentials),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    },
  }
}

function request({ publicKey }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: withBytes(publicKey.allowCredentials),
    },
  }
}

function answer(credential) {
  const response = {}
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name])
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  }
}

async function options(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options)
  const response = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } })
  if (!response.ok) throw new Error(`status ${response.status}`)
  return (await response.json()).request_options
}

const sentences = {
  InvalidStateError: "Dieses Gerät hat schon einen Passkey für Ihr Konto.",
  SecurityError: "Passkeys gehen nur unter dem Namen des Portals, nicht unter einer Nummer.",
}

async function ask(form) {
  const trouble = form.querySelector("[data-passkey-trouble]")
  trouble.hidden = true
  try {
    const found = await options(form)
    const credential = form.dataset.passkey === "create"
      ? await navigator.credentials.create(creation(found))
      : await navigator.credentials.get(request(found))
    form.elements.credential.value = JSON.stringify(answer(credential))
    form.submit()
  } catch (error) {
    trouble.textContent = sentences[error.name] || "Das hat nicht geklappt. Versuchen Sie es noch einmal."
    trouble.hidden = false
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    // Nobody leaves a key behind on a public terminal; signing in with one's own telephone is fine there.
    if (form.dataset.passkey === "create" && document.body.classList.contains("p-kiosk")) continue
    form.querySelector("[data-passkey-off]")?.remove()
    form.querySelector("[data-passkey-on]").hidden = false
    form.addEventListener("submit", event => {
      event.preventDefault()
      ask(form)
    })
  }
}
