//! PostgreSQL when the database is not what it should be, or the server does not do what it should.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::{sync::Arc, time::Duration};

use rescind_core::{
    clock::UnixTime,
    id::{ClientId, GroupId},
};
use rescind_harness::{CertificateAuthority, Database, Postgres, Validity};
use rescind_store::{
    Actor, Change, DatabaseError, PostgresStore, Seq, Store, StoreError, Transaction,
};
use tokio::{spawn, task::spawn_blocking, time::sleep};

const NOW: UnixTime = UnixTime::from_second(1_740_819_600);

async fn open(url: &str) -> Result<PostgresStore, DatabaseError> {
    PostgresStore::open(&url.parse().unwrap()).await.map_err(database_error)
}

async fn open_fails(url: &str) -> DatabaseError {
    let error = open(url).await.map(drop).unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(!told.contains("not%20a") && !told.contains("not a secret"), "{told}");
    error
}

fn database_error(error: StoreError) -> DatabaseError {
    let told = format!("{error:?}");
    let StoreError::Database(error) = error else { panic!("{told}") };
    error
}

/// Commits one change; its number.
async fn commit(store: &PostgresStore) -> Result<Seq, DatabaseError> {
    let client_id = ClientId::from_bytes([1; 12]);
    let changes = vec![Change::AccountTokensRevoked { client_id }];
    let transaction = Transaction { actor: Actor::Server, org_id: None, decided_of: None, changes };
    let numbers = store.commit(NOW, &[transaction]).await.map_err(database_error)?;
    Ok(numbers[0].unwrap())
}

/// The URL of another user of the same database.
fn of_user(url: &str, user: &str, password: &str) -> String {
    let (_, place) = url.split_once('@').unwrap();
    format!("postgres://{user}:{password}@{place}")
}

#[tokio::test]
async fn a_database_has_one_user_at_a_time() {
    let database = Database::new().unwrap();
    let store = open(database.url()).await.unwrap();
    let error = open_fails(database.url()).await;
    assert!(matches!(error, DatabaseError::InUse { .. }), "{error:?}");
    assert!(StoreError::from(error).is_in_use());
    assert_eq!(commit(&store).await.unwrap(), Seq(1));
    drop(store);
    open(database.url()).await.unwrap();
}

/// Whoever has lost its session has lost the lock. If somebody else has taken it, it must not write.
#[tokio::test]
async fn who_lost_the_lock_does_not_write_until_it_has_it_again() {
    let database = Database::new().unwrap();
    let store = open(database.url()).await.unwrap();
    assert_eq!(commit(&store).await.unwrap(), Seq(1));
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.sql(terminate).unwrap();
    let other = open(database.url()).await.unwrap();
    let error = commit(&store).await.unwrap_err();
    assert!(matches!(error, DatabaseError::InUse { .. }), "{error:?}");
    assert_eq!(commit(&other).await.unwrap(), Seq(2));
    drop(other);
    assert_eq!(commit(&store).await.unwrap(), Seq(3));
}

