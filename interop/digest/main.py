"""requests and httpx over HTTP Digest: the life of an API key, and a new organization."""

import os
import sys

import httpx
import requests
from requests.auth import HTTPDigestAuth

URL = os.environ["RESCIND_URL"]
CLIENT = (os.environ["RESCIND_CLIENT_ID"], os.environ["RESCIND_CLIENT_SECRET"])
ORG_ID = os.environ["RESCIND_ORG_ID"]

API = f"{URL}/api/public/v1.0"
KEYS = f"{API}/orgs/{ORG_ID}/apiKeys"
OWNER = {"desc": "made by a client", "roles": ["ORG_OWNER"]}


def check(what, holds, seen):
    if not holds:
        sys.exit(f"digest: {what} is wrong: {seen}")
    print(f"{what}: as expected")


def expect(status, what, answer):
    check(what, answer.status_code == status, f"{answer.status_code} {answer.text!r}")
    return answer.json() if answer.content else None


def first_key():
    """An API key that the first service account makes."""
    form = {"grant_type": "client_credentials"}
    answer = requests.post(f"{URL}/api/oauth/token", auth=CLIENT, data=form)
    token = expect(200, "the token", answer)["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    return expect(200, "the first key", requests.post(KEYS, json=OWNER, headers=bearer))


def with_requests(public, private):
    session = requests.Session()
    session.auth = HTTPDigestAuth(public, private)
    return session


def with_httpx(public, private):
    return httpx.Client(auth=httpx.DigestAuth(public, private))


def sent(answer, text):
    return text in answer.request.headers["Authorization"]


def live(library, connect, algorithm, key):
    """All that a key can do, done with one client, as a program of its user would."""
    client = connect(key["publicKey"], key["privateKey"])

    answer = client.get(KEYS, params={"pretty": "true", "itemsPerPage": 5})
    listed = expect(200, f"{library}: the list", answer)
    masked = next(one for one in listed["results"] if one["id"] == key["id"])["privateKey"]
    expected = "********-****-****-" + key["privateKey"][-12:]
    check(f"{library}: the mask", masked == expected, masked)
    check(f"{library}: the algorithm", sent(answer, algorithm), answer.request.headers)
    check(f"{library}: the count", sent(answer, "nc=00000001"), answer.request.headers)

    # The nonce goes on, so that only the first request is asked for credentials.
    answer = client.get(f"{API}/orgs/{ORG_ID}")
    expect(200, f"{library}: the organization", answer)
    check(f"{library}: the next count", sent(answer, "nc=00000002"), answer.request.headers)
    check(f"{library}: one request", not answer.history, answer.history)

    made = expect(200, f"{library}: another key", client.post(KEYS, json=OWNER))
    one = f"{KEYS}/{made['id']}"
    changed = expect(200, f"{library}: its change", client.patch(one, json={"desc": "changed"}))
    check(f"{library}: what it is for", changed["desc"] == "changed", changed)

    added = client.post(f"{one}/accessList", json=[{"cidrBlock": "127.0.0.0/8"}])
    expect(200, f"{library}: an access list", added)
    removed = client.delete(f"{one}/accessList/127.0.0.0%2F8")
    expect(204, f"{library}: the removal of its entry", removed)

    found = client.get(f"{URL}/api/private/ipinfo")
    address = expect(200, f"{library}: the address", found)["currentIpv4Address"]
    check(f"{library}: which it is", address == "127.0.0.1", address)

    body = {"name": "founded", "apiKey": OWNER}
    founded = expect(201, f"{library}: an organization", client.post(f"{API}/orgs", json=body))
    org_id, its_key = founded["organization"]["id"], founded["apiKey"]
    within = connect(its_key["publicKey"], its_key["privateKey"])
    expect(200, f"{library}: entered by its key", within.get(f"{API}/orgs/{org_id}"))
    expect(404, f"{library}: hidden from its founder", client.get(f"{API}/orgs/{org_id}"))

    other = connect(made["publicKey"], made["privateKey"])
    expect(200, f"{library}: the other key", other.get(one))
    expect(204, f"{library}: its deletion", client.delete(one))
    expect(401, f"{library}: after it", other.get(KEYS))
    stranger = connect(key["publicKey"], made["privateKey"])
    expect(401, f"{library}: a wrong private key", stranger.get(KEYS))


def main():
    key = first_key()
    # Asked by two challenges, requests answers the second, and httpx the first.
    live("requests", with_requests, 'algorithm="SHA-256"', key)
    live("httpx", with_httpx, "algorithm=MD5", key)


if __name__ == "__main__":
    main()
