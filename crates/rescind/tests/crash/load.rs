//! What clients do until the server is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rescind_harness::{Answer, Client, Error, Installation};
use tokio::task::JoinSet;

use crate::ledger::{Fate, Issued};

/// What clients connect to, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) installation: Installation,
    /// Set right before the crash: until then silence is a failure of the server.
    pub(crate) may_be_gone: Arc<AtomicBool>,
}

impl Target {
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url).with_credentials(&self.installation)
    }
}

/// A client that issues and revokes without a pause. No other client touches its tokens, so that
/// what it was told is all that there is to know of them.
#[derive(Debug)]
pub(crate) struct Worker {
    target: Target,
    one: Client,
    two: Client,
    rng: fastrand::Rng,
    drawn: usize,
    tokens: Vec<Issued>,
    answered: u64,
}

/// What a worker holds in the end.
#[derive(Debug)]
pub(crate) struct Hand {
    /// The tokens that it was given.
    pub(crate) drawn: Vec<Issued>,
    /// Those that it got from the server.
    pub(crate) issued: Vec<Issued>,
    /// How many of its revocations were answered.
    pub(crate) answered: u64,
}

impl Worker {
    pub(crate) fn new(target: Target, drawn: Vec<Issued>, rng: fastrand::Rng) -> Self {
        let (one, two) = (target.client(), target.client());
        Self { target, one, two, rng, drawn: drawn.len(), tokens: drawn, answered: 0 }
    }

    pub(crate) async fn work_until_gone(mut self) -> Hand {
        let error = loop {
            if let Err(error) = self.step().await {
                break error;
            }
        };
        assert!(matches!(error, Error::NoAnswer(_)), "{error}");
        assert!(self.target.may_be_gone.load(Ordering::SeqCst), "before the crash: {error}");
        let issued = self.tokens.split_off(self.drawn);
        Hand { drawn: self.tokens, issued, answered: self.answered }
    }

    async fn step(&mut self) -> Result<(), Error> {
        match (self.rng.u8(..10), self.choose_alive()) {
            (0..5, _) | (_, None) => self.issue().await,
            (5..8, Some(place)) => self.revoke(place).await,
            (8, Some(place)) => self.revoke_twice(place).await,
            (_, Some(place)) => self.revoke_watched(place).await,
        }
    }

    fn choose_alive(&mut self) -> Option<usize> {
        let places = self.tokens.len();
        (0..8.min(places))
            .map(|_| self.rng.usize(..places))
            .find(|place| self.tokens[*place].fate == Fate::Alive)
    }

    async fn issue(&mut self) -> Result<(), Error> {
        let token = self.one.issue().await?;
        self.tokens.push(Issued::new(token));
        Ok(())
    }

    async fn revoke(&mut self, place: usize) -> Result<(), Error> {
        self.tokens[place].fate = Fate::InDoubt;
        let answer = self.one.revoke(&self.tokens[place].token).await;
        self.hear(place, answer)
    }

    /// Whoever comes second must not be told 200 before the first is on disk.
    async fn revoke_twice(&mut self, place: usize) -> Result<(), Error> {
        self.tokens[place].fate = Fate::InDoubt;
        let token = &self.tokens[place].token;
        let (first, second) = tokio::join!(self.one.revoke(token), self.two.revoke(token));
        self.hear(place, first).and(self.hear(place, second))
    }

    /// Whoever has seen a token dead must not see it alive again.
    async fn revoke_watched(&mut self, place: usize) -> Result<(), Error> {
        self.tokens[place].fate = Fate::InDoubt;
        let token = &self.tokens[place].token;
        let (revoked, active) = tokio::join!(self.one.revoke(token), self.two.is_active(token));
        if let Ok(false) = active {
            self.tokens[place].fate = Fate::Dead;
        }
        self.hear(place, revoked).and(active.map(drop))
    }

    fn hear(&mut self, place: usize, answer: Result<Answer, Error>) -> Result<(), Error> {
        expect_200(&answer?);
        self.tokens[place].fate = Fate::Dead;
        self.answered += 1;
        Ok(())
    }
}

/// Revokes one token over several connections at once, and returns with the first answer: the
/// others are left in the air.
pub(crate) async fn revoke_until_first_answer(
    target: &Target,
    issued: &mut Issued,
    connections: u8,
) {
    let mut requests = JoinSet::new();
    for _ in 0..connections {
        let (mut client, token) = (target.client(), issued.token.clone());
        requests.spawn(async move { client.revoke(&token).await });
    }
    let first = requests.join_next().await.unwrap().unwrap();
    expect_200(&first.unwrap());
    issued.fate = Fate::Dead;
}

fn expect_200(answer: &Answer) {
    assert_eq!(answer.status, 200, "a revocation was answered {}", answer.text());
}
