//! A store full of service accounts, written through the store's own interface: as the server
//! would have written it over days, and in an hour of work.

use std::rc::Rc;

use enumset::EnumSet;
use rescind_core::account::{Assignment, SECRET_HOURS, Secret, ServiceAccount};
use rescind_core::clock::UnixTime;
use rescind_core::id::{ClientId, GroupId, Ids, OrgId, SecretId};
use rescind_core::organization::{Group, OrgSettings, Organization};
use rescind_core::random::SystemRandom;
use rescind_core::role::{GroupRole, OrgRole};
use rescind_core::secret::{ClientSecret, SecretHasher};
use rescind_core::status_list::{BLOCK_BITS, LIST_BLOCKS, ListId, Term};
use rescind_store::{Actor, Change, Store, StoreError, Transaction};

use crate::client::Client;

/// Each account in so many is on the long list of one organization; the others belong to
/// organizations of [`USUAL`] accounts.
const LONG: usize = 10;
const USUAL: usize = 200;
/// So many of these organizations grow at a time.
const GROWING: usize = 64;
/// So many accounts are created in a second.
const PER_SECOND: usize = 3;
/// The tokens of each account in so many have all been taken back.
const TAKEN_BACK: usize = 6;
/// So many accounts, spread over all of them, are at work.
const AT_WORK: usize = 1_000;
/// Transactions to a commit.
const BATCH: usize = 2_048;

/// Who and what is in the store.
pub(crate) struct Population {
    /// Accounts that ask for tokens, in no order.
    pub(crate) at_work: Vec<Rc<Client>>,
    /// The organization and the project whose accounts are [`Self::long_list`].
    pub(crate) org_id: OrgId,
    pub(crate) group_id: GroupId,
    /// In the order of creation; the first one owns the organization.
    pub(crate) long_list: Vec<Rc<Client>>,
    pub(crate) organizations: usize,
    /// Tokens whose bits are set.
    pub(crate) revoked: u64,
}

/// An organization, with its project.
struct Place {
    org_id: OrgId,
    group_id: GroupId,
}

impl Place {
    /// Where the account `n` belongs. Some organizations grow at a time, an account each in turn:
    /// so the accounts of each lie on pages of their own in the store, as they do when they are
    /// created over the years.
    fn of<'a>(n: usize, long: &'a Self, usual: &'a [Self]) -> &'a Self {
        let turn = n - n.div_ceil(LONG);
        let growing = turn / (GROWING * USUAL) * GROWING;
        let of_these = (usual.len() - growing).min(GROWING);
        if n.is_multiple_of(LONG) { long } else { &usual[growing + turn % of_these] }
    }
}

/// Writes `accounts` service accounts, each with a secret, assigned to the project of its
/// organization. Each has taken a block of status bits just now.
pub(crate) async fn settle(
    store: &dyn Store,
    hasher: SecretHasher,
    accounts: usize,
    now: UnixTime,
) -> Result<Population, StoreError> {
    let first_second = now.plus_seconds(-seconds(accounts));
    let mut settlement = Settlement {
        store,
        now,
        hasher,
        ids: Ids::after([0; 12]),
        batch: Vec::with_capacity(BATCH),
    };
    let long = settlement.place(first_second).await?;
    let mut usual = Vec::new();
    for _ in 0..(accounts - accounts.div_ceil(LONG)).div_ceil(USUAL).max(1) {
        usual.push(settlement.place(first_second).await?);
    }

    let (mut at_work, mut long_list) = (Vec::new(), Vec::new());
    let mut settled = Vec::with_capacity(accounts);
    for n in 0..accounts {
        let place = Place::of(n, &long, &usual);
        let created_at = first_second.plus_seconds(seconds(n));
        let role = if n == 0 { OrgRole::Owner } else { OrgRole::Member };
        let (owner, secret) = settlement.account(n, place, role, created_at).await?;
        let client = Client::new(owner.account.to_string(), secret.expose());
        if n.is_multiple_of((accounts / AT_WORK).max(1)) {
            at_work.push(Rc::clone(&client));
        }
        if n.is_multiple_of(LONG) {
            long_list.push(client);
        }
        settled.push(owner);
    }
    settlement.take_blocks(&settled).await?;
    let revoked = settlement.take_tokens_back(&settled).await?;
    fastrand::shuffle(&mut at_work);
    Ok(Population {
        at_work,
        org_id: long.org_id,
        group_id: long.group_id,
        long_list,
        organizations: usual.len() + 1,
        revoked,
    })
}

