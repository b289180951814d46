//! Who a request came from: the peer, or what a trusted proxy says of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
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
        let mut forwarded = request
            .headers()
            .get_all("x-forwarded-for")
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .filter(|entry| !entry.trim_ascii().is_empty())
            .rev();
        let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
        if let Some(peer) = peer
            && !is_trusted(&peer)
        {
            if forwarded.next().is_some() {
                warning.call_once(|| {
                    tracing::warn!(
                        "X-Forwarded-For comes from a peer that trusted_proxies does not name and is not believed: \
                         behind a proxy, all visitors count as one"
                    );
                });
            }
            return Self::new(peer);
        }
        // An entry that cannot be read ends the search: what stands to the left of it, the client may have written.
        let client = forwarded
            .map(address)
            .find(|entry| entry.is_none_or(|ip| !is_trusted(&ip)))
            .flatten();
        Self::new(client.or(peer).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)))
    }

    /// What stands around it, a /24 or a /48: a firm, a provider's corner, one who has many addresses.
    #[must_use]
    pub fn around(self) -> Self {
        Self(match self.0 {
            IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() >> 8 << 8).into(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80).into(),
        })
    }

    /// The bytes of what stands around it, to be hashed.
    #[must_use]
    pub fn surroundings(self) -> Vec<u8> {
        match self.around().0 {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        }
    }

    /// The same as people read it: "192.0.2.0/24".
    #[must_use]
    pub fn in_words(self) -> String {
        let bits = if self.0.is_ipv4() { 24 } else { 48 };
        format!("{}/{bits}", self.around().0)
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

/// An entry of the header; some proxies write the port too, and brackets around IPv6.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    let bare = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let ip = entry
        .parse()
        .ok()
        .or_else(|| Some(entry.parse::<SocketAddr>().ok()?.ip()))
        .or_else(bare)?;
    Some(IpAddr::to_canonical(&ip))
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

    #[test]
    fn what_a_client_writes_into_the_header_is_not_believed() {
        let of = |forwarded: &str| network("10.0.0.1:1", forwarded).to_string();
        assert_eq!(of("1.1.1.1, 198.51.100.7:4711"), "198.51.100.7");
        assert_eq!(of("1.1.1.1, [2001:db8:1:2::3]:4711"), "2001:db8:1:2::");
        assert_eq!(of("1.1.1.1, [2001:db8:1:2::3]"), "2001:db8:1:2::");
        assert_eq!(of("1.1.1.1, 198.51.100.7:4711, 10.0.0.2:80"), "198.51.100.7");
        assert_eq!(of("1.1.1.1, ::ffff:198.51.100.7"), "198.51.100.7");
        for unreadable in ["unknown", "_hidden", "198.51.100.7:", "caf\u{e9}"] {
            assert_eq!(
                of(&format!("1.1.1.1, {unreadable}, 10.0.0.2")),
                "10.0.0.1",
                "{unreadable}"
            );
        }
        assert_eq!(of("198.51.100.7, "), "198.51.100.7", "an empty entry is none");
    }

    #[test]
    fn what_stands_around_a_network() {
        let around = |ip: &str| Network::new(ip.parse().unwrap()).in_words();
        assert_eq!(around("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(around("2001:db8:1:2:3::4"), "2001:db8:1::/48");
        let surroundings = |ip: &str| Network::new(ip.parse().unwrap()).surroundings();
        assert_eq!(surroundings("192.0.2.1"), surroundings("192.0.2.254"));
        assert_ne!(surroundings("192.0.2.1"), surroundings("192.0.3.1"));
        assert_eq!(surroundings("2001:db8:1:2::"), surroundings("2001:db8:1:ffff::"));
    }

    #[test]
    fn several_headers_are_one_list() {
        let request = TestRequest::default()
            .peer_addr("10.0.0.1:1".parse().unwrap())
            .append_header(("x-forwarded-for", "1.1.1.1"))
            .append_header(("x-forwarded-for", "198.51.100.7"))
            .to_http_request();
        let found = Network::of(&request, &["10.0.0.0/8".parse().unwrap()], &Once::new());
        assert_eq!(found.0.to_string(), "198.51.100.7");
    }
}
