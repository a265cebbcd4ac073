//! Hosts of special use: where an authorization server that fetches would reach its own network.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::host::Host;

/// IPv4 networks that are no unicast of the public Internet (RFC 6890 and its registry; multicast and
/// 240/4 besides), each as its first address and the length of its prefix.
const V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Networks inside `2000::/3`, the public unicast of IPv6, that are not public: protocol
/// assignments (Teredo among them), documentation, and 6to4, which hides an IPv4 address.
const V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];
/// Public unicast. Everything else is of special use: unique local (`fc00::/7`), link-local, NAT64
/// (`64:ff9b::/96`), mapped and compatible addresses, multicast.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Domains that name machines of the network that asks (RFC 6761; RFC 6762 and its appendix G; RFC 8375;
/// `internal`), or nothing in the DNS (`test` and `invalid` of RFC 6761, `onion` of RFC 7686).
#[rustfmt::skip]
const DOMAINS: [&str; 13] = [
    "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "home.arpa", "lan",
    "test", "invalid", "onion",
];

impl Host<'_> {
    /// Whether this host is no place on the public Internet: an address of special use (RFC 6890), a name
    /// under a domain of the local network, or a name of one label, which is never public. What another
    /// name resolves to is not known here.
    #[must_use]
    pub fn is_special_use(&self) -> bool {
        match self.0 {
            url::Host::Ipv4(address) => V4.iter().any(|(network, length)| {
                let bits = 32_u32.saturating_sub(*length);
                (address.to_bits() ^ network.to_bits()).checked_shr(bits) == Some(0)
            }),
            url::Host::Ipv6(address) => {
                !covers(GLOBAL_V6, *address) || V6.iter().any(|network| covers(*network, *address))
            }
            url::Host::Domain(name) => {
                let below = |domain: &str| {
                    name.strip_suffix(domain)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                };
                !name.contains('.') || DOMAINS.into_iter().any(below)
            }
        }
    }
}

fn covers((network, length): (Ipv6Addr, u32), address: Ipv6Addr) -> bool {
    let bits = 128_u32.saturating_sub(length);
    (address.to_bits() ^ network.to_bits()).checked_shr(bits) == Some(0)
}
