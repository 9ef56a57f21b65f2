//! Making changes durable.

mod access_list;
mod account;
mod api_key;
mod key;
mod organization;
mod revocation;
mod secret;

use rescind_core::{clock::UnixTime, id::OrgId};
use rusqlite::{Connection, Params, TransactionBehavior::Immediate, params};

use super::{error::Failure, log};
use crate::{Change, Seq, Stale, Transaction, Versioned};

/// Commits a batch; the numbers of the first change of each transaction.
pub(super) fn commit(
    connection: &mut Connection,
    now: UnixTime,
    batch: &[Transaction],
) -> Result<Vec<Result<Seq, Stale>>, Failure> {
    // IMMEDIATE takes the write lock first: whoever reads the head is the one who moves it.
    // Dropped on the way out of an error, it rolls back, also when it was COMMIT that failed.
    let tx = connection.transaction_with_behavior(Immediate)?;
    let mut head = log::head(&tx)?;
    let mut numbers = Vec::with_capacity(batch.len());
    for transaction in batch {
        let first = head.next();
        if let Some(decided_of) = &transaction.decided_of
            && !advance(&tx, decided_of, transaction.org_id, first)?
        {
            numbers.push(Err(Stale));
            continue;
        }
        numbers.push(Ok(first));
        for change in &transaction.changes {
            head = head.next();
            apply(&tx, head, now, change)?;
            log::append(&tx, head, now, transaction, &change.event())?;
        }
    }
    log::set_head(&tx, head)?;
    tx.commit()?;
    Ok(numbers)
}

/// Whether the organization still has the version that was decided of. It has the version `to`
/// from then on, if it is the one that changes.
fn advance(
    connection: &Connection,
    decided_of: &Versioned<OrgId>,
    changed: Option<OrgId>,
    to: Seq,
) -> rusqlite::Result<bool> {
    let Versioned { version, value: org_id } = decided_of;
    let to = if changed == Some(*org_id) { to } else { *version };
    let advanced = connection
        .prepare_cached("UPDATE organizations SET version = ?3 WHERE id = ?1 AND version = ?2")?
        .execute(params![org_id.as_bytes(), version.0, to.0])?;
    Ok(advanced == 1)
}

fn apply(connection: &Connection, seq: Seq, now: UnixTime, change: &Change) -> Result<(), Failure> {
    match *change {
        Change::InstallationCreated(ref data_keys) => key::create(connection, data_keys),
        Change::InstallationKeyRotated(ref data_keys) => key::replace(connection, data_keys),
        Change::DataKeysAdopted { ref data_keys, ref signing_keys, ref api_keys } => {
            key::replace(connection, data_keys)?;
            signing_keys.iter().try_for_each(|key| key::reseal(connection, key))?;
            api_keys.iter().try_for_each(|(id, ha1s)| api_key::reseal(connection, *id, ha1s))
        }
        Change::OrganizationCreated(ref created) => organization::create(connection, created),
        Change::OrganizationRenamed { org_id, ref name } => {
            organization::rename(connection, org_id, name)
        }
        Change::OrganizationSettingsChanged { org_id, settings } => {
            organization::set(connection, org_id, settings)
        }
        Change::OrganizationDeleted { org_id } => organization::delete(connection, org_id),
        Change::GroupCreated(ref group) => organization::create_group(connection, group),
        Change::GroupRenamed { group_id, ref name } => {
            organization::rename_group(connection, group_id, name)
        }
        Change::GroupDeleted { group_id } => organization::delete_group(connection, group_id),
        Change::ServiceAccountCreated(ref created) => account::create(connection, created),
        Change::ServiceAccountDetailsChanged { client_id, ref name, ref description } => {
            account::describe(connection, client_id, name.as_deref(), description.as_deref())
        }
        Change::ServiceAccountRolesChanged { client_id, roles } => {
            account::set_roles(connection, client_id, roles)
        }
        Change::ServiceAccountDeleted { client_id } => account::delete(connection, client_id),
        Change::ServiceAccountAssigned { client_id, assignment }
        | Change::ServiceAccountReassigned { client_id, assignment } => {
            account::assign(connection, client_id, assignment)
        }
        Change::ServiceAccountUnassigned { client_id, group_id } => {
            account::unassign(connection, client_id, group_id)
        }
        Change::SecretAdded { client_id, ref secret, others_expire_by } => {
            secret::expire(connection, client_id, others_expire_by)?;
            secret::add(connection, client_id, secret)
        }
        Change::SecretDeleted { client_id, secret_id } => {
            secret::delete(connection, client_id, secret_id)
        }
        Change::ApiKeyCreated(ref created) => api_key::create(connection, created),
        Change::ApiKeyDescriptionChanged { api_key_id, ref description } => {
            api_key::describe(connection, api_key_id, description)
        }
        Change::ApiKeyRolesChanged { api_key_id, roles } => {
            api_key::set_roles(connection, api_key_id, roles)
        }
        Change::ApiKeyDeleted { api_key_id } => api_key::delete(connection, api_key_id),
        Change::AccessListEntryAdded { owner, network } => {
            access_list::add(connection, seq, now, owner, network)
        }
        Change::AccessListEntryDeleted { owner, network } => {
            access_list::delete(connection, owner, network)
        }
        Change::SigningKeyAdded(ref key) => key::add(connection, seq, key),
        Change::SigningKeyRemoved { kid } => key::remove(connection, kid),
        Change::StatusListOpened(term) => one(
            connection,
            "INSERT INTO status_lists VALUES (?1, ?2, ?3)",
            params![seq.0, term.closes_at.as_second(), term.dies_at.as_second()],
        ),
        Change::BlocksTaken { list, first, count, client_id, secret_id } => {
            let owner = (client_id, secret_id);
            revocation::take_blocks(connection, list, first..first.saturating_add(count), owner)
        }
        Change::TokenRevoked { status, .. } => revocation::revoke(connection, status, now),
        Change::SecretTokensRevoked { client_id, secret_id } => {
            revocation::revoke_secret(connection, client_id, secret_id)
        }
        Change::AccountTokensRevoked { client_id } => {
            revocation::revoke_account(connection, client_id)
        }
    }
}

/// Runs a statement that writes one row, and fails if that is not there.
fn one(connection: &Connection, sql: &str, params: impl Params) -> Result<(), Failure> {
    match connection.prepare_cached(sql)?.execute(params)? {
        1 => Ok(()),
        _ => Err(Failure::NothingToChange),
    }
}
