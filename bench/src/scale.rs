//! What a great many service accounts cost: a server of so many beside a server of ten.

mod population;
mod report;

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rescind_core::secret::SecretHasher;
use rustix::fs::{Advice, fadvise};
use serde::Serialize;

pub(crate) use self::population::Population;
use self::population::settle;
use crate::client::{Client, Crowd};
use crate::cores::Cores;
use crate::course::Course;
use crate::data_dir::DataDir;
use crate::error::Error;
use crate::load::Stop;
use crate::memory::mib;
use crate::options::Options;
use crate::populate::populate;
use crate::process::Memory;
use crate::progress;
use crate::slice::{Medians, Slice, median};
use crate::speed::Endpoint;
use crate::subject::{Start, Subject};
use crate::workload::Page;

/// The accounts of the server beside the great one.
const FEW: usize = 10;
/// Starts with the store's file in the memory of the kernel.
const WARM_STARTS: usize = 3;
/// Pages that are asked for in turn, in each part of a list.
const PAGES: usize = 50;
/// How often pages of one part are asked for.
const PAGE_REQUESTS: u64 = 500;

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Scale {
    pub(crate) accounts: usize,
    pub(crate) organizations: usize,
    /// Revoked tokens that have not expired.
    pub(crate) revoked: u64,
    pub(crate) database_mib: f64,
    pub(crate) filled_in_seconds: f64,
    /// To readiness, when the store's file has to come from the disk.
    pub(crate) cold_start_seconds: f64,
    /// To readiness, when it is in the memory of the kernel, on both cores: the median.
    pub(crate) start_seconds: f64,
    /// The same on one core.
    pub(crate) start_on_one_core_seconds: f64,
    /// The CPU time of such a start: the median.
    pub(crate) start_cpu_seconds: f64,
    /// `VmRSS` and `RssAnon`.
    pub(crate) idle: Resident,
    /// After all that was measured.
    pub(crate) loaded: Resident,
    pub(crate) speeds: Vec<Speed>,
    /// Tokens for one account after the other, each of which must take a block first.
    pub(crate) newcomers: Medians,
    pub(crate) pages: Vec<Pages>,
}

/// The memory of a server, in MiB.
#[derive(Debug, Serialize)]
pub(crate) struct Resident {
    pub(crate) mib: f64,
    pub(crate) anonymous_mib: f64,
}

/// An endpoint of both servers.
#[derive(Debug, Serialize)]
pub(crate) struct Speed {
    pub(crate) endpoint: Endpoint,
    pub(crate) connections: usize,
    pub(crate) few: Medians,
    pub(crate) many: Medians,
    /// The median of the ratios of two slices side by side, many to few.
    pub(crate) ratio: f64,
}

