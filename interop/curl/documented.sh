#!/usr/bin/env bash
# The command lines of MongoDB's documentation, as they are printed there (clients.md 2). Only the
# host and the {PLACEHOLDERS} are filled in.
set -euo pipefail

: "${RESCIND_URL:?}" "${RESCIND_CLIENT_ID:?}" "${RESCIND_CLIENT_SECRET:?}" "${RESCIND_PROJECT_ID:?}"

# What the documented lines leave to the terminal: no progress bar, and the status after the body.
CURL_HOME=$(mktemp -d)
export CURL_HOME
trap 'rm -r "$CURL_HOME"' EXIT
printf 'silent\nshow-error\nwrite-out = "\\n%%{http_code}"\n' >"$CURL_HOME/.curlrc"

fail() {
  printf 'curl: %s\n' "$*" >&2
  exit 1
}

auth='' token=''

# Runs the documented lines on standard input; sets `body` and `status`.
documented() {
  local answer
  answer=$(sed -e "s|https://cloud.mongodb.com|$RESCIND_URL|" \
    -e "s|{CLIENT-ID}|$RESCIND_CLIENT_ID|" -e "s|{CLIENT-SECRET}|$RESCIND_CLIENT_SECRET|" \
    -e "s|{BASE64-AUTH}|$auth|" -e "s|{TOKEN}|$token|" -e "s|{ACCESS-TOKEN}|$token|" | bash)
  body=${answer%$'\n'*}
  status=${answer##*$'\n'}
}

expect_status() {
  [[ $status == "$1" ]] || fail "$2 was answered $status instead of $1: $body"
  printf '%s: %s\n' "$2" "$status"
}

documented <<'EOF'
echo -n {CLIENT-ID}:{CLIENT-SECRET} | base64
EOF
# GNU base64 wraps its output; a user joins the lines when pasting them into a header.
auth=$(tr -d '\n' <<<"$body$status")

documented <<'EOF'
curl --request POST \
     --url https://cloud.mongodb.com/api/oauth/token \
     --header 'accept: application/json' \
     --header 'cache-control: no-cache' \
     --header 'authorization: Basic {BASE64-AUTH}' \
     --header 'content-type: application/x-www-form-urlencoded' \
     --data 'grant_type=client_credentials'
EOF
expect_status 200 'token'
token=$(jq --raw-output '
  if .token_type == "Bearer" and .expires_in == 3600 then .access_token else "" end' <<<"$body")
# `-d` sends the token as it is, so it may hold nothing that a form would have to escape.
[[ $token =~ ^[A-Za-z0-9._-]+$ ]] || fail "not the documented token answer: $body"

documented <<'EOF'
curl --request GET \
     --url https://cloud.mongodb.com/api/public/v1.0/groups \
     --header 'Authorization: Bearer {ACCESS-TOKEN}' \
     --header 'Accept: application/json'
EOF
expect_status 200 'use'
jq --exit-status --arg id "$RESCIND_PROJECT_ID" '.results | any(.id == $id)' <<<"$body" >/dev/null ||
  fail "the project $RESCIND_PROJECT_ID is not among the groups: $body"

revoke() {
  documented <<'EOF'
curl -X POST https://cloud.mongodb.com/api/oauth/revoke \
  -H "Content-Type: application/x-www-form-urlencoded" \
  -H "Authorization: Basic {BASE64-AUTH}" \
  -d "token={TOKEN}&token_type_hint=access_token"
EOF
  expect_status 200 "$1"
  [[ -z $body ]] || fail "$1 was answered with a body: $body"
}
revoke 'revocation'
revoke 'revocation, repeated'

documented <<'EOF'
curl --request GET \
     --url https://cloud.mongodb.com/api/public/v1.0/groups \
     --header 'Authorization: Bearer {ACCESS-TOKEN}' \
     --header 'Accept: application/json'
EOF
expect_status 401 'use after the revocation'
