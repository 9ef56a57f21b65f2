//! How often somebody may ask (oauth-endpoints.md 5.1 row 3, conventions.md 6).

use std::net::{IpAddr, Ipv4Addr};

use rescind_core::{
    id::{ClientId, GroupId, OrgId},
    rate::Rate,
    rate_limiter::{Allowance, Exceeded, RateLimiter},
};

use crate::{Authority, Caller, metrics::Limit};

/// What is asked for; each is counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// A token.
    Token,
    /// That a token is taken back.
    Revoke,
}

impl From<Attempt> for Limit {
    fn from(what: Attempt) -> Self {
        match what {
            Attempt::Token => Self::Token,
            Attempt::Revoke => Self::Revoke,
        }
    }
}

/// Counts of both kinds; `None` where there is no limit.
pub(crate) struct RateLimiters {
    oauth: Option<RateLimiter>,
    api: Option<RateLimiter>,
}

impl RateLimiters {
    pub(crate) fn new(oauth: Option<Rate>, api: Option<Rate>) -> Self {
        Self { oauth: oauth.map(RateLimiter::new), api: api.map(RateLimiter::new) }
    }
}

impl Authority {
    /// Counts an attempt from `address` by whoever claims to be the client that `claimed` names,
    /// if it names one; says what is left, or `None` if there is no limit.
    ///
    /// Nothing of the claim is proved yet. Attempts count, not successes: a wrong secret costs as
    /// much as a right one.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] when there were as many already as there may be.
    pub fn attempt(
        &self,
        what: Attempt,
        address: IpAddr,
        claimed: impl FnOnce() -> Option<ClientId>,
    ) -> Result<Option<Allowance>, Exceeded> {
        let Some(limiter) = &self.0.rate_limiters.oauth else { return Ok(None) };
        let admitted =
            limiter.admit(&(what, Source::of(address), claimed()), self.0.clock.now()).map(Some);
        admitted.inspect_err(|_| self.0.metrics.reached(what.into()))
    }

    /// Counts a request of `caller` to the management API: of the project that it looks at, if it
    /// is one of the caller's organization, else of the organization.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] when there were as many already as there may be.
    pub fn attempt_api(
        &self,
        caller: &Caller,
        group_id: Option<GroupId>,
    ) -> Result<Option<Allowance>, Exceeded> {
        let Some(limiter) = &self.0.rate_limiters.api else { return Ok(None) };
        let org_id = caller.rights().org_id;
        let group = group_id.and_then(|group_id| self.0.view.group(group_id));
        let group = group.filter(|group| group.org_id == org_id);
        let payer = group.map_or(Payer::Org(org_id), |group| Payer::Group(group.id));
        let admitted = limiter.admit(&payer, self.0.clock.now()).map(Some);
        admitted.inspect_err(|_| self.0.metrics.reached(Limit::Api))
    }

    /// Whether requests to the management API are counted.
    #[must_use]
    pub fn limits_api(&self) -> bool {
        self.0.rate_limiters.api.is_some()
    }
}

/// Where an attempt comes from. Whoever has one IPv6 address has all of its /64.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    V4(Ipv4Addr),
    V6([u16; 4]),
}

impl Source {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

/// Whose requests to the management API are counted together.
#[derive(Clone, Copy, Hash)]
enum Payer {
    Org(OrgId),
    Group(GroupId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_source_and_an_ipv4_address_is_one() {
        #[rustfmt::skip]
        let rows = [
            ("192.0.2.1",         "192.0.2.1",         true),
            ("192.0.2.1",         "192.0.2.2",         false),
            ("192.0.2.1",         "::ffff:192.0.2.1",  true),
            ("::ffff:192.0.2.1",  "::ffff:192.0.2.2",  false),
            ("2001:db8:0:1::1",   "2001:db8:0:1:f::2", true),
            ("2001:db8:0:1::1",   "2001:db8:0:2::1",   false),
        ];
        for (one, other, same) in rows {
            let source = |text: &str| Source::of(text.parse().unwrap());
            assert_eq!(source(one) == source(other), same, "row: {one}, {other}");
        }
    }
}
