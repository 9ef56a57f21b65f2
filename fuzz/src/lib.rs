//! What fuzz targets stand on.

pub mod genuine;
pub mod request;
pub mod service;
