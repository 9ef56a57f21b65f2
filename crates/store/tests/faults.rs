//! SQLite when the file is not what it should be, or the disk does not do what it should.
//!
//! Tests that mount a file system of their own need root. Without it they fail, unless
//! `RESCIND_SKIP_ROOT_TESTS=1` says that this is known.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "test code")]

use std::{
    fs,
    net::IpAddr,
    os::unix::fs::{FileExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use ipnet::IpNet;
use rescind_core::{
    account::{Assignment, Secret, ServiceAccount},
    api_key::ApiKey,
    clock::UnixTime,
    digest::WrappedHa1s,
    id::{ApiKeyId, ClientId, GroupId, OrgId, SecretId},
    organization::{Group, OrgSettings, Organization},
    role::{GroupRole, OrgRole},
    secret::SecretHash,
    status_list::{ListId, StatusRef, Term},
    token::TokenId,
};
use rescind_store::{
    Actor, Change, EventFilter, Seq, SqliteStore, Store, StoreError, TokensOf, Transaction,
};
use rusqlite::Connection;
use tempfile::TempDir;

const NOW: UnixTime = UnixTime::from_second(1_740_819_600);
const ORG: OrgId = OrgId::from_bytes([1; 12]);
const PAGE: usize = 4096;

async fn commit(store: &SqliteStore, changes: Vec<Change>) -> Result<Seq, StoreError> {
    let (actor, org_id) = (Actor::Server, Some(ORG));
    let transaction = Transaction { actor, org_id, decided_of: None, changes };
    store.commit(NOW, &[transaction]).await.map(|seqs| seqs[0].unwrap())
}

fn revoked_account(n: u8) -> Change {
    Change::AccountTokensRevoked { client_id: ClientId::from_bytes([n; 12]) }
}

fn open_fails(dir: &Path) -> StoreError {
    SqliteStore::open(dir).map(drop).unwrap_err()
}

/// A directory with the database of a store that was closed.
async fn closed_store() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    commit(&store, vec![revoked_account(1)]).await.unwrap();
    drop(store);
    let database = dir.path().join("rescind.db");
    (dir, database)
}

#[tokio::test]
async fn a_directory_has_one_user_at_a_time() {
    let (dir, _) = closed_store().await;
    let store = SqliteStore::open(dir.path()).unwrap();
    let error = open_fails(dir.path());
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    assert!(error.to_string().contains(dir.path().to_str().unwrap()), "{error}");
    commit(&store, vec![revoked_account(1)]).await.unwrap();
    drop(store);
    SqliteStore::open(dir.path()).unwrap();
}

#[tokio::test]
async fn only_the_owner_may_read_what_is_stored() {
    let (dir, _) = closed_store().await;
    let _store = SqliteStore::open(dir.path()).unwrap();
    let modes: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|file| (file.file_name(), file.metadata().unwrap().permissions().mode() & 0o777))
        .collect();
    assert_eq!(modes.len(), 4, "database, its log, the index of that, the lock: {modes:?}");
    assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_left_alone() {
    let (dir, database) = closed_store().await;
    Connection::open(&database).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let before = fs::read(&database).unwrap();
    let error = open_fails(dir.path());
    assert!(matches!(error, StoreError::Newer { .. }), "{error:?}");
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let rows = [
        ("tables, no id", "CREATE TABLE t (c)"),
        ("another id", "PRAGMA application_id = 7; CREATE TABLE t (c)"),
        ("another id, no tables", "PRAGMA application_id = 7"),
    ];
    for (row, sql) in rows {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("rescind.db");
        Connection::open(&database).unwrap().execute_batch(sql).unwrap();
        let before = fs::read(&database).unwrap();
        let error = open_fails(dir.path());
        assert!(matches!(error, StoreError::Foreign { .. }), "row: {row}: {error:?}");
        assert_eq!(fs::read(&database).unwrap(), before, "row: {row}");
    }
}

#[tokio::test]
async fn a_database_that_was_cut_off_is_damaged() {
    let (dir, database) = closed_store().await;
    let whole = fs::read(&database).unwrap();
    // Less than a page at the end may be nothing but zeros, and then nothing is lost.
    for length in [0, 1, 15, 16, 99, 100, 512, PAGE - 1, PAGE, PAGE + 1, whole.len() - PAGE] {
        fs::write(&database, &whole[..length]).unwrap();
        let error = open_fails(dir.path());
        assert!(matches!(error, StoreError::Damaged { .. }), "{length} bytes: {error:?}");
    }
    fs::write(&database, &whole).unwrap();
    SqliteStore::open(dir.path()).unwrap();
}

#[tokio::test]
async fn a_database_that_is_something_else_is_damaged() {
    let (dir, database) = closed_store().await;
    let zeros = vec![0; 8 * PAGE];
    let rows = [
        ("a text", b"# rescind\n".repeat(500)),
        ("a few letters", b"hm".to_vec()),
        ("zeros", zeros),
    ];
    for (row, content) in rows {
        fs::write(&database, content).unwrap();
        let error = open_fails(dir.path());
        assert!(matches!(error, StoreError::Damaged { .. }), "row: {row}: {error:?}");
    }
}

/// A new database beside it would begin with what the log of the old one holds.
#[tokio::test]
async fn a_log_whose_database_is_gone_is_damage() {
    let (dir, database) = closed_store().await;
    fs::rename(&database, dir.path().join("rescind.db-wal")).unwrap();
    let error = open_fails(dir.path());
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(!database.exists());
}

#[tokio::test]
async fn a_head_that_is_not_that_of_the_log_is_damage() {
    let rows = [
        ("numbers would be given twice", "UPDATE change_log_head SET seq = 0"),
        ("entries are missing", "UPDATE change_log_head SET seq = 9"),
        ("it is gone", "DELETE FROM change_log_head"),
        ("the log is gone", "DROP TABLE changes"),
    ];
    for (row, sql) in rows {
        let (dir, database) = closed_store().await;
        Connection::open(&database).unwrap().execute_batch(sql).unwrap();
        let error = open_fails(dir.path());
        assert!(matches!(error, StoreError::Damaged { .. }), "row: {row}: {error:?}");
    }
}

/// The number is not given again when the entry that had it is no longer kept.
#[tokio::test]
async fn numbers_go_on_where_the_log_was_pruned() {
    let (dir, database) = closed_store().await;
    Connection::open(&database).unwrap().execute_batch("DELETE FROM changes").unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(commit(&store, vec![revoked_account(2)]).await.unwrap(), Seq(2));
}

#[tokio::test]
async fn rows_that_we_cannot_have_written_are_damage() {
    let rows = [
        ("a short id", "UPDATE service_accounts SET org_id = x'01'"),
        ("no role", "UPDATE service_accounts SET roles = 'ORG_OWNER,GROUP_OWNER'"),
        ("a short hash", "UPDATE secrets SET hash = x'01'"),
        ("a secret of nobody", "DELETE FROM service_accounts"),
        ("no algorithm", "INSERT INTO signing_keys VALUES (zeroblob(16), 'none', 0, x'', 1, 0)"),
        (
            "a long name of a key",
            "INSERT INTO signing_keys VALUES (zeroblob(17), 'ES256', 0, x'', 1, 0)",
        ),
        ("a negative list", "INSERT INTO status_lists VALUES (-1, 0, 9000000000)"),
        ("a negative block", "UPDATE status_blocks SET number = -1 WHERE number = 0"),
        ("no network", "UPDATE access_entries SET network = '192.0.2'"),
        ("a use from nowhere", "UPDATE access_entries SET last_used_at = 1"),
        ("a version before the first", "UPDATE organizations SET version = -1"),
        ("half an organization", "UPDATE changes SET org_id = x'0101'"),
        ("no actor", "UPDATE changes SET actor = 'nobody'"),
        (
            "an actor without address",
            "UPDATE changes SET actor = 'mdb_sa_id_010101010101010101010101'",
        ),
        ("no event", "UPDATE changes SET event = '{\"type\":\"never_happened\"}'"),
        ("no JSON", "DROP INDEX changes_by_type; UPDATE changes SET event = ''"),
        ("not UTF-8", "DROP INDEX changes_by_type; UPDATE changes SET event = CAST(x'ff' AS TEXT)"),
    ];
    for (row, sql) in rows {
        let dir = tempfile::tempdir().unwrap();
        write_everything(dir.path()).await;
        let connection = Connection::open(dir.path().join("rescind.db")).unwrap();
        connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
        drop(connection);
        let error = read_everything(dir.path()).await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "row: {row}: {error:?}");
    }
}

