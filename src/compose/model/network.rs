//! Ports, networks, and the names under which services reach each other.

use super::{Origin, Placed};

/// TCP, UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `tcp`.
    Tcp,
    /// `udp`.
    Udp,
    /// `sctp`.
    Sctp,
}

/// One published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// In the container.
    pub target: u16,
    /// On the host: as written, may be a range of candidates; none is any.
    pub published: Option<String>,
    /// The host's address.
    pub host_ip: Option<String>,
    /// The protocol.
    pub protocol: Protocol,
    /// `name`.
    pub name: Option<String>,
    /// `app_protocol`.
    pub app_protocol: Option<String>,
    /// `mode: host`.
    pub is_host_mode: bool,
}

/// One port of `expose`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposed {
    /// In the container.
    pub port: u16,
    /// The protocol.
    pub protocol: Protocol,
}

/// A network.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Where its key stands; none for the implied `default`.
    pub origin: Option<Origin>,
    /// `external`.
    pub is_external: bool,
    /// `internal`: nothing goes out of it.
    pub is_internal: bool,
    /// `driver`.
    pub driver: Option<Placed<String>>,
    /// `name`.
    pub name: Option<Placed<String>>,
}

/// How a service is on a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Other names.
    pub aliases: Vec<String>,
    /// A fixed address.
    pub ipv4_address: Option<String>,
    /// A fixed address.
    pub ipv6_address: Option<String>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The service, or the container outside of the project.
    pub target: String,
    /// Its other name.
    pub alias: Option<String>,
    /// Outside of the project?
    pub is_external: bool,
}
