//! SQLite.
/// TODO
#[derive(Debug)]
pub struct SqliteStore;