/// Whatever becomes of any one page: what is read is right, or is said to be damaged.
#[tokio::test]
async fn no_page_can_be_destroyed_unnoticed() {
    let dir = tempfile::tempdir().unwrap();
    write_everything(dir.path()).await;
    let right = read_everything(dir.path()).await.unwrap();
    let database = dir.path().join("rescind.db");
    let whole = fs::read(&database).unwrap();
    let pages = whole.len() / PAGE;
    let noise: Vec<u8> = (0..=255_u8).map(|n| n.wrapping_mul(167)).cycle().take(PAGE).collect();
    let mut found = 0;
    for page in 0..pages {
        for garbage in [&noise, &vec![0; PAGE], &vec![0xff; PAGE]] {
            fs::write(&database, &whole).unwrap();
            let file = fs::File::options().write(true).open(&database).unwrap();
            file.write_all_at(garbage, (page * PAGE) as u64).unwrap();
            match read_everything(dir.path()).await {
                Ok(read) => assert_eq!(read, right, "page {page} was not missed"),
                Err(StoreError::Damaged { .. }) => found += 1,
                Err(error) => panic!("page {page}: {error:?}"),
            }
        }
    }
    // The rest are indexes that no reader needs, and tables without a row.
    assert!(found > 3 * pages * 3 / 4, "{found} of {} found", 3 * pages);
}

