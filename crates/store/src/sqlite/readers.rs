//! Connections that only read: a start or a page of the log never waits for a commit, nor makes
//! one wait.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{error::Failure, open::Location};

const MAX: usize = 4;

/// At most [`MAX`] connections, opened when they are needed and kept.
#[derive(Debug)]
pub(super) struct Readers {
    location: Location,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn of(location: &Location) -> Self {
        Self {
            location: location.clone(),
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(MAX)),
        }
    }

    /// Waits until a connection is free. `None` only if the semaphore were closed, which it
    /// never is.
    pub(super) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).acquire_owned().await.ok()
    }

    /// How many more jobs can begin now.
    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.permits.available_permits()
    }

    /// Runs `job` on a connection. One that failed is closed, not kept.
    pub(super) fn with<T>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.location.open_reader()?,
        };
        let done = job(&mut connection)?;
        idle().push(connection);
        Ok(done)
    }
}
