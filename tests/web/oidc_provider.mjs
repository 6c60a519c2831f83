// A provider of OpenID Connect for the tests: node oidc_provider.mjs PACKAGES PORT CALLBACK SIGNED_OUT
// Whoever logs in is called as typed; the claim "roles" comes with the user information, as many providers have it.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [packages, port, callback, signedOut] = process.argv.slice(2);
const entry = createRequire(`${packages}/`).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(entry));

const ROLES = { hanako: ['shiori-admins', 'staff'], taro: ['shiori-editors'], guest: ['guests'] };
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'shiori',
      client_secret: 'a secret of the tests',
      redirect_uris: [callback],
      post_logout_redirect_uris: [signedOut],
    },
  ],
  claims: { openid: ['sub'], profile: ['name', 'roles'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: `${id}さん`, roles: ROLES[id] ?? [] }) }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
