//! Where an entry is: its addresses, whatever DNS says of the hosts that it serves.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
};

use super::GateAnswer;
use crate::{
    cluster::{FailureKind, Reader},
    diff::Problem,
    plan::Entry,
};

/// The addresses of an entry, with a port for those that name none.
pub(super) async fn addresses(
    reader: &Reader,
    namespace: &str,
    entry: &Entry,
    port: u16,
    subject: &str,
) -> Result<Vec<SocketAddr>, GateAnswer> {
    let named = match entry {
        Entry::Address(address) => vec![address.clone()],
        Entry::Ingress(name) => of_ingress(reader, namespace, name, subject).await?,
    };
    let mut found = Vec::new();
    for address in &named {
        let Some((host, own_port)) = Entry::host_and_port(address) else { continue };
        let looked = tokio::net::lookup_host((host, own_port.unwrap_or(port))).await;
        found.extend(
            looked.map_err(|error| GateAnswer::not_yet(format!("{host} cannot be resolved: {error}")))?,
        );
    }
    if found.is_empty() {
        return Err(GateAnswer::not_yet(format!("{entry} has no address")));
    }
    Ok(found)
}

async fn of_ingress(
    reader: &Reader,
    namespace: &str,
    name: &str,
    subject: &str,
) -> Result<Vec<String>, GateAnswer> {
    match reader.get("networking.k8s.io/v1", "Ingress", Some(namespace), name).await {
        Ok(Some(object)) => {
            let points =
                object.at(&["status", "loadBalancer", "ingress"]).and_then(serde_json::Value::as_array);
            let text = |point: &serde_json::Value, field: &str| point.get(field)?.as_str().map(str::to_owned);
            let points = points.into_iter().flatten();
            Ok(points.filter_map(|point| text(point, "ip").or_else(|| text(point, "hostname"))).collect())
        }
        Ok(None) => Err(GateAnswer::not_yet(format!("Ingress/{name} is not there"))),
        Err(failure) if matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unauthorized) => {
            Err(GateAnswer::Failed {
                problem: Problem::new(subject, failure.message.clone(), failure.kind.remedy()),
            })
        }
        Err(failure) => Err(GateAnswer::not_yet(failure.message)),
    }
}

/// Does a name resolve to nothing but the wanted addresses? `seen`: what the system's resolver says.
pub(super) fn resolves(host: &str, seen: &[IpAddr], wanted: &[IpAddr]) -> GateAnswer {
    let words = |all: &[IpAddr]| {
        let sorted: BTreeSet<IpAddr> = all.iter().copied().collect();
        sorted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    if seen.is_empty() {
        return GateAnswer::not_yet(format!("{host} does not resolve, wanted {}", words(wanted)));
    }
    if seen.iter().all(|one| wanted.contains(one)) {
        return GateAnswer::Passed {
            detail: format!("{host} resolves to {}", words(seen)),
            simulated: false,
        };
    }
    GateAnswer::not_yet(format!(
        "{host} resolves to {} here, wanted {}; a resolver keeps the old answer for as long as its time to live",
        words(seen),
        words(wanted)
    ))
}

/// Asks the system's resolver.
pub(super) async fn dns(host: &str, wanted: &[SocketAddr]) -> GateAnswer {
    let seen: Vec<IpAddr> = match tokio::net::lookup_host((host, 0)).await {
        Ok(found) => found.map(|address| address.ip()).collect(),
        Err(error) => return GateAnswer::not_yet(format!("{host} cannot be resolved: {error}")),
    };
    let wanted: Vec<IpAddr> = wanted.iter().map(SocketAddr::ip).collect();
    resolves(host, &seen, &wanted)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{dns, resolves};
    use crate::gate::{GateAnswer, test_server::not_yet};

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn every_address_that_is_seen_must_be_a_new_one() {
        let wanted = ips(&["203.0.113.10", "203.0.113.11"]);
        let moved = resolves("app.example.com", &ips(&["203.0.113.10"]), &wanted);
        assert!(matches!(moved, GateAnswer::Passed { simulated: false, .. }));
        let half = resolves("app.example.com", &ips(&["203.0.113.10", "192.0.2.1"]), &wanted);
        assert!(not_yet(&half).contains("resolves to 192.0.2.1, 203.0.113.10 here"), "{half:?}");
        assert!(not_yet(&resolves("app.example.com", &[], &wanted)).contains("does not resolve"));
    }

    #[tokio::test]
    async fn the_systems_resolver_is_asked() {
        let here = [("127.0.0.1", 0), ("::1", 0)]
            .map(|(ip, port)| std::net::SocketAddr::new(ip.parse().unwrap(), port));
        let answer = dns("localhost", &here).await;
        assert!(matches!(answer, GateAnswer::Passed { .. }), "{answer:?}");
        let nowhere = dns("nowhere.invalid", &here).await;
        assert!(not_yet(&nowhere).contains("nowhere.invalid cannot be resolved"), "{nowhere:?}");
    }
}
