// @sd-jwt/jwt-status-list and jose: they read our status lists, and rescind-verifier reads theirs.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { getListFromStatusListJWT, getStatusListFromJWT } from "@sd-jwt/jwt-status-list";
import { Authority } from "./authority.js";

const {
  RESCIND_URL: url,
  RESCIND_CLIENT_ID: clientId,
  RESCIND_CLIENT_SECRET: clientSecret,
} = process.env;
const [verifier] = process.argv.slice(2);

await readOurs();
await readTheirs();

async function readOurs() {
  const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", url));

  async function post(path, form) {
    const headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
    const answer = await fetch(new URL(path, url), { method: "POST", headers, body: new URLSearchParams(form) });
    assert.equal(answer.status, 200, path);
    return answer;
  }

  async function issue() {
    return (await (await post("/api/oauth/token", { grant_type: "client_credentials" })).json()).access_token;
  }

  // What a relying party does (Token Status List, "Verification and Processing").
  async function status(token) {
    const { uri, idx } = getStatusListFromJWT(token);
    const answer = await fetch(uri, { headers: { accept: "application/statuslist+jwt" } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "application/statuslist+jwt");
    const list = await answer.text();
    const { payload } = await jwtVerify(list, keys, { typ: "statuslist+jwt", subject: uri, requiredClaims: ["iat"] });
    assert.ok(payload.ttl > 0 && payload.exp > payload.iat);
    return getListFromStatusListJWT(list).getStatus(idx);
  }

  const [dead, alive] = [await issue(), await issue()];
  assert.deepEqual([await status(dead), await status(alive)], [0, 0]);
  console.log("our list, before: signed, both tokens valid");
  await post("/api/oauth/revoke", { token: dead });
  assert.deepEqual([await status(dead), await status(alive)], [1, 0]);
  console.log("our list, after the revocation: one token invalid, the other valid");
}

async function readTheirs() {
  const authority = await Authority.listen();
  const check = spawn(verifier, [], {
    env: { RESCIND_URL: authority.url, RESCIND_CLIENT_ID: authority.account, RESCIND_CLIENT_SECRET: "any" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: check.stdout })[Symbol.asyncIterator]();
  async function verdict(token) {
    check.stdin.write(`${token}\n`);
    return (await lines.next()).value;
  }

  const alive = `live ${authority.account}`;
  const [first, other, last] = [await authority.token(0), await authority.token(7), await authority.token(1_048_575)];
  authority.set(7);
  assert.equal(await verdict(first), alive);
  assert.equal(await verdict(other), "refused: the token was revoked");
  assert.equal(await verdict(last), alive);
  console.log("their list: read by rescind-verifier to its last bit");

  const beyond = await authority.token(1_048_576);
  assert.equal(await verdict(beyond), "refused: the token was revoked");
  const forged = `${first.slice(0, -4)}AAAA`;
  assert.equal(await verdict(forged), "refused: not a token of this authority for this audience");
  console.log("beyond the list, and forged: refused");

  const elsewhere = await Authority.listen();
  const misled = await authority.token(5, 1, elsewhere.url);
  assert.equal(await verdict(misled), "refused: not a token of this authority for this audience");
  assert.equal(elsewhere.requests, 0);
  elsewhere.close();
  console.log("a list elsewhere: not asked for");

  const another = authority.open(await authority.status());
  assert.equal(await verdict(await authority.token(3, another)), alive);
  for (const wrong of [
    { sub: "http://elsewhere.test/statuslists/9" },
    { typ: "JWT" },
    { size: 8 },
    { key: await Authority.key() },
  ]) {
    const list = authority.open(await authority.status(wrong));
    const token = await authority.token(3, list);
    assert.match(await verdict(token), /^refused: the authority did not answer: .* is not its list$/);
  }
  console.log("lists of another place, kind, length and signer: not believed");

  check.stdin.end();
  const code = await new Promise((resolve) => check.on("close", resolve));
  assert.equal(code, 0);
  authority.close();
}
