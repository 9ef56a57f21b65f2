// The client inside MongoDB's MCP server, used as that server uses it: validate the credentials at
// start, call the API, revoke on close. Then once more with the token that was revoked.
import assert from "node:assert/strict";
import { ApiClient, AuthProviderFactory } from "@mongodb-js/mcp-atlas-api-client";

const {
  RESCIND_URL: baseUrl,
  RESCIND_CLIENT_ID: clientId,
  RESCIND_CLIENT_SECRET: clientSecret,
  RESCIND_ORG_ID: orgId,
  RESCIND_PROJECT_ID: projectId,
} = process.env;

// The client reads an empty 401 as "no data" and drops the status, so it is noted on its way in.
const statuses = [];
const httpClient = {
  Request,
  fetch: async (...request) => {
    const response = await fetch(...request);
    statuses.push(response.status);
    return response;
  },
};

const complaints = [];
const logger = { error: ({ message }) => complaints.push(message) };
const userAgent = "rescind-interop";

function createProvider(secret) {
  const credentials = { clientId, clientSecret: secret };
  return AuthProviderFactory.create({ apiBaseUrl: baseUrl, userAgent, credentials, httpClient }, logger);
}

function createClient(authProvider) {
  return new ApiClient({ options: { baseUrl, userAgent, httpClient }, logger, authProvider });
}

const stranger = createProvider("mdb_sa_sk_" + "0".repeat(40));
assert.equal(await stranger.validate(), false, "a wrong secret was accepted");
// Without a WWW-Authenticate header the client would report a crash of its own instead.
assert.match(complaints.pop() ?? "", /WWW-Authenticate/, "a wrong secret was not answered with a challenge");
console.log("a wrong secret: refused with a challenge");

const provider = createProvider(clientSecret);
const client = createClient(provider);
await client.validateAuthConfig();
assert.deepEqual(complaints, [], "the credentials were refused");
const authHeaders = await provider.getAuthHeaders();
console.log("token: received");

const query = { itemsPerPage: 10, pageNum: 1, includeCount: false };
const orgs = await client.listOrgs({ params: { query } });
assert.ok(orgs?.results?.some(({ id }) => id === orgId), `${orgId} is not in ${JSON.stringify(orgs)}`);
const groups = await client.listGroups();
assert.ok(groups?.results?.some(({ id }) => id === projectId), `${projectId} is not in ${JSON.stringify(groups)}`);
console.log("API calls: answered");

await client.close();
assert.deepEqual(complaints, [], "the revocation could not be sent");
console.log("revocation on close: sent");

const late = createClient({ getAuthHeaders: async () => authHeaders });
const answer = await late.listOrgs().catch((error) => error);
assert.equal(statuses.at(-1), 401, `the revoked token was not refused: ${JSON.stringify(answer)}`);
console.log("the call after it: refused with 401");
