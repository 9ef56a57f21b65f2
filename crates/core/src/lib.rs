//! The domain of Rescind.
