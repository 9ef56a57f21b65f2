//! Asks a server that has come back about the tokens of its clients.

use rescind_harness::StatusBit;
use tokio::task::JoinSet;

use crate::ledger::{Broken, Fate, Issued, Ledger};
use crate::load::Target;

const CONNECTIONS: usize = 8;
/// More than a block of 64 status bits: a block that the crash made the server forget would be
/// given out again here.
const ISSUED_AFTERWARDS: usize = 100;
/// Room for the time that asking takes.
const MARGIN_SECONDS: u64 = 60;

/// What became of the revocations that had no answer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Doubts {
    pub(crate) all: usize,
    pub(crate) took_effect: usize,
}

/// Asks about `tokens`, enters them again, and puts what is wrong in the ledger.
pub(crate) async fn judge(
    target: &Target,
    ledger: &mut Ledger,
    tokens: Vec<Issued>,
    now: u64,
) -> Doubts {
    let mut shares: Vec<Vec<Issued>> = (0..CONNECTIONS).map(|_| Vec::new()).collect();
    for (place, issued) in tokens.into_iter().enumerate() {
        shares[place % CONNECTIONS].push(issued);
    }
    let mut questions = JoinSet::new();
    for share in shares {
        questions.spawn(ask(target.clone(), share, now + MARGIN_SECONDS));
    }
    let mut doubts = Doubts::default();
    for answers in questions.join_all().await {
        doubts.all += answers.doubts.all;
        doubts.took_effect += answers.doubts.took_effect;
        ledger.broken.extend(answers.broken);
        ledger.put_back(answers.tokens);
    }
    doubts
}

/// Issues tokens enough to show whether a block of status bits is given out twice.
pub(crate) async fn issue_afterwards(target: &Target, ledger: &mut Ledger) {
    let mut client = target.client();
    for _ in 0..ISSUED_AFTERWARDS {
        ledger.enter(vec![Issued::new(client.issue().await.unwrap())]);
    }
}

#[derive(Debug, Default)]
struct Answers {
    tokens: Vec<Issued>,
    broken: Vec<(StatusBit, Broken)>,
    doubts: Doubts,
}

async fn ask(target: Target, tokens: Vec<Issued>, deadline: u64) -> Answers {
    let mut client = target.client();
    let mut answers = Answers::default();
    for mut issued in tokens {
        if issued.claims.expires_at > deadline {
            let in_doubt = issued.fate == Fate::InDoubt;
            let active = client.is_active(&issued.token).await.unwrap();
            answers.doubts.all += usize::from(in_doubt);
            answers.doubts.took_effect += usize::from(in_doubt && !active);
            if let Err(broken) = issued.found(active) {
                answers.broken.push((issued.claims.status, broken));
            }
        }
        answers.tokens.push(issued);
    }
    answers
}
