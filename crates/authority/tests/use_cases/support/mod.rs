//! What the tests stand on.

mod clock;
mod store;
mod token;
mod world;

pub(crate) use self::{
    clock::TestClock,
    store::{Fault, UnreliableStore},
    token::{issuer_of, status_of},
    world::{ADDRESS, Account, World},
};
