//! The proxies in front of a server.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;
use rescind_http::ForwardedHeader;
use serde::Deserialize;

/// Addresses and networks, with commas between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Networks(pub(crate) Vec<IpNet>);

/// A text that is no such list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "trusted proxies are IP addresses and networks with commas between, like 10.1.0.0/16,fd00::7"
)]
pub(crate) struct ParseNetworksError;

impl FromStr for Networks {
    type Err = ParseNetworksError;

    fn from_str(text: &str) -> Result<Self, ParseNetworksError> {
        let network = |text: &str| match text.parse::<IpAddr>() {
            Ok(address) => Ok(IpNet::from(address)),
            Err(_) => text.parse().map_err(|_| ParseNetworksError),
        };
        text.split(',').map(str::trim).map(network).collect::<Result<_, _>>().map(Self)
    }
}

/// The header in which the trusted proxies name the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientHeader {
    /// What most proxies write.
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

impl From<ClientHeader> for ForwardedHeader {
    fn from(header: ClientHeader) -> Self {
        match header {
            ClientHeader::XForwardedFor => Self::XForwardedFor,
            ClientHeader::Forwarded => Self::Forwarded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_may_be_mixed() {
        let networks: Networks = "10.1.0.0/16, 192.0.2.7,fd00::/8,::1".parse().unwrap();
        let texts: Vec<_> = networks.0.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["10.1.0.0/16", "192.0.2.7/32", "fd00::/8", "::1/128"]);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", ",", "10.1.0.0/16,", "10.1.0.0/33", "10.1", "proxy.example.com", "10.0.0.1:80"]
        {
            assert_eq!(text.parse::<Networks>(), Err(ParseNetworksError), "row: {text}");
        }
    }
}
