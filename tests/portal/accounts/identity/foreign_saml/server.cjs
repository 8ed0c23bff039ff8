// The npm package samlp as an identity provider: one page to choose a person, a session that outlives ours.
// node server.cjs PORT KEY.pem CERTIFICATE.pem PORTAL.pem [encrypt]; PORTAL.pem is the portal's certificate.
const { createServer } = require('node:http')
const { readFileSync } = require('node:fs')
const { X509Certificate } = require('node:crypto')
const samlp = require('samlp')

const [port, keyFile, certificateFile, portalFile, encrypt] = process.argv.slice(2)
const origin = `http://127.0.0.1:${port}`
const portal = readFileSync(portalFile)
const issuer = `${origin}/metadata`
const base = {
  issuer,
  key: readFileSync(keyFile),
  cert: readFileSync(certificateFile),
  signingCert: portal,
  deflate: true,
  signResponse: true,
  lifetimeInSeconds: 300,
  getPostURL: (audience, dom, request, done) => done(null, dom.documentElement.getAttribute('AssertionConsumerServiceURL')),
  ...(encrypt ? {
    encryptionCert: portal,
    encryptionPublicKey: new X509Certificate(portal).publicKey.export({ type: 'spki', format: 'pem' })
  } : {})
}
const profileMapper = person => ({
  getClaims: () => ({
    'urn:oid:1.3.6.1.4.1.25484.494450.3': `samlp-${person}`,
    'urn:oid:2.5.4.42': 'Olga',
    'urn:oid:2.5.4.4': 'Ohm'
  }),
  getNameIdentifier: () => ({ nameIdentifier: `_${Math.random()}` })
})
const safe = text => String(text).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

function choose (request, response) {
  const kept = { ...request.query, ...request.body }
  const hidden = Object.entries(kept).map(([name, value]) => `<input type="hidden" name="${safe(name)}" value="${safe(value)}">`)
  // A form sent by GET would drop the query, so a question in the address stays in the address.
  const action = request.query.SAMLRequest ? safe(request.url) : '/sso'
  response.send(`<!doctype html><html lang="de"><title>Fremder Anbieter</title><h1>Fremder Anbieter</h1>
<form method="post" action="${action}">${request.query.SAMLRequest ? '' : hidden.join('')}
<label>Person <input name="person"></label>
<label>Stufe <select name="level"><option>1</option><option>3</option><option selected>4</option></select></label>
<button>Anmelden</button></form></html>`)
}

function signOn (request, response, next) {
  samlp.parseRequest(request, base, (error, asked) => {
    if (error || !asked) return next(error || new Error('no request'))
    const known = /idp=([\w.-]+)/.exec(request.headers.cookie || '')
    const typed = request.body.person
    if (!typed && (!known || asked.forceAuthn === 'true')) return choose(request, response)
    const [person, level] = typed ? [typed, request.body.level] : known[1].split('.')
    response.setHeader('Set-Cookie', `idp=${person}.${level}; Path=/; HttpOnly`)
    // A question in the address is answered from the address, whatever else the form brought.
    if (request.query.SAMLRequest) request.method = 'GET'
    request.user = { person }
    samlp.auth({
      ...base,
      destination: asked.assertionConsumerServiceURL,
      recipient: asked.assertionConsumerServiceURL,
      profileMapper: () => profileMapper(person),
      authnContextClassRef: `STORK-QAA-Level-${level}`
    })(request, response, next)
  })
}

createServer((request, response) => {
  const url = new URL(request.url, origin)
  Object.assign(request, { query: Object.fromEntries(url.searchParams), body: {}, originalUrl: request.url, protocol: 'http' })
  response.set = (name, value) => response.setHeader(name, value)
  response.send = body => response.end(String(body))
  const next = error => { response.statusCode = 400; response.end(String(error && error.message)) }
  let text = ''
  request.on('data', piece => { text += piece })
  request.on('end', () => {
    request.body = Object.fromEntries(new URLSearchParams(text))
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    if (url.pathname === '/sso') return signOn(request, response, next)
    if (url.pathname === '/metadata') {
      const paths = { redirectEndpointPath: '/sso', postEndpointPath: '/sso' }
      return samlp.metadata({ ...base, ...paths, profileMapper: { prototype: { metadata: [] } } })(request, response)
    }
    if (url.pathname === '/logout') {
      response.setHeader('Set-Cookie', 'idp=; Path=/; Max-Age=0')
      return response.end('Abgemeldet')
    }
    response.statusCode = 404
    response.end()
  })
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))
