//! An authority that does as it is told: it signs what it is asked to, and its answers can be held
//! back, changed and counted. What is between it and the verifier is real.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use rescind_core::{
    clock::UnixTime,
    data_keys::DataKeys,
    id::ClientId,
    random::SystemRandom,
    signing::{Algorithm, SigningKey},
    status_list::{ListId, StatusList, StatusRef, Term},
    status_list_token,
    token::{self, Claims},
};
use rescind_verifier::{Builder, Verifier};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::{broadcast, mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

pub(crate) const ISSUER: &str = "http://authority.test";

/// Longer than anything takes that is not broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An answer: its status, lines of its head, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) String, pub(crate) String);

/// A request that has come, and whose answer waits.
pub(crate) struct Held {
    answer: Answer,
    release: oneshot::Sender<Answer>,
}

impl Held {
    /// Answers as it would have been answered when it came.
    pub(crate) fn release(self) {
        self.release.send(self.answer).unwrap();
    }

    /// Answers otherwise.
    pub(crate) fn fail(self, status: u16) {
        self.answer(status, "", "");
    }

    /// Answers with that status, those lines in the head, and that body.
    pub(crate) fn answer(self, status: u16, lines: &str, body: &str) {
        self.release.send(Answer(status, lines.to_owned(), body.to_owned())).unwrap();
    }
}

struct State {
    key: SigningKey,
    event: u64,
    revoked: HashSet<StatusRef>,
    accounts: HashMap<ClientId, Vec<String>>,
    /// The first request whose path begins so is held.
    holds: Vec<(String, oneshot::Sender<Held>)>,
    requests: Vec<String>,
}

pub(crate) struct Authority {
    url: String,
    state: Arc<Mutex<State>>,
    feed: broadcast::Sender<String>,
    serving: JoinHandle<()>,
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub(crate) fn new_key() -> SigningKey {
    let data_keys = DataKeys::generate(&SystemRandom);
    let now = UnixTime::from_second(0);
    let wrapped = SigningKey::generate(Algorithm::Es256, &data_keys, now, now, &SystemRandom);
    SigningKey::open(&wrapped, &data_keys).unwrap()
}

#[allow(clippy::disallowed_methods, reason = "the verifier goes by the machine's clock")]
pub(crate) fn now() -> UnixTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    UnixTime::from_second(since.as_secs().cast_signed())
}

pub(crate) fn account(number: u8) -> ClientId {
    format!("mdb_sa_id_{number:024x}").parse().unwrap()
}

/// What a token of the account `number` says that has the bit `index` of `list`.
pub(crate) fn claims(number: u8, list: u64, index: u32) -> Claims {
    let status = StatusRef { list: ListId::from_number(list), index };
    Claims::new(ISSUER, account(number), status, now(), &SystemRandom)
}

impl Authority {
    /// One with the accounts 1 to 3.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let roles = vec!["ORG_OWNER".to_owned()];
        let state = Arc::new(Mutex::new(State {
            key: new_key(),
            event: 10,
            revoked: HashSet::new(),
            accounts: (1..=3).map(|number| (account(number), roles.clone())).collect(),
            holds: Vec::new(),
            requests: Vec::new(),
        }));
        let (feed, _) = broadcast::channel(1024);
        let serving = tokio::spawn(serve(listener, Arc::clone(&state), feed.clone()));
        Self { url, state, feed, serving }
    }

    pub(crate) fn verifier(&self) -> Builder {
        Verifier::builder(ISSUER).url(&self.url).credentials("mdb_sa_id_0", "mdb_sa_sk_0")
    }

    /// A token of the account `number`, with the bit `index` of `list`.
    pub(crate) fn token(&self, number: u8, list: u64, index: u32) -> String {
        self.sign(&claims(number, list, index))
    }

    pub(crate) fn sign(&self, claims: &Claims) -> String {
        claims.sign(&self.state.lock().unwrap().key).expose().to_owned()
    }

    /// A list in which nothing is set, as it was signed at that moment.
    pub(crate) fn list(&self, number: u64, moment: UnixTime) -> String {
        let uri = token::list_uri(ISSUER, ListId::from_number(number));
        let bits = StatusList::new(Term::starting(moment));
        status_list_token::sign(&uri, &bits, moment, &self.state.lock().unwrap().key)
    }

    /// Signs with another key from now on, and publishes that one alone.
    pub(crate) fn rotate(&self) {
        self.state.lock().unwrap().key = new_key();
    }

    /// Revokes a bit, and tells nobody; the number of the event.
    pub(crate) fn revoke_silently(&self, list: u64, index: u32) -> u64 {
        let mut state = self.state.lock().unwrap();
        state.revoked.insert(StatusRef { list: ListId::from_number(list), index });
        state.event += 1;
        state.event
    }

    /// Revokes a bit, and tells.
    pub(crate) fn revoke(&self, list: u64, index: u32) -> u64 {
        self.revoke_silently(list, index);
        self.tell("changed", &format!(r#"{{"tokens":{{"{list}":[{index}]}}}}"#))
    }

    /// Gives the account `number` other roles, and tells.
    pub(crate) fn set_roles(&self, number: u8, roles: &[&str]) -> u64 {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self.state.lock().unwrap().accounts.insert(account(number), roles);
        self.tell("changed", &format!(r#"{{"accounts":["{}"]}}"#, account(number)))
    }

    /// Sends an event, with the next number.
    pub(crate) fn tell(&self, event: &str, data: &str) -> u64 {
        let mut state = self.state.lock().unwrap();
        state.event += 1;
        let number = state.event;
        drop(state);
        self.send(&format!("id: {number}\nevent: {event}\ndata: {data}\n\n"));
        number
    }

    /// Sends bytes over every feed that is open.
    pub(crate) fn send(&self, text: &str) {
        self.feed.send(text.to_owned()).unwrap();
    }

    /// Holds the next request whose method and path begin so.
    pub(crate) fn hold(&self, beginning: &str) -> oneshot::Receiver<Held> {
        let (sender, held) = oneshot::channel();
        self.state.lock().unwrap().holds.push((beginning.to_owned(), sender));
        held
    }

    /// The head of the last request whose method and path begin so.
    pub(crate) fn last(&self, beginning: &str) -> Option<String> {
        let state = self.state.lock().unwrap();
        state.requests.iter().rfind(|request| request.starts_with(beginning)).cloned()
    }

    /// How many requests have come whose method and path begin so.
    pub(crate) fn count(&self, beginning: &str) -> usize {
        let state = self.state.lock().unwrap();
        state.requests.iter().filter(|request| request.starts_with(beginning)).count()
    }
}

/// A request that waits for its answer.
pub(crate) async fn arrived(held: oneshot::Receiver<Held>) -> Held {
    timeout(PATIENCE, held).await.expect("it was not asked").unwrap()
}

/// Waits until everything up to an event is applied.
pub(crate) async fn until_applied(verifier: &Verifier, event: u64) {
    until(|| verifier.applied() >= event).await;
}

/// Waits until something is so.
pub(crate) async fn until(so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("it did not come to be so");
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>, feed: broadcast::Sender<String>) {
    // Ends with this task all that it has opened.
    let (_alive, ended) = mpsc::channel::<()>(1);
    let ended = Arc::new(tokio::sync::Mutex::new(ended));
    loop {
        let Ok((socket, _)) = listener.accept().await else { return };
        let (state, feed, ended) = (Arc::clone(&state), feed.subscribe(), Arc::clone(&ended));
        tokio::spawn(async move {
            tokio::select! {
                _broken = connection(socket, state, feed) => {}
                _ = async { ended.lock().await.recv().await } => {}
            }
        });
    }
}

/// One request, and its answer.
async fn connection(
    socket: TcpStream,
    state: Arc<Mutex<State>>,
    mut feed: broadcast::Receiver<String>,
) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    let mut head = String::new();
    while socket.read_line(&mut head).await? > 2 {}
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    socket.read_exact(&mut body).await?;

    let (answer, hold) = {
        let mut state = state.lock().unwrap();
        state.requests.push(head.clone());
        let hold = state.holds.iter().position(|(beginning, _)| head.starts_with(beginning));
        let hold = hold.map(|at| state.holds.swap_remove(at).1);
        (state.answer(&head), hold)
    };
    let answer = match hold {
        None => answer,
        Some(hold) => {
            let (release, released) = oneshot::channel();
            let _nobody_waits = hold.send(Held { answer, release });
            released.await.unwrap_or(Answer(503, String::new(), String::new()))
        }
    };
    let Answer(status, lines, text) = answer;
    let is_feed = lines.contains("text/event-stream");
    let length =
        if is_feed { String::new() } else { format!("content-length: {}\r\n", text.len()) };
    let head = format!("HTTP/1.1 {status} S\r\nconnection: close\r\n{lines}{length}\r\n{text}");
    socket.write_all(head.as_bytes()).await?;
    if is_feed {
        while let Ok(text) = feed.recv().await {
            socket.write_all(text.as_bytes()).await?;
        }
    }
    socket.shutdown().await
}

impl State {
    fn answer(&self, head: &str) -> Answer {
        let event = format!("rescind-event: {}\r\n", self.event);
        let path = head.split(' ').nth(1).unwrap();
        let json = |text: String| Answer(200, event.clone(), text);
        if let Some(list) = path.strip_prefix("/statuslists/") {
            let id = ListId::from_number(list.parse().unwrap());
            let bits = StatusList::new(Term::starting(now()));
            for status in self.revoked.iter().filter(|status| status.list == id) {
                bits.set(status.block().number, status.mask());
            }
            let uri = token::list_uri(ISSUER, id);
            return json(status_list_token::sign(&uri, &bits, now(), &self.key));
        }
        if let Some(id) = path.strip_prefix("/api/oauth/accounts/") {
            return match self.accounts.get(&id.parse().unwrap()) {
                None => Answer(404, String::new(), String::new()),
                Some(roles) => json(format!(
                    r#"{{"clientId":"{id}","orgId":"6b1f0c2d9a4e57833c0d9e11","roles":{roles:?},"groups":[],"accessListRequired":false}}"#
                )),
            };
        }
        match path {
            "/.well-known/jwks.json" => {
                json(format!(r#"{{"keys":[{}]}}"#, serde_json::to_string(&self.key.jwk()).unwrap()))
            }
            "/api/oauth/token" => {
                json(r#"{"access_token":"own","expires_in":3600,"token_type":"Bearer"}"#.to_owned())
            }
            "/api/oauth/revoke" => Answer(200, String::new(), String::new()),
            "/api/oauth/feed/acknowledgements" => Answer(204, String::new(), String::new()),
            "/api/oauth/feed" => {
                let number = self.event;
                let text = format!(
                    "id: {number}\nevent: hello\ndata: {{\"follower\":\"0f\"}}\n\n\
                     id: {number}\nevent: alive\ndata: {{}}\n\n"
                );
                Answer(200, "content-type: text/event-stream\r\n".to_owned(), text)
            }
            _ => Answer(404, String::new(), String::new()),
        }
    }
}