/// Pages of 100 accounts, from one part of the long list.
#[derive(Debug, Serialize)]
pub(crate) struct Pages {
    /// What the list is of.
    pub(crate) list: &'static str,
    pub(crate) part: &'static str,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Fills two stores, starts a server on each, and compares them.
pub(crate) fn measure(accounts: usize, options: &Options, cores: Cores) -> Result<Scale, Error> {
    let begin = Instant::now();
    let fill = |accounts| fill(accounts, &options.binary, &options.data_dir);
    let (many_dir, population) = fill(accounts)?;
    let filled_in = begin.elapsed();
    let (few_dir, few) = fill(FEW)?;
    let database = many_dir.path().join("rescind.db");
    let size = fs::metadata(&database).map_err(Error::io("find the size of the store"))?.len();

    let start_on =
        |cores, data_dir| Subject::start(&options.binary, data_dir, cores, &options.serve_args);
    let start = |data_dir| start_on(cores, data_dir);
    evict(&database).map_err(Error::io("make the kernel forget the store's file"))?;
    let many = start(many_dir)?;
    let cold_start = many.start_taken().elapsed;
    let (many, on_both) = starts(many, |data_dir| start_on(cores.together(), data_dir))?;
    let (mut many, on_one) = starts(many, start)?;
    let idle = Resident::of(&many)?;
    let mut beside = start(few_dir)?;
    let speeds = compare((&mut beside, few.at_work), (&mut many, &population.at_work), options)?;
    let newcomers = newcomers(&mut many, &population.long_list, options)?;
    let pages = pages(&mut many, &population)?;
    let loaded = Resident::of(&many)?;
    beside.stop()?;
    many.stop()?;
    Ok(Scale {
        accounts,
        organizations: population.organizations,
        revoked: population.revoked,
        database_mib: mib(size / 1024),
        filled_in_seconds: filled_in.as_secs_f64(),
        cold_start_seconds: cold_start.as_secs_f64(),
        start_seconds: middle(&on_both, |start| start.elapsed),
        start_on_one_core_seconds: middle(&on_one, |start| start.elapsed),
        start_cpu_seconds: middle(&on_one, |start| start.cpu),
        idle,
        loaded,
        speeds,
        newcomers,
        pages,
    })
}

/// Starts a server anew, some times; the last of them, and what the starts took.
fn starts(
    mut server: Subject,
    start: impl Fn(DataDir) -> Result<Subject, Error>,
) -> Result<(Subject, Vec<Start>), Error> {
    let mut taken = Vec::new();
    for number in 1..=WARM_STARTS {
        progress(format_args!("start {number} of {WARM_STARTS}"));
        server = start(server.stop()?)?;
        taken.push(server.start_taken());
    }
    Ok((server, taken))
}

fn middle(starts: &[Start], time: fn(&Start) -> Duration) -> f64 {
    median(starts.iter().map(|start| time(start).as_secs_f64()).collect())
}

/// A new installation with so many accounts besides the first one.
pub(crate) fn fill(
    accounts: usize,
    binary: &Path,
    data_dir: &Path,
) -> Result<(DataDir, Population), Error> {
    progress(format_args!("writing {accounts} service accounts"));
    populate(binary, data_dir, async |store, data_keys, now| {
        Ok(settle(store, SecretHasher::new(data_keys), accounts, now).await?)
    })
}

/// Makes the kernel forget what it holds of a file that was synced.
fn evict(file: &Path) -> io::Result<()> {
    Ok(fadvise(File::open(file)?, 0, None, Advice::DontNeed)?)
}

impl Resident {
    fn of(subject: &Subject) -> Result<Self, Error> {
        let memory = Memory::of(subject.pid())?;
        Ok(Self { mib: mib(memory.resident), anonymous_mib: mib(memory.anonymous) })
    }
}

/// Each endpoint of one server beside the same of the other, slice by slice.
fn compare(
    (few, few_at_work): (&mut Subject, Vec<Rc<Client>>),
    (many, many_at_work): (&mut Subject, &[Rc<Client>]),
    options: &Options,
) -> Result<Vec<Speed>, Error> {
    let mut few = Course::new(few, Crowd::new(few_at_work), options.seconds)?;
    let mut many = Course::new(many, Crowd::new(many_at_work.to_vec()), options.seconds)?;
    let connections = options.most_connections();
    let endpoints = [Endpoint::Issue, Endpoint::Revoke, Endpoint::Introspect];
    let mut slices = endpoints.map(|endpoint| (endpoint, Vec::new(), Vec::new()));
    for round in 1..=options.slices.get() {
        progress(format_args!("round {round} of {}", options.slices));
        for (endpoint, of_few, of_many) in &mut slices {
            if *endpoint == Endpoint::Revoke {
                few.stock_up()?;
                many.stock_up()?;
            }
            of_few.push(few.slice(*endpoint, connections)?);
            of_many.push(many.slice(*endpoint, connections)?);
        }
    }
    Ok(slices.into_iter().map(|slices| Speed::of(connections, slices)).collect())
}

impl Speed {
    fn of(connections: usize, (endpoint, few, many): (Endpoint, Vec<Slice>, Vec<Slice>)) -> Self {
        let ratios = few.iter().zip(&many);
        let ratios = ratios.map(|(few, many)| many.requests_per_second / few.requests_per_second);
        let ratio = median(ratios.collect());
        Self { endpoint, connections, few: Medians::of(&few), many: Medians::of(&many), ratio }
    }
}

/// Issues a token to one after the other of `clients`, none of whom is at work.
fn newcomers(
    subject: &mut Subject,
    clients: &[Rc<Client>],
    options: &Options,
) -> Result<Medians, Error> {
    let mut clients = clients.to_vec();
    fastrand::shuffle(&mut clients);
    let mut crowd = Crowd::new(clients);
    let stop = Stop::After(options.seconds);
    progress(format_args!("the first tokens of many accounts"));
    let slice = |_| {
        let (load, _) = subject.issue(&mut crowd, options.most_connections(), stop)?;
        Ok(Slice::of(&load))
    };
    let slices = (0..options.slices.get()).map(slice).collect::<Result<Vec<_>, Error>>()?;
    Ok(Medians::of(&slices))
}

/// The first, the middle and the last pages of the long list, of the organization and of the
/// project.
fn pages(subject: &mut Subject, population: &Population) -> Result<Vec<Pages>, Error> {
    let Population { org_id, group_id, long_list, .. } = population;
    let mut owner = Crowd::new(long_list.first().cloned().into_iter().collect());
    let (_, tokens) = subject.issue(&mut owner, 1, Stop::AfterRequests(1))?;
    let Some(token) = tokens.first() else { return Ok(Vec::new()) };

    let count = long_list.len().div_ceil(Page::ITEMS);
    let part = PAGES.min(count);
    let mut measured = Vec::new();
    for (list, path) in [
        ("an organization", format!("/orgs/{org_id}/serviceAccounts")),
        ("a project", format!("/groups/{group_id}/serviceAccounts")),
    ] {
        let from = [("first", 0), ("middle", (count - part) / 2), ("last", count - part)];
        for (name, first) in from {
            progress(format_args!("the {name} pages of {list}"));
            let pages: Vec<_> = (first..first + part)
                .map(|number| Page::new(subject.host(), &path, &token.text, number, long_list))
                .collect();
            let slice = Slice::of(&subject.pages(PAGE_REQUESTS, &pages)?);
            let Slice { p50_ms, p99_ms, .. } = slice;
            measured.push(Pages { list, part: name, p50_ms, p99_ms });
        }
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use rescind_core::clock::{Clock, SystemClock};
    use rescind_core::data_keys::DataKeys;
    use rescind_core::installation_key::InstallationKey;
    use rescind_core::random::SystemRandom;
    use rescind_store::{Actor, Change, SqliteStore, Store, Transaction};

    use super::*;
    use crate::populate::data_keys;

    /// What a start would read of it, and whether its clients would be let in.
    #[tokio::test]
    async fn a_population_is_what_the_figures_say_and_its_secrets_authenticate() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        let (now, key) = (SystemClock.now(), InstallationKey::generate(&SystemRandom));
        let wrapped = DataKeys::generate(&SystemRandom).wrap_under(&key, &SystemRandom);
        let changes = vec![Change::InstallationCreated(wrapped)];
        let founded =
            Transaction { actor: Actor::Operator, org_id: None, decided_of: None, changes };
        store.commit(now, &[founded]).await.unwrap();

        let settler = SecretHasher::new(&data_keys(&store, &key).await.unwrap());
        let population = settle(&store, settler, 2_500, now).await.unwrap();
        let snapshot = store.snapshot(now).await.unwrap();
        assert_eq!(snapshot.principals.len(), 2_500);
        assert_eq!(snapshot.organizations.len(), population.organizations);
        let bits = snapshot.lists.iter().flat_map(|list| &list.revoked);
        let bits: u64 = bits.map(|(_, bits)| u64::from(bits.count_ones())).sum();
        assert_eq!(bits, population.revoked);

        let long = snapshot.principals.iter().filter(|one| one.rights.org_id == population.org_id);
        let in_project = long.inspect(|one| {
            assert_eq!(one.rights.assignments[0].group_id, population.group_id);
        });
        let ids: Vec<_> = in_project.map(|one| one.client_id.to_string()).collect();
        assert!(ids.is_sorted() && ids.len() == 250);
        assert!(ids.iter().eq(population.long_list.iter().map(|client| &client.id)));

        let hasher = SecretHasher::new(&data_keys(&store, &key).await.unwrap());
        let at_work: BTreeSet<_> = population.at_work.iter().map(|client| &client.id).collect();
        assert_eq!((at_work.len(), population.at_work.len()), (1_250, 1_250));
        for client in &population.at_work {
            let credentials = STANDARD.decode(&client.credentials).unwrap();
            let credentials = String::from_utf8(credentials).unwrap();
            let (id, secret) = credentials.split_once(':').unwrap();
            let mut all = snapshot.principals.iter();
            let account = all.find(|one| one.client_id.to_string() == id).unwrap();
            assert!(account.authenticate(&hasher.hash(secret), now).is_some(), "{id}");
        }
    }
}
