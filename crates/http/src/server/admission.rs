//! How much is let in: connections and requests, in total and from one address.
//!
//! An address may have as many requests in flight as connections, so that HTTP/2, where one
//! connection carries many, multiplies nothing.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use prometheus_client::metrics::{counter::Counter, gauge::Gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Metrics;

/// How many connections there may be at once. The same numbers hold for requests in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// From everybody.
    pub connections: NonZeroUsize,
    /// From one address; from one /64 network of IPv6, which is what one client is given.
    pub connections_per_address: NonZeroUsize,
}

/// What an operator watches of it. Clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct AdmissionMetrics {
    /// Connections that are open.
    pub(crate) connections: Gauge,
    /// Connections that were closed since their address has as many as it can have.
    pub(crate) connections_refused: Counter,
    /// Requests that were one too many.
    pub(crate) requests_refused: Counter,
}

/// Counts connections and requests, of one listener or of several together. Clones are one.
#[derive(Clone, Debug)]
pub struct Admission {
    limits: ConnectionLimits,
    connections: Arc<Semaphore>,
    requests: Arc<Semaphore>,
    addresses: Arc<Mutex<HashMap<IpAddr, Share>>>,
    metrics: AdmissionMetrics,
}

/// What one address has.
#[derive(Debug)]
struct Share {
    connections: usize,
    requests: Arc<Semaphore>,
}

/// The place of one connection. It is free again when this is dropped.
pub(super) struct Place {
    admission: Admission,
    _connection: OwnedSemaphorePermit,
    of_address: Option<PlaceOfAddress>,
}

/// The place of one connection among those of its address.
struct PlaceOfAddress {
    address: IpAddr,
    addresses: Arc<Mutex<HashMap<IpAddr, Share>>>,
    requests: Arc<Semaphore>,
}

/// The place of a request, in total and of its client. It is free again when this is dropped.
pub(super) struct PlaceOfRequest {
    _of_all: OwnedSemaphorePermit,
    _of_client: PlaceOfClient,
}

enum PlaceOfClient {
    /// Of the address that the connection comes from.
    Direct { _permit: OwnedSemaphorePermit },
    /// Of the client that a proxy names. What it does over the proxy's connections counts as if
    /// each request were a connection of its own.
    Proxied { _place: PlaceOfAddress },
    /// Of nobody: from this machine.
    Local,
}

impl Admission {
    /// Lets in as many as `limits` say.
    #[must_use]
    pub fn new(limits: ConnectionLimits) -> Self {
        let connections = limits.connections.get().min(Semaphore::MAX_PERMITS);
        Self {
            limits,
            connections: Arc::new(Semaphore::new(connections)),
            requests: Arc::new(Semaphore::new(connections)),
            addresses: Arc::default(),
            metrics: AdmissionMetrics::default(),
        }
    }

    /// Tells `metrics` of all that comes.
    #[must_use]
    pub fn watched_by(self, metrics: &Metrics) -> Self {
        Self { metrics: metrics.of_admission(), ..self }
    }

    /// Room for the next connection, as soon as there is some. `None` only if the semaphore were
    /// closed, which it never is.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).acquire_owned().await.ok()
    }

    /// The place of a connection that has come, in the room that was kept for it.
    pub(super) fn place(&self, room: OwnedSemaphorePermit) -> Place {
        self.metrics.connections.inc();
        Place { admission: self.clone(), _connection: room, of_address: None }
    }

    /// One more place among those of `address`; `None` when it has as many as it can have.
    fn of_address(&self, address: IpAddr) -> Option<PlaceOfAddress> {
        let Self { limits, addresses, .. } = self;
        let limit = limits.connections_per_address.get().min(Semaphore::MAX_PERMITS);
        let address = network_of(address);
        let mut shares = locked(addresses);
        let share = shares
            .entry(address)
            .or_insert_with(|| Share { connections: 0, requests: Arc::new(Semaphore::new(limit)) });
        if share.connections == limit {
            return None;
        }
        share.connections += 1;
        let (addresses, requests) = (Arc::clone(addresses), Arc::clone(&share.requests));
        Some(PlaceOfAddress { address, addresses, requests })
    }
}

impl Place {
    /// Counts the connection among those of `address`. Returns whether it may stay.
    pub(super) fn count_for(&mut self, address: IpAddr) -> bool {
        self.of_address = self.admission.of_address(address);
        if self.of_address.is_none() {
            self.admission.metrics.connections_refused.inc();
        }
        self.of_address.is_some()
    }

    /// A place for a request of this connection, of the `client` that a proxy names if one does;
    /// `None` when it is one too many.
    pub(super) fn of_request(&self, client: Option<IpAddr>) -> Option<PlaceOfRequest> {
        let place = self.free_for_request(client);
        if place.is_none() {
            self.admission.metrics.requests_refused.inc();
        }
        place
    }

    fn free_for_request(&self, client: Option<IpAddr>) -> Option<PlaceOfRequest> {
        let of_all = Arc::clone(&self.admission.requests).try_acquire_owned().ok()?;
        let of_client = match (&self.of_address, client) {
            (Some(place), _) => PlaceOfClient::Direct {
                _permit: Arc::clone(&place.requests).try_acquire_owned().ok()?,
            },
            (None, Some(client)) => {
                PlaceOfClient::Proxied { _place: self.admission.of_address(client)? }
            }
            (None, None) => PlaceOfClient::Local,
        };
        Some(PlaceOfRequest { _of_all: of_all, _of_client: of_client })
    }

    /// Whether so many places are taken that those who do not use theirs have to go.
    pub(super) fn is_crowded(&self) -> bool {
        let Admission { connections, limits, .. } = &self.admission;
        connections.available_permits() <= limits.connections.get() / 8
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.admission.metrics.connections.dec();
    }
}

impl Drop for PlaceOfAddress {
    fn drop(&mut self) {
        if let Entry::Occupied(mut share) = locked(&self.addresses).entry(self.address) {
            share.get_mut().connections -= 1;
            if share.get().connections == 0 {
                share.remove();
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What counts as one address.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}
