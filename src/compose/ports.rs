//! `ports` and `expose`.

use core::net::IpAddr;

use super::{Exposed, Placed, Port, Protocol, at::At, notes::Notes};

/// Ports that one item may stand for.
const MOST: usize = 1000;

/// The parts of `[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PortText<'t> {
    pub(super) host_ip: Option<&'t str>,
    pub(super) published: Option<&'t str>,
    pub(super) target: &'t str,
    pub(super) protocol: Option<&'t str>,
}

/// Takes a short port apart.
pub(super) fn split_port(text: &str) -> Option<PortText<'_>> {
    let (rest, protocol) = match text.rsplit_once('/') {
        Some((rest, protocol)) => (rest, Some(protocol)),
        None => (text, None),
    };
    let (rest, target) = match rest.rsplit_once(':') {
        Some((rest, target)) => (Some(rest), target),
        None => (None, rest),
    };
    let (host_ip, published) = match rest.map(|rest| rest.rsplit_once(':')) {
        None => (None, None),
        Some(None) => (None, rest),
        Some(Some((ip, published))) => {
            (Some(ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip)), Some(published))
        }
    };
    let published = published.filter(|published| !published.is_empty());
    (!target.is_empty()).then_some(PortText { host_ip, published, target, protocol })
}

/// `ports`, with ranges written out.
pub(super) fn ports(at: &At<'_>, notes: &mut Notes) -> Vec<Placed<Port>> {
    let items = at.items(notes);
    items.iter().flat_map(|item| if item.is_map() { long(item, notes) } else { short(item, notes) }).collect()
}

/// `expose`, with ranges written out.
pub(super) fn exposed(at: &At<'_>, notes: &mut Notes) -> Vec<Placed<Exposed>> {
    let mut found = Vec::new();
    for item in at.items(notes) {
        let Some(text) = item.text(notes) else { continue };
        let (range, word) =
            text.split_once('/').map_or((text.as_str(), "tcp"), |(range, word)| (range, word));
        let Some(protocol) = protocol(&item, Some(word), notes) else { continue };
        for port in targets(&item, range, notes) {
            found.push(item.placed(Exposed { port, protocol }));
        }
    }
    found
}

fn short(at: &At<'_>, notes: &mut Notes) -> Vec<Placed<Port>> {
    let Some(text) = at.text(notes) else { return Vec::new() };
    let Some(parts) = split_port(&text) else {
        at.expected("a port", "write it as in `8080:80`", notes);
        return Vec::new();
    };
    let Some(protocol) = protocol(at, parts.protocol, notes) else { return Vec::new() };
    let host_ip = parts.host_ip.filter(|ip| !ip.is_empty()).map(str::to_owned);
    if !is_address(at, host_ip.as_deref(), notes) {
        return Vec::new();
    }
    let port = Port {
        target: 0,
        published: None,
        host_ip,
        protocol,
        name: None,
        app_protocol: None,
        is_host_mode: false,
    };
    written_out(at, &port, parts.published, parts.target, notes)
}

fn long(at: &At<'_>, notes: &mut Notes) -> Vec<Placed<Port>> {
    let text = |key: &str, notes: &mut Notes| at.get(key).and_then(|value| value.text(notes));
    let Some(target) = text("target", notes) else {
        at.error("this port has no `target`", "write the port in the container: `target: 80`", notes);
        return Vec::new();
    };
    let Some(protocol) = protocol(at, text("protocol", notes).as_deref(), notes) else { return Vec::new() };
    let host_ip = text("host_ip", notes).filter(|ip| !ip.is_empty());
    if !is_address(at, host_ip.as_deref(), notes) {
        return Vec::new();
    }
    let is_host_mode = at
        .get("mode")
        .and_then(|mode| mode.choice(&[("host", true), ("ingress", false)], notes))
        .unwrap_or_default();
    let port = Port {
        target: 0,
        published: None,
        host_ip,
        protocol,
        name: text("name", notes),
        app_protocol: text("app_protocol", notes),
        is_host_mode,
    };
    let published = text("published", notes).filter(|published| !published.is_empty());
    written_out(at, &port, published.as_deref(), &target, notes)
}

fn written_out(
    at: &At<'_>,
    port: &Port,
    published: Option<&str>,
    target: &str,
    notes: &mut Notes,
) -> Vec<Placed<Port>> {
    let targets = targets(at, target, notes);
    let host: Vec<Option<String>> = match published {
        None => vec![None; targets.len()],
        Some(published) => match range(published, 0) {
            Ok(_) if targets.len() == 1 => vec![Some(published.to_owned())],
            Ok((first, last)) if usize::from(last - first) + 1 == targets.len() => {
                (first..=last).map(|port| Some(port.to_string())).collect()
            }
            Ok(_) if targets.is_empty() => Vec::new(),
            Ok(_) => {
                let message = format!("the ranges `{published}` and `{target}` are not of one length");
                at.error(message, "make them the same", notes);
                Vec::new()
            }
            Err(problem) => {
                at.error(problem, "ports are numbers from 1 to 65535", notes);
                Vec::new()
            }
        },
    };
    let pairs = targets.into_iter().zip(host);
    pairs.map(|(target, published)| at.placed(Port { target, published, ..port.clone() })).collect()
}

