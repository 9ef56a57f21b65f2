//! Measures the store at the size it is designed for: `cargo run --release -p rescind-store
//! --example measure -- DIR [THOUSANDS]`, DIR an empty directory on the disk in question. A second
//! run on the same directory only reads.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a tool for developers"
)]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rescind_core::{
    account::{Secret, ServiceAccount},
    clock::UnixTime,
    id::{ClientId, OrgId, SecretId},
    organization::{OrgSettings, Organization},
    role::OrgRole,
    secret::SecretHash,
    status_list::{BLOCK_BITS, LIST_BLOCKS, ListId, StatusRef, Term},
    token::TokenId,
};
use rescind_store::{Actor, Change, EventFilter, SqliteStore, Store, Transaction};

const NOW: UnixTime = UnixTime::from_second(1_740_819_600);
const ORG: OrgId = OrgId::from_bytes([1; 12]);

/// Blocks taken at once; so many in a row are one account's.
const RUN: u32 = 4;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().unwrap());
    let accounts: u64 = 1000 * args.next().map_or(1000, |text| text.parse().unwrap());

    if !dir.join("rescind.db").exists() {
        let store = SqliteStore::open(&dir).unwrap();
        let started = Instant::now();
        let lists = fill(&store, accounts).await;
        println!("{accounts} accounts and as many blocks written in {:.1?}", started.elapsed());
        for batch in [1, 16, 64, 256, 512] {
            revoke(&store, &dir, &lists, batch).await;
        }
    }

    let started = Instant::now();
    let store = SqliteStore::open(&dir).unwrap();
    let opened = started.elapsed();
    for _ in 0..3 {
        let started = Instant::now();
        let snapshot = store.snapshot(NOW).await.unwrap();
        let revoked: usize = snapshot.lists.iter().map(|list| list.revoked.len()).sum();
        println!(
            "opened in {opened:.1?}, read {} accounts and {revoked} blocks with a set bit in {:.1?}",
            snapshot.principals.len(),
            started.elapsed(),
        );
    }
    read(&store, accounts).await;
}

/// Reads what the management API shows at once.
async fn read(store: &SqliteStore, accounts: u64) {
    let (mut pages, mut principals) = (Vec::new(), Vec::new());
    for page in 0..500 {
        let ids: Vec<_> = (0..100)
            .map(|n| ClientId::from_bytes(id(splitmix(page * 100 + n) % accounts)))
            .collect();
        let started = Instant::now();
        assert_eq!(store.accounts(&ids).await.unwrap().len(), 100);
        pages.push(started.elapsed());
        let started = Instant::now();
        store.principal(ids[0]).await.unwrap().unwrap();
        principals.push(started.elapsed());
    }
    let (mut events, mut types) = (Vec::new(), Vec::new());
    let filter = EventFilter { limit: 100, ..EventFilter::default() };
    let only = EventFilter { types: vec!["GROUP_CREATED".to_owned()], ..filter.clone() };
    let mut total = 0;
    for _ in 0..5 {
        let started = Instant::now();
        total = store.events(ORG, &filter).await.unwrap().1;
        events.push(started.elapsed());
        let started = Instant::now();
        store.events(ORG, &only).await.unwrap();
        types.push(started.elapsed());
    }
    let rows = [
        ("a page of 100 accounts", pages),
        ("a principal", principals),
        ("a page of 100 events", events),
        ("the same of one type", types),
    ];
    for (what, mut times) in rows {
        times.sort();
        let at = |per_mille: usize| times[(times.len() - 1) * per_mille / 1000];
        println!("{what}: p50 {:.2?} p99 {:.2?} max {:.2?}", at(500), at(990), at(1000));
    }
    println!("the organization's log has {total} entries");
}

