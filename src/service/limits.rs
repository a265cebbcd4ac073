//! Rate limits: who counts as one caller, and who is not counted.

use std::net::{IpAddr, Ipv6Addr};

use super::IssuerId;

/// What is counted. How many are allowed, and in which time, is set with the bindings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Registrations from one place.
    Address,
    /// Registrations at one issuer.
    Issuer,
    /// Wrong tokens from one place.
    Failures,
}

/// Who is not counted.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Networks whose requests are not counted.
    pub(super) exempt_networks: Vec<Network>,
    /// Whether registrations with an initial access token are counted like others.
    pub(super) count_token_holders: bool,
}

impl Limits {
    /// Whether requests from `address` are not counted.
    #[must_use]
    pub fn exempt(&self, address: Option<IpAddr>) -> bool {
        address.is_some_and(|address| self.exempt_networks.iter().any(|net| net.contains(address)))
    }
}

/// A network: an address and how many of its leading bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    bits: u128,
    mask: u128,
}

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32`, or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().ok()?;
        let (whole, offset) = if address.is_ipv4() { (32_u32, 96) } else { (128, 0) };
        let length = match length {
            None => whole,
            Some(digits) => digits.parse().ok().filter(|length| *length <= whole)?,
        };
        let mask = u128::MAX.checked_shl(128_u32.checked_sub(length.checked_add(offset)?)?);
        let mask = mask.unwrap_or(0);
        let bits = bits(address);
        (bits & !mask == 0).then_some(Self { bits, mask })
    }

    fn contains(self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.bits
    }
}

/// An address in 128 bits, IPv4 as IPv6 writes it.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The key under which callers from one place are counted: an IPv4 address, or the /64 network of an IPv6
/// address, which one household or server has to itself.
#[must_use]
pub fn place(issuer: &IssuerId, address: Option<IpAddr>) -> String {
    match address {
        None => format!("{issuer} unknown"),
        Some(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let network = Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64));
            format!("{issuer} {network}/64")
        }
        Some(address) => format!("{issuer} {}", address.to_canonical()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_what_they_say() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.77", "192.0.3.1"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.0/24", "::ffff:192.0.2.9", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("0.0.0.0/0", "8.8.8.8", "2001:db8::1"),
            ("::/0", "2001:db8::1", "none"),
        ] {
            let parsed = Network::parse(network).unwrap();
            assert!(parsed.contains(inside.parse().unwrap()), "{network} {inside}");
            if let Ok(outside) = outside.parse() {
                assert!(!parsed.contains(outside), "{network} {outside}");
            }
        }
        for text in [
            "",
            "192.0.2.0/33",
            "192.0.2.1/24",
            "x/8",
            "192.0.2.0/",
            "2001:db8::/129",
            "192.0.2/24",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn threat_20_an_ipv6_caller_is_its_64_bit_network() {
        let issuer = IssuerId::of("https://auth.example.com");
        let key = |text: &str| place(&issuer, text.parse().ok());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(
            key("192.0.2.1"),
            place(&IssuerId::of("https://b.example"), "192.0.2.1".parse().ok())
        );
    }
}
