//! Which entries of access lists let requests through: noted in memory, written in batches.

use std::net::IpAddr;

use ipnet::IpNet;
use rescind_core::{clock::UnixTime, id::PrincipalId};
use rescind_store::AccessEntryUse;

/// Uses that are not yet in the store.
#[derive(Debug, Default)]
pub(crate) struct AccessUse(papaya::HashMap<(PrincipalId, IpNet), AccessEntryUse>);

impl AccessUse {
    /// Notes a request.
    pub(crate) fn record(
        &self,
        owner: PrincipalId,
        network: IpNet,
        now: UnixTime,
        address: IpAddr,
    ) {
        self.add(&AccessEntryUse {
            owner,
            network,
            requests: 1,
            last_at: now,
            last_address: address,
        });
    }

    /// All that was noted; it is forgotten here.
    pub(crate) fn take(&self) -> Vec<AccessEntryUse> {
        let uses = self.0.pin();
        let keys: Vec<_> = uses.keys().copied().collect();
        keys.iter().filter_map(|key| uses.remove(key).cloned()).collect()
    }

    /// Notes again what could not be written.
    pub(crate) fn put_back(&self, used: &[AccessEntryUse]) {
        for used in used {
            self.add(used);
        }
    }

    fn add(&self, more: &AccessEntryUse) {
        self.0.pin().update_or_insert(
            (more.owner, more.network),
            |noted| {
                let later = if more.last_at < noted.last_at { noted } else { more };
                AccessEntryUse { requests: noted.requests + more.requests, ..later.clone() }
            },
            more.clone(),
        );
    }
}

#[cfg(test)]
mod tests {
    use rescind_core::id::ClientId;

    use super::*;

    #[test]
    fn requests_add_up_and_the_last_one_is_kept() {
        let uses = AccessUse::default();
        let owner = ClientId::from_bytes([1; 12]).into();
        let network = "10.0.0.0/8".parse().unwrap();
        let address = |n| IpAddr::from([10, 0, 0, n]);
        uses.record(owner, network, UnixTime::from_second(2), address(2));
        let unwritten = uses.take();
        uses.record(owner, network, UnixTime::from_second(1), address(1));
        uses.put_back(&unwritten);
        let noted = uses.take();
        assert_eq!(noted.len(), 1);
        assert_eq!(noted[0].requests, 2);
        assert_eq!(
            (noted[0].last_at, noted[0].last_address),
            (UnixTime::from_second(2), address(2))
        );
        assert_eq!(uses.take(), []);
    }
}
