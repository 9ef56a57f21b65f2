//! Making changes durable.

mod access_list;
mod account;
mod api_key;
mod key;
mod organization;
mod revocation;
mod secret;

use deadpool_postgres::Client;
use rescind_core::{
    clock::UnixTime,
    id::OrgId,
    status_list::{StatusRef, Term},
};
use tokio_postgres::types::ToSql;

use super::{
    error::Failure,
    log::{self, Entries},
    row::bigint,
};
use crate::{Change, Seq, Stale, Transaction, Versioned};

/// Commits a batch; the numbers of the first change of each transaction. `not_before` is a number
/// that was given already: a database that is not that far has lost changes.
///
/// After a failure the session may be within a transaction, which nothing was committed of.
pub(super) async fn commit(
    client: &Client,
    now: UnixTime,
    batch: &[Transaction],
    not_before: Seq,
) -> Result<(Vec<Result<Seq, Stale>>, Seq), Failure> {
    let mut head = log::begin(client).await?;
    if head < not_before {
        return Err(Failure::Older { was: not_before.0, is: head.0 });
    }
    let mut numbers = Vec::with_capacity(batch.len());
    let mut entries = Entries::default();
    let mut revoked = Vec::new();
    for transaction in batch {
        let first = head.next();
        if let Some(decided_of) = &transaction.decided_of {
            revoke(client, &mut revoked, now).await?;
            if !advance(client, decided_of, transaction.org_id, first).await? {
                numbers.push(Err(Stale));
                continue;
            }
        }
        numbers.push(Ok(first));
        for change in &transaction.changes {
            head = head.next();
            if let Change::TokenRevoked { status, .. } = *change {
                revoked.push(status);
            } else {
                revoke(client, &mut revoked, now).await?;
                apply(client, head, now, change).await?;
            }
            entries.append(head, transaction, &change.event())?;
        }
    }
    revoke(client, &mut revoked, now).await?;
    entries.commit(client, now, head).await?;
    Ok((numbers, head))
}

/// Sets the bits of tokens that were revoked one after the other, in one statement. It is what most
/// batches consist of, and the way to the server is what a statement costs.
async fn revoke(
    client: &Client,
    revoked: &mut Vec<StatusRef>,
    now: UnixTime,
) -> Result<(), Failure> {
    if revoked.is_empty() {
        return Ok(());
    }
    revocation::revoke(client, &std::mem::take(revoked), now).await
}

/// Whether the organization still has the version that was decided of. It has the version `to`
/// from then on, if it is the one that changes.
async fn advance(
    client: &Client,
    decided_of: &Versioned<OrgId>,
    changed: Option<OrgId>,
    to: Seq,
) -> Result<bool, Failure> {
    let Versioned { version, value: org_id } = decided_of;
    let to = if changed == Some(*org_id) { to } else { *version };
    let sql = "UPDATE organizations SET version = $3 WHERE id = $1 AND version = $2";
    let params: [&(dyn ToSql + Sync); 3] =
        [&org_id.as_bytes().as_slice(), &bigint(version.0), &bigint(to.0)];
    Ok(some(client, sql, &params).await? == 1)
}

