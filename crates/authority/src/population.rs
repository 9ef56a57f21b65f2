//! The service accounts of a store on their way into memory, while the store is still reading.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use rescind_core::{
    account::Principal,
    clock::UnixTime,
    id::{ClientId, OrgId},
};
use rescind_store::{Snapshot, Store, StoreError};
use tokio::sync::mpsc;

use crate::{member::Member, members::Members};

/// How many batches of accounts may have been read and not entered.
const AHEAD: usize = 8;

/// The accounts, and who belongs to which organization.
#[derive(Default)]
pub(crate) struct Population {
    pub(crate) accounts: Vec<(ClientId, Arc<Principal>)>,
    pub(crate) members: HashMap<OrgId, Members, RandomState>,
}

impl Population {
    /// The accounts of `store`, and all else that it has for memory.
    pub(crate) async fn read(
        store: &dyn Store,
        now: UnixTime,
    ) -> Result<(Self, Snapshot), StoreError> {
        let (sender, mut accounts) = mpsc::channel::<Vec<Principal>>(AHEAD);
        let mut population = Self::default();
        let receive = async {
            while let Some(batch) = accounts.recv().await {
                for account in batch {
                    population.enter_account(account);
                }
            }
        };
        let (snapshot, ()) = tokio::join!(store.load(now, sender), receive);
        Ok((population, snapshot?))
    }

    /// Done with in one go while it is in the processor's cache: there can be a million.
    fn enter_account(&mut self, account: Principal) {
        let account = Arc::new(account);
        self.enter(&Member::Account(Arc::clone(&account)));
        self.accounts.push((account.client_id, account));
    }

    pub(crate) fn enter(&mut self, member: &Member) {
        self.members.entry(member.rights().org_id).or_default().insert(member);
    }
}
