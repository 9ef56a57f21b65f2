//! Reading tables in step, each in the order of whom its rows belong to.

use rusqlite::{MappedRows, Row};

/// Rows in the order of their owner, taken owner by owner.
pub(super) struct Run<I: Iterator>(std::iter::Peekable<I>);

impl<'s, K, T, F> Run<MappedRows<'s, F>>
where
    K: PartialEq,
    F: FnMut(&Row<'_>) -> rusqlite::Result<(K, T)>,
{
    pub(super) fn new(rows: MappedRows<'s, F>) -> Self {
        Self(rows.peekable())
    }

    /// The next rows, as long as they are the owner's.
    pub(super) fn of(&mut self, owner: &K) -> rusqlite::Result<Vec<T>> {
        let mut taken = Vec::new();
        while let Some(row) = self.0.next_if(|row| row.as_ref().map_or(true, |(of, _)| of == owner))
        {
            let (_, value) = row?;
            // Nearly always one and seldom more than two, where `Vec` would make room for four.
            taken.reserve_exact(1);
            taken.push(value);
        }
        Ok(taken)
    }

    pub(super) fn is_at_end(&mut self) -> rusqlite::Result<bool> {
        self.0.next().transpose().map(|row| row.is_none())
    }
}
