//! Who asks: service accounts of the server under test.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rescind_harness::Installation;

/// A service account.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    /// What stands behind `Basic ` when it asks.
    pub(crate) credentials: String,
}

impl Client {
    pub(crate) fn new(id: String, secret: &str) -> Rc<Self> {
        let credentials = STANDARD.encode(format!("{id}:{secret}"));
        Rc::new(Self { id, credentials })
    }
}

/// A token, with the account that it was issued to.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) client: Rc<Client>,
    pub(crate) text: String,
}

/// Accounts that ask for tokens in turn. Nobody begins anew before all have had their turn.
#[derive(Debug)]
pub(crate) struct Crowd {
    clients: Vec<Rc<Client>>,
    next: usize,
}

impl Crowd {
    pub(crate) fn new(clients: Vec<Rc<Client>>) -> Self {
        Self { clients, next: 0 }
    }

    /// The first account of an installation, alone.
    pub(crate) fn of_one(installation: &Installation) -> Self {
        let Installation { client_id, client_secret, .. } = installation;
        Self::new(vec![Client::new(client_id.clone(), client_secret)])
    }

    /// Whose turn it is; `None` only if there is nobody.
    pub(crate) fn next(&mut self) -> Option<Rc<Client>> {
        let client = self.clients.get(self.next)?;
        self.next = (self.next + 1) % self.clients.len();
        Some(Rc::clone(client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_turn_before_anybody_has_another() {
        let clients = ["a", "b", "c"].map(|id| Client::new(id.to_owned(), "secret"));
        let mut crowd = Crowd::new(clients.into());
        let turns: String =
            (0..7).filter_map(|_| crowd.next()).map(|client| client.id.clone()).collect();
        assert_eq!(turns, "abcabca");
        assert!(Crowd::new(Vec::new()).next().is_none());
    }

    /// RFC 7617 section 2.
    #[test]
    fn credentials_are_those_of_basic_authentication() {
        let client = Client::new("Aladdin".to_owned(), "open sesame");
        assert_eq!(client.credentials, "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
}
