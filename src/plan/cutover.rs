//! What must hold before and after traffic moves.

use std::{fmt, path::PathBuf};

use super::Scheme;

/// The same requests to the old gateway and the new entry, and answers that must agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parity {
    /// The hosts that are asked for.
    pub hosts: Vec<String>,
    /// Each begins with `/`; every host is asked for every one.
    pub paths: Vec<String>,
    /// With TLS, which is verified, unless it says otherwise.
    pub scheme: Scheme,
    /// Where the old answers, whatever DNS says.
    pub old: Entry,
    /// Where the new answers, whatever DNS says.
    pub new: Entry,
    /// Headers that must agree, in lower case. Of `set-cookie` only the cookies' names.
    pub headers: Vec<String>,
    /// What must agree of the body.
    pub body: BodyCheck,
    /// CA certificates (PEM) to verify both sides with, instead of the system's; relative to the plan's folder.
    pub ca: Option<PathBuf>,
}

/// An entry to the services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A name or IP, with or without a port.
    Address(String),
    /// The address that an Ingress of the environment's namespace has.
    Ingress(String),
}

/// What must agree of two bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyCheck {
    /// Every byte.
    Same,
    /// How many bytes.
    Length,
    /// Nothing: bodies that name the time or a request.
    Ignored,
}

impl Entry {
    /// As it is written in a plan.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        match text.split_once('/') {
            Some(("ingress", name)) => match super::words::name_error(name) {
                None => Ok(Self::Ingress(name.to_owned())),
                Some(why) => Err(why),
            },
            Some(_) => Err("it is neither an address nor ingress/NAME"),
            None if is_address(text) => Ok(Self::Address(text.to_owned())),
            None => Err("it is no name or IP, with or without a port"),
        }
    }

    /// The host and the port, where one is given.
    #[must_use]
    pub fn host_and_port(address: &str) -> Option<(&str, Option<u16>)> {
        if let Some(rest) = address.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            return match rest.strip_prefix(':') {
                Some(port) => Some((host, Some(port.parse().ok()?))),
                None => rest.is_empty().then_some((host, None)),
            };
        }
        match address.split_once(':') {
            Some((_, rest)) if rest.contains(':') => Some((address, None)),
            Some((host, port)) => Some((host, Some(port.parse().ok()?))),
            None => Some((address, None)),
        }
    }
}

fn is_address(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    Entry::host_and_port(text)
        .is_some_and(|(host, port)| !host.is_empty() && host.chars().all(inner) && port != Some(0))
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => f.write_str(address),
            Self::Ingress(name) => write!(f, "ingress/{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn an_entry_is_an_address_or_an_ingress() {
        for fine in [
            "192.0.2.10",
            "192.0.2.10:8443",
            "legacy.example.com:443",
            "[2001:db8::1]:443",
            "2001:db8::1",
            "ingress/web",
        ] {
            assert_eq!(Entry::parse(fine).map(|entry| entry.to_string()), Ok(fine.to_owned()));
        }
        for bad in
            ["", "https://a", "a/b", "ingress/Web", "a:x", "a:0", "a:99999", "a b", "[2001:db8::1", "user@a"]
        {
            assert!(Entry::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Entry::host_and_port("[2001:db8::1]:443"), Some(("2001:db8::1", Some(443))));
    }
}