async fn apply(client: &Client, seq: Seq, now: UnixTime, change: &Change) -> Result<(), Failure> {
    match *change {
        Change::InstallationCreated(ref data_keys) => key::create(client, data_keys).await,
        Change::InstallationKeyRotated(ref data_keys) => key::replace(client, data_keys).await,
        Change::DataKeysAdopted { ref data_keys, ref signing_keys, ref api_keys } => {
            key::replace(client, data_keys).await?;
            for key in signing_keys {
                key::reseal(client, key).await?;
            }
            for (id, ha1s) in api_keys {
                api_key::reseal(client, *id, ha1s).await?;
            }
            Ok(())
        }
        Change::OrganizationCreated(ref created) => organization::create(client, created).await,
        Change::OrganizationRenamed { org_id, ref name } => {
            organization::rename(client, org_id, name).await
        }
        Change::OrganizationSettingsChanged { org_id, settings } => {
            organization::set(client, org_id, settings).await
        }
        Change::OrganizationDeleted { org_id } => organization::delete(client, org_id).await,
        Change::GroupCreated(ref group) => organization::create_group(client, group).await,
        Change::GroupRenamed { group_id, ref name } => {
            organization::rename_group(client, group_id, name).await
        }
        Change::GroupDeleted { group_id } => organization::delete_group(client, group_id).await,
        Change::ServiceAccountCreated(ref created) => account::create(client, created).await,
        Change::ServiceAccountDetailsChanged { client_id, ref name, ref description } => {
            account::describe(client, client_id, name.as_deref(), description.as_deref()).await
        }
        Change::ServiceAccountRolesChanged { client_id, roles } => {
            account::set_roles(client, client_id, roles).await
        }
        Change::ServiceAccountDeleted { client_id } => account::delete(client, client_id).await,
        Change::ServiceAccountAssigned { client_id, assignment }
        | Change::ServiceAccountReassigned { client_id, assignment } => {
            account::assign(client, client_id, assignment).await
        }
        Change::ServiceAccountUnassigned { client_id, group_id } => {
            account::unassign(client, client_id, group_id).await
        }
        Change::SecretAdded { client_id, ref secret, others_expire_by } => {
            secret::expire(client, client_id, others_expire_by).await?;
            secret::add(client, client_id, secret).await
        }
        Change::SecretDeleted { client_id, secret_id } => {
            secret::delete(client, client_id, secret_id).await
        }
        Change::ApiKeyCreated(ref created) => api_key::create(client, created).await,
        Change::ApiKeyDescriptionChanged { api_key_id, ref description } => {
            api_key::describe(client, api_key_id, description).await
        }
        Change::ApiKeyRolesChanged { api_key_id, roles } => {
            api_key::set_roles(client, api_key_id, roles).await
        }
        Change::ApiKeyDeleted { api_key_id } => api_key::delete(client, api_key_id).await,
        Change::AccessListEntryAdded { owner, network } => {
            access_list::add(client, seq, now, owner, network).await
        }
        Change::AccessListEntryDeleted { owner, network } => {
            access_list::delete(client, owner, network).await
        }
        Change::SigningKeyAdded(ref key) => key::add(client, seq, key).await,
        Change::SigningKeyRemoved { kid } => key::remove(client, kid).await,
        Change::StatusListOpened(Term { closes_at, dies_at }) => {
            one(
                client,
                "INSERT INTO status_lists VALUES ($1, $2, $3)",
                &[&bigint(seq.0), &closes_at.as_second(), &dies_at.as_second()],
            )
            .await
        }
        Change::BlocksTaken { list, first, count, client_id, secret_id } => {
            let owner = (client_id, secret_id);
            revocation::take_blocks(client, list, first..first.saturating_add(count), owner).await
        }
        Change::TokenRevoked { status, .. } => revocation::revoke(client, &[status], now).await,
        Change::SecretTokensRevoked { client_id, secret_id } => {
            revocation::revoke_secret(client, client_id, secret_id).await
        }
        Change::AccountTokensRevoked { client_id } => {
            revocation::revoke_account(client, client_id).await
        }
    }
}

/// Runs a statement that writes one row, and fails if that is not there.
async fn one(client: &Client, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<(), Failure> {
    match some(client, sql, params).await? {
        1 => Ok(()),
        _ => Err(Failure::NothingToChange),
    }
}

/// Runs a statement that writes any number of rows: how many.
pub(super) async fn some(
    client: &Client,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<u64, Failure> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute(&statement, params).await?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rescind_core::id::ClientId;
    use rescind_harness::Database;
    use tokio::task::JoinSet;

    use super::*;
    use crate::{Actor, PostgresStore, Store as _, postgres};

    /// The lock that keeps other processes out is not what numbers rely on.
    #[tokio::test(flavor = "multi_thread")]
    async fn numbers_have_no_gaps_when_sessions_race() {
        let database = Database::new().unwrap();
        let url = database.url().parse().unwrap();
        let store = PostgresStore::open(&url).await.unwrap();
        let pool = postgres::pool(&url, 4, Duration::from_mins(1)).unwrap().build().unwrap();
        let mut sessions = JoinSet::new();
        for n in 1..=4 {
            let pool = pool.clone();
            sessions.spawn(async move {
                let client = pool.get().await.unwrap();
                let revoked =
                    Change::AccountTokensRevoked { client_id: ClientId::from_bytes([n; 12]) };
                let (actor, changes) = (Actor::Server, vec![revoked; 3]);
                let batch = [Transaction { actor, org_id: None, decided_of: None, changes }];
                let mut numbers = Vec::new();
                for _ in 0..25 {
                    let now = UnixTime::from_second(0);
                    let (given, last) = commit(&client, now, &batch, Seq(0)).await.unwrap();
                    let first = given[0].unwrap();
                    assert_eq!(last.0, first.0 + 2, "others came between the changes of a batch");
                    numbers.push(first.0);
                }
                assert!(numbers.is_sorted(), "{numbers:?}");
                numbers
            });
        }
        let mut numbers = sessions.join_all().await.concat();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=300).step_by(3).collect::<Vec<_>>());
        let entries = store.entries(Seq(0), 1000).await.unwrap();
        assert_eq!(
            entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(),
            (1..=300).collect::<Vec<_>>()
        );
    }
}
