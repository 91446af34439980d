// An OpenID Connect provider: node oidc_provider.mjs LIBRARY ISSUER_PORT PAGES_PORT REDIRECT_ADDRESS
// Its sign-in page stands on another origin than its issuer, takes any name, and remembers who signed in.

import { createServer } from "node:http";
import process from "node:process";

const [library, issuerPort, pagesPort, redirectAddress] = process.argv.slice(2);
const { default: Provider } = await import(library);
const issuer = `http://localhost:${issuerPort}`;
const pages = `http://localhost:${pagesPort}`;

const provider = new Provider(issuer, {
  claims: { email: ["email", "email_verified"], openid: ["sub"], profile: ["name"] },
  clients: [
    {
      client_id: "wellbeing",
      client_secret: "client-secret",
      redirect_uris: [redirectAddress],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ email: `${id}@example.org`, email_verified: true, name: `${id} Somebody`, sub: id }),
  }),
  interactions: { url: (_, interaction) => `${pages}/sign-in/${interaction.uid}` },
  async loadExistingGrant(context) {
    const { Grant } = context.oidc.provider;
    const grant = new Grant({ accountId: context.oidc.session.accountId, clientId: context.oidc.client.clientId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
});

const readBody = async (request) => {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString());
};

createServer(async (request, response) => {
  if (request.method === "POST") {
    const form = await readBody(request);
    await provider.interactionFinished(request, response, { login: { accountId: form.get("name") } });
    return;
  }
  response.setHeader("Content-Type", "text/html");
  response.end('<form method="post"><label>Name <input name="name"></label><button>Sign in there</button></form>');
}).listen(Number(pagesPort), () => {
  provider.listen(Number(issuerPort), () => console.info("ready"));
});
