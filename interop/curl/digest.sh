#!/usr/bin/env bash
# The command lines of MongoDB's management documentation: `--user PUBLIC:PRIVATE --digest`
# (clients.md 2). Only the host and the {PLACEHOLDERS} are filled in.
set -euo pipefail

: "${RESCIND_URL:?}" "${RESCIND_CLIENT_ID:?}" "${RESCIND_CLIENT_SECRET:?}" "${RESCIND_ORG_ID:?}"

# What the documented lines leave to the terminal: no progress bar.
CURL_HOME=$(mktemp -d)
export CURL_HOME
trap 'rm -r "$CURL_HOME"' EXIT
printf 'silent\nshow-error\n' >"$CURL_HOME/.curlrc"

fail() {
  printf 'curl --digest: %s\n' "$*" >&2
  exit 1
}

public='' private='' key='' client='' secret=''

# Runs the documented lines on standard input. `--include` shows two answers, the challenge and what
# came of the proof: `statuses` are those of both, `body` is that of the second.
documented() {
  local answer
  answer=$(sed -e "s|https://cloud.mongodb.com|$RESCIND_URL|" \
    -e "s|{PUBLIC-KEY}|$public|" -e "s|{PRIVATE-KEY}|$private|" -e "s|{ORG-ID}|$RESCIND_ORG_ID|" \
    -e "s|{API-KEY-ID}|$key|" -e "s|{CLIENT-ID}|$client|" -e "s|{SECRET-ID}|$secret|" | bash |
    tr -d '\r')
  statuses=$(sed -n 's|^HTTP/[0-9.]* \([0-9]*\).*|\1|p' <<<"$answer" | paste -s -d ' ')
  # The body stands behind the last empty line of headers.
  body=$(awk '/^HTTP\// { headers = 1; text = "" } !headers { text = text $0 "\n" } /^$/ { headers = 0 }
    END { printf "%s", text }' <<<"$answer")
}

expect() {
  [[ $statuses == "$1" ]] || fail "$2 was answered $statuses instead of $1: $body"
  printf '%s: %s\n' "$2" "$statuses"
}

# What the answer says at this place.
said() {
  jq --exit-status --raw-output "$1" <<<"$body" || fail "$1 is not so in: $body"
}

# The first key is made with a token; every other line is the documentation's.
token=$(curl --user "$RESCIND_CLIENT_ID:$RESCIND_CLIENT_SECRET" --data grant_type=client_credentials \
  "$RESCIND_URL/api/oauth/token" | jq --raw-output .access_token)
body=$(curl --header "Authorization: Bearer $token" --header 'Content-Type: application/json' \
  --data '{"desc": "interop", "roles": ["ORG_OWNER"]}' \
  "$RESCIND_URL/api/public/v1.0/orgs/$RESCIND_ORG_ID/apiKeys")
public=$(said .publicKey) private=$(said .privateKey)

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --header 'Accept: application/json' \
     --header 'Content-Type: application/json' \
     --request POST 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/serviceAccounts?pretty=true' \
     --data '{
       "name": "inventory-export",
       "description": "Nightly inventory export",
       "secretExpiresAfterHours": "720",
       "roles": ["ORG_READ_ONLY"]
     }'
EOT
expect '401 201' 'creating a service account'
client=$(said .clientId)

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --header 'Accept: application/json' \
     --request GET 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/serviceAccounts?pretty=true&pageNum=1&itemsPerPage=100'
EOT
expect '401 200' 'listing service accounts'
said ".results | any(.clientId == \"$client\")" >/dev/null

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --header 'Accept: application/json' \
     --header 'Content-Type: application/json' \
     --request POST 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/serviceAccounts/{CLIENT-ID}/secrets/' \
     --data '{ "secretExpiresAfterHours": "24" }'
EOT
expect '401 201' 'adding a secret'
secret=$(said .id)

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --request DELETE 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/serviceAccounts/{CLIENT-ID}/secrets/{SECRET-ID}'
EOT
expect '401 204' 'deleting it'

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --header 'Accept: application/json' \
     --header 'Content-Type: application/json' \
     --request POST 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/serviceAccounts/{CLIENT-ID}/accessList' \
     --data '[ { "ipAddress": "198.51.100.7" }, { "cidrBlock": "203.0.113.0/24" } ]'
EOT
expect '401 200' 'filling its access list'
said '.totalCount == 2' >/dev/null

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --request DELETE 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/serviceAccounts/{CLIENT-ID}/accessList/203.0.113.0%2F24'
EOT
expect '401 204' 'deleting an entry'

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --request DELETE 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/serviceAccounts/{CLIENT-ID}'
EOT
expect '401 204' 'deleting the service account'

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --header 'Accept: application/json' \
     --header 'Content-Type: application/json' \
     --request POST 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/apiKeys?pretty=true' \
     --data '{ "desc": "New API key for test purposes", "roles": ["ORG_MEMBER"] }'
EOT
expect '401 200' 'creating an API key'
key=$(said .id) other_public=$(said .publicKey) other_private=$(said .privateKey)

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --header 'Accept: application/json' \
     --request GET 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/apiKeys?pretty=true'
EOT
expect '401 200' 'listing API keys'
said ".results[] | select(.id == \"$key\") | .privateKey == \"********-****-****-${other_private: -12}\"" >/dev/null

documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --request DELETE 'https://cloud.mongodb.com/api/public/v1.0/orgs/{ORG-ID}/apiKeys/{API-KEY-ID}'
EOT
expect '401 204' 'deleting it'

public=$other_public private=$other_private
documented <<'EOT'
curl --user '{PUBLIC-KEY}:{PRIVATE-KEY}' --digest --include \
     --header 'Accept: application/json' \
     --request GET 'https://cloud.mongodb.com/api/public/v1.0/orgs'
EOT
expect '401 401' 'its use after that'