/// A store of a few dozen pages, with a row in nearly every table.
async fn write_everything(dir: &Path) {
    let store = SqliteStore::open(dir).unwrap();
    let mut changes = vec![
        Change::OrganizationCreated(Organization {
            id: ORG,
            name: "Acme".to_owned(),
            created_at: NOW,
            settings: OrgSettings::default(),
        }),
        Change::StatusListOpened(Term::starting(NOW)),
        Change::GroupCreated(Group {
            id: GroupId::from_bytes([1; 12]),
            org_id: ORG,
            name: "Projekt".to_owned(),
            created_at: NOW,
        }),
    ];
    for n in 0..=255 {
        let client_id = ClientId::from_bytes([n; 12]);
        changes.push(Change::ServiceAccountCreated(ServiceAccount {
            client_id,
            org_id: ORG,
            name: "n".repeat(64),
            description: "d".repeat(200),
            created_at: NOW,
            roles: OrgRole::Member.into(),
            secrets: vec![Secret {
                id: SecretId::from_bytes([n; 12]),
                hash: SecretHash::from_bytes([n; 32]),
                last_four: "6789".to_owned(),
                created_at: NOW,
                expires_at: NOW,
                last_used_at: None,
            }],
        }));
        let (group_id, roles) = (GroupId::from_bytes([1; 12]), GroupRole::Owner.into());
        let assignment = Assignment { group_id, roles };
        changes.push(Change::ServiceAccountAssigned { client_id, assignment });
        let network = IpNet::from(IpAddr::from([192, 0, 2, n]));
        changes.push(Change::AccessListEntryAdded { owner: client_id.into(), network });
        let id = ApiKeyId::from_bytes([n; 12]);
        let letters = [n / 16, n % 16].map(|digit| char::from(b'a' + digit));
        changes.push(Change::ApiKeyCreated(ApiKey {
            id,
            org_id: ORG,
            public_key: format!("abcdef{}{}", letters[0], letters[1]).parse().unwrap(),
            description: "d".repeat(200),
            created_at: NOW,
            roles: OrgRole::Member.into(),
            last_twelve: "123456789012".to_owned(),
            credentials: WrappedHa1s::from_bytes([n; _]),
        }));
        changes.push(Change::AccessListEntryAdded { owner: id.into(), network });
    }
    commit(&store, changes).await.unwrap();
    let list = ListId::from_number(2);
    let owners = (0..=255_u8).map(|n| Change::BlocksTaken {
        list,
        first: u32::from(n) * 2,
        count: 2,
        client_id: ClientId::from_bytes([n; 12]),
        secret_id: SecretId::from_bytes([n; 12]),
    });
    commit(&store, owners.collect()).await.unwrap();
    let tokens = (0..512).map(|n| Change::TokenRevoked {
        status: StatusRef { list, index: n * 64 },
        client_id: ClientId::from_bytes([1; 12]),
        token_id: TokenId::from_u128(1),
    });
    commit(&store, tokens.collect()).await.unwrap();
}

