//! Rate limits: what is counted, which callers count as one, and which are not counted.

use std::net::{IpAddr, Ipv6Addr};

use crate::vocabulary::IssuerId;

/// A rate limit. The bindings set how many requests are allowed, and in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Registrations, dry runs and updates from one IPv4 address or IPv6 /64 network; writes of one client.
    Address,
    /// The same, and wrong tokens, from one IPv6 /48 network; reads and deletions from such a network or one IPv4
    /// address.
    Network,
    /// All of that from all Workers of other zones together.
    Workers,
    /// Registrations that are about to be stored, at one issuer.
    Issuer,
    /// Updates that are about to be stored, at one issuer.
    Updates,
    /// Wrong tokens from one IPv4 address or IPv6 /64 network; wrong secrets of one client.
    Failures,
    /// Fetches of one metadata document.
    Document,
    /// Fetches of metadata documents from one host.
    DocumentHost,
    /// Fetches of metadata documents for one issuer: of those never seen before, and of known ones.
    Documents,
}

impl Limit {
    /// Every limit with the name of its binding in `wrangler.toml`.
    pub const BINDINGS: [(Self, &'static str); 9] = [
        (Self::Address, "ADDRESS_LIMIT"),
        (Self::Network, "NETWORK_LIMIT"),
        (Self::Workers, "WORKERS_LIMIT"),
        (Self::Failures, "FAILURE_LIMIT"),
        (Self::Issuer, "ISSUER_LIMIT"),
        (Self::Updates, "UPDATE_LIMIT"),
        (Self::Document, "DOCUMENT_LIMIT"),
        (Self::DocumentHost, "DOCUMENT_HOST_LIMIT"),
        (Self::Documents, "DOCUMENTS_LIMIT"),
    ];

    /// The name of its binding.
    #[must_use]
    pub fn binding(self) -> &'static str {
        let found = Self::BINDINGS.iter().find(|(limit, _)| *limit == self);
        found.map_or("", |(_, binding)| binding)
    }
}

/// Rate limits: approximate, and never a reason to fail.
#[expect(async_fn_in_trait, reason = "one thread per isolate: nothing here is ever Send")]
pub trait Limiter {
    /// Counts one more under `key`; whether that is still within the limit.
    async fn allow(&self, limit: Limit, key: &str) -> bool;
}

/// The kind of request that a place is counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// A request that may lead to a write.
    Request,
    /// A read or a deletion with a registration access token.
    Read,
    /// A wrong token.
    Failure,
}

/// The address that Cloudflare gives to every request from a Worker of another zone
/// (Cloudflare HTTP headers, `CF-Connecting-IP` in Worker subrequests).
const WORKERS: Ipv6Addr = Ipv6Addr::new(0x2a06, 0x98c0, 0x3600, 0, 0, 0, 0, 0x103);

/// The callers that are not counted.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Networks whose requests are not counted.
    pub exempt_networks: Vec<Network>,
    /// Whether registrations with an initial access token are counted like others.
    pub count_token_holders: bool,
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
pub struct Network {
    bits: u128,
    mask: u128,
}

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32`, or a single address.
    #[must_use]
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

/// The limits and keys that a request from `address` counts under, the narrowest first. One household or
/// server has an IPv6 /64 network to itself, and one customer of a provider often a /48 network.
///
/// A request without an address is from a Worker with a binding to this one. It stands for many callers, so
/// only its wrong tokens are counted.
pub(super) fn counters(
    issuer: &IssuerId,
    address: Option<IpAddr>,
    counted: Counted,
) -> Vec<(Limit, String)> {
    let (narrowest, suffix) = match counted {
        Counted::Request => (Limit::Address, ""),
        Counted::Read => (Limit::Network, " reads"),
        Counted::Failure => (Limit::Failures, " failures"),
    };
    let Some(address) = address else {
        let key = format!("{issuer} unknown");
        return if counted == Counted::Failure { vec![(narrowest, key)] } else { Vec::new() };
    };
    if address == WORKERS {
        return vec![(Limit::Workers, format!("{issuer} workers{suffix}"))];
    }
    if counted == Counted::Read {
        return vec![(narrowest, format!("{issuer} {}{suffix}", widest_place(address)))];
    }
    match address.to_canonical() {
        IpAddr::V4(address) => vec![(narrowest, format!("{issuer} {address}"))],
        IpAddr::V6(address) => vec![
            (narrowest, format!("{issuer} {}", network(address, 64))),
            (Limit::Network, format!("{issuer} {}{suffix}", network(address, 48))),
        ],
    }
}

/// The widest place that `address` counts as: an IPv4 address, or an IPv6 /48 network.
pub(super) fn widest_place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => network(address, 48),
    }
}

/// The network of the first `length` bits of `address`.
fn network(address: Ipv6Addr, length: u32) -> String {
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(length)).unwrap_or(0);
    format!("{}/{length}", Ipv6Addr::from_bits(address.to_bits() & mask))
}
