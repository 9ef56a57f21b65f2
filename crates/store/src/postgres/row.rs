//! Our types as PostgreSQL's values, and back. What does not read back is damage, never a panic.

use std::{pin::pin, str::FromStr};

use deadpool_postgres::GenericClient;
use enumset::{EnumSet, EnumSetType};
use futures_util::TryStreamExt as _;
use rescind_core::clock::UnixTime;
use tokio_postgres::{
    Row,
    types::{FromSql, ToSql},
};

use super::error::Failure;
use crate::{Cause, Seq, stored};

/// All rows of a query, each as `read` understands it, and none held twice.
pub(super) async fn rows<T>(
    client: &impl GenericClient,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    mut read: impl FnMut(&Row) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let statement = client.prepare_cached(sql).await?;
    let mut rows = pin!(client.query_raw(&statement, params.iter().copied()).await?);
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        all.push(read(&row)?);
    }
    Ok(all)
}

/// What `select` finds: every row, or those whose `key` is `only`; in this order.
pub(super) async fn all_or_of<T>(
    client: &impl GenericClient,
    select: &str,
    (key, only): (&str, Option<&[u8; 12]>),
    order: &str,
    read: impl FnMut(&Row) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    match only {
        Some(id) => {
            let sql = format!("{select} WHERE {key} = $1 ORDER BY {order}");
            rows(client, &sql, &[&id.as_slice()], read).await
        }
        None => rows(client, &format!("{select} ORDER BY {order}"), &[], read).await,
    }
}

/// The value in column `index`.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Failure> {
    row.try_get(index).map_err(Failure::damaged)
}

/// The bytes in column `index`, of which there are `N`.
pub(super) fn bytes<const N: usize>(row: &Row, index: usize) -> Result<[u8; N], Failure> {
    get::<&[u8]>(row, index)?.try_into().map_err(Failure::damaged)
}

/// The number in column `index`, which is never negative.
pub(super) fn number<T: TryFrom<i64, Error: Into<Cause>>>(
    row: &Row,
    index: usize,
) -> Result<T, Failure> {
    get::<i64>(row, index)?.try_into().map_err(Failure::damaged)
}

/// The number of a change in column `index`.
pub(super) fn seq(row: &Row, index: usize) -> Result<Seq, Failure> {
    number(row, index).map(Seq)
}

/// The moment in column `index`.
pub(super) fn time(row: &Row, index: usize) -> Result<UnixTime, Failure> {
    get(row, index).map(UnixTime::from_second)
}

/// The moment in column `index`, if there is one.
pub(super) fn optional_time(row: &Row, index: usize) -> Result<Option<UnixTime>, Failure> {
    Ok(get::<Option<i64>>(row, index)?.map(UnixTime::from_second))
}

/// The value whose text is in column `index`.
pub(super) fn text<T: FromStr<Err: Into<Cause>>>(row: &Row, index: usize) -> Result<T, Failure> {
    get::<&str>(row, index)?.parse().map_err(Failure::damaged)
}

/// The roles whose names are in column `index`.
pub(super) fn roles<R>(row: &Row, index: usize) -> Result<EnumSet<R>, Failure>
where
    R: EnumSetType + FromStr<Err: Into<Cause>>,
{
    stored::roles(get(row, index)?).map_err(Failure::damaged)
}

/// A number of ours as the database keeps it; those that it cannot keep are greater than all that
/// it does.
pub(super) fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
