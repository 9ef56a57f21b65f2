//! What an agent has answered, and how it hears its authority, in the text that Prometheus reads.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
};

use axum::http::StatusCode;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};
use rescind_verifier::Verifier;

/// Clones are one.
#[derive(Clone)]
pub(crate) struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<Answered, Counter>,
    silence: Gauge<f64, AtomicU64>,
    applied: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    status: u16,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("rescind_agent");
        let requests = Family::<Answered, Counter>::default();
        registry.register("requests", "Requests of proxies answered", requests.clone());
        let silence = Gauge::<f64, AtomicU64>::default();
        registry.register_with_unit(
            "silence",
            "For how long the authority was not heard; -1: never heard",
            Unit::Seconds,
            silence.clone(),
        );
        let applied = Gauge::default();
        registry.register(
            "applied_event",
            "The last event of the authority's log that is known here",
            applied.clone(),
        );
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What is running", build);
        Self(Arc::new(Inner { registry, requests, silence, applied }))
    }

    /// Counts an answer.
    pub(super) fn answered(&self, status: StatusCode) {
        let answered = Answered { status: status.as_u16() };
        self.0.requests.get_or_create(&answered).inc();
    }

    /// All of them as text (`OpenMetrics` 1.0).
    ///
    /// # Errors
    ///
    /// Memory is all that it is written to, so there are none to be expected.
    pub(super) fn to_text(&self, verifier: &Verifier) -> Result<String, fmt::Error> {
        let Inner { registry, silence, applied, .. } = &*self.0;
        silence.set(verifier.silence().map_or(-1.0, |silence| silence.as_secs_f64()));
        applied.set(verifier.applied().cast_signed());
        let mut text = String::new();
        text::encode(&mut text, registry)?;
        Ok(text)
    }
}
