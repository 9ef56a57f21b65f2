// As much of an authority as a verifier asks for, made with libraries that share no code with Rescind.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createHeaderAndPayload, StatusList } from "@sd-jwt/jwt-status-list";

const SIZE = 2 ** 20;
const EVENT = 5;

export class Authority {
  account = "mdb_sa_id_6b1f0c2d9a4e57833c0d9e11";
  requests = 0;
  #bits = new Array(SIZE).fill(0);
  #lists = new Map();
  #key;
  #server;

  static async listen() {
    const authority = new Authority();
    authority.#key = await Authority.key();
    authority.#server = createServer((request, response) => authority.#answer(request, response));
    await new Promise((resolve) => authority.#server.listen(0, "127.0.0.1", resolve));
    authority.url = `http://127.0.0.1:${authority.#server.address().port}`;
    return authority;
  }

  static async key() {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA");
    const kid = randomUUID();
    return { privateKey, kid, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "EdDSA" } };
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  set(index) {
    this.#bits[index] = 1;
  }

  /// Another list, which has this text: its number.
  open(text) {
    const list = this.#lists.size + 2;
    this.#lists.set(String(list), text);
    return list;
  }

  async token(idx, list = 1, base = this.url) {
    const now = Math.floor(Date.now() / 1000);
    const status = { status_list: { idx, uri: `${base}/statuslists/${list}` } };
    return new SignJWT({ status })
      .setProtectedHeader({ alg: "EdDSA", kid: this.#key.kid, typ: "JWT" })
      .setIssuer(this.url)
      .setAudience("api://admin")
      .setSubject(this.account)
      .setIssuedAt(now)
      .setExpirationTime(now + 3600)
      .setJti(randomUUID())
      .sign(this.#key.privateKey);
  }

  async status({ sub, typ, size = SIZE, key = this.#key, list = this.#lists.size + 2 } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.url, sub: sub ?? `${this.url}/statuslists/${list}`, iat: now, exp: now + 300, ttl: 60 };
    const bits = new StatusList(this.#bits.slice(0, size), 1);
    const { header, payload } = createHeaderAndPayload(bits, claims, { alg: "EdDSA" });
    return new SignJWT(payload)
      .setProtectedHeader({ ...header, kid: key.kid, ...(typ && { typ }) })
      .sign(key.privateKey);
  }

  async #answer({ url }, response) {
    this.requests += 1;
    const json = (value) => {
      response.setHeader("content-type", "application/json");
      response.setHeader("rescind-event", EVENT);
      response.end(JSON.stringify(value));
    };
    const list = url.match(/^\/statuslists\/(\d+)$/)?.[1];
    if (url === "/api/oauth/token") {
      json({ access_token: "any", expires_in: 3600, token_type: "Bearer" });
    } else if (url === "/.well-known/jwks.json") {
      json({ keys: [this.#key.jwk] });
    } else if (url === `/api/oauth/accounts/${this.account}`) {
      json({ clientId: this.account, orgId: "0123456789abcdef01234567", roles: [], groups: [], accessListRequired: false });
    } else if (url === "/api/oauth/feed") {
      response.setHeader("content-type", "text/event-stream");
      const hello = { follower: "00", keys: [this.#key.jwk] };
      response.write(`id: ${EVENT}\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`);
      response.write(`id: ${EVENT}\nevent: alive\ndata: {}\n\n`);
    } else if (list) {
      const text = list === "1" ? await this.status({ list: 1 }) : this.#lists.get(list);
      response.setHeader("content-type", "application/statuslist+jwt");
      response.setHeader("rescind-event", EVENT);
      response.end(text);
    } else {
      response.statusCode = 404;
      response.end();
    }
  }
}
