//! The tables: whether they are ours and of a version that we can use, and how they came about.

use deadpool_postgres::Client;

use super::{error::Failure, log, row};
use crate::Seq;

/// How the tables came about, step by step. A step that was released never changes.
const STEPS: &[Step] =
    &[Step { sql: include_str!("../../migrations/postgres/0001_first.sql"), works_with: 1 }];

struct Step {
    sql: &'static str,
    /// The oldest version of the program that can use the tables after this step, by the last step
    /// that it knows. While one server after the other is upgraded, the version before this one
    /// runs on: so a step that takes something away is made one version later than the one that
    /// does without it.
    works_with: i32,
}

/// What PostgreSQL 13 calls itself.
const OLDEST_SERVER: i32 = 130_000;

/// Whether there is a store in the database.
pub(super) async fn is_there(client: &Client) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace AS space
                              ON relnamespace = space.oid AND space.nspname = current_schema()
                              WHERE relname = 'rescind_schema')";
    flag(client, sql).await
}

/// Finds the database to be ours and whole as far as a glance tells, and brings it up to date. One
/// that is empty becomes ours. The last number that was given in it.
///
/// The caller holds the lock; after a failure, the session may be within a transaction, which
/// nothing was committed of.
pub(super) async fn prepare(client: &Client) -> Result<Seq, Failure> {
    check_server(client).await?;
    client.batch_execute("BEGIN").await?;
    if !is_there(client).await? && !is_empty(client).await? {
        return Err(Failure::Foreign);
    }
    migrate(client).await?;
    let head = check_log(client).await?;
    client.batch_execute("COMMIT").await?;
    Ok(head)
}

async fn check_server(client: &Client) -> Result<(), Failure> {
    let sql = "SELECT current_setting('server_version_num')::integer,
                      current_setting('server_version'), getdatabaseencoding()::text,
                      current_schema() IS NOT NULL,
                      current_setting('transaction_read_only') = 'on',
                      current_setting('fsync') = 'off'";
    let facts = client.query_one(sql, &[]).await?;
    if row::get::<i32>(&facts, 0)? < OLDEST_SERVER {
        return Err(Failure::OldServer(row::get(&facts, 1)?));
    }
    let encoding: String = row::get(&facts, 2)?;
    if encoding != "UTF8" {
        return Err(Failure::Encoding(encoding));
    }
    if !row::get::<bool>(&facts, 3)? {
        return Err(Failure::NoSchema);
    }
    if row::get(&facts, 4)? {
        return Err(Failure::ReadOnly);
    }
    if row::get(&facts, 5)? {
        tracing::warn!(
            "the database server does not write to its disk what it says it has (fsync = off): \
             a revocation may be lost when its machine fails"
        );
    }
    Ok(())
}

async fn is_empty(client: &Client) -> Result<bool, Failure> {
    let sql = "SELECT NOT EXISTS (SELECT FROM pg_class JOIN pg_namespace AS space
                                  ON relnamespace = space.oid AND space.nspname = current_schema())";
    flag(client, sql).await
}

async fn flag(client: &Client, sql: &str) -> Result<bool, Failure> {
    row::get(&client.query_one(sql, &[]).await?, 0)
}

async fn migrate(client: &Client) -> Result<(), Failure> {
    let done = if is_there(client).await? {
        // Of the steps that we do not know, each must be one that we can live with.
        let sql = "SELECT max(step), max(works_with) FROM rescind_schema";
        let facts = client.query_one(sql, &[]).await?;
        let (last, works_with): (i32, i32) = (row::get(&facts, 0)?, row::get(&facts, 1)?);
        if usize::try_from(works_with).is_ok_and(|oldest| oldest > STEPS.len()) {
            return Err(Failure::Newer);
        }
        usize::try_from(last).map_err(Failure::damaged)?
    } else {
        0
    };
    for (number, step) in (1_i32..).zip(STEPS).skip(done) {
        client.batch_execute(step.sql).await?;
        let sql = "INSERT INTO rescind_schema (step, works_with) VALUES ($1, $2)";
        client.execute(sql, &[&number, &step.works_with]).await?;
    }
    Ok(())
}

/// The head is the number of the last entry, unless that has been pruned.
async fn check_log(client: &Client) -> Result<Seq, Failure> {
    let head = log::head(client).await?;
    let last = client.query_one("SELECT max(seq) FROM changes", &[]).await?;
    match row::get::<Option<i64>>(&last, 0)? {
        Some(last) if u64::try_from(last).map(Seq) != Ok(head) => Err(Failure::damaged(format!(
            "the last entry of its log is {last}, and the last number given {}",
            head.0
        ))),
        _ => Ok(head),
    }
}

/// How many bytes its tables take, their indexes included.
pub(super) async fn size(client: &Client) -> Result<u64, Failure> {
    let sql = "SELECT coalesce(sum(pg_total_relation_size(class.oid)), 0)::bigint
               FROM pg_class AS class JOIN pg_namespace AS space ON relnamespace = space.oid
               WHERE relkind = 'r' AND space.nspname = current_schema()";
    row::number(&client.query_one(sql, &[]).await?, 0)
}
