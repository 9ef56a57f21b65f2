#!/usr/bin/env bash
# Starts an authority, an agent, and nginx before an application; gets a token, calls the application
# with it, takes it back, and tells how long nginx let it through after that.
#
#   examples/nginx/run.sh target/debug/rescind
set -euo pipefail

rescind=$(realpath "${1:?name the rescind to use}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
url=http://127.0.0.1:18080
api=http://127.0.0.1:18081

finish() {
    kill "${processes[@]}" 2>/dev/null || true
    wait
    rm -rf "$work"
}
processes=()
trap finish EXIT

until_answered() {
    for _ in $(seq 600); do
        [ "$(curl -s -o "$work/answer" -w '%{http_code}' "${@:2}")" = "$1" ] && return
        sleep 0.05
    done
    echo "no answer $1 from ${*:2}" >&2
    exit 1
}

account=$("$rescind" init --data-dir "$work/data" --format json)
id=$(jq -r .clientId <<<"$account")
secret=$(jq -r .clientSecret <<<"$account")

"$rescind" serve --data-dir "$work/data" --listen "${url#http://}" --public-url "$url" &
processes+=($!)
RESCIND_AGENT_CLIENT_SECRET=$secret "$rescind" agent --issuer "$url" --client-id "$id" \
    --listen "unix:$work/agent.sock" --client-address-header x-real-ip &
processes+=($!)
sed -e "s|unix:/run/rescind/agent.sock|unix:$work/agent.sock|" \
    -e "s|127.0.0.1:3000|unix:$work/application.sock|" \
    -e "s|listen 80;|listen ${api#http://};|" \
    -e "s|^http {|http {\naccess_log off;\ninclude $work/application.conf;|" \
    "$here/nginx.conf" >"$work/nginx.conf"
sed "s|127.0.0.1:3000|unix:$work/application.sock|" "$here/application.conf" >"$work/application.conf"
PATH=$PATH:/usr/sbin nginx -p "$work" -c "$work/nginx.conf" -e stderr \
    -g "daemon off; master_process off; pid $work/nginx.pid;" &
processes+=($!)

until_answered 200 "$url/readyz"
token=$(curl -sf -u "$id:$secret" -d grant_type=client_credentials "$url/api/oauth/token" | jq -r .access_token)
bearer="Authorization: Bearer $token"
until_answered 200 -H "$bearer" "$api/orders"
echo "with the token: $(cat "$work/answer")"

curl -sf -u "$id:$secret" -d "token=$token" "$url/api/oauth/revoke"
revoked=$(date +%s%N)
while [ "$(curl -s -o /dev/null -w '%{http_code}' -H "$bearer" "$api/orders")" = 200 ]; do :; done
took=$((($(date +%s%N) - revoked) / 1000000))
until_answered 401 -H "$bearer" "$api/orders"
echo "refused $took ms after the revocation was answered, the start of curl included"
