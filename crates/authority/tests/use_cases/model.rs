//! Random histories, against a model that only knows which tokens should be alive.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rescind_core::{
    clock::Clock as _,
    token::{AccessToken, LIFETIME_SECONDS},
};
use rescind_store::Actor;

use crate::support::{Account, Fault, World, status_of};

/// The account and the number of each secret.
const SECRETS: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    /// Some tokens for a secret.
    Issue {
        secret: usize,
        count: usize,
    },
    /// One of the tokens so far, by whoever it was issued to.
    Revoke {
        token: prop::sample::Index,
    },
    RevokeSecret {
        secret: usize,
    },
    RevokeAccount {
        secret: usize,
    },
    Advance {
        seconds: i64,
    },
    Upkeep,
    Restart,
    Fault(Fault),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..SECRETS, 1..40_usize).prop_map(|(secret, count)| Step::Issue { secret, count }),
        4 => any::<prop::sample::Index>().prop_map(|token| Step::Revoke { token }),
        2 => (0..SECRETS).prop_map(|secret| Step::RevokeSecret { secret }),
        1 => (0..SECRETS).prop_map(|secret| Step::RevokeAccount { secret }),
        3 => prop_oneof![1..10_i64, 200..400_i64, 3000..4000_i64]
            .prop_map(|seconds| Step::Advance { seconds }),
        1 => Just(Step::Upkeep),
        1 => Just(Step::Restart),
        2 => prop_oneof![Just(Fault::Failed), Just(Fault::InDoubt)].prop_map(Step::Fault),
    ];
    prop::collection::vec(step, 1..40)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Alive,
    /// Taken back on disk, while the answer was a failure: memory learns of it with the next
    /// success.
    InDoubt,
    Dead,
}

struct Token {
    text: AccessToken,
    secret: usize,
    expires_at: i64,
    fate: Fate,
}

struct Model {
    world: World,
    tokens: Vec<Token>,
}

impl Model {
    fn account(&self, secret: usize) -> (&Account, usize) {
        match secret {
            0 | 1 => (&self.world.me, secret),
            2 => (&self.world.colleague, 0),
            _ => (&self.world.stranger, 0),
        }
    }

    async fn step(mut self, step: &Step) -> Self {
        match *step {
            Step::Issue { secret, count } => {
                let (account, number) = self.account(secret);
                let client = self.world.client_with(account, number);
                for _ in 0..count {
                    let before = self.world.store.batches().len();
                    let issued = self.world.authority.issue(&client).await;
                    let met = self.world.store.take_met();
                    assert_eq!(issued.is_ok(), met.is_none(), "failures are told, nothing else is");
                    if issued.is_ok() && self.world.store.batches().len() > before {
                        self.settle();
                    }
                    let expires_at = self.world.clock.now().as_second() + LIFETIME_SECONDS;
                    self.tokens.extend(issued.into_iter().map(|text| Token {
                        text,
                        secret,
                        expires_at,
                        fate: Fate::Alive,
                    }));
                }
            }
            Step::Revoke { token } if !self.tokens.is_empty() => {
                let index = token.index(self.tokens.len());
                let Token { text, secret, .. } = &self.tokens[index];
                let (account, number) = self.account(*secret);
                let client = self.world.client_with(account, number);
                let before = self.world.store.batches().len();
                let revoked = self.world.authority.revoke(&client, text.expose()).await;
                let committed = self.world.store.batches().len() > before;
                self.outcome(revoked.is_ok(), committed, |_, at| at == index);
            }
            Step::Revoke { .. } => {}
            Step::RevokeSecret { secret } => {
                let (account, number) = self.account(secret);
                let (org_id, client_id, secret_id) =
                    (account.org_id, account.client_id, account.secrets[number].0);
                let authority = &self.world.authority;
                let revoked = authority
                    .revoke_tokens_of_secret(Actor::Operator, org_id, client_id, secret_id)
                    .await;
                self.outcome(revoked.is_ok(), true, |token, _| token.secret == secret);
            }
            Step::RevokeAccount { secret } => {
                let Account { org_id, client_id, .. } = *self.account(secret).0;
                let authority = &self.world.authority;
                let revoked =
                    authority.revoke_tokens_of_account(Actor::Operator, org_id, client_id).await;
                let mine = |secret| secret <= 1;
                self.outcome(revoked.is_ok(), true, |token, _| {
                    token.secret == secret || (mine(token.secret) && mine(secret))
                });
            }
            Step::Advance { seconds } => self.world.clock.advance(seconds),
            Step::Upkeep => self.world.authority.upkeep().await,
            Step::Restart => {
                self.world = self.world.restart().await;
                self.settle();
            }
            Step::Fault(fault) => self.world.store.fail_next([fault]),
        }
        self
    }

    /// What a request to take back the tokens that `concerns` names has come to.
    fn outcome(
        &mut self,
        succeeded: bool,
        committed: bool,
        concerns: impl Fn(&Token, usize) -> bool,
    ) {
        let met = self.world.store.take_met();
        assert_eq!(succeeded, met.is_none(), "failures are told, nothing else is");
        if succeeded && committed {
            self.settle();
        }
        let fate = match met {
            None => Fate::Dead,
            Some(Fault::InDoubt) => Fate::InDoubt,
            Some(Fault::Failed) => return,
        };
        for (at, token) in self.tokens.iter_mut().enumerate() {
            if token.fate != Fate::Dead && concerns(token, at) {
                token.fate = fate;
            }
        }
    }

    /// A commit succeeded: memory knows what the disk knows.
    fn settle(&mut self) {
        for token in &mut self.tokens {
            if token.fate == Fate::InDoubt {
                token.fate = Fate::Dead;
            }
        }
    }

    fn check(&self) {
        let now = self.world.clock.now().as_second();
        for (number, token) in self.tokens.iter().enumerate() {
            let lives = self.world.lives(&token.text);
            let expected = token.fate == Fate::Alive && now < token.expires_at;
            let in_doubt = token.fate == Fate::InDoubt && now < token.expires_at;
            assert!(
                lives == expected || in_doubt,
                "token {number} of secret {} lives: {lives}, its fate: {:?}",
                token.secret,
                token.fate
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn just_the_tokens_live_that_should(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut model = Model { world: World::new().await, tokens: Vec::new() };
            for step in &steps {
                model = model.step(step).await;
                model.check();
            }
            let bits: BTreeSet<_> = model.tokens.iter().map(|token| status_of(&token.text)).collect();
            assert_eq!(bits.len(), model.tokens.len(), "two tokens share a status bit");
        });
    }
}