/// As many accounts as blocks, in lists; those of them that are full.
async fn fill(store: &SqliteStore, accounts: u64) -> Vec<ListId> {
    let organization = Organization {
        id: ORG,
        name: "Measured".to_owned(),
        created_at: NOW,
        settings: OrgSettings::default(),
    };
    commit(store, vec![Change::OrganizationCreated(organization)]).await;
    let created = (0..accounts).map(|n| Change::ServiceAccountCreated(account(n)));
    in_batches(store, created).await;

    let blocks = u32::try_from(accounts).unwrap();
    let mut lists = Vec::new();
    for first in (0..blocks).step_by(LIST_BLOCKS as usize) {
        let opened = Change::StatusListOpened(Term::starting(NOW));
        let list = ListId::from_number(commit(store, vec![opened]).await);
        let taken = (0..LIST_BLOCKS.min(blocks - first)).step_by(RUN as usize).map(|block| {
            let owner = splitmix(u64::from(first + block)) % accounts;
            Change::BlocksTaken {
                list,
                first: block,
                count: RUN,
                client_id: ClientId::from_bytes(id(owner)),
                secret_id: SecretId::from_bytes(id(owner)),
            }
        });
        in_batches(store, taken).await;
        lists.push(list);
    }
    lists.pop(); // it is not full
    lists
}

/// Revokes random tokens of `lists` for a few seconds, `batch` to a commit.
async fn revoke(store: &SqliteStore, dir: &Path, lists: &[ListId], batch: usize) {
    let (mut times, mut log, mut chance) = (Vec::new(), 0, batch as u64);
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(8) {
        let transactions: Vec<_> = (0..batch)
            .map(|_| {
                chance = splitmix(chance);
                let list = lists[usize::try_from(chance >> 40).unwrap() % lists.len()];
                let bits = LIST_BLOCKS * BLOCK_BITS;
                let index = u32::try_from(chance & u64::from(u32::MAX)).unwrap() % bits;
                transaction(vec![Change::TokenRevoked {
                    status: StatusRef { list, index },
                    client_id: ClientId::from_bytes(id(chance)),
                    token_id: TokenId::from_u128(u128::from(chance)),
                }])
            })
            .collect();
        let asked = Instant::now();
        store.commit(NOW, &transactions).await.unwrap();
        times.push(asked.elapsed());
        log = log.max(std::fs::metadata(dir.join("rescind.db-wal")).unwrap().len());
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort();
    let at = |per_mille: usize| times[(times.len() - 1) * per_mille / 1000];
    println!(
        "batches of {batch:3}: {:6.0} commits/s, {:7.0} revocations/s, p50 {:.2?} p99 {:.2?} \
         p99.9 {:.2?} max {:.2?}; write-ahead log {} MiB",
        times.len() as f64 / seconds,
        (times.len() * batch) as f64 / seconds,
        at(500),
        at(990),
        at(999),
        at(1000),
        log >> 20,
    );
}

async fn in_batches(store: &SqliteStore, changes: impl Iterator<Item = Change>) {
    let mut changes = changes.peekable();
    while changes.peek().is_some() {
        commit(store, changes.by_ref().take(4096).collect()).await;
    }
}

async fn commit(store: &SqliteStore, changes: Vec<Change>) -> u64 {
    store.commit(NOW, &[transaction(changes)]).await.unwrap()[0].unwrap().0
}

fn transaction(changes: Vec<Change>) -> Transaction {
    Transaction { actor: Actor::Operator, org_id: Some(ORG), decided_of: None, changes }
}

fn account(n: u64) -> ServiceAccount {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&n.to_le_bytes());
    ServiceAccount {
        client_id: ClientId::from_bytes(id(n)),
        org_id: ORG,
        name: format!("service account {n}"),
        description: "one of many, to see how the store bears them".to_owned(),
        created_at: NOW,
        roles: OrgRole::Member.into(),
        secrets: vec![Secret {
            id: SecretId::from_bytes(id(n)),
            hash: SecretHash::from_bytes(hash),
            last_four: "6789".to_owned(),
            created_at: NOW,
            expires_at: NOW.plus_seconds(86_400),
            last_used_at: None,
        }],
    }
}

/// The id of the `n`th: in the order of time, as those of the server are.
fn id(n: u64) -> [u8; 12] {
    let mut id = [0; 12];
    id[..4].copy_from_slice(&u32::try_from(n & u64::from(u32::MAX)).unwrap().to_be_bytes());
    id[4..].copy_from_slice(&splitmix(n).to_be_bytes());
    id
}

/// The next of a row of numbers without order (Steele, Lea, Flood 2014).
fn splitmix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