async fn read_everything(dir: &Path) -> Result<String, StoreError> {
    let store = SqliteStore::open(dir)?;
    let (snapshot, entries) = (store.snapshot(NOW).await?, store.entries(Seq(0), 10_000).await?);
    let filter = EventFilter { limit: 10_000, ..EventFilter::default() };
    let events = store.events(ORG, &filter).await?;
    let all: Vec<_> = (0..=255).map(|n| ClientId::from_bytes([n; 12])).collect();
    let accounts = store.accounts(&all).await?;
    let keys: Vec<_> = (0..=255).map(|n| ApiKeyId::from_bytes([n; 12])).collect();
    let api_keys = store.api_keys(&keys).await?;
    let (mut lists, mut blocks) = (Vec::new(), Vec::new());
    for client_id in all {
        lists.push(store.access_entries(client_id.into()).await?);
        blocks.push(store.dead_blocks(&[TokensOf::Account(client_id)]).await?);
    }
    for id in keys {
        lists.push(store.access_entries(id.into()).await?);
    }
    Ok(format!(
        "{snapshot:?} {entries:?} {events:?} {accounts:?} {api_keys:?} {lists:?} {blocks:?}"
    ))
}

#[tokio::test]
async fn a_read_only_directory_is_said_to_be_one() {
    let Some(disk) = Disk::mount(4) else { return };
    for content in ["nothing", "a store"] {
        let error = disk.read_only(open_fails);
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{content}: {error:?}");
        drop(SqliteStore::open(disk.path()).unwrap());
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_recovered_from() {
    let Some(disk) = Disk::mount(4) else { return };
    let store = SqliteStore::open(disk.path()).unwrap();
    let mut committed = 0;
    for round in 0..3 {
        let ballast = disk.fill();
        // What is allocated already can still be written to: it may take a few commits.
        let error = loop {
            assert!(committed < 10_000, "the disk is full, and commits go on");
            match commit(&store, vec![revoked_account(1); 100]).await {
                Ok(first) => {
                    assert_eq!(first, Seq(committed + 1));
                    committed += 100;
                }
                Err(error) => break error,
            }
        };
        assert!(matches!(error, StoreError::Full { .. }), "round {round}: {error:?}");
        let error = commit(&store, vec![revoked_account(1); 100]).await.unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "round {round}: {error:?}");
        assert_eq!(store.snapshot(NOW).await.unwrap().seq, Seq(committed));

        fs::remove_file(ballast).unwrap();
        assert_eq!(commit(&store, vec![revoked_account(1)]).await.unwrap(), Seq(committed + 1));
        committed += 1;
    }
    drop(store);
    let store = SqliteStore::open(disk.path()).unwrap();
    let entries = store.entries(Seq(0), 20_000).await.unwrap();
    assert!(entries.iter().map(|entry| entry.seq.0).eq(1..=committed));
}

#[test]
fn a_disk_that_is_full_from_the_beginning_is_said_to_be_full() {
    let Some(disk) = Disk::mount(2) else { return };
    let ballast = disk.fill();
    let error = open_fails(disk.path());
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    fs::remove_file(ballast).unwrap();
    SqliteStore::open(disk.path()).unwrap();
}

/// A small file system in memory, unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    fn mount(mebibytes: u32) -> Option<Self> {
        if std::env::var_os("RESCIND_SKIP_ROOT_TESTS").is_some_and(|value| value == "1") {
            eprintln!("NOT TRIED, as RESCIND_SKIP_ROOT_TESTS asks: needs a disk of its own");
            return None;
        }
        let disk = Self(tempfile::tempdir().unwrap());
        let size = format!("size={mebibytes}m");
        let mounted = mount(&["-t", "tmpfs", "-o", &size, "tmpfs"], disk.path());
        assert!(
            mounted,
            "mounting a tmpfs needs root: run as root, or set RESCIND_SKIP_ROOT_TESTS=1"
        );
        Some(disk)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn read_only<T>(&self, act: impl FnOnce(&Path) -> T) -> T {
        assert!(mount(&["-o", "remount,ro"], self.path()));
        let done = act(self.path());
        assert!(mount(&["-o", "remount,rw"], self.path()));
        done
    }

    /// Takes all that is free, for a file that is returned.
    fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        let mut file = fs::File::create(&ballast).unwrap();
        let error = std::io::copy(&mut std::io::repeat(0), &mut file).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        ballast
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, since a test that failed may still have files open there.
        let _status = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

fn mount(options: &[&str], at: &Path) -> bool {
    Command::new("mount").args(options).arg(at).status().unwrap().success()
}
