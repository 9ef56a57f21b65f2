// openid-client: discovery, token, use, introspection, revocation, introspection again.
import assert from "node:assert/strict";
import * as client from "openid-client";

const {
  RESCIND_URL: url,
  RESCIND_CLIENT_ID: clientId,
  RESCIND_CLIENT_SECRET: clientSecret,
  RESCIND_ORG_ID: orgId,
} = process.env;

const orgs = new URL("/api/atlas/v2/orgs", url);

function discover(secret) {
  // "oauth2" looks where RFC 8414 puts the metadata instead of OpenID Connect's place.
  const options = { algorithm: "oauth2" };
  return client.discovery(new URL(url), clientId, undefined, client.ClientSecretBasic(secret), options);
}

const stranger = await discover("mdb_sa_sk_" + "0".repeat(40));
await assert.rejects(client.clientCredentialsGrant(stranger), { status: 401 }, "a wrong secret was accepted");
console.log("a wrong secret: refused with 401");

const config = await discover(clientSecret);
const { access_token: token, expires_in: lifetime } = await client.clientCredentialsGrant(config);
assert.equal(lifetime, 3600);
console.log("discovery and token: received");

const answer = await client.fetchProtectedResource(config, token, orgs, "GET");
assert.equal(answer.status, 200);
assert.ok((await answer.json()).results.some(({ id }) => id === orgId), `${orgId} is not listed`);
console.log("use: answered");

const alive = await client.tokenIntrospection(config, token);
assert.equal(alive.active, true, "the token does not introspect as active");
assert.equal(alive.client_id, clientId);
console.log("introspection: active");

await client.tokenRevocation(config, token);
console.log("revocation: answered");

assert.deepEqual(await client.tokenIntrospection(config, token), { active: false });
console.log("introspection after it: not active");

await assert.rejects(
  client.fetchProtectedResource(config, token, orgs, "GET"),
  { status: 401 },
  "the revoked token was not refused",
);
console.log("use after it: refused with 401");
