//! Our types as SQLite's values, and back. What does not read back is damage, never a panic.

use std::str::FromStr;

use enumset::{EnumSet, EnumSetType};
use rescind_core::clock::UnixTime;
use rusqlite::{Row, types::Type};

use crate::{Cause, stored};

/// The moment in column `index`.
pub(super) fn time(row: &Row<'_>, index: usize) -> rusqlite::Result<UnixTime> {
    row.get(index).map(UnixTime::from_second)
}

/// The moment in column `index`, if there is one.
pub(super) fn optional_time(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<UnixTime>> {
    row.get::<_, Option<i64>>(index).map(|at| at.map(UnixTime::from_second))
}

/// The value whose text is in column `index`.
pub(super) fn text<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    parsed(index, row.get_ref(index)?.as_str()?.parse())
}

/// The roles whose names are in column `index`, with commas between them.
pub(super) fn roles<R>(row: &Row<'_>, index: usize) -> rusqlite::Result<EnumSet<R>>
where
    R: EnumSetType + FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    parsed(index, stored::roles(row.get_ref(index)?.as_str()?))
}

/// What was parsed from column `index`, as rusqlite reports it.
pub(super) fn parsed<T>(index: usize, result: Result<T, impl Into<Cause>>) -> rusqlite::Result<T> {
    result
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, error.into()))
}