/// Questions that wait, for whatever reason, hold up no commit: memory is brought up to it first.
#[tokio::test]
async fn what_memory_follows_the_log_with_waits_for_no_question() {
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    let database = Arc::new(Database::new().unwrap());
    let store = Arc::new(open(database.url()).await.unwrap());
    let holder = Arc::clone(&database);
    let holding = spawn_blocking(move || {
        holder.sql("BEGIN; LOCK TABLE changes IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60)")
    });
    let lock = "SELECT count(*) FROM pg_locks WHERE relation = 'changes'::regclass
                AND mode = 'AccessExclusiveLock' AND granted";
    while database.sql(lock).unwrap().trim() != "1" {
        sleep(Duration::from_millis(10)).await;
    }
    let questions: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&store);
            spawn(async move { store.entries(Seq(0), 1).await })
        })
        .collect();
    while database.sql(WAITING).unwrap().trim() != "4" {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(store.group(GroupId::from_bytes([1; 12])).await.unwrap(), None);
    let release = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE wait_event = 'PgSleep'";
    database.sql(release).unwrap();
    assert!(holding.await.unwrap().is_err());
    for question in questions {
        assert!(question.await.unwrap().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_tables_of_a_newer_version_are_used_if_that_says_so() {
    let database = Database::new().unwrap();
    drop(open(database.url()).await.unwrap());
    database.sql("INSERT INTO rescind_schema VALUES (2, 1)").unwrap();
    commit(&open(database.url()).await.unwrap()).await.unwrap();
    database.sql("INSERT INTO rescind_schema VALUES (3, 2)").unwrap();
    let error = open_fails(database.url()).await;
    assert!(matches!(error, DatabaseError::Newer { .. }), "{error:?}");
}

const RELATIONS: &str = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace";

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let database = Database::new().unwrap();
    database.sql("CREATE TABLE theirs (c integer)").unwrap();
    let error = open_fails(database.url()).await;
    assert!(matches!(error, DatabaseError::Foreign { .. }), "{error:?}");
    assert_eq!(database.sql(RELATIONS).unwrap(), "theirs\n");
    assert!(!PostgresStore::is_in(&database.url().parse().unwrap()).await.unwrap());
    // In a schema of its own it is in nobody's way.
    database.sql("CREATE SCHEMA ours").unwrap();
    let url = format!("{}?options=-csearch_path%3Dours", database.url());
    open(&url).await.unwrap();
    assert!(PostgresStore::is_in(&url.parse().unwrap()).await.unwrap());
    assert_eq!(database.sql(RELATIONS).unwrap(), "theirs\n");
    let nowhere = format!("{}?options=-csearch_path%3Dnowhere", database.url());
    let error = open_fails(&nowhere).await;
    assert!(matches!(error, DatabaseError::NoSchema { .. }), "{error:?}");
}

#[tokio::test]
async fn a_user_needs_rights_and_a_place() {
    let database = Database::new().unwrap();
    let name = database.sql("SELECT current_database()").unwrap();
    let user = format!("{}_user", name.trim());
    database.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC").unwrap();
    database.sql(&format!("CREATE ROLE {user} LOGIN PASSWORD 'hunter2'")).unwrap();
    let url = of_user(database.url(), &user, "hunter2");
    let error = open_fails(&url).await;
    assert!(matches!(error, DatabaseError::NoRights { .. }), "{error:?}");
    assert_eq!(database.sql(RELATIONS).unwrap(), "");
    database.sql(&format!("ALTER ROLE {user} CONNECTION LIMIT 0")).unwrap();
    let error = open_fails(&url).await;
    assert!(matches!(error, DatabaseError::NoConnectionLeft { .. }), "{error:?}");
    database.sql(&format!("ALTER ROLE {user} CONNECTION LIMIT -1")).unwrap();
    database.sql(&format!("GRANT CREATE ON SCHEMA public TO {user}")).unwrap();
    commit(&open(&url).await.unwrap()).await.unwrap();
    let read_only = format!("ALTER ROLE {user} SET default_transaction_read_only = on");
    database.sql(&read_only).unwrap();
    let error = open_fails(&url).await;
    assert!(matches!(error, DatabaseError::ReadOnly { .. }), "{error:?}");
    database.sql(&format!("DROP OWNED BY {user}; DROP ROLE {user}")).unwrap();
}

#[tokio::test]
async fn what_leads_to_no_database_is_told_apart() {
    let database = Database::new().unwrap();
    let url = database.url();
    let error = open_fails(&of_user(url, "postgres", "hunter2")).await;
    assert!(matches!(error, DatabaseError::Login { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
    let error = open_fails(&of_user(url, "nobody", "hunter2")).await;
    assert!(matches!(error, DatabaseError::Login { .. }), "{error:?}");
    let error = open_fails(&url.replace("rescind_test", "nowhere")).await;
    assert!(matches!(error, DatabaseError::NoDatabase { .. }), "{error:?}");
    let error = open_fails(&format!("{url}?sslmode=require")).await;
    assert!(matches!(error, DatabaseError::NoTls { .. }), "{error:?}");
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = open_fails(&format!("postgres://u:hunter2@{unused}/r")).await;
    assert!(matches!(error, DatabaseError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_certificate_must_be_one_that_is_trusted() {
    let server = Postgres::start(&[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = [(); 2].map(|()| CertificateAuthority::new().unwrap());
    let roots = [("ours", &ours), ("theirs", &theirs)].map(|(name, authority)| {
        let file = folder.path().join(name);
        std::fs::write(&file, authority.pem()).unwrap();
        file.display().to_string()
    });
    let files = ours.issue(Validity::Current).unwrap().write_to(folder.path()).unwrap();
    server.use_certificate(&files).unwrap();
    let url = server.url("postgres");
    let with = |roots: &str| format!("{url}?sslmode=verify-full&sslrootcert={roots}");
    for url in [with(&roots[1]), format!("{url}?sslmode=verify-full")] {
        let error = open_fails(&url).await;
        assert!(matches!(error, DatabaseError::Certificate { .. }), "{error:?}");
    }
    for file in ["/no/such/file", "/dev/null"] {
        let error = open_fails(&with(file)).await;
        assert!(matches!(error, DatabaseError::Roots { .. }), "{error:?}");
    }
    let store = open(&with(&roots[0])).await.unwrap();
    commit(&store).await.unwrap();
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE application_name = 'rescind'";
    assert_eq!(server.sql("postgres", encrypted).unwrap(), "t\n");
}

/// Also where the server's default is to answer before it has written.
#[tokio::test]
async fn what_was_committed_outlives_a_crash_of_the_server() {
    let lazy = ["synchronous_commit=off", "wal_writer_delay=10s"];
    let mut server = Postgres::start(&lazy).unwrap();
    let store = open(&server.url("postgres")).await.unwrap();
    for n in 1..=5 {
        assert_eq!(commit(&store).await.unwrap(), Seq(n));
        server.crash().unwrap();
        let entries = store.entries(Seq(0), 100).await;
        // The session may have been found dead only now; then the next one is not.
        let entries = if entries.is_err() { store.entries(Seq(0), 100).await } else { entries };
        assert_eq!(entries.unwrap().len() as u64, n);
    }
}

/// After a failover to a standby that was behind, say: numbers that were given would be given twice.
#[tokio::test]
async fn a_database_that_has_lost_changes_is_not_written_to() {
    let database = Database::new().unwrap();
    let store = open(database.url()).await.unwrap();
    for n in 1..=3 {
        assert_eq!(commit(&store).await.unwrap(), Seq(n));
    }
    database.sql("DELETE FROM changes WHERE seq > 1; UPDATE change_log_head SET seq = 1").unwrap();
    let error = commit(&store).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Older { .. }), "{error:?}");
    assert_eq!(store.entries(Seq(0), 100).await.unwrap().len(), 1);
    drop(store);
    assert_eq!(commit(&open(database.url()).await.unwrap()).await.unwrap(), Seq(2));
}

#[tokio::test]
async fn what_does_not_read_back_is_damage() {
    let rows = [
        "INSERT INTO signing_keys VALUES ('x', 'ES256', 0, 0, 'x', 1)",
        "INSERT INTO organizations (id, name, created_at) VALUES ('x', '', 0)",
        "INSERT INTO organizations (id, name, created_at, version) VALUES ('123456789012', '', 0, -1)",
        "INSERT INTO signing_keys VALUES ('1234567890123456', 'RS256', 0, 0, 'x', 1)",
        "DELETE FROM change_log_head",
        "DROP TABLE api_key_access_entries",
    ];
    for sql in rows {
        let database = Database::new().unwrap();
        let store = open(database.url()).await.unwrap();
        database.sql(sql).unwrap();
        let error = database_error(store.snapshot(NOW).await.unwrap_err());
        assert!(matches!(error, DatabaseError::Damaged { .. }), "row: {sql}: {error:?}");
    }
    let database = Database::new().unwrap();
    drop(open(database.url()).await.unwrap());
    database.sql("INSERT INTO changes VALUES (7, 0, 'server', NULL, NULL, NULL, '{}')").unwrap();
    let error = open_fails(database.url()).await;
    assert!(matches!(error, DatabaseError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn another_encoding_is_refused() {
    let database = Database::new().unwrap();
    database.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0").unwrap();
    let name = database.sql("SELECT current_database()").unwrap();
    let error = open_fails(&database.url().replace(name.trim(), "latin")).await;
    database.sql("DROP DATABASE latin WITH (FORCE)").unwrap();
    assert!(matches!(error, DatabaseError::Encoding { .. }), "{error:?}");
}
