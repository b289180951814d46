//! Who a request came from: the peer, or what a trusted proxy says of it.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Once;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The network of a client: an IPv4 address, or the /64 that one customer of IPv6 has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// Of a request. Only proxies that are trusted are believed: of the addresses in
    /// `X-Forwarded-For`, the last one that is not itself a trusted proxy counts. A header that is not
    /// believed is warned of once.
    #[must_use]
    pub fn of(request: &HttpRequest, trusted: &[IpNet], warning: &Once) -> Self {
        // A unix socket has no peer address: whoever may open it is a proxy on this machine.
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        let forwarded = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|part| part.trim().parse::<IpAddr>().ok())
            .map(|ip| ip.to_canonical())
            .collect::<Vec<_>>();
        let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
        if let Some(peer) = peer
            && !is_trusted(&peer)
        {
            if !forwarded.is_empty() {
                warning.call_once(|| {
                    tracing::warn!(
                        "X-Forwarded-For comes from a peer that trusted_proxies does not name and is not believed: \
                         behind a proxy, all visitors count as one"
                    );
                });
            }
            return Self::new(peer);
        }
        let client = forwarded.iter().rev().find(|ip| !is_trusted(ip));
        Self::new(client.copied().or(peer).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)))
    }

    /// Of an address.
    #[must_use]
    pub fn new(ip: IpAddr) -> Self {
        Self(match ip {
            IpAddr::V4(_) => ip,
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        })
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn network(peer: &str, forwarded: &str) -> IpAddr {
        let request = TestRequest::default()
            .peer_addr(peer.parse().unwrap())
            .insert_header(("x-forwarded-for", forwarded))
            .to_http_request();
        Network::of(&request, &["10.0.0.0/8".parse().unwrap()], &Once::new()).0
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(network("192.0.2.1:1", "198.51.100.7").to_string(), "192.0.2.1");
        assert_eq!(network("10.0.0.1:1", "198.51.100.7").to_string(), "198.51.100.7");
        assert_eq!(
            network("10.0.0.1:1", "1.1.1.1, 198.51.100.7, 10.0.0.2").to_string(),
            "198.51.100.7"
        );
        assert_eq!(network("10.0.0.1:1", "nonsense").to_string(), "10.0.0.1");
        assert_eq!(network("[2001:db8:1:2:3::4]:1", "").to_string(), "2001:db8:1:2::");
    }
}
