// The npm package oidc-provider with one client and people that exist as soon as they are named.
// node server.mjs PORT CALLBACK; sign in by GET /interaction/<uid>?person=...&acr=..., or on its page
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [port, callback] = process.argv.slice(2)
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'portal', client_secret: 'geheim', redirect_uris: [callback] }],
  acrValues: ['urn:test:basic', 'urn:test:high', 'urn:test:odd'],
  claims: { openid: ['sub'], profile: ['given_name', 'family_name'] },
  pkce: { required: () => true, methods: ['S256'] },
  cookies: { keys: ['test'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, given_name: 'Olga', family_name: 'Ohm' })
  }),
  async loadExistingGrant (ctx) { // everybody agrees to everything
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId
    })
    grant.addOIDCScope('openid profile')
    await grant.save()
    return grant
  }
})
const rest = provider.callback()
createServer(async (request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1')
  if (!url.pathname.startsWith('/interaction/')) return rest(request, response)
  if (!url.searchParams.has('person') && !url.searchParams.has('cancel')) { // a page for people; programs say it at once
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    return response.end(`<!doctype html><html lang="de"><title>Fremder Anbieter</title><h1>Fremder Anbieter</h1><form>
<label>Person <input name="person"></label><label>Stufe <input name="acr"></label><button>Anmelden</button></form></html>`)
  }
  const acr = url.searchParams.get('acr')
  const login = { accountId: url.searchParams.get('person'), ...(acr ? { acr } : {}) }
  const result = url.searchParams.has('cancel') ? { error: 'access_denied' } : { login }
  await provider.interactionFinished(request, response, result)
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))
