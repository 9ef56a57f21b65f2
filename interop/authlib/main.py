"""Authlib over requests: token, use, introspection, revocation, introspection again."""

import os
import sys

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

URL = os.environ["RESCIND_URL"]
CLIENT_ID = os.environ["RESCIND_CLIENT_ID"]
CLIENT_SECRET = os.environ["RESCIND_CLIENT_SECRET"]
ORG_ID = os.environ["RESCIND_ORG_ID"]

TOKEN = f"{URL}/api/oauth/token"
INTROSPECT = f"{URL}/api/oauth/introspect"
REVOKE = f"{URL}/api/oauth/revoke"
ORGS = f"{URL}/api/public/v1.0/orgs"


def check(what, holds, seen):
    if not holds:
        sys.exit(f"authlib: {what} is wrong: {seen}")
    print(f"{what}: as expected")


def body_of(response):
    return f"{response.status_code} {response.text!r}"


def refused_secret():
    with OAuth2Session(CLIENT_ID, "mdb_sa_sk_" + "0" * 40) as session:
        try:
            return session.fetch_token(TOKEN, grant_type="client_credentials")
        except OAuthError as error:
            return error.error


def main():
    check("a wrong secret", (error := refused_secret()) == "invalid_client", error)

    with OAuth2Session(CLIENT_ID, CLIENT_SECRET) as session:
        token = session.fetch_token(TOKEN, grant_type="client_credentials")
        check("the token", token["token_type"] == "Bearer" and token["expires_in"] == 3600, token)

        answer = session.get(ORGS)
        check("its use", answer.ok and ORG_ID in answer.text, body_of(answer))

        answer = session.introspect_token(INTROSPECT, token_type_hint="access_token")
        said = answer.json()
        check("introspection", said["active"] is True, body_of(answer))
        check("the token's owner", said["client_id"] == CLIENT_ID, body_of(answer))

        # RFC 7009 2.1: a wrong hint must not keep the server from finding the token.
        answer = session.revoke_token(REVOKE, token_type_hint="refresh_token")
        check("revocation", answer.status_code == 200 and not answer.content, body_of(answer))

        answer = session.introspect_token(INTROSPECT)
        check("introspection after it", answer.json() == {"active": False}, body_of(answer))

        answer = session.get(ORGS)
        check("its use after it", answer.status_code == 401, body_of(answer))


if __name__ == "__main__":
    main()
