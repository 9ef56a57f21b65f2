"""What schemathesis cannot know: which ids there are, and what would end its own run."""

import ipaddress
import os
import re

import requests
import schemathesis
from hypothesis import strategies as st

URL = os.environ["RESCIND_URL"]
CLIENT_ID = os.environ["RESCIND_CLIENT_ID"]
CLIENT_SECRET = os.environ["RESCIND_CLIENT_SECRET"]
ORG_ID = os.environ["RESCIND_ORG_ID"]
PROJECT_ID = os.environ["RESCIND_PROJECT_ID"]

API = f"{URL}/api/public/v1.0"
ACCOUNTS = f"orgs/{ORG_ID}/serviceAccounts"
KEYS = f"orgs/{ORG_ID}/apiKeys"
SETTINGS = f"orgs/{ORG_ID}/settings"
NOBODY = "mdb_sa_id_" + "0" * 24
BLOCK = "203.0.113.0/24"

ID = re.compile(r"(mdb_sa_id_)?[a-f0-9]{24}", re.ASCII)

session = requests.Session()
keys = []


def call(method, path, body=None):
    answer = session.request(method, f"{API}/{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def authenticate():
    form = {"grant_type": "client_credentials"}
    answer = requests.post(
        f"{URL}/api/oauth/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=10
    )
    answer.raise_for_status()
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def new_account():
    """An account of the project, with one secret and one entry in its access list."""
    body = {
        "name": "victim",
        "description": "Made for one call",
        "roles": ["GROUP_READ_ONLY"],
        "secretExpiresAfterHours": 8,
    }
    account = call("POST", f"groups/{PROJECT_ID}/serviceAccounts", body)
    call("POST", f"{ACCOUNTS}/{account['clientId']}/accessList", [{"cidrBlock": BLOCK}])
    return account


def new_key():
    """An API key with one entry in its access list. An organization has room for 500."""
    while keys:
        answer = session.delete(f"{API}/{KEYS}/{keys.pop()}", timeout=10)
        assert answer.status_code in (204, 404), answer.text
    key = call("POST", KEYS, {"desc": "Made for one call", "roles": ["ORG_READ_ONLY"]})["id"]
    call("POST", f"{KEYS}/{key}/accessList", [{"cidrBlock": BLOCK}])
    keys.append(key)
    return key


def new_project():
    return call("POST", "groups", {"name": "victim", "orgId": ORG_ID})["id"]


authenticate()
# Some call will require access lists of everybody: this one has one, with the caller in it.
call("POST", f"{ACCOUNTS}/{CLIENT_ID}/accessList", [{"ipAddress": "127.0.0.1"}])
EXISTING = new_account()


def is_id(value):
    return isinstance(value, str) and ID.fullmatch(value) is not None


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets calls act on what is there, and never on the caller itself."""
    ids, changes = case.path_parameters, case.method != "GET"
    path = case.operation.path
    if is_id(ids.get("orgId")):
        # The run would have no organization any more.
        ends = case.method == "DELETE" and path.endswith("/orgs/{orgId}")
        ids["orgId"] = "0" * 24 if ends else ORG_ID
    if isinstance(case.body, dict) and is_id(case.body.get("orgId")):
        case.body["orgId"] = ORG_ID
    if case.meta.phase.name == "stateful":
        # There the ids are those that other calls have answered.
        if ids.get("groupId") == PROJECT_ID and case.method == "DELETE":
            ids["groupId"] = "0" * 24
        if ids.get("clientId") == CLIENT_ID and changes:
            ids["clientId"] = NOBODY
        return
    if is_id(ids.get("groupId")):
        ends = case.method == "DELETE" and path.endswith("/groups/{groupId}")
        ids["groupId"] = new_project() if ends else PROJECT_ID
    if is_id(ids.get("clientId")):
        account = new_account() if changes else EXISTING
        ids["clientId"] = account["clientId"]
        if is_id(ids.get("secretId")):
            ids["secretId"] = account["secrets"][0]["id"]
    if is_id(ids.get("apiKeyId")):
        ids["apiKeyId"] = new_key()
    if "entry" in ids:
        ids["entry"] = BLOCK


@schemathesis.hook
def after_call(context, case, response):
    """Undoes what would make valid calls fail later."""
    if case.operation.path.endswith("/settings") and case.method == "PATCH":
        if response.status_code == 200:
            call("PATCH", SETTINGS, {"maxServiceAccountSecretValidityInHours": 8766})


# Valid calls are refused with these for what is there already, or for what two texts mean.
OF_STATE = {
    "DUPLICATE_ADDRESSES_IN_INPUT",
    "MAX_API_KEYS_PER_ORG_EXCEEDED",
    "MAX_SECRETS_PER_SERVICE_ACCOUNT_EXCEEDED",
}


def lacks_an_owner(case, error):
    """Of two accounts one must be an owner, of a new organization: no schema says that."""
    if case.method != "POST" or not case.operation.path.endswith("/orgs"):
        return False
    return error["parameters"] in (["roles"], ["serviceAccount"])


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops what a description cannot express."""
    match failure.code:
        case "ST109":
            # A token that is not live is answered without a body; none is optional in OpenAPI.
            return response.status_code != 401 or response.content
        case "ST201":
            # HTTP ignores headers that nobody knows.
            return "x-schemathesis-unknown-property" not in response.request.headers
        case "ST202":
            if response.status_code != 400 or "errorCode" not in response.json():
                return True
            error = response.json()
            return error["errorCode"] not in OF_STATE and not lacks_an_owner(case, error)
    return True


def is_somebodys(address):
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_unspecified


def block(address, bits):
    length = min(bits, address.max_prefixlen)
    return f"{address}/{length}"


addresses = st.ip_addresses().filter(is_somebodys)
schemathesis.openapi.format("ip", addresses.map(str))
schemathesis.openapi.format("cidr", st.builds(block, addresses, st.integers(0, 128)))