/// How long it takes until `accounts` are created.
fn seconds(accounts: usize) -> i64 {
    i64::try_from(accounts / PER_SECOND).unwrap_or(i64::MAX)
}

/// Whose tokens a block is for.
struct Owner {
    org: OrgId,
    account: ClientId,
    secret: SecretId,
}

/// What it takes to write.
struct Settlement<'a> {
    store: &'a dyn Store,
    now: UnixTime,
    hasher: SecretHasher,
    ids: Ids,
    batch: Vec<Transaction>,
}

impl Settlement<'_> {
    /// An organization and a project in it.
    async fn place(&mut self, created_at: UnixTime) -> Result<Place, StoreError> {
        let place = Place {
            org_id: self.ids.next(created_at, &SystemRandom),
            group_id: self.ids.next(created_at, &SystemRandom),
        };
        let Place { org_id, group_id } = place;
        let organization = Organization {
            id: org_id,
            name: "an organization".to_owned(),
            created_at,
            settings: OrgSettings::default(),
        };
        let group =
            Group { id: group_id, org_id, name: "inventory-production".to_owned(), created_at };
        let changes = vec![Change::OrganizationCreated(organization), Change::GroupCreated(group)];
        self.write(Some(org_id), changes).await?;
        Ok(place)
    }

    /// The account `n`, assigned to the project.
    async fn account(
        &mut self,
        n: usize,
        place: &Place,
        role: OrgRole,
        created_at: UnixTime,
    ) -> Result<(Owner, ClientSecret), StoreError> {
        let &Place { org_id, group_id } = place;
        let client_id = self.ids.next(created_at, &SystemRandom);
        let secret_id = self.ids.next(created_at, &SystemRandom);
        let plain = ClientSecret::generate(&SystemRandom);
        let secret = Secret {
            id: secret_id,
            hash: self.hasher.hash(plain.expose()),
            last_four: plain.last_four().to_owned(),
            created_at,
            expires_at: self.now.plus_seconds(i64::from(*SECRET_HOURS.end()) * 3600),
            last_used_at: None,
        };
        let account = ServiceAccount {
            client_id,
            org_id,
            name: format!("inventory-export-{n}"),
            description: "Exports the inventory of its warehouse every night".to_owned(),
            created_at,
            roles: EnumSet::only(role),
            secrets: vec![secret],
        };
        let assignment = Assignment { group_id, roles: EnumSet::only(GroupRole::ReadOnly) };
        let changes = vec![
            Change::ServiceAccountCreated(account),
            Change::ServiceAccountAssigned { client_id, assignment },
        ];
        self.write(Some(org_id), changes).await?;
        Ok((Owner { org: org_id, account: client_id, secret: secret_id }, plain))
    }

    /// Has each account take a block, in lists that have just been opened.
    async fn take_blocks(&mut self, owners: &[Owner]) -> Result<(), StoreError> {
        for owners in owners.chunks(LIST_BLOCKS as usize) {
            self.commit().await?;
            let term = Term::starting(self.now);
            let changes = vec![Change::StatusListOpened(term)];
            let opened =
                Transaction { actor: Actor::Server, org_id: None, decided_of: None, changes };
            let numbers = self.store.commit(self.now, &[opened]).await?;
            let Some(Ok(number)) = numbers.first() else {
                unreachable!("a transaction that was decided of no version is never stale")
            };
            let list = ListId::from_number(number.0);
            for (first, &Owner { account: client_id, secret: secret_id, .. }) in (0..).zip(owners) {
                let taken = Change::BlocksTaken { list, first, count: 1, client_id, secret_id };
                self.write(None, vec![taken]).await?;
            }
        }
        self.commit().await
    }

    /// Takes all tokens of some of the accounts back; how many bits are set then.
    async fn take_tokens_back(&mut self, owners: &[Owner]) -> Result<u64, StoreError> {
        let mut bits = 0;
        for &Owner { org, account: client_id, .. } in owners.iter().step_by(TAKEN_BACK) {
            self.write(Some(org), vec![Change::AccountTokensRevoked { client_id }]).await?;
            bits += u64::from(BLOCK_BITS);
        }
        self.commit().await?;
        Ok(bits)
    }

    async fn write(
        &mut self,
        org_id: Option<OrgId>,
        changes: Vec<Change>,
    ) -> Result<(), StoreError> {
        self.batch.push(Transaction { actor: Actor::Operator, org_id, decided_of: None, changes });
        if self.batch.len() == BATCH { self.commit().await } else { Ok(()) }
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        self.store.commit(self.now, &self.batch).await?;
        self.batch.clear();
        Ok(())
    }
}
