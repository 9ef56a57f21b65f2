//! Reading tables in step, each in the order of whom its rows belong to.

use rusqlite::{Row, Rows, fallible_streaming_iterator::FallibleStreamingIterator as _};

/// Rows in the order of their owner, who stands in the first column; taken owner by owner.
pub(super) struct Run<'s, K> {
    rows: Rows<'s>,
    /// The owner of the row that comes next, if there is one.
    owner: Option<K>,
}

impl<'s, K: From<[u8; 12]> + PartialEq> Run<'s, K> {
    pub(super) fn new(rows: Rows<'s>) -> rusqlite::Result<Self> {
        let mut run = Self { rows, owner: None };
        run.advance()?;
        Ok(run)
    }

    /// What `read` makes of the next rows, as long as they are the owner's.
    pub(super) fn of<T, C: Default + Extend<T>>(
        &mut self,
        owner: &K,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<C> {
        let mut taken = C::default();
        while self.owner.as_ref() == Some(owner)
            && let Some(row) = self.rows.get()
        {
            taken.extend([read(row)?]);
            self.advance()?;
        }
        Ok(taken)
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.owner.is_none()
    }

    fn advance(&mut self) -> rusqlite::Result<()> {
        let next = self.rows.next()?.map(|row| row.get::<_, [u8; 12]>(0));
        self.owner = next.transpose()?.map(K::from);
        Ok(())
    }
}