fn targets(at: &At<'_>, text: &str, notes: &mut Notes) -> Vec<u16> {
    match range(text, 1) {
        Ok((first, last)) if usize::from(last - first) < MOST => (first..=last).collect(),
        Ok(_) => {
            at.error(format!("a range of more than {MOST} ports"), "name the ports that are used", notes);
            Vec::new()
        }
        Err(problem) => {
            at.error(problem, "ports are numbers from 1 to 65535, as in `8080:80`", notes);
            Vec::new()
        }
    }
}

fn range(text: &str, least: u16) -> Result<(u16, u16), String> {
    let whole = text;
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| {
        let number: u32 = text.trim().parse().map_err(|_| format!("`{whole}` is no port"))?;
        u16::try_from(number)
            .ok()
            .filter(|port| *port >= least)
            .ok_or_else(|| format!("port {number} is out of range"))
    };
    let (first, last) = (port(first)?, port(last)?);
    if first > last {
        return Err(format!("the range `{text}` goes backwards"));
    }
    Ok((first, last))
}

fn protocol(at: &At<'_>, word: Option<&str>, notes: &mut Notes) -> Option<Protocol> {
    match word.map(str::to_lowercase).as_deref() {
        None | Some("tcp") => Some(Protocol::Tcp),
        Some("udp") => Some(Protocol::Udp),
        Some("sctp") => Some(Protocol::Sctp),
        Some(other) => {
            at.error(format!("`{other}` is no protocol of a port"), "known here: tcp, udp, sctp", notes);
            None
        }
    }
}

/// Says when an address is none; nothing said is fine.
fn is_address(at: &At<'_>, text: Option<&str>, notes: &mut Notes) -> bool {
    let Some(text) = text.filter(|text| text.parse::<IpAddr>().is_err() && *text != "localhost") else {
        return true;
    };
    let of = if at.is_map() { String::new() } else { format!(", in `{}`", at.value.as_written()) };
    at.error(format!("`{text}` is no address{of}"), "write it as in `127.0.0.1:8080:80`", notes);
    false
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::compose::tree::{File, Node, Place, Value};

    fn read(text: &str) -> Result<Vec<String>, String> {
        let file = Arc::new(File { name: "c.yaml".into(), base: "".into() });
        let place = Place::whole(&file);
        let item = Value::new(Node::Text(text.into()), place.clone());
        let list = Value::new(Node::List(vec![item]), place);
        let mut notes = Notes::default();
        let ports = ports(&At::new(&list, "ports".into()), &mut notes);
        if let Some(error) = notes.errors.first() {
            return Err(error.message.clone());
        }
        Ok(ports
            .into_iter()
            .map(|port| {
                let port = port.value;
                format!(
                    "{}|{}|{}|{:?}",
                    port.host_ip.unwrap_or_default(),
                    port.published.unwrap_or_default(),
                    port.target,
                    port.protocol
                )
            })
            .collect())
    }

    #[test]
    fn every_short_form() {
        for (text, wanted) in [
            ("80", "||80|Tcp"),
            ("8080:80", "|8080|80|Tcp"),
            ("53:53/udp", "|53|53|Udp"),
            ("127.0.0.1:8080:80", "127.0.0.1|8080|80|Tcp"),
            ("127.0.0.1::80", "127.0.0.1||80|Tcp"),
            ("[::1]:8080:80", "::1|8080|80|Tcp"),
            ("::1:8080:80", "::1|8080|80|Tcp"),
            ("8000-8010:80", "|8000-8010|80|Tcp"),
            ("0:80", "|0|80|Tcp"),
        ] {
            assert_eq!(read(text).unwrap(), [wanted], "{text}");
        }
        assert_eq!(read("3000-3001").unwrap(), ["||3000|Tcp", "||3001|Tcp"]);
        assert_eq!(read("9000-9001:3000-3001/udp").unwrap(), ["|9000|3000|Udp", "|9001|3001|Udp"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, wanted) in [
            ("70000:80", "port 70000 is out of range"),
            ("80:0", "port 0 is out of range"),
            ("80:web", "`web` is no port"),
            ("90-80", "the range `90-80` goes backwards"),
            ("1-3:1-2", "the ranges `1-3` and `1-2` are not of one length"),
            ("80/icmp", "`icmp` is no protocol of a port"),
            ("host:80:80", "`host` is no address, in `host:80:80`"),
            ("1-60000", "a range of more than 1000 ports"),
        ] {
            assert_eq!(read(text).unwrap_err(), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9:/.\\[\\]a-z-]{0,24}") {
            let _ = read(&text);
        }
    }
}
