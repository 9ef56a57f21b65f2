//! Requests, counted and timed, and all metrics in the text that Prometheus reads.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::MatchedPath,
    http::{Method, StatusCode},
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::{Registry, Unit},
};
use rescind_authority::Authority;

use crate::{Tls, server::AdmissionMetrics};

/// What is counted of requests, and the registry that knows of everything. Clones are one.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<EndpointLabels, Histogram>,
    admission: AdmissionMetrics,
    expiries: Family<ListenerLabels, Gauge>,
    /// What listeners speak TLS with, to be asked when somebody asks.
    certificates: Mutex<Vec<(ListenerLabels, Arc<Tls>)>>,
    /// The endpoints that were asked for so far, so that no request allocates the name of one.
    endpoints: papaya::HashMap<Box<str>, Arc<str>>,
}

/// The endpoint is its place in the routing table, never the path that a client sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabels {
    endpoint: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    endpoint: Arc<str>,
    method: &'static str,
    status: u16,
}

type ListenerLabels = [(&'static str, &'static str); 1];

/// Requests that lead nowhere are counted as one endpoint.
const NOWHERE: &str = "none";

impl Metrics {
    /// The metrics of `authority` and of what is asked of it.
    #[must_use]
    pub fn new(authority: &Authority) -> Self {
        let mut registry = Registry::with_prefix("rescind");
        let requests = Family::<RequestLabels, Counter>::default();
        // From a check in memory, 32 µs, to a client that was kept waiting for half a minute.
        let seconds = Family::<EndpointLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(32e-6, 4.0, 11))
        });
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "http_request",
            "How long requests took, from their headers to the answer",
            Unit::Seconds,
            seconds.clone(),
        );
        let admission = AdmissionMetrics::default();
        registry.register(
            "connections",
            "Connections of clients that are open",
            admission.connections.clone(),
        );
        registry.register(
            "connections_refused",
            "Connections closed since their address had as many as it can have",
            admission.connections_refused.clone(),
        );
        registry.register(
            "requests_refused",
            "Requests that were one too many, in all or of their client",
            admission.requests_refused.clone(),
        );
        let expiries = Family::<ListenerLabels, Gauge>::default();
        registry.register_with_unit(
            "certificate_expiry",
            "The last second of the certificate in use, since 1970",
            Unit::Seconds,
            expiries.clone(),
        );
        let version = env!("CARGO_PKG_VERSION");
        let build = Info::new([("version", version), ("commit", env!("RESCIND_GIT_HASH"))]);
        registry.register("build", "What is running", build);
        authority.register_metrics(&mut registry);
        Self(Arc::new(Inner {
            registry,
            requests,
            seconds,
            admission,
            expiries,
            certificates: Mutex::default(),
            endpoints: papaya::HashMap::new(),
        }))
    }

    /// Tells from now on when the certificate expires that `listener` speaks TLS with.
    pub fn watch_certificate(&self, listener: &'static str, tls: Arc<Tls>) {
        let certificates = self.0.certificates.lock();
        // A panic while it was held would have left nothing half done.
        let mut certificates = certificates.unwrap_or_else(PoisonError::into_inner);
        certificates.push(([("listener", listener)], tls));
    }

    /// Where it is counted how much is let in.
    pub(crate) fn of_admission(&self) -> AdmissionMetrics {
        self.0.admission.clone()
    }

    /// Counts a request.
    pub(crate) fn answered(
        &self,
        endpoint: Option<&MatchedPath>,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let endpoint = self.endpoint(endpoint.map_or(NOWHERE, MatchedPath::as_str));
        let labels = RequestLabels {
            endpoint: Arc::clone(&endpoint),
            method: known(method),
            status: status.as_u16(),
        };
        self.0.requests.get_or_create(&labels).inc();
        self.0.seconds.get_or_create(&EndpointLabels { endpoint }).observe(took.as_secs_f64());
    }

    /// A path with and without a slash at its end is one endpoint.
    fn endpoint(&self, path: &str) -> Arc<str> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let endpoints = self.0.endpoints.pin();
        Arc::clone(match endpoints.get(path) {
            Some(endpoint) => endpoint,
            None => endpoints.get_or_insert(path.into(), path.into()),
        })
    }

    /// All metrics as text (`OpenMetrics` 1.0).
    ///
    /// # Errors
    ///
    /// Memory is all that it is written to, so there are none to be expected.
    pub(crate) fn to_text(&self) -> Result<String, fmt::Error> {
        let certificates = self.0.certificates.lock().unwrap_or_else(PoisonError::into_inner);
        for (listener, tls) in &*certificates {
            self.0.expiries.get_or_create(listener).set(tls.expires_at().as_second());
        }
        drop(certificates);
        let mut text = String::new();
        text::encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// The method, if HTTP has it: clients can invent any number of others.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
