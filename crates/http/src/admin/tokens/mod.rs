//! Every token of an account, or of one of its secrets. Beyond the contract.

pub(crate) mod delete;
