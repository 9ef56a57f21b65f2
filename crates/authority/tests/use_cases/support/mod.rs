//! What the tests stand on.

mod clock;
mod key;
mod store;
mod token;
mod world;

pub(crate) use self::{
    clock::TestClock,
    key::{Key, nonce},
    store::{Fault, UnreliableStore},
    token::{issuer_of, status_of},
    world::{ADDRESS, Account, World, settings},
};
