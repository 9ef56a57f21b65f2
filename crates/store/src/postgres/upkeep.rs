//! What is recorded beside the log, a slice at a time. Each statement is a transaction.

use deadpool_postgres::Client;
use rescind_core::{
    clock::UnixTime,
    id::{PrincipalId, SecretId},
    live_tokens::Issued,
};

use super::{error::Failure, row::bigint, write::some};
use crate::{AccessEntryUse, stored::AccessTable};

/// Rows that housekeeping touches in one commit, so that others wait a few milliseconds at most.
pub(super) const SLICE: usize = 512;

/// Records when secrets were last used, unless a later use is recorded.
pub(super) async fn touch_secrets(
    client: &Client,
    used: &[(SecretId, UnixTime)],
) -> Result<(), Failure> {
    let ids: Vec<_> = used.iter().map(|(id, _)| id.as_bytes().as_slice()).collect();
    let times: Vec<_> = used.iter().map(|(_, at)| at.as_second()).collect();
    // A statement changes a row once, whichever of several uses it finds first.
    let sql = "UPDATE secrets SET last_used_at = greatest(last_used_at, used.at)
               FROM (SELECT id, max(at) AS at FROM unnest($1::bytea[], $2::bigint[]) AS used (id, at)
                     GROUP BY id) AS used
               WHERE secrets.id = used.id";
    some(client, sql, &[&ids, &times]).await?;
    Ok(())
}

/// Notes how many tokens were issued with bits of blocks, unless more were noted.
pub(super) async fn note_issued(client: &Client, issued: &[Issued]) -> Result<(), Failure> {
    let lists: Vec<_> = issued.iter().map(|issued| bigint(issued.list.as_number())).collect();
    let numbers: Vec<_> = issued.iter().map(|issued| issued.number.cast_signed()).collect();
    let tokens: Vec<_> = issued.iter().map(|issued| issued.tokens.cast_signed()).collect();
    let sql = "UPDATE status_blocks AS block SET issued = greatest(block.issued, noted.tokens)
               FROM (SELECT list_id, number, max(tokens) AS tokens
                     FROM unnest($1::bigint[], $2::integer[], $3::integer[])
                          AS noted (list_id, number, tokens)
                     GROUP BY list_id, number) AS noted
               WHERE block.list_id = noted.list_id AND block.number = noted.number";
    some(client, sql, &[&lists, &numbers, &tokens]).await?;
    Ok(())
}

/// Adds requests to entries of access lists. The last use stays, if it came later than these.
pub(super) async fn touch_access_entries(
    client: &Client,
    used: &[AccessEntryUse],
) -> Result<(), Failure> {
    let (of_accounts, of_keys): (Vec<_>, Vec<_>) =
        used.iter().partition(|used| matches!(used.owner, PrincipalId::Account(_)));
    for used in [of_accounts, of_keys] {
        let Some(first) = used.first() else { continue };
        let AccessTable { name, owner, .. } = AccessTable::of(first.owner);
        let owners: Vec<_> = used.iter().map(|used| AccessTable::of(used.owner).id).collect();
        let owners: Vec<_> = owners.iter().map(<[u8; 12]>::as_slice).collect();
        let networks: Vec<_> = used.iter().map(|used| used.network.to_string()).collect();
        let requests: Vec<_> = used.iter().map(|used| bigint(used.requests)).collect();
        let times: Vec<_> = used.iter().map(|used| used.last_at.as_second()).collect();
        let addresses: Vec<_> = used.iter().map(|used| used.last_address.to_string()).collect();
        // Compared with NULL, nothing is later.
        let sql = format!(
            "UPDATE {name} AS entry SET
                request_count = request_count + requests,
                last_used_at = CASE WHEN last_used_at > at THEN last_used_at ELSE at END,
                last_used_address =
                    CASE WHEN last_used_at > at THEN last_used_address ELSE address END
             FROM (SELECT owner, network, sum(requests)::bigint AS requests, max(at) AS at,
                          (array_agg(address ORDER BY at DESC))[1] AS address
                   FROM unnest($1::bytea[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
                        AS used (owner, network, requests, at, address)
                   GROUP BY owner, network) AS used
             WHERE entry.{owner} = used.owner AND entry.network = used.network"
        );
        some(client, &sql, &[&owners, &networks, &requests, &times, &addresses]).await?;
    }
    Ok(())
}

/// Forgets some blocks of lists that are dead, or, if there are none left, those lists; whether
/// there were any.
pub(super) async fn forget_slice(client: &Client, now: UnixTime) -> Result<bool, Failure> {
    let sql = "DELETE FROM status_blocks WHERE (list_id, number) IN
                   (SELECT list_id, number FROM status_blocks
                    WHERE list_id IN (SELECT id FROM status_lists WHERE dies_at <= $1)
                    ORDER BY list_id, number LIMIT $2)";
    let slice = i64::try_from(SLICE).unwrap_or(i64::MAX);
    if some(client, sql, &[&now.as_second(), &slice]).await? > 0 {
        return Ok(true);
    }
    let sql = "DELETE FROM status_lists WHERE dies_at <= $1";
    some(client, sql, &[&now.as_second()]).await?;
    Ok(false)
}
