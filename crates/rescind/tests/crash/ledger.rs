//! What the clients were told, which is what the server has to stand by.

use std::collections::HashSet;

use rescind_harness::{Claims, StatusBit};

/// Tokens of earlier rounds that are remembered in full. A status bit is remembered for ever.
const EARLIER_KEPT: usize = 10_000;

/// A token that reached its client.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) claims: Claims,
    pub(crate) fate: Fate,
}

/// What its client knows of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nobody asked to revoke it.
    Alive,
    /// Somebody asked, and no answer came: it may be either.
    InDoubt,
    /// A revocation was answered 200, or an introspection said that it is not active.
    Dead,
}

/// A promise that was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Its revocation was answered, and it is active.
    DeadYetActive,
    /// Nobody revoked it, it has not expired, and it is not active.
    AliveYetRefused,
    /// Its status bit is that of another token: to revoke one would revoke both.
    BitTaken,
}

impl Issued {
    pub(crate) fn new(token: String) -> Self {
        let claims = Claims::of(&token).unwrap_or_else(|| panic!("not a token: {token}"));
        Self { token, claims, fate: Fate::Alive }
    }

    /// Compares with what the server says now. A doubt ends here: from now on it has to stay so.
    pub(crate) fn found(&mut self, active: bool) -> Result<(), Broken> {
        self.fate = match (self.fate, active) {
            (Fate::Alive, false) => return Err(Broken::AliveYetRefused),
            (Fate::Dead, true) => return Err(Broken::DeadYetActive),
            (Fate::Alive | Fate::InDoubt, true) => Fate::Alive,
            (Fate::Dead | Fate::InDoubt, false) => Fate::Dead,
        };
        Ok(())
    }
}

/// All tokens of a run.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Issued or touched since the last crash was judged.
    recent: Vec<Issued>,
    /// Judged at least once.
    earlier: Vec<Issued>,
    taken: HashSet<StatusBit>,
    /// What was found wrong.
    pub(crate) broken: Vec<(StatusBit, Broken)>,
}

impl Ledger {
    /// Enters new tokens.
    pub(crate) fn enter(&mut self, issued: Vec<Issued>) {
        for issued in &issued {
            self.take_bit(issued);
        }
        self.recent.extend(issued);
    }

    /// Notes that a new token has this bit; it must not have been the bit of another.
    pub(crate) fn take_bit(&mut self, issued: &Issued) {
        let bit = issued.claims.status;
        if !self.taken.insert(bit) {
            self.broken.push((bit, Broken::BitTaken));
        }
    }

    /// Takes up to `count` earlier tokens that are alive out for use in this round;
    /// [`Ledger::put_back`] ends it.
    pub(crate) fn draw_alive(&mut self, count: usize, rng: &mut fastrand::Rng) -> Vec<Issued> {
        let mut drawn = Vec::new();
        for _ in 0..count {
            let place = rng.usize(..self.earlier.len().max(1));
            if self.earlier.get(place).is_some_and(|issued| issued.fate == Fate::Alive) {
                drawn.push(self.earlier.swap_remove(place));
            }
        }
        drawn
    }

    /// Takes out all tokens of this round and `count` earlier ones, to be judged.
    pub(crate) fn sample(&mut self, count: usize, rng: &mut fastrand::Rng) -> Vec<Issued> {
        let mut sample = std::mem::take(&mut self.recent);
        for _ in 0..count.min(self.earlier.len()) {
            sample.push(self.earlier.swap_remove(rng.usize(..self.earlier.len())));
        }
        sample
    }

    /// Returns drawn tokens, with what has become of them.
    pub(crate) fn put_back(&mut self, drawn: Vec<Issued>) {
        self.recent.extend(drawn);
    }

    /// Ends a round. Forgets expired tokens, and chance ones where there are too many.
    pub(crate) fn close_round(&mut self, now: u64, rng: &mut fastrand::Rng) {
        self.earlier.append(&mut self.recent);
        self.earlier.retain(|issued| issued.claims.expires_at > now);
        while self.earlier.len() > EARLIER_KEPT {
            self.earlier.swap_remove(rng.usize(..self.earlier.len()));
        }
    }

    /// How many tokens were ever issued.
    pub(crate) fn issued(&self) -> usize {
        self.taken.len()
    }
}
