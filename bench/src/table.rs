//! Rows of text, aligned.

use std::fmt::{self, Display, Formatter};

pub(crate) struct Table<const N: usize>(Vec<[String; N]>);

impl<const N: usize> Table<N> {
    /// A table that has only its head yet.
    pub(crate) fn new(head: [&str; N]) -> Self {
        Self(vec![head.map(str::to_owned)])
    }

    pub(crate) fn add(&mut self, row: [String; N]) {
        self.0.push(row);
    }
}

impl<const N: usize> Display for Table<N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            self.0.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        for row in &self.0 {
            write!(f, "{:<1$}", row[0], width(0))?;
            for (column, text) in row.iter().enumerate().skip(1) {
                write!(f, "  {text:>0$}", width(column))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
